"""A lesson's text as HTML, for an exported web page."""

import html
from collections.abc import Iterator, Mapping, Sequence

from PySide6 import QtCore, QtGui

from tinynet_gui.core.lessons.markdown import address_trouble, picture_name
from tinynet_gui.core.text.formula import COLOR, SIZE, formula_svg
from tinynet_gui.ui.views.lesson.inline_objects import X_HEIGHT, read_picture
from tinynet_gui.ui.views.lesson.lesson_text import NUMBER, READ_AS, with_formulas_numbered

LISTS = ("ul", "ol")


def html_of(markdown: str, pictures: Mapping[str, bytes]) -> str:
    """Return a lesson's text as HTML that runs and loads nothing; pictures without a file become their words."""
    document = QtGui.QTextDocument()
    numbered, latex = with_formulas_numbered(markdown)
    document.setMarkdown(numbered, READ_AS)
    return "".join(_of_frame(document.rootFrame(), _Inline([_drawn(*formula) for formula in latex], pictures)))


def _drawn(latex: str, is_displayed: bool) -> str:
    """Return a formula as SVG whose middle is that of the letters beside it; as text if it cannot be drawn."""
    try:
        svg, left, top, width, height = formula_svg(latex, is_displayed)
    except ValueError:
        return html.escape(f"${latex}$")
    middle = -X_HEIGHT / 2 * SIZE
    half = max(middle - top, top + height - middle)
    box = f"{left:.2f} {middle - half:.2f} {width:.2f} {2 * half:.2f}"
    inner = svg.decode().partition(">")[2].replace(f'"{COLOR}"', '"currentColor"')
    size = f'width="{1.1 * width / SIZE:.3f}em" height="{2.2 * half / SIZE:.3f}em"'
    drawn = f'<svg viewBox="{box}" {size} role="img" aria-label="{html.escape(latex)}">{inner}'
    return f"{drawn}<br>" if is_displayed else drawn


class _Inline:
    """Writes what stands in a line."""

    def __init__(self, formulas: Sequence[str], pictures: Mapping[str, bytes]) -> None:
        self._formulas, self._pictures = formulas, pictures

    def html(self, block: QtGui.QTextBlock) -> str:
        found, pieces = [], block.begin()
        while not pieces.atEnd():
            form, text = pieces.fragment().charFormat(), pieces.fragment().text()
            if form.isImageFormat():
                name = picture_name(form.toImageFormat().name())
                found.append(self._picture(name, str(form.property(QtGui.QTextFormat.Property.ImageAltText) or name)))
            else:
                found.append(self._text(text, form, is_bold=not block.blockFormat().headingLevel()))
            pieces += 1
        return "".join(found)

    def _text(self, text: str, form: QtGui.QTextCharFormat, *, is_bold: bool) -> str:
        said = html.escape(text).replace("\u2028", "<br>")
        said = NUMBER.sub(lambda match: self._formulas[int(match[1])], said)
        tags = {
            "code": form.fontFixedPitch(),
            "em": form.fontItalic(),
            "strong": is_bold and form.fontWeight() > QtGui.QFont.Weight.Normal,
        }
        for tag in (tag for tag, is_so in tags.items() if is_so):
            said = f"<{tag}>{said}</{tag}>"
        if form.isAnchor() and not address_trouble(form.anchorHref()):
            said = f'<a href="{html.escape(form.anchorHref())}" target="_blank" rel="noreferrer">{said}</a>'
        return said

    def _picture(self, name: str, words: str) -> str:
        image = read_picture(self._pictures[name]) if name in self._pictures else None
        if image is None or image.isNull():
            return html.escape(words)
        buffer = QtCore.QBuffer()
        buffer.open(QtCore.QBuffer.OpenModeFlag.WriteOnly)
        QtGui.QImageWriter(buffer, QtCore.QByteArray(b"png")).write(image)
        return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{buffer.data().toBase64().toStdString()}">'


def _of_frame(frame: QtGui.QTextFrame, inline: _Inline) -> Iterator[str]:
    opened = list[str]()  # tags of lists, and of code
    parts = frame.begin()
    while not parts.atEnd():
        inner, block = parts.currentFrame(), parts.currentBlock()
        wanted: list[str] = [] if inner is not None else _around(block, opened)
        while opened and opened != wanted[: len(opened)]:
            yield f"</{opened.pop()}>"
        for tag in wanted[len(opened) :]:
            opened.append(tag)
            yield f"<{tag}>"
        if isinstance(inner, QtGui.QTextTable):
            yield from _of_table(inner, inline)
        elif inner is not None:
            yield from _of_frame(inner, inline)
        else:
            yield _of_block(block, inline, opened[-1] if opened else "")
        parts += 1
    yield from (f"</{tag}>" for tag in reversed(opened))


def _around(block: QtGui.QTextBlock, opened: Sequence[str]) -> list[str]:
    """Return the tags that a block stands in; `opened` are those of the block before."""
    form, items = block.blockFormat(), block.textList()
    if form.hasProperty(QtGui.QTextFormat.Property.BlockCodeFence):
        return ["pre"]
    if items is None:
        return ["blockquote"] * form.intProperty(QtGui.QTextFormat.Property.BlockQuoteLevel)
    depth = max(1, items.format().indent())
    outer = [*(tag for tag in opened if tag in LISTS), *["ul"] * depth][: depth - 1]
    return [*outer, "ol" if items.format().style() == QtGui.QTextListFormat.Style.ListDecimal else "ul"]


def _of_block(block: QtGui.QTextBlock, inline: _Inline, around: str) -> str:
    form = block.blockFormat()
    if around == "pre":
        return f"{html.escape(block.text())}\n"
    if form.hasProperty(QtGui.QTextFormat.Property.BlockTrailingHorizontalRulerWidth):
        return "<hr>"
    level = form.headingLevel()
    tag = f"h{min(level + 1, 6)}" if level else "li" if around in LISTS else "p"
    said = inline.html(block)
    return f"<{tag}>{said}</{tag}>\n" if said else ""


def _of_table(table: QtGui.QTextTable, inline: _Inline) -> Iterator[str]:
    yield "<table>"
    for row in range(table.rows()):
        yield "<tr>"
        for column in range(table.columns()):
            cell, said = table.cellAt(row, column).begin(), ""
            while not cell.atEnd():
                said += inline.html(cell.currentBlock())
                cell += 1
            yield f"<td>{said}</td>"
        yield "</tr>\n"
    yield "</table>"
