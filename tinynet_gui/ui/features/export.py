"""Exports a run as code, and its network as numbers, in the background."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path

from PySide6.QtCore import Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QLayout, QVBoxLayout, QWidget

from tinynet_gui.core.data.points import AS_THEY_ARE, scaling_texts
from tinynet_gui.core.export.receipt import Receipt, receipt_lines
from tinynet_gui.core.export.web_page import NO_HOMEWORK, PageError, most_moments, page_words, why_not_trained
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import gettext as _, ngettext, with_signs
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.engine.jobs import exporting
from tinynet_gui.engine.session.past import usable_engines
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.style_sheets import css_variables
from tinynet_gui.ui.widgets.accessibility import allow, caption, in_role, named, worded
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.dialogs import Button, Dialog, JobDialog, ProgressDialog, ask_to_open, ask_to_save_as, warn
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.context import Context, Controller
from tinynet_gui.ui.window.preferences import RECENT_LESSONS

WRITTEN = _("The file is written. It is run now, to see whether it gives the same numbers as the program.")
VERIFIED = _("being verified: step {step} of {count}")
WIDTH = 400  # of the text


class VerifyingDialog(ProgressDialog):
    def __init__(self, name: str, steps: int, parent: QWidget) -> None:
        title = in_role(named(ElidedLabel(), "verifyingFile", _("The file being verified")), "title")
        title.show_text(name)
        words = QLabel(WRITTEN, wordWrap=True)
        words.setFixedWidth(WIDTH)
        started = QLabel(_("Python and PyTorch are being started …"))
        self._step = named(started, "verifyingStep", _("How many steps have run"))
        self._steps = steps
        super().__init__("verifying", _("Export"), (title, words, self._step), parent)
        self.lines.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        tip = _("Stop the verification; the file stays, marked as not verified.")
        named(self._buttons.button(Button.Cancel), "verifyingCancel", _("Cancel"), tip)

    def show_progress(self, share: float, step: object) -> None:
        """Show the share done, from 0 to 1, and the script's step if that has changed."""
        super().show_progress(share, step)
        if isinstance(step, int):
            self._step.setText(VERIFIED.format(step=count_text(step), count=count_text(self._steps)))


class ReceiptDialog(Dialog):
    """Where exported code was saved, and the result of running it: the same words as in the file."""

    def __init__(self, file: str, lines: Sequence[str], is_ok: bool, parent: QWidget) -> None:
        super().__init__("receiptDialog", _("Export"), parent, deleted_when_closed=True)
        title = in_role(named(ElidedLabel(), "receiptFile", _("The file that was written")), "title")
        title.show_text(Path(file).name)
        verdict = named(QLabel(lines[0], wordWrap=True), "receiptVerdict", _("Whether the code is verified"))
        in_role(verdict, "" if is_ok else "error")
        details = named(caption("\n\n".join(lines[1:]), wraps=True), "receiptDetails", _("With what it was compared"))
        for label in (verdict, details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFixedWidth(WIDTH)
        details.setHidden(len(lines) == 1)
        buttons = self.make_buttons(Button.Close)
        folder = buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        worded(folder, "receiptFolder", _("Open folder"), _("Show the folder in which the file is."))
        layout = filled(QVBoxLayout(self), title, verdict, details, buttons)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        place = QUrl.fromLocalFile(str(Path(file).resolve().parent))
        folder.clicked.connect(lambda: QDesktopServices.openUrl(place))
        buttons.button(Button.Close).setFocus()


NONE, CHOOSE = _("none"), _("choose a file …")
LESSONS = _("Lessons (*.md)")


class PageDialog(Dialog):
    """Describes the web page in `lines`; the user chooses the lesson that it asks about: a file, or "" for none."""

    chosen, preview_wanted = Signal(str), Signal(str)

    def __init__(self, lines: Sequence[str], lessons: Mapping[str, str], parent: QWidget) -> None:
        super().__init__("pageDialog", _("Export web page"), parent, deleted_when_closed=True)
        words = named(QLabel("\n".join(lines), wordWrap=True), "pageWords", _("What the page will be"))
        tip = _(
            "The page asks the lesson's questions beside the network, and saves the answers as a small file. Lessons, "
            "Open answers grades it. The page itself contains no answer."
        )
        self._lessons = named(QuietComboBox(), "pageLesson", _("With the task of a lesson"), tip)
        self._lessons.addItem(NONE, "")
        for file, title in lessons.items():
            self._lessons.addItem(title, file)
        self._lessons.addItem(CHOOSE, None)
        self._at = 0
        buttons = self.make_buttons(Button.Save | Button.Cancel)
        preview = buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
        worded(preview, "pagePreview", _("Preview"), _("Show the page in the browser; nothing is saved yet."))
        preview.clicked.connect(lambda: self.preview_wanted.emit(self._lessons.currentData()))
        words.setFixedWidth(WIDTH)
        about = caption(_("With the task of a lesson:"), self._lessons, wraps=True)
        filled(QVBoxLayout(self), words, about, self._lessons, buttons)
        self._lessons.activated.connect(self._on_activated)

    def _on_activated(self, place: int) -> None:
        if self._lessons.itemData(place) is None:
            if file := ask_to_open(self, _("Choose a lesson"), LESSONS):
                self._lessons.insertItem(place, Path(file).name, file)
            else:
                place = self._at
            self._lessons.setCurrentIndex(place)
        self._at = place

    def accept(self) -> None:
        self.chosen.emit(self._lessons.currentData())
        super().accept()


CODE_KEY, MODEL_KEY, PAGE_KEY = "exported code", "exported model", "exported page"
TITLE = _("Export")
Kind = tuple[str, str, str]  # the dialog's title, the proposed name, and the kind of file
SCRIPT: Kind = (_("Export PyTorch script"), "run.py", "Python (*.py)")
NOTEBOOK: Kind = (_("Export notebook"), "run.ipynb", "Jupyter notebook (*.ipynb)")
STEP: Kind = (_("Export step"), "step.py", f"{SCRIPT[2]};;{NOTEBOOK[2]}")
MODEL: Kind = (_("Export network"), "network.pt", "PyTorch state_dict (*.pt)")
NUMBERS: Kind = (_("Export numbers"), "network.csv", _("Table (*.csv)"))
PAGE: Kind = (_("Export web page"), "run.html", _("Web page (*.html)"))
UNITS = (_("In the data's own units:"), _("As trained, with μ and σ:"))  # of a network trained on standardised samples
WITHOUT_PYTORCH = _(
    "Only PyTorch writes a state_dict, and it cannot be loaded here. As numbers the network can be saved."
)


class ExportController(Controller):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        jobs, self._store = context.jobs, context.store
        self._verifying = JobDialog(self, CODE_KEY, jobs.submit, jobs.stop)  # the file stays if cancelled
        self._writing = JobDialog(self, PAGE_KEY, jobs.submit, jobs.cancel)
        context.actions.connect(
            actionExportScript=lambda: self._write_code(SCRIPT, is_notebook=False),
            actionExportNotebook=lambda: self._write_code(NOTEBOOK, is_notebook=True),
            actionExportStep=self._on_step_wanted,
            actionExportModel=lambda: self._write_model(is_table=False),
            actionExportNumbers=lambda: self._write_model(is_table=True),
            actionExportPage=self._on_page_wanted,
        )
        self._session.watch(self, lambda state: state.status.pytorch == "failed", self._allow_model)

    def _allow_model(self, lacks_pytorch: bool) -> None:
        allow(self._context.actions["actionExportModel"], WITHOUT_PYTORCH if lacks_pytorch else "")

    def _write_code(self, kind: Kind, *, is_notebook: bool) -> None:
        if file := self._ask_for_name(*kind)[0]:
            run = self._session.state.run
            self._verify(file, run.step, exporting.export_code, run, is_notebook)

    def _verify(
        self, file: str, steps: int, export: Callable[..., Receipt | str], what: object, is_notebook: bool
    ) -> None:
        self._verifying.begin(VerifyingDialog(Path(file).name, steps, self._window))
        self._verifying.submit(export, what, file, is_notebook, on_result=partial(self._on_code_written, file))

    def _on_step_wanted(self) -> None:
        """Export the step that the microscope shows, else the one after the moment in view."""
        state, microscope = self._session.state, self._context.controllers.get("microscope")
        moment = None if microscope is None else microscope.moment
        if moment is None and state.snapshot is not None:
            moment = Moment(state.snapshot.state, state.session.rule)
        if moment is None:
            self._refuse(_("There is no network yet."))
        elif file := self._ask_for_name(*STEP)[0]:
            self._verify(file, 1, exporting.export_step, moment, Path(file).suffix == ".ipynb")

    def _on_code_written(self, file: str, receipt: Receipt | str) -> None:
        if isinstance(receipt, str):
            self._refuse(receipt)
        else:
            written = [_("The file is written.")] if receipt.is_cancelled else []
            is_ok = receipt.is_verified or receipt.is_cancelled
            ReceiptDialog(file, [*written, *receipt_lines(receipt)], is_ok, self._window).show()

    def _write_model(self, *, is_table: bool) -> None:
        snapshot = self._session.state.snapshot
        if snapshot is None:
            self._refuse(_("There is no network yet."))
            return
        scaling, parameters = snapshot.dataset.scaling, snapshot.state.parameters
        x_seen, y_meant = scaling_texts(scaling)
        seen = _("{one} and {other}").format(one=x_seen, other=y_meant) if x_seen and y_meant else x_seen or y_meant
        file, is_as_trained = self._ask_for_network(is_table=is_table, is_standardised=bool(seen))
        if not file:
            return
        if seen and not is_as_trained:
            seen, scaling = _("x and y are in the data's own units"), AS_THEY_ARE
            parameters = tuple(array for layer in snapshot.curve_layers for array in (layer.weight, layer.bias))
        words = ngettext(
            "Saved the network after {count} step as {file}.",
            "Saved the network after {count} steps as {file}.",
            snapshot.step,
        )
        said = [words.format(count=count_text(snapshot.step), file=Path(file).name)]
        if seen:
            # Translators: {seen} is a clause or formulas, such as "x and y are in the data's own units".
            said.append(_("Of it {seen}.").format(seen=seen))
        if is_as_trained and not is_table:
            said.append(_("With μ and σ in it, load_state_dict takes it with strict=False."))
        decimal, then = spreadsheet_sign() if is_table else None, partial(self._on_model_written, " ".join(said))
        self._jobs.submit(MODEL_KEY, exporting.export_model, parameters, scaling, file, decimal, on_result=then)

    def _on_model_written(self, words: str, trouble: str | None) -> None:
        if trouble:
            self._refuse(trouble)
        elif trouble is not None:
            self._notify(words)

    def _on_page_wanted(self) -> None:
        state = self._session.state
        run = state.run_so_far
        try:
            count = most_moments(run.config)
        except PageError as error:
            self._refuse(str(error))
            return
        if not run.checkpoints:
            self._refuse(_("There is no network yet."))
            return
        lessons = {file: Path(file).name for file in self._store.recent(RECENT_LESSONS) if os.path.isfile(file)}
        dialog = PageDialog(page_words(run), lessons, self._window)
        dialog.chosen.connect(partial(self._write_page, run, count, is_preview=False))
        dialog.preview_wanted.connect(partial(self._write_page, run, count, is_preview=True))
        dialog.open()

    def _write_page(self, run: Run, count: int, lesson_file: str, *, is_preview: bool) -> None:
        homework, ungraded = NO_HOMEWORK, list[int]()
        if lesson_file:
            from tinynet_gui.core.lessons.homework import asks_to_train, homework_of, not_graded
            from tinynet_gui.core.lessons.reading.reader import read_lesson_file
            from tinynet_gui.ui.views.lesson.lesson_html import html_of

            try:
                lesson = read_lesson_file(lesson_file)
                homework = homework_of(lesson, lambda markdown: html_of(markdown, lesson.pictures))
                if (trouble := why_not_trained(run, run)) and asks_to_train(lesson):
                    raise ValueError(_("this task asks to train.\n\n{trouble}").format(trouble=trouble))
                ungraded = not_graded(lesson)
            except (OSError, ValueError) as error:
                self._refuse(f"{Path(lesson_file).name}: {file_trouble(error)}")
                return
            self._store.remember_recent(RECENT_LESSONS, os.path.abspath(lesson_file))  # where grading finds it
        if file := self._previews.filePath(PAGE[1]) if is_preview else self._ask_for_name(*PAGE)[0]:
            words = caption(_("The moments that the page shows are being computed."))
            named(words, "webPageWords", _("What is done"))
            self._writing.begin(ProgressDialog("webPage", PAGE[0], [words], self._window))
            engines, colors = usable_engines(self._session.state.status), (css_variables(LIGHT), css_variables(DARK))
            export = partial(exporting.export_page, homework=homework)
            on_result = partial(self._on_page_written, ungraded, is_preview)
            self._writing.submit(export, run, count, file, engines, colors, on_result=on_result)

    @cached_property
    def _previews(self) -> QTemporaryDir:
        return QTemporaryDir()  # deleted with this

    def _on_page_written(self, ungraded: Sequence[int], is_preview: bool, page: exporting.PageExported | str) -> None:
        if isinstance(page, str):
            self._refuse(page)
        elif is_preview:
            QDesktopServices.openUrl(QUrl.fromLocalFile(page.file))
        else:
            words = ngettext(
                "Saved the run as {file}: {count} moment, {size} MB.",
                "Saved the run as {file}: {count} moments, {size} MB.",
                page.moments,
            )
            size = with_signs(f"{page.size / 1e6:.1f}")
            said = [words.format(file=Path(page.file).name, count=count_text(page.moments), size=size)]
            if ungraded:
                left = _("Not graded, as they take more than one training: the questions of pages {pages}.")
                said.append(left.format(pages=", ".join(map(str, ungraded))))
            self._notify(" ".join(said))

    def _refuse(self, trouble: str) -> None:
        warn(self._window, TITLE, _("Nothing was saved.\n\n{trouble}").format(trouble=trouble))

    def _ask_for_network(self, *, is_table: bool, is_standardised: bool) -> tuple[str, bool]:
        """Return the chosen file or "", and whether to export the weights for standardised data, as trained."""
        title, suggested, kind = NUMBERS if is_table else MODEL
        kinds = [f"{units} {kind}" for units in UNITS] if is_standardised else [kind]
        name, chosen = self._ask_for_name(title, suggested, ";;".join(kinds))
        return name, chosen == kinds[-1] and is_standardised

    def _ask_for_name(self, title: str, suggested: str, kinds: str) -> tuple[str, str]:
        name, kind = ask_to_save_as(self._window, title, suggested, kinds)
        suffix = kind.partition("*")[2].rstrip(")") or Path(suggested).suffix
        return name if not name or Path(name).suffix else name + suffix, kind
