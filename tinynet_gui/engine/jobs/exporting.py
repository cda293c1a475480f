"""Exports for `Jobs`: they compute and write the file."""

import itertools
import os
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from tinynet_gui.core.data.points import Scaling
from tinynet_gui.core.export.film import FilmFrame, encode_film, estimated_size, film_steps, sampled_steps
from tinynet_gui.core.export.receipt import CANCELLED, Receipt
from tinynet_gui.core.export.web_page import NO_HOMEWORK, Homework, page_of
from tinynet_gui.core.run.replay import Moment, moments
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array, frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job

AHEAD = 8  # frames painted before they are encoded, at most
POLL_S = 0.1  # between two checks for cancellation


def make_moments(run: Run, count: int, usable: frozenset[EngineName], job: Job) -> list[Snapshot]:
    """Compute `count` moments for a film, most of them where the curve changes fastest."""

    def reported(steps: Sequence[int], begun: float) -> Iterator[Snapshot]:
        for place, snapshot in enumerate(moments(run, steps, usable, job.stop)):
            job.report(begun + 0.5 * place / len(steps), None)
            yield snapshot

    known = sampled_steps(run.step)
    curves = [snapshot.output for snapshot in reported(known, 0.0)]
    return [*reported(film_steps(known, curves, count), 0.5)]


def encode(frames: "queue.Queue[FilmFrame]", kind: str, frame_ms: int, count: int, job: Job) -> bytes | None:
    """Encode `count` frames from a queue as they arrive; None if it was stopped."""

    def frames_until_end() -> Iterator[FilmFrame]:
        for place in range(count):
            job.report(place / count, None)
            yield _next(frames, job)

    return encode_film(frames_until_end(), kind, frame_ms, count)


def estimate(pairs: list[tuple[FilmFrame, FilmFrame]], kind: str, count: int, _job: Job) -> int:
    """Estimate the size of a film of `count` frames from sample pairs of neighbouring frames, in bytes."""
    return estimated_size(pairs, kind, count)


def _next(frames: "queue.Queue[FilmFrame]", job: Job) -> FilmFrame:
    while not job.stop[0]:
        with suppress(queue.Empty):
            return frames.get(timeout=POLL_S)
    raise StoppedError


NOT_ENDED = "the verification had not ended when this was written"
COMPILED = (
    "The run's steps are taken by the compiled loop, which adds in another order than PyTorch: last digits differ."
)


def export_code(run: Run, file: str, is_notebook: bool, job: Job) -> Receipt | str:
    """Export a run as code, marked as unverified at first; verify it, and rewrite it with its receipt.

    Returns the receipt, or why nothing was written.

    Large data sets go to a table beside it, which never overwrites another file.

    The partial result of each report is the number of steps compared.
    """
    from tinynet_gui.core.export.data_code import SampleFiles
    from tinynet_gui.core.export.notebook import notebook_text
    from tinynet_gui.core.export.script import code_of, script_text
    from tinynet_gui.core.export.verification import recorded_losses, unverified, verify

    def make(stem: str) -> _Texts:
        code = code_of(run, recorded, SampleFiles(stem, is_notebook))
        text = partial(notebook_text, run, code) if is_notebook else partial(script_text, code)
        return _Texts(code.files, script_text(code, receipt), text)

    recorded, why = dict[int, float](), ""
    try:
        recorded = recorded_losses(run, job.stop)
    except StoppedError:
        why = CANCELLED
    except (ImportError, OSError) as error:  # an engine it needs is missing or damaged
        why = f"the run's steps cannot be taken again here: {shortened(str(error))}"
    receipt = unverified(run, why or NOT_ENDED)
    check = partial(verify, run, stop=job.stop, report=job.report)
    return _exported(file, make, receipt, None if why else check)


def export_step(moment: Moment, file: str, is_notebook: bool, job: Job) -> Receipt | str:
    """Export the step after a moment as code, and verify it, as `export_code` does."""
    from tinynet_gui.core.export import step_code
    from tinynet_gui.core.export.data_code import SampleFiles
    from tinynet_gui.core.export.verification import verify_step
    from tinynet_gui.engine.training.step_scheduler import dissect_moment

    def make(stem: str) -> _Texts:
        code = step_code.step_code(step, SampleFiles(stem, is_notebook), job.stop)
        text = partial(step_code.step_notebook if is_notebook else step_code.step_script, code)
        return _Texts(code.files, step_code.step_script(code, receipt), text)

    receipt = Receipt(1, trouble=NOT_ENDED, is_of_step=True)
    try:
        step = dissect_moment(moment, "PyTorch")
    except (ImportError, OSError) as error:
        return _("Only PyTorch takes the step, and it cannot be loaded here: {error}").format(error=error)
    if not step_code.is_finite(step):
        return _(step_code.NO_STEP)
    note = "" if moment.rule.engine == "PyTorch" else COMPILED
    try:
        check = partial(verify_step, step_code.numbers_after(step), stop=job.stop, note=note)
        return _exported(file, make, receipt, check)
    except StoppedError:
        return _("It was cancelled before the file was written.")


@frozen_dataclass
class _Texts:
    """An export's tables by their names, the script to run beside them, and the file's text with a receipt."""

    files: Mapping[str, str]
    script: str
    text: Callable[[Receipt], str]


def _exported(
    file: str, make: Callable[[str], _Texts], receipt: Receipt, verify: Callable[..., Receipt] | None
) -> Receipt | str:
    """Write the texts that `make` returns for a table name, first with `receipt`, then with that of `verify`."""

    def write(receipt: Receipt, files: Mapping[str, str]) -> None:
        for name, content in {**files, Path(file).name: texts.text(receipt)}.items():
            with replacing(Path(file).with_name(name)) as opened:
                opened.write(content.encode("utf-8"))

    for n in itertools.count(1):  # the first number with which its tables overwrite no other file
        texts = make(f"{Path(file).stem}_samples" + (f"_{n}" if n > 1 else ""))
        if all(_is_free(Path(file).with_name(name), text) for name, text in texts.files.items()):
            break
    try:
        write(receipt, texts.files)
    except OSError as error:
        return shortened(str(error))
    if verify is not None:
        receipt = verify(texts.script, files=texts.files)
        try:
            write(receipt, {})
        except OSError as error:  # the first version of the file stays
            words = _("the receipt could not be written: {error}")
            receipt = replace(receipt, trouble=words.format(error=shortened(str(error))))
    return receipt


@frozen_dataclass
class PageExported:
    """The web page's file, and its number of moments and bytes."""

    file: str
    moments: int
    size: int


def export_page(
    run: Run,
    count: int,
    file: str,
    usable: frozenset[EngineName],
    colors: tuple[str, str],
    job: Job,
    homework: Homework = NO_HOMEWORK,
) -> PageExported | str:
    """Export a run as a web page with at most `count` moments; return why nothing was written, if so.

    Moments that the usable engines cannot reach are left out. `colors` and `homework` are those of `page_of`.
    """
    page = page_of(run, make_moments(run, count, usable, job), colors, homework=homework)
    try:
        with replacing(Path(file)) as opened:
            opened.write(page.content)
    except OSError as error:
        return shortened(str(error))
    return PageExported(file, page.moments, len(page.content))


def _is_free(path: Path, text: str) -> bool:
    """Whether writing the text would overwrite no other file."""
    try:
        return not os.path.exists(path) or path.read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False


def export_model(parameters: Sequence[Array], scaling: Scaling, file: str, decimal: str | None, job: Job) -> str:
    """Write weights and biases, as in `TrainerState`, to a file, with the μ and σ of the scaling they were trained on.

    It is a table with this decimal sign; None: a state_dict.
    Returns why nothing was written; "" on success.
    """
    from tinynet_gui.core.network_files.reading import numbers_csv, state_dict_bytes
    from tinynet_gui.core.text.csv_text import for_spreadsheet

    try:
        if decimal is None:
            content = state_dict_bytes(parameters, scaling)
        else:
            content = for_spreadsheet(numbers_csv(parameters, scaling), decimal).encode()
        with replacing(Path(file)) as opened:
            opened.write(content)
    except (ImportError, OSError) as error:
        return shortened(str(error))
    return ""
