"""Exports a run as code, and its network as numbers, in the background."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.data.scaling import AS_THEY_ARE, scaling_texts
from tinynet_gui.core.export.receipt import receipt_lines
from tinynet_gui.core.export.web_page import PageError, most_moments
from tinynet_gui.core.text.numbers import count_text, counted
from tinynet_gui.engine.jobs.exporting import CodeExported, PageExported, export_code, export_model, export_page
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.past import usable_engines
from tinynet_gui.ui.window.context import Context

CODE, MODEL, PAGE = "exported code", "exported model", "exported page"
WITHOUT_PYTORCH = "Only PyTorch writes a state_dict, and it cannot be loaded here. As numbers the network can be saved."


class ExportController(QObject):
    """The code is that of the whole current run; the numbers are those of the current moment."""

    def __init__(self, context: Context) -> None:
        session, export = context.session, context.frame.export
        super().__init__(session)
        self._session, self._jobs, self._export = session, context.jobs, export
        self._words = ""
        export.script_wanted.connect(self._on_script_wanted)
        export.notebook_wanted.connect(self._on_notebook_wanted)
        context.actions.connect(actionExportModel=self._on_model_wanted, actionExportNumbers=self._on_numbers_wanted)
        context.actions.connect(actionExportPage=self._on_page_wanted)
        self._model_action = context.actions["actionExportModel"]
        session.changed.connect(self._offer_what_works)
        export.verifying.cancelled.connect(self._on_cancelled)
        export.writing.cancelled.connect(self._on_page_cancelled)

    @Slot(object, object)
    def _offer_what_works(self, _: AppState, new: AppState) -> None:
        if new.status.pytorch == "failed" and self._model_action.isEnabled():
            self._model_action.setEnabled(False)
            self._model_action.setToolTip(WITHOUT_PYTORCH)

    @Slot(str)
    def _on_script_wanted(self, file: str) -> None:
        self._write_code(file, is_notebook=False)

    @Slot(str)
    def _on_notebook_wanted(self, file: str) -> None:
        self._write_code(file, is_notebook=True)

    @Slot()
    def _on_model_wanted(self) -> None:
        self._write_model(is_table=False)

    @Slot()
    def _on_numbers_wanted(self) -> None:
        self._write_model(is_table=True)

    @Slot()
    def _on_cancelled(self) -> None:
        self._jobs.stop(CODE)

    def _write_code(self, file: str, is_notebook: bool) -> None:
        run = self._session.state.run
        self._export.begin(file, run.step)
        self._jobs.submit(
            CODE,
            export_code,
            run,
            file,
            is_notebook,
            on_result=self._on_code_written,
            on_progress=self._export.verifying.show_progress,
            on_error=self._export.verifying.end,
        )

    def _on_code_written(self, exported: CodeExported | None) -> None:
        self._export.verifying.end()
        if exported is None:  # cancelled before it began
            return
        if exported.receipt is None:
            self._export.refuse(exported.trouble)
        else:
            receipt, lines = exported.receipt, receipt_lines(exported.receipt)
            if receipt.is_cancelled:
                lines = ["The file is written.", *lines]
            self._export.show_result(exported.file, lines, receipt.is_verified or receipt.is_cancelled)

    def _write_model(self, *, is_table: bool) -> None:
        snapshot = self._session.state.snapshot
        if snapshot is None:
            self._export.refuse("There is no network yet.")
            return
        scaling, parameters = snapshot.dataset.scaling, snapshot.state.parameters
        seen = " and ".join(filter(None, scaling_texts(scaling)))
        file, is_as_trained = self._export.ask_for_network(is_table=is_table, is_standardised=bool(seen))
        if not file:
            return
        if seen and not is_as_trained:
            seen, scaling = "x and y are in the data's own units", AS_THEY_ARE
            parameters = tuple(array for layer in snapshot.curve_layers for array in (layer.weight, layer.bias))
        self._words = f"Saved the network after {count_text(snapshot.step)} steps as {Path(file).name}."
        self._words += f" Of it {seen}." if seen else ""
        if is_as_trained and not is_table:
            self._words += " With μ and σ in it, load_state_dict takes it with strict=False."
        self._jobs.submit(MODEL, export_model, parameters, scaling, file, is_table, on_result=self._on_model_written)

    def _on_model_written(self, trouble: str | None) -> None:
        if trouble:
            self._export.refuse(trouble)
        elif trouble is not None:
            self._export.say(self._words)

    @Slot()
    def _on_page_wanted(self) -> None:
        state = self._session.state
        run = state.run_so_far
        try:
            count = most_moments(run.config)
        except PageError as error:
            self._export.refuse(str(error))
            return
        if not run.checkpoints:
            self._export.refuse("There is no network yet.")
        elif file := self._export.ask_for_page():
            self._export.begin_page()
            self._jobs.submit(
                PAGE,
                export_page,
                run,
                count,
                file,
                usable_engines(state.status),
                self._export.page_colors(),
                on_result=self._on_page_written,
                on_progress=self._export.writing.show_progress,
                on_error=self._export.writing.end,
            )

    @Slot()
    def _on_page_cancelled(self) -> None:
        self._jobs.cancel(PAGE)

    def _on_page_written(self, page: PageExported | None) -> None:
        self._export.writing.end()
        if page is not None and page.trouble:
            self._export.refuse(page.trouble)
        elif page is not None:
            size = f"{counted(page.moments, 'moment')}, {page.size / 1e6:.1f} MB"
            self._export.say(f"Saved the run as {Path(page.file).name}: {size}.")
