"""The premises of a page: the settings it begins with, except those it asks to change; how a run strays from them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting_text import SEED, paths_in_effect, setting_label, setting_value
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.luck import course_of
from tinynet_gui.core.experiments.table import EXPERIMENTS, changed_besides
from tinynet_gui.core.lessons.lesson import Goal, LessonStep, RunExperiment, TrainOn, TrainTo
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import numbers_listed
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.core.wording.maps import read_map

Seeds = tuple[int, int]  # of the network and of the data

NEW_SEED = "actionNewSeed"
BY_HAND = "by hand"  # stands, among paths of settings, for weights that were set or frozen
ANYTHING = frozenset({*SETTINGS, BY_HAND})
NEVER_PREMISES = frozenset({"training.stop_step", "network.rounding"})  # when a run ends, and a property of the machine
_OF_NAMES: dict[str, tuple[str, ...]] = {  # the settings that determine a number in a condition
    **dict.fromkeys(("neurons", "layers", "parameters"), ("network.hidden", "network.activation")),
    "learning_rate": ("training.learning_rate",),
    "samples": ("data.sample_count", "data.points", "data.held_out"),
    "noise": ("data.noise",),
    "seed": SEED,
    "batch": ("training.batch_size",),
}
_TRAINED = frozenset({"step", "unchanged_steps", "diverged", "others", "ticked", "other_step"})  # changes no setting


@frozen_dataclass
class Premises:
    """The premises of a page.

    Attributes
    ----------
    configs
        The settings it begins with; with `TrainOn` also those with the next samples.
    free
        What may differ, as this page or an earlier one asks to change it: paths, and `BY_HAND`.
    old_until
        The last step with other samples than the latest configuration's; None for any.
    """

    configs: tuple[Config, ...]
    free: frozenset[str] = frozenset()
    old_until: int | None = None

    def changed_in(self, config: Config) -> tuple[str, ...]:
        """Return the paths of the settings that differ from the page's."""
        return min((tuple(self._changed(before, config)) for before in self.configs), key=len)

    def _changed(self, before: Config, after: Config) -> Iterator[str]:
        in_effect = paths_in_effect(before) | paths_in_effect(after)
        return (path for path in changed_besides(self.free | NEVER_PREMISES, before, after) if path in in_effect)


@frozen_dataclass
class Strayed:
    """What was changed of a page's premises: paths, weights, or nothing; with the page's own settings.

    If nothing was, the run was trained on with the samples of the page before.
    """

    paths: tuple[str, ...]
    config: Config
    by_hand: bool = False

    @property
    def text(self) -> str:
        """Such as “You changed Neurons; this page is about 100.”."""
        if not self.paths and not self.by_hand:
            return _("You trained on with the samples of the page before; this page is about others.")
        if not self.paths:
            return _("You changed weights by hand; this page is about the network without that.")
        return _("You changed {settings}; this page is about {values}.").format(
            settings=", ".join(setting_label(path) for path in self.paths),
            values=numbers_listed([setting_value(self.config, path) for path in self.paths]),
        )


def premises(steps: Sequence[LessonStep], at: int, seeds: Seeds | None = None) -> Premises:
    """Return a page's premises; if it begins no run, it builds on the page before."""
    step, own = steps[at], setting_of_page(steps[at], seeds)
    before = Premises((own or Config(),)) if own is not None or at == 0 else premises(steps, at - 1, seeds)
    configs, old_until = before.configs, None
    if isinstance(step.action, TrainOn):
        configs = *configs, configs[-1].replace("data.points", samples_to_train_on(step.action, configs[-1]))
        begun = steps[at - 1].action if at else None
        old_until = begun.step if isinstance(begun, TrainTo) else None
    return Premises(configs, before.free | asked_to_change(step), old_until)


def asked_to_change(step: LessonStep) -> frozenset[str]:
    """Return what a page asks to change, or allows: for a goal anything."""
    if isinstance(step.action, Goal):
        return ANYTHING
    on_map = (axis.along for axis in (read_map(step.map).x, read_map(step.map).y)) if step.map else ()
    free = _asked_by_name(step) | {path if isinstance(path, str) else BY_HAND for path in on_map}
    if isinstance(step.action, RunExperiment):
        free |= set(EXPERIMENTS[step.action.kind].varied)
    if any(act.until.calls or act.until.names - _TRAINED for act in step.acts) and not free:
        return ANYTHING  # only the result counts, however the learner gets there
    return free


def needed_by(steps: Sequence[LessonStep]) -> frozenset[str]:
    """Return the names, as in `ViewState.hidden`, of what pages show, run, or ask to use."""
    found = set[str]()
    for step in steps:
        found |= {*step.show, *(f"switch.{name}" for name in step.brings), f"view.{step.large}"} | _asked_by_name(step)
        found |= {"view.map"} if step.map else set()
        found |= {"action.new_seed"} if any(act.point_at == NEW_SEED for act in step.acts) else set()
        if isinstance(step.action, RunExperiment):
            found |= {"view.experiments", f"experiment.{step.action.kind}"}
    return frozenset(found)


def _asked_by_name(step: LessonStep) -> frozenset[str]:
    """Return the settings that a page points at, or names in a condition."""
    conditions = [act.until for act in step.acts] + ([step.action.condition] if isinstance(step.action, Goal) else [])
    named = (path for condition in conditions for name in condition.names for path in _OF_NAMES.get(name, ()))
    return frozenset({*named, *(path for act in step.acts for path in _settings_of(act.point_at))})


def _settings_of(control: str) -> tuple[str, ...]:
    """Return the settings that a control of this name changes, such as ``learningRate`` or ``networkSeed``."""
    if control in (NEW_SEED, "networkSeed"):
        return SEED
    if control == "hiddenLayers":
        return _OF_NAMES["neurons"]
    names = {path: path.partition(".")[2].title().replace("_", "") for path in SETTINGS}
    return tuple(path for path, name in names.items() if control in (name[0].lower() + name[1:], f"data{name}"))


def strayed(premises: Premises, run: Run, until: int | None = None) -> Strayed | None:
    """Return how a run, or its steps up to `until`, strays from the premises; None if it keeps to them."""
    if premises.free >= ANYTHING:
        return None
    lived = [part for part in course_of(run).segments if until is None or part.step < until]
    rules = [*([run.wanted] if until is None else []), *(part.rule for part in reversed(lived))]
    is_touched = any(part.by_hand for part in lived) or any(rule.frozen for rule in rules)
    by_hand = is_touched and BY_HAND not in premises.free
    paths = next(filter(None, (premises.changed_in(rule.config) for rule in rules)), ())
    last, rule = (run.step, run.wanted) if until is None else (until, lived[-1].rule if lived else run.start)
    is_old = rule.config.data.points != premises.configs[-1].data.points
    goes_on = premises.old_until is not None and last > premises.old_until and is_old
    return Strayed(paths, premises.configs[0], by_hand) if paths or by_hand or goes_on else None


def strayed_to(premises: Premises, config: Config) -> Strayed | None:
    """Like `strayed`, for a run that was trained with these settings alone."""
    paths = premises.changed_in(config)
    return Strayed(paths, premises.configs[0]) if paths else None


def setting_of_page(step: LessonStep, seeds: Seeds | None) -> Config | None:
    """Return a page's setting for a new run, with `seeds` unless it fixes its own."""
    if step.setting is None:
        return None
    setting = step.setting.drawn_here()
    if step.fixed_seeds or seeds is None:
        return setting
    network, data = seeds
    return setting.replace("network.seed", network).replace("data.seed", data)


def samples_to_train_on(action: TrainOn, config: Config) -> Points:
    """Return the samples with which the action continues a run; drawn ones are drawn with the run's seed."""
    return points_of(replace(action.setting.data, seed=config.data.seed))


def trains_on(action: TrainOn, config: Config) -> bool:
    """Whether the run of a configuration already has the samples of the action."""
    return config.data.points == samples_to_train_on(action, config)
