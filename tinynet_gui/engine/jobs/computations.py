"""The computations for `Jobs`. Each function imports lazily, in its own thread, to keep the window responsive."""

import importlib
from collections.abc import Hashable, Mapping, Sequence
from time import thread_time
from typing import TYPE_CHECKING

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, as_layers, output_curve
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.background import raise_if_stopped, yield_to_window
from tinynet_gui.core.system.libraries import load_torch_without_compiler
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine.jobs.jobs import Job

if TYPE_CHECKING:
    from tinynet_gui.core.experiments.experiment import ExperimentResult
    from tinynet_gui.core.experiments.luck import SeedBand, SettingOrLuck
    from tinynet_gui.core.failures.diagnosis import Explanation
    from tinynet_gui.core.failures.symptoms import Deaths
    from tinynet_gui.core.lazy_twin.of_run import TwinCourse, TwinModes, TwinPlan
    from tinynet_gui.core.lazy_twin.twin import LazyTwin, TwinCurve
    from tinynet_gui.core.lessons.lesson import Goal
    from tinynet_gui.core.lessons.playing.course import GoalChecked
    from tinynet_gui.core.maps.valley import Valley
    from tinynet_gui.core.run.comparison import FirstDivergence, RunResults
    from tinynet_gui.core.run.replay import Moment
    from tinynet_gui.core.run.train import Preview, PreviewStart
    from tinynet_gui.core.step.dissection import Dissection
    from tinynet_gui.core.step.nudge import Nudge
    from tinynet_gui.core.step.sharpness import Recorded, Sharpness


def load_compiled_loop(job: Job) -> str | None:
    """Import the compiled loop if it is in the disk cache.

    Returns "" or the reason why it cannot be used (much works without it); None if it must be compiled first.
    """
    from importlib.metadata import PackageNotFoundError

    try:
        from tinynet_gui.core.training.compiled.cache import is_compiled, prepare_cache_directory

        prepare_cache_directory()
        if not is_compiled():
            return None
        importlib.import_module("tinynet_gui.core.training.compiled.kernel")
    except PackageNotFoundError as error:
        return f"{error.name} is not installed; install it with pip install {error.name}"
    except Exception as error:
        return f"{type(error).__name__}: {error}; pip install --force-reinstall numba may fix it"
    return ""


def load_pytorch(job: Job) -> str:
    """Import PyTorch, without its compiler; return "" or the reason why it cannot be used."""
    from tinynet_gui.core.network.initializations import try_rounding
    from tinynet_gui.core.system.libraries import load_libraries_of
    from tinynet_gui.core.text.words import listed
    from tinynet_gui.cpp_runtime import missing_libraries

    try:
        load_libraries_of("torch")
        torch = load_torch_without_compiler()
        if job.stop[0]:  # the window has been closed, and waits for this
            return ""
        importlib.import_module("tinynet_gui.core.training.torch_loop")
        torch.set_num_threads(1)  # more of them slow down networks of this size
        try_rounding()
    except (ImportError, OSError, AttributeError) as error:  # it is missing, wholly or in part
        advice = "pip install --force-reinstall torch may fix it"
        if isinstance(error, ModuleNotFoundError):
            advice = "install it with pip install torch"
        elif missing := missing_libraries():
            advice = f"Windows lacks {listed(missing)}, which pip install msvc-runtime brings"
        return f"{type(error).__name__}: {error}; {advice}"
    return ""


def preview(config: Config, start: "PreviewStart | None", job: Job) -> "Preview | None":
    """Return where a training with this configuration ends, from `start` or else from step 0; None if stopped."""
    from tinynet_gui.core.run.train import preview_end

    return preview_end(config, job.stop, start)


@frozen_dataclass(eq=False)
class TwinFound:
    """A lazy twin by its key, its curve over the range of x, and its state finder; or why there is none."""

    key: Hashable
    x: Array
    twin: "LazyTwin | None" = None
    curve: "TwinCurve | None" = None
    course: "TwinCourse | None" = None
    why: str = ""


def lazy_twin(plan: "TwinPlan", known: "LazyTwin | None", x: Array, job: Job) -> TwinFound:
    """Find the twin of a plan, unless it is known, and its curve at x, shape (points,)."""
    from tinynet_gui.core.lazy_twin.of_run import TwinCourse
    from tinynet_gui.core.lazy_twin.twin import NoTwinError

    try:
        twin = known or plan.find(job.stop)
    except NoTwinError as none:
        return TwinFound(plan.key, x, why=str(none))
    return TwinFound(plan.key, x, twin, twin.line(x, job.stop), TwinCourse(twin))


def twin_modes(run: Run, twin: "LazyTwin", first: int, stop_at: int, most: int, job: Job) -> "TwinModes":
    """Find the modes of the twin that branches off a run at `first`, up to step `stop_at`; at most `most` singly."""
    from tinynet_gui.core.lazy_twin.of_run import modes_of, whole_way

    return modes_of(twin, first, *whole_way(run, first, stop_at), most, job.stop)


def kernel_moved(twin: "LazyTwin", state: TrainerState, job: Job) -> float:
    """Measure how far a twin's kernel has moved by the given state."""
    return twin.kernel_movement(state.parameters, job.stop)


@frozen_dataclass(eq=False)
class SharpnessFound:
    """The sharpness at some recorded moments of a run, and the processor time it took, in seconds."""

    run: Run
    found: list[tuple["Recorded", "Sharpness"]]
    seconds: float


def sharpness(run: Run, wanted: "Sequence[Recorded]", budget_s: float, job: Job) -> SharpnessFound | None:
    """Find the sharpness at recorded moments, at least one, while the budget lasts; None if it was stopped."""
    from tinynet_gui.core.step.sharpness import sharpness_of

    started, found = thread_time(), []
    for recorded in wanted:
        found.append((recorded, sharpness_of(recorded, job.stop)))
        if thread_time() - started >= budget_s:
            break
    return SharpnessFound(run, found, thread_time() - started)


def nudge(snapshot: Snapshot, parameter: ParameterRef, epsilon: float, job: Job) -> "Nudge | None":
    """Nudge a weight or a bias at a moment; None if it was stopped."""
    from tinynet_gui.core.step import nudge

    return nudge.nudge(snapshot.config, snapshot.dataset, snapshot.state, parameter, epsilon, job.stop)


def explain(run: Run, snapshot: Snapshot, neuron: tuple[int, int] | None, job: Job) -> "Explanation | None":
    """Answer "why?" for a dead neuron or the run as a whole; None if there is nothing to explain."""
    from tinynet_gui.core.failures.answers import explanation_of

    return explanation_of(run, snapshot, neuron, job.stop)


def warn_of_scale(snapshot: Snapshot, job: Job) -> "Explanation | None":
    """Explain that the samples make the learning rate too large, or need a larger one, or should be standardised.

    None if none of this holds, or it was stopped.
    """
    from tinynet_gui.core.failures.answers import explain_scale, explain_size, explain_small_rate
    from tinynet_gui.core.failures.diagnosis import Trials

    trials = Trials(job.stop)
    start = snapshot.config, snapshot.dataset, snapshot.state, trials
    return explain_scale(*start) or explain_small_rate(*start) or explain_size(snapshot.config, trials)


@frozen_dataclass(eq=False)
class RunDeaths:
    """The death of each dead neuron, (layer, index); None for one that was dead at initialisation."""

    run_id: int
    by_neuron: "Deaths"


def dissect_both(moments: "tuple[Moment, Moment]", job: Job) -> "tuple[Dissection, Dissection]":
    """Dissect the steps after two moments, each with its own engine."""
    from tinynet_gui.engine.training.step_scheduler import dissect_moment

    one, other = (dissect_moment(moment, moment.rule.engine) for moment in moments)
    return one, other


def search_for_deaths(run: Run, snapshot: Snapshot, job: Job) -> RunDeaths:
    from tinynet_gui.core.failures.answers import find_deaths

    return RunDeaths(run.id, find_deaths(run, snapshot, job.stop))


def line_within_reach(config: Config, job: Job) -> None:
    """Find the best line that a network could make, to warm the cache for an experiment."""
    from tinynet_gui.core.function import reachable_lines

    reachable_lines.line_within_reach(config, job.stop)


@frozen_dataclass
class ExperimentRequest:
    """A name in `core.experiments.table.EXPERIMENTS`, the settings, and the number of runs, if the user may choose it.

    `about` is the user's input, if the experiment asks for any: for example, a claim.
    """

    kind: str
    config: Config
    runs: int
    about: object = None


def experiment(wanted: ExperimentRequest, job: Job) -> "ExperimentResult | None":
    """Train an experiment's runs; when stopped, return the result so far, or None."""
    from tinynet_gui.core.experiments.table import EXPERIMENTS

    about = () if wanted.about is None else (wanted.about,)
    result: ExperimentResult | None = EXPERIMENTS[wanted.kind].run(
        wanted.config, wanted.runs, job.stop, job.report, *about
    )
    return result


def check_goal(
    config: Config, goal: "Goal", known: Mapping[str, float], language: str, job: Job
) -> "GoalChecked | None":
    """Check the goal of a lesson on many seeds; `known` are the numbers for its condition. None if it was stopped."""
    from tinynet_gui.core.lessons.playing.goal import check_goal

    with speaking(language):
        return check_goal(config, goal, known, job.stop, job.report)


def band(config: Config, seeds: int, x: Array, job: Job) -> "SeedBand | None":
    """Compute the band of the final curves of many seeds at x, shape (points,); None if it was stopped."""
    from tinynet_gui.core.experiments.luck import seed_band

    return seed_band(config, seeds, x, job.stop)


@frozen_dataclass
class Curves:
    """The outputs of networks at x: arrays of shape (points,), one per network."""

    x: Array
    outputs: tuple[Array, ...]


def curves(networks: Sequence[tuple[Sequence[Layer], ActivationNames]], x: Array, job: Job) -> Curves | None:
    """Compute the outputs of networks, each with its activations; None if it was stopped."""
    outputs = []
    for layers, activation in networks:
        raise_if_stopped(job.stop)
        outputs.append(output_curve(layers, activation, x))
    return Curves(x, tuple(outputs))


@frozen_dataclass(eq=False)
class RunsAt:
    """Runs, each at one of its steps, and their outputs at x: arrays of shape (points,)."""

    moments: Sequence[tuple[Run, int]]
    x: Array
    outputs: tuple[Array, ...]


def run_curves(moments: Sequence[tuple[Run, int]], x: Array, job: Job) -> RunsAt | None:
    """Recompute runs up to a step and compute their outputs; None if it was stopped."""
    from tinynet_gui.core.run.replay import state_at

    outputs = []
    for run, step in moments:
        raise_if_stopped(job.stop)
        rule, state = run.rule_at(step), state_at(run, step, stop=job.stop)
        layers = rule.dataset.scaling.in_units_of_data(as_layers(state.parameters))
        outputs.append(output_curve(layers, rule.config.network.activation, x))
    raise_if_stopped(job.stop)
    return RunsAt(moments, x, tuple(outputs))


def run_results(runs: Sequence[Run], job: Job) -> list[tuple[Run, "RunResults"]] | None:
    """Compute the results of runs at their last steps; None if it was stopped."""
    from tinynet_gui.core.run.comparison import results_at

    found = []
    for run in runs:
        yield_to_window()
        found.append((run, results_at(run, run.step, job.stop)))
    return found


@frozen_dataclass(eq=False)
class TwoRuns:
    runs: tuple[Run, Run]
    names: tuple[str, str]


def setting_or_luck(wanted: TwoRuns, job: Job) -> "SettingOrLuck | str | None":
    """Train two runs again from many seeds; a text says why they cannot be compared; None if it was stopped."""
    from tinynet_gui.core.experiments import luck
    from tinynet_gui.core.experiments.luck import course_of

    refusal = luck.why_not_compared(*wanted.runs)
    if refusal:
        return refusal
    one, other = map(course_of, wanted.runs)
    seeds = luck.seeds_for(one, other)
    return luck.setting_or_luck(one, other, seeds, job.stop, lambda share: job.report(share, None))


@frozen_dataclass(eq=False)
class ValleyFound:
    """The loss between two runs, in words; `hill_text` is about the straight line alone."""

    valley: "Valley"
    text: str
    hill_text: str


def one_valley(wanted: TwoRuns, job: Job) -> ValleyFound | str | None:
    """Explore the path between two runs; a text says why that is impossible; None if it was stopped."""
    from tinynet_gui.core.maps.valley import end_of, valley_between, why_no_line
    from tinynet_gui.core.wording.two_runs import hill_text, valley_text

    one, other = map(end_of, wanted.runs)
    refusal = why_no_line(one, other, wanted.names)
    if refusal or one is None or other is None:
        return refusal
    valley = valley_between(one, other, job.stop, lambda share: job.report(share, None))
    loss = one.config.training.loss
    return ValleyFound(valley, valley_text(valley, wanted.names, loss), hill_text(valley, wanted.names))


@frozen_dataclass(eq=False)
class RunComparison:
    asked: TwoRuns
    divergence: "FirstDivergence | None"
    engine: EngineName | None = None  # of both, if they were trained again by one


def compare_runs(wanted: TwoRuns, job: Job) -> RunComparison | None:
    """Find the first step at which two runs differ; None if it was stopped."""
    from tinynet_gui.core.run.comparison import find_first_divergence

    return RunComparison(wanted, find_first_divergence(*wanted.runs, job.stop))


def compare_by_one_engine(wanted: TwoRuns, job: Job) -> RunComparison | None:
    """Train two runs again, both with one engine, and find the first step at which they differ; None if stopped."""
    from tinynet_gui.core.run.comparison import common_engine, find_first_divergence, trained_by

    engine, (one, other) = common_engine(*wanted.runs), wanted.runs
    runs = trained_by(engine, one, job.stop), trained_by(engine, other, job.stop)
    return RunComparison(TwoRuns(runs, wanted.names), find_first_divergence(*runs, job.stop), engine)
