"""A lesson's text as HTML, for an exported web page."""

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImageWriter, QTextDocument

from tinynet_gui.core.lessons.markdown import address_trouble, picture_name
from tinynet_gui.core.text.formula import COLOR, SIZE, formula_svg
from tinynet_gui.ui.views.lesson.inline_objects import X_HEIGHT, read_picture
from tinynet_gui.ui.views.lesson.lesson_text import NUMBER, READ_AS, with_formulas_numbered

KEPT = ("ul", "ol", "li", "table", "tr", "td", "pre")
STYLES = {"code": "'monospace'", "em": "font-style:italic", "strong": "font-weight:700"}


def html_of(markdown: str, pictures: Mapping[str, bytes]) -> str:
    """Return a lesson's text as HTML that runs and loads nothing; pictures without a file become their words."""
    document = QTextDocument()
    numbered, latex = with_formulas_numbered(markdown)
    document.setMarkdown(numbered, READ_AS)
    plain = _Plain([_drawn(*formula) for formula in latex], pictures)
    plain.feed(document.toHtml().partition("<body")[2].partition(">")[2])
    plain.close()
    said = re.sub(r"</pre>\s*<pre>", "\n", "".join(plain.parts))  # Qt makes one per line
    return said.replace("<p><br></p>", "").strip("\n")


def _drawn(latex: str, is_displayed: bool) -> str:
    """Return a formula as SVG, vertically centred on the text; as text if it cannot be drawn."""
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


class _Plain(HTMLParser):
    """Writes Qt's HTML with a few tags that it knows, and without styles."""

    def __init__(self, formulas: Sequence[str], pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self.parts = list[str]()
        self._formulas, self._pictures = formulas, pictures
        self._opened = list[list[str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named, around = dict(attrs), {name for names in self._opened for name in names}
        style, address = named.get("style") or "", named.get("href") or ""
        names = [tag] if tag in KEPT else []
        if tag == "p" and "td" not in around:
            names = ["blockquote", "p"] if "margin-right:40px" in style else ["p"]
        elif tag == "span":
            outer = {"pre": "code", **dict.fromkeys((f"h{level}" for level in range(2, 7)), "strong")}
            names = [name for name, part in STYLES.items() if part in style]
            names = [name for name in names if name not in {outer.get(each) for each in around}]
        elif re.fullmatch("h[1-6]", tag):
            names = [f"h{min(int(tag[1]) + 1, 6)}"]
        elif tag == "a" and address and not address_trouble(address):
            names = ["a"]
        self._opened.append(names)
        link = f' href="{html.escape(address)}" target="_blank" rel="noreferrer"' if names == ["a"] else ""
        self.parts += [f"<{name}{link}>" for name in names]

    def handle_endtag(self, tag: str) -> None:
        self.parts += [f"</{name}>" for name in reversed(self._opened.pop() if self._opened else [])]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        name = picture_name(named.get("src") or "")
        self.parts.append(self._picture(name, named.get("alt") or name) if tag == "img" else f"<{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(NUMBER.sub(lambda match: self._formulas[int(match[1])], html.escape(data)))

    def _picture(self, name: str, words: str) -> str:
        image = read_picture(self._pictures[name]) if name in self._pictures else None
        if image is None or image.isNull():
            return html.escape(words)
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
        return f'<img alt="{html.escape(words)}" src="data:image/png;base64,{buffer.data().toBase64().toStdString()}">'
