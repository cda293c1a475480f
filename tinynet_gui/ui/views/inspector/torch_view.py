"""The network as PyTorch prints it, with the shapes explained."""

from PySide6 import QtGui, QtWidgets

from tinynet_gui.core.network.refs import LayerRef, Ref, parameters_of
from tinynet_gui.core.run.run import LoadPhase
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.network_text import ModuleText, entry_span, module_texts
from tinynet_gui.ui.style.theme import fixed_font, small_font, theme
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.cards import copy_button, filled

NO_PARAMETERS = "[]"  # as print(list(module.parameters())) prints it


class TorchView(QtWidgets.QWidget):
    """Prints each module's parameters, with comments on their shapes.

    A layer is printed alone; the parts of a neuron or a weight are highlighted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._has_pytorch = True
        self._snapshot: Snapshot | None = None
        self._printed: tuple[ModuleText, ...] = ()  # all of its modules
        self._modules: tuple[ModuleText, ...] = ()  # those shown
        self._ref: Ref | None = None
        self._starts: dict[tuple[int, str], tuple[int, str]] = {}  # the start of each parameter's print, and the print
        tooltip = _(
            "What print(parameter) prints for each layer; the neuron's row and bias are highlighted.\n"
            "While text is selected, it does not update."
        )
        self._text = QtWidgets.QTextEdit(readOnly=True)
        named(self._text, "inspectorTorchText", _("The network as PyTorch prints it"), tooltip)
        self.text = self._text.toPlainText

        self._text.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        tooltip = _("Copy all of this text; training continues.")
        copy = copy_button(_("Copy"), "inspectorCopyTorch", _("Copy the text"), tooltip, self.text)
        buttons = filled(QtWidgets.QHBoxLayout(), None, copy, margins=(0, 0, 0, 0))
        filled(QtWidgets.QVBoxLayout(self), (self._text, 1), buttons, margins=(0, 4, 0, 0), spacing=4)

    def show_snapshot(self, snapshot: Snapshot, ref: Ref) -> None:
        """Print another moment, unless some of the text is selected."""
        if self._text.textCursor().hasSelection() or not self._has_pytorch:
            return
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._printed = module_texts(snapshot.layers, snapshot.config.network.activation)
        modules = self._printed
        if isinstance(ref, LayerRef):
            modules = tuple(module for module in modules if module.layer == ref.layer)
        is_other, self._ref = ref != self._ref, ref
        if modules != self._modules:
            self._modules = modules
            self._write()
        if is_other:
            self._mark()
            self._scroll_to_mark()

    def show_pytorch(self, phase: LoadPhase) -> None:
        self._has_pytorch = phase == "ready"
        why = _("PyTorch cannot be loaded.") if phase == "failed" else _("PyTorch is being loaded …")
        self._text.setPlaceholderText("" if self._has_pytorch else why)

    def clear(self) -> None:
        self._snapshot, self._ref = None, None
        self._printed = self._modules = ()
        self._write()

    def marked(self) -> list[str]:
        return [selection.cursor.selectedText() for selection in self._text.extraSelections()]

    def _mark(self) -> None:
        places = () if self._ref is None or isinstance(self._ref, LayerRef) else parameters_of(self._ref)
        selections = []
        for place in places:
            start, printed = self._starts[place.layer, place.kind]
            if span := entry_span(printed, place.index):
                selection = QtWidgets.QTextEdit.ExtraSelection()
                selection.cursor = QtGui.QTextCursor(self._text.document())
                selection.cursor.setPosition(start + span[0])
                selection.cursor.setPosition(start + span[1], QtGui.QTextCursor.MoveMode.KeepAnchor)
                selection.format.setBackground(theme().color("accent", 0.2))
                selections.append(selection)
        self._text.setExtraSelections(selections)

    def _scroll_to_mark(self) -> None:
        if selections := self._text.extraSelections():
            place = self._text.cursorRect(selections[0].cursor)
            if not self._text.viewport().rect().contains(place):
                bar = self._text.verticalScrollBar()
                bar.setValue(bar.value() + place.top() - self._text.viewport().height() // 3)

    def _write(self) -> None:
        code, title, comment = (QtGui.QTextCharFormat() for _ in range(3))
        fixed, small = fixed_font(small_font().pointSizeF()), small_font()
        for letters, font, ink in ((code, fixed, "ink"), (title, fixed, "ink"), (comment, small, "muted")):
            letters.setFont(font)
            letters.setForeground(theme().color(ink))
        title.setFontWeight(QtGui.QFont.Weight.DemiBold)
        unbroken, first_unbroken, flowing, heading = (QtGui.QTextBlockFormat() for _ in range(4))
        unbroken.setNonBreakableLines(True)
        first_unbroken.setNonBreakableLines(True)
        first_unbroken.setTopMargin(3)
        heading.setTopMargin(8)
        across, down = (bar.value() for bar in (self._text.horizontalScrollBar(), self._text.verticalScrollBar()))
        self._text.setUpdatesEnabled(False)
        self._text.clear()
        cursor = QtGui.QTextCursor(self._text.document())
        cursor.beginEditBlock()  # laid out once
        self._starts = {}
        for module in self._modules:
            parts = [(module.title, title, QtGui.QTextBlockFormat() if cursor.atStart() else heading, "")]
            parts += [(f"# {sentence}", comment, flowing, "") for sentence in module.shapes]
            printed = list(zip(("weight", "bias"), module.parameters, strict=False)) or [("", NO_PARAMETERS)]
            parts += [(text, code, first_unbroken, kind) for kind, text in printed]
            for text, letters, block, kind in parts:
                for place, line in enumerate(text.split("\n")):
                    shape = unbroken if place and block is first_unbroken else block
                    if cursor.atStart():
                        cursor.setBlockFormat(shape)
                    else:
                        cursor.insertBlock(shape, letters)
                    if kind and place == 0:
                        self._starts[module.layer, kind] = (cursor.position(), text)
                    cursor.insertText(line, letters)
        cursor.endEditBlock()
        self._mark()
        self._text.setUpdatesEnabled(True)
        self._text.horizontalScrollBar().setValue(across)
        self._text.verticalScrollBar().setValue(down)

    show_theme = _write


def make(_context: object) -> TorchView:
    return TorchView()
