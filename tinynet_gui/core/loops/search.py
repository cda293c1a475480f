"""The search for the rule that made recorded steps: simple ones first, then those with fitted numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from tinynet_gui.core.choices import losses, optimizers
from tinynet_gui.core.choices.activations import ACTIVATIONS, ActivationNames
from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.loops import rules
from tinynet_gui.core.loops.gradients import MAX_PAIRS, Gradients, LoopSamples, Objective, Steps
from tinynet_gui.core.values import Floats

FITTED = 30  # steps that rules are fitted to
FIRST_LOOK, SECOND_LOOK = 5, 8  # steps that refute most rules, and most fitted numbers
FAR, MAX_LEFT = 0.8, 0.05  # unexplained share of a step, at the best start and after the fit
MAX_BATCH = 64
MIN_MEMORY = 0.1  # share of the squared gradients kept from step to step
FEW_PLACES = 6  # parameters: of so few, a single step tells nothing
MIN_AGREEMENT = 0.75  # of the first moves' signs: weight decay turns some
# Activations tried with all numbers of optimisers like Adam, if the network does not name its own.
DEEPER: list[ActivationNames] = ["relu", "tanh", "sigmoid"]
STARTS: dict[str, tuple[float, ...]] = {
    "momentum": (0.5, 0.9, 0.99),
    "beta1": (0.5, 0.9),
    "beta2": (0.9, 0.99, 0.999),
    "alpha": (0.9, 0.99),
    "weight_decay": (0.01,),
    "l1": (0.01,),
    "decoupled": (0.01,),
}
LINEAR = (*rules.PENALTIES, "decoupled")

OPTIMIZER_RULES = [
    (name, rule)
    for name, record in rules.LOOP_OPTIMIZERS.items()
    for rule in record.rules
    if rule.slots or name == "sgd"
]
Unknowns = tuple[str, ...]  # the names of the numbers to fit
OWN = "own"  # stands for all of an optimiser's own numbers but ε
USUAL_NUMBERS: tuple[Unknowns, ...] = ((),)
LEVELS: tuple[tuple[Unknowns, ...], ...] = (
    USUAL_NUMBERS,
    ((OWN,), ("weight_decay",), ("l1",)),
    ((OWN, "weight_decay"), (OWN, "l1"), ("weight_decay", "l1")),
)


class Search:
    """Rules that explain the first of recorded steps, from simple ones to those with fitted numbers.

    `on_progress` takes the share that was tried; it may raise to end the search.
    """

    def __init__(
        self, samples: LoopSamples, steps: Steps, activation: ActivationNames | None, on_progress: OnProgress
    ) -> None:
        self._samples, self._on_progress = samples, on_progress
        self._tried_count, self._count = 0, 1
        self._steps = steps.to(FITTED)
        self._known: dict[tuple[Objective, int], Gradients] = {}
        self._likely: list[ActivationNames] = [*ACTIVATIONS]
        self._others: list[ActivationNames] = []
        if len(samples.widths) == 2:
            self._likely = ["relu"]  # there is no hidden layer
        elif activation is not None:
            self._likely, self._others = [activation], [name for name in ACTIVATIONS if name != activation]

        self._plausible: dict[tuple[Objective, bool], bool] = {}
        self._turns = rules.changes_direction(self._steps, samples)
        sizes, rounding = (np.abs(part[:, samples.places]) for part in (self._steps.moves, self._steps.rounding))
        usual = np.array([np.median(row[row > 0]) if row.any() else np.inf for row in sizes])[:, None]
        off, moved = np.abs(sizes - usual), sizes > 0
        off[0] = _off_decayed_sign(self._steps.moves[0, samples.places], self._steps.weights[0, samples.places])
        # Adam and the like move all parameters equally far at first; if they always do, only the signs can be told
        starts_alike = bool((off[0] < 1e-3 * usual[0])[moved[0]].mean() > 0.7)
        self._is_scaled = starts_alike and bool((off <= 4 * rounding + 1e-6 * usual)[moved].mean() < 0.9)

    def found(self) -> list[rules.LoopRule]:
        """Return all rules of the simplest kind that explains the steps.

        If each of them has a mistake, the simplest correct rules are added, so that nobody is accused in vain.
        """
        every = [*self._objectives(self._likely)]
        deeper = DEEPER if self._is_scaled and len(self._likely) > 1 else self._likely
        likely = [*self._objectives(deeper)]
        right = [objective for objective in likely if not objective.is_broadcast]
        all_habits = [*rules.HABITS.values()]
        kinds = (
            *product([every], [all_habits], LEVELS[:1], (False, True)),
            (likely, all_habits, LEVELS[1], False),
            (right, [rules.TUTORIAL], LEVELS[1], True),
            ([*self._batches(deeper)], all_habits, LEVELS[0], False),
            (likely, all_habits, LEVELS[2], False),
            (right, [rules.TUTORIAL], LEVELS[2], True),
            *product([[*self._objectives(self._others)]], [all_habits], LEVELS[:1], (False, True)),
        )
        self._count = sum(len(objectives) * len(habits) for objectives, habits, *_ in kinds)
        for objectives, habits, level, may_change in kinds:
            if may_change and not self._turns:
                continue
            holding = [*self._holding(objectives, habits, level, may_change)]
            if holding and all(rule.mistakes for rule in holding):
                levels = product(LEVELS, (False, True)[: 1 + self._turns])
                found = ([*self._holding(right, (rules.TUTORIAL,), *each)] for each in levels)
                holding += next(filter(None, ([r for r in held if not r.mistakes] for held in found)), [])
            if holding:
                return holding
        return []

    def _objectives(self, activations: Iterable[ActivationNames]) -> Iterator[Objective]:
        count = len(self._samples.x)
        for activation, loss, is_broadcast in product(activations, losses.LOSSES, (False, True)):
            if not is_broadcast or 1 < count <= MAX_PAIRS**0.5:
                yield Objective(activation, loss, is_broadcast)

    def _batches(self, activations: Iterable[ActivationNames]) -> Iterator[Objective]:
        count = len(self._samples.x)
        for objective, size in product(self._objectives(activations), range(1, min(count, MAX_BATCH + 1))):
            for drops_last in (False, True)[: 1 + (count % size > 0)]:
                if size > 1 or not objective.is_broadcast:
                    yield replace(objective, batch=size, drops_last=drops_last)

    def gradients(self, objective: Objective, end: int) -> Gradients:
        if (known := self._known.get((objective, end))) is None:
            steps = self._steps.to(end)
            known = self._known[objective, end] = self._samples.gradients(objective, steps.weights, steps.numbers)
        return known

    def _is_plausible(self, objective: Objective, rule: optimizers.Rule) -> bool:
        """Check quickly whether a rule like this one, at a constant rate, could explain the moves by this objective."""
        if (known := self._plausible.get((objective, rule.divisor is None))) is None:
            known = len(self._samples.places) <= FEW_PLACES or self._starts_like(objective, rule.divisor is None)
            known = known and (rule.divisor is not None or self._is_linear(objective))
            self._plausible[objective, rule.divisor is None] = known
        return known

    def _starts_like(self, objective: Objective, is_linear: bool) -> bool:
        """Whether gradient, weights and their signs add up to the first move; if not `is_linear`, compare signs."""
        found, places = self.gradients(replace(objective, drops_last=False), 1), self._samples.places
        move, weights = self._steps.moves[0, places], self._steps.weights[0, places]
        if not is_linear:
            agree = (np.sign(move) == -np.sign(found.values[0]))[move != 0].mean()
            return bool(max(agree, 1 - agree) > MIN_AGREEMENT)
        return bool(found.is_unclear[0]) or _unexplained([found.values[0], weights, np.sign(weights)], move) < MAX_LEFT

    def _is_linear(self, objective: Objective) -> bool:
        """Whether all moves are the same linear combination of the terms that a rule without divisor can add."""
        places = self._samples.places
        steps = self._steps.to(SECOND_LOOK if len(places) > 12 else FITTED)
        found, weights = self.gradients(objective, len(steps)), steps.weights[:, places]
        moves, signs = steps.moves[:, places], np.sign(weights)
        series = [found.values, np.cumsum(found.values, axis=0), weights, signs, np.cumsum(signs, axis=0)]
        columns = [each for part in series for each in (part, _delayed(part))]
        columns += [_delayed(found.values, 2), _delayed(moves)]
        with np.errstate(all="ignore"):
            lengths = np.sqrt((moves**2).sum(axis=1, keepdims=True))
            clear = ~found.is_unclear
            left = _unexplained([(part / lengths)[clear].ravel() for part in columns], (moves / lengths)[clear].ravel())
            return left < 2 * MAX_LEFT

    def _holding(
        self, objectives: Iterable[Objective], habits: Iterable[rules.Habit], free: Sequence[Unknowns], may_change: bool
    ) -> Iterator[rules.LoopRule]:
        for objective, habit, (name, rule) in product(objectives, habits, OPTIMIZER_RULES):
            self._tried_count += 1
            self._on_progress(min(1.0, self._tried_count / (self._count * len(OPTIMIZER_RULES))))
            if (rule.divisor and not self._is_scaled) or not (may_change or self._is_plausible(objective, rule)):
                continue
            own = tuple(number for number in rule.numbers if number != "epsilon")
            for names in dict.fromkeys(_expanded(names, own) for names in free):
                if names is None or ("decoupled" in own and not set(names).isdisjoint(rules.PENALTIES)):
                    continue
                trial = rules.LoopRule(objective, habit, name, rule, {n: rules.USUAL[n] for n in rule.numbers})
                if not rule.slots and habit.times > 1 and not names:
                    continue  # the same as twice the rate
                if (held := self._tried(trial, names, may_change)) is not None:
                    yield held

    def _tried(self, rule: rules.LoopRule, names: Unknowns, may_change: bool) -> rules.LoopRule | None:
        """Return the rule with these numbers fitted and rounded, if it explains the steps."""
        steps = self._steps
        if names:
            if (numbers := self._fitted_numbers(rule, names, may_change)) is None:
                return None
            rule = replace(rule, numbers={**rule.numbers, **numbers})
        elif not self._fit(rule, steps.to(FIRST_LOOK), may_change).holds:
            return None
        fit = self._fit(rule, steps, may_change)
        if not fit.holds:
            return None
        if names:
            rule = self._rounded(rule, names, may_change)
            fit = self._fit(rule, steps, may_change)
        told = fit.rates[~np.isnan(fit.excess)]
        return replace(rule, rate=float(told[0]), changes=may_change)

    def _fit(self, rule: rules.LoopRule, steps: Steps, may_change: bool) -> rules.Fit:
        found = self.gradients(rule.objective, len(steps))
        added = rules.moves_of(rule, self._samples, steps, found)
        rates = rules.rates_per_step(added, self._samples, steps) if may_change else None
        return rules.fitted(added, self._samples, steps, found.is_unclear, rates)

    def _errors(self, rule: rules.LoopRule, tried: Mapping[str, Floats], end: int, may_change: bool) -> Floats:
        """Return the unexplained part of the first moves, relative to their lengths, a row for each tried value."""
        steps, found = self._steps.to(end), self.gradients(rule.objective, end)
        exact = rules.moves_of(rule, self._samples, steps, found, tried=tried)
        moves = steps.moves[:, self._samples.places]
        with np.errstate(all="ignore"):
            lengths = np.sqrt((moves**2).sum(axis=1, keepdims=True))
            exact, moves = exact / lengths, moves / lengths
            axis = -1 if may_change else (-2, -1)
            rates = (exact * moves).sum(axis=axis, keepdims=True) / (exact * exact).sum(axis=axis, keepdims=True)
            left: Floats = (moves - rates * exact)[:, ~found.is_unclear].reshape(len(exact), -1)
        left = np.where(np.isfinite(left), left, 1e6)
        return np.asarray(left / np.sqrt(max(1, len(moves))), np.float64)

    def _fitted_numbers(self, rule: rules.LoopRule, names: Unknowns, may_change: bool) -> dict[str, float] | None:
        """Fit these numbers by Gauss-Newton from the best of some starts; None if too much is left unexplained."""
        starts = np.array([[*map(_coordinate, names, start)] for start in product(*(STARTS[name] for name in names))])
        probes = 1e-5 * np.eye(1 + len(names), len(names), -1)  # each coordinate a little larger; the first row is 0
        shorter = 4.0 ** -np.arange(1, 17)[:, None]
        for end in (SECOND_LOOK, FITTED):

            def left(at: Floats, end: int = end) -> Floats:
                return self._errors(rule, _numbers_of(names, at), end, may_change)

            around = left((starts[:, None] + probes).reshape(-1, len(names))).reshape(len(starts), len(probes), -1)
            nearest = (around[:, 0] ** 2).sum(axis=1).argmin()
            best, lefts = starts[nearest], around[nearest]
            if lefts[0] @ lefts[0] > FAR**2:
                return None
            for turn in range(12):
                before = float(lefts[0] @ lefts[0])
                step = np.linalg.lstsq((lefts[1:] - lefts[0]).T / 1e-5, -lefts[0], rcond=1e-5)[0].clip(-2, 2)
                tried = left(best + step + probes)
                if tried[0] @ tried[0] > before:
                    is_nearer = (left(best + shorter * step) ** 2).sum(axis=1) <= before
                    step = step * shorter[is_nearer.argmax()]
                    tried = left(best + step + probes)
                if (after := tried[0] @ tried[0]) >= before:
                    break
                best, lefts = best + step, tried
                if after > (1 - 1e-3) * before or (turn == 3 and after > 0.3**2):
                    break
            if lefts[0] @ lefts[0] > MAX_LEFT**2:
                return None
            starts = best[None]
        numbers = {name: value.item() for name, value in _numbers_of(names, starts).items()}
        return None if any(_is_degenerate(name, number) for name, number in numbers.items()) else numbers

    def _rounded(self, rule: rules.LoopRule, names: Unknowns, may_change: bool) -> rules.LoopRule:
        """Write each fitted number with the fewest digits that still explain the steps."""
        for name in names:
            for digits in range(1, 7):
                short = float(f"{rule.numbers[name]:.{digits}g}")
                if name in STARTS and name not in LINEAR:
                    short = 1 - float(f"{1 - rule.numbers[name]:.{digits}g}")
                trial = replace(rule, numbers={**rule.numbers, name: round(short, 12)})
                if self._fit(trial, self._steps, may_change).holds:
                    rule = trial
                    break
        return rule


def _off_decayed_sign(move: Floats, weights: Floats) -> Floats:
    """Return |move − a·sign(move) − b·weight| of each entry, a and b fitted: 0 for a first step of decayed Adam."""
    sizes, signs = np.abs(move), np.sign(move)
    like = np.abs(sizes - np.median(sizes[sizes > 0])) < 0.3 * np.median(sizes[sizes > 0]) if sizes.any() else sizes > 0
    table = np.stack([signs, weights], axis=1)
    return np.asarray(np.abs(move - table @ np.linalg.lstsq(table[like], move[like], rcond=None)[0]), np.float64)


def _unexplained(columns: Sequence[Floats], aim: Floats) -> float:
    """Return ‖residual‖/‖aim‖ of the least-squares fit of `aim` by the columns; 0 if `aim` is 0 or not finite."""
    with np.errstate(all="ignore"):
        table = np.stack([column / np.sqrt(column @ column) for column in columns], axis=1)
        table = table[:, np.isfinite(table).all(axis=0)]
        if not np.isfinite(aim).all() or not aim.any():
            return 0.0
        products = table.T @ table + 1e-12 * np.eye(table.shape[1])
        left = aim - table @ np.linalg.solve(products, table.T @ aim)
        return float(np.sqrt(left @ left / (aim @ aim)))


def _delayed(values: Floats, steps: int = 1) -> Floats:
    """Return the values of some steps earlier; 0 before the first."""
    return np.concatenate([np.zeros_like(values[:steps]), values[:-steps]])


def _coordinate(name: str, value: float) -> float:
    return value if name in LINEAR else -float(np.log(1 - value))


def _numbers_of(names: Sequence[str], coordinates: Floats) -> dict[str, Floats]:
    """Invert `_coordinate` for each number, in a column of its own, clipped to what the settings allow."""
    found = {}
    for name, column in zip(names, coordinates.T[..., None], strict=True):
        value = column if name in LINEAR else 1 - np.exp(-column)
        found[name] = np.minimum(np.maximum(value, 0.0), _most(name))
    return found


def _is_degenerate(name: str, number: float) -> bool:
    """Whether a number makes its optimiser another one: Adagrad at the upper limit, signs alone near 0."""
    return number == _most(name) or (name in ("alpha", "beta2") and number < MIN_MEMORY)


def _most(name: str) -> float:
    most = SETTINGS[f"training.{name.replace('decoupled', 'weight_decay')}"].bounds[1]
    return most if name in LINEAR else min(most, 0.9999)


def _expanded(names: Unknowns, own: Unknowns) -> Unknowns | None:
    """Replace `OWN` by the optimiser's own numbers; None if it has none."""
    if OWN in names and not own:
        return None
    return tuple(name for each in names for name in (own if each == OWN else (each,)))
