"""Which runs of a session are listed, what they are called, what came of them, and in what they differ."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.runs import BIAS, assert_same_state, config_of, run_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import differing_paths, paths_in_effect
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.forward import as_layers, output_curve, output_curves
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run import comparison
from tinynet_gui.core.run.comparison import results_at
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet, StepRule, first_rule
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.run.session import MAX_LISTED, Cursor, Session
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.runs import Difference, differences, result_texts, run_names, short_names


def _trained(run_id: int, config: Config, steps: int = 3, events: tuple[Event, ...] = (), **fields: Any) -> Run:
    """A run that is said to have come so far, by its first and its last state."""
    states = [trained(config, step).state() for step in sorted({0, steps})]
    return replace(run_of(config, states, events), id=run_id, **fields)


def _session(*runs: Run, current: int = 1) -> Session:
    return Session(runs, Cursor(current), last_run_id=len(runs))


def _listed(session: Session) -> list[int]:
    return [run.id for run in session.kept_runs]


def test_which_runs_are_listed() -> None:
    config = [config_of(network__seed=seed) for seed in range(6)]
    session = _session(
        _trained(1, config[0], 0),
        _trained(2, config[1], 1),
        _trained(3, config[2], 0, is_kept=True),
        _trained(4, config[3], 0, is_starred=True),
        _trained(5, config[4], 2, is_deleted=True),
        replace(_trained(6, config[5], 0), checkpoints=()),
    )
    assert _listed(session) == [2, 3, 4]


def test_of_equal_runs_the_most_meaningful_is_listed() -> None:
    same = [_trained(run_id, Config()) for run_id in (1, 2, 3)]
    assert _listed(_session(*same, current=2)) == [2]
    other = _trained(4, config_of(network__seed=5))
    assert _listed(_session(*same, other, current=4)) == [3, 4]
    starred = [replace(same[0], is_starred=True), *same[1:], other]
    assert _listed(_session(*starred, current=4)) == [1, 4]
    named = [same[0], replace(same[1], name="mine"), same[2], other]
    assert _listed(_session(*named, current=4)) == [2, 4]
    longer = _trained(5, Config(), 4)
    by_hand = replace(same[0], id=6, events=(ParameterSet(3, BIAS, 1.0),))
    moved = replace(same[0], id=7, checkpoints=(same[0].checkpoints[0], replace(longer.checkpoints[1], step=3)))
    assert _listed(_session(same[0], longer, by_hand, moved)) == [1, 5, 6, 7]


def test_the_latest_twenty_starred_and_viewed_are_listed() -> None:
    runs = [_trained(k, config_of(network__seed=k), 1, is_starred=k in (2, 9)) for k in range(1, MAX_LISTED + 12)]
    starred = [run.id for run in runs if run.is_starred]
    latest = [run.id for run in runs if not run.is_starred][-MAX_LISTED:]
    assert _listed(_session(*runs, current=1)) == sorted([1, *starred, *latest])
    assert _listed(_session(*runs, current=30)) == sorted([*starred, *latest])


RATE = config_of(training__learning_rate=0.01)
NOISY_SINE = config_of(data__formula="sin(x)", data__target="formula", data__noise=0.5)


@pytest.mark.parametrize(
    ("configs", "names"),
    [
        ([Config()], ["10 neurons"]),
        ([Config(), config_of(training__learning_rate=0.01)], ["lr 0.001", "lr 0.01"]),
        (
            [config_of(network__hidden=hidden) for hidden in ((10,), (8, 8), (1,), ())],
            ["10 neurons", "8, 8", "1 neuron", "no hidden layer"],
        ),
        ([Config(), config_of(network__seed=7), NOISY_SINE], ["x², noise 0, seed 2", "seed 7", "sin(x), noise 0.5"]),
        (
            [config_of(training__optimizer="adam", training__beta1=0.8), Config(), config_of(training__beta1=0.7)],
            ["Adam", "SGD", "SGD (2)"],  # what Adam would have made of it is not in effect
        ),
        ([Config(), config_of(training__stop_step=5)], ["10 neurons", "10 neurons (2)"]),
        ([Config(), config_of(data__points=Points([0, 1], [1, 2], None, "mine.csv"))], ["x²", "mine.csv"]),
        (
            [config_of(training__batch_size=5, data__held_out=0.3), Config(), Config()],
            ["30 % held out, batch 5", "0 % held out, all samples", "0 % held out, all samples (2)"],
        ),
    ],
)
def test_a_name_is_what_sets_a_run_apart(configs: list[Config], names: list[str]) -> None:
    runs = [_trained(k + 1, config, 0) for k, config in enumerate(configs)]
    assert list(run_names(runs).values()) == names


def test_a_branch_says_where_it_began_and_what_differs() -> None:
    first = _trained(1, Config(), 5)
    frozen = frozenset({NeuronRef(0, 1)})
    branches = [
        _trained(2, Config(), 5, (LiveSettingsChanged(3, RATE),), parent=BranchPoint(1, 3)),
        _trained(3, Config(), 5, (ParameterSet(1_234, BIAS, 1.0),), parent=BranchPoint(1, 1_234)),
        _trained(4, Config(), 5, (LiveSettingsChanged(3, RATE), FrozenChanged(4, frozen)), parent=BranchPoint(2, 4)),
        _trained(5, Config(), 5, (LiveSettingsChanged(3, RATE), FrozenChanged(4, frozen)), parent=BranchPoint(99, 4)),
    ]
    assert list(run_names([first, *branches]).values()) == [
        "10 neurons",  # as before there were branches
        "from step 3: lr 0.01",
        "from step 1,234: set by hand",
        "from step 4: frozen",
        "from step 4: frozen (2)",
    ]


def test_a_setting_changed_midway_shows_its_old_value() -> None:
    changed = _trained(1, Config(), 5, (LiveSettingsChanged(3, RATE),))
    names = run_names([changed, _trained(2, RATE), _trained(3, Config())])
    assert list(names.values()) == ["lr 0.001 → 0.01", "lr 0.01", "lr 0.001"]


def test_choices_before_the_first_step_are_the_beginning() -> None:
    chosen = _trained(1, Config(), 5, (LiveSettingsChanged(0, RATE),))
    assert run_names([chosen, _trained(2, Config())]) == {1: "lr 0.01", 2: "lr 0.001"}
    untrained = replace(_trained(3, Config(), 0), wanted=first_rule(RATE, "PyTorch"))
    assert run_names([chosen, _trained(2, Config()), untrained])[3] == "lr 0.01 (2)"


def test_what_was_chosen_after_the_last_step_has_not_acted() -> None:
    left = replace(_trained(1, Config(), 5, (LiveSettingsChanged(5, RATE),)), wanted=first_rule(RATE, "PyTorch"))
    assert run_names([left, _trained(2, RATE)]) == {1: "lr 0.001", 2: "lr 0.01"}
    assert ("0.001", "0.01") in [row.texts for row in differences([left, _trained(2, RATE)], {})]
    branch = replace(_trained(3, Config(), 5, parent=BranchPoint(1, 5)), wanted=first_rule(RATE, "PyTorch"))
    assert run_names([_trained(1, Config(), 5), branch])[3] == "from step 5: lr 0.01"


def test_a_sample_edited_in_a_branch_renames_no_other_run() -> None:
    first, other = _trained(1, Config(), 5), _trained(2, config_of(training__learning_rate=0.01), 5)
    before = run_names([first, other])
    edited = config_of(data__points=Points([0, 1], [1, 2]))
    branch = _trained(3, Config(), 5, (LiveSettingsChanged(3, edited),), parent=BranchPoint(1, 3))
    names = run_names([first, other, *(replace(branch, id=k) for k in range(3, 6))])
    assert {1: names[1], 2: names[2]} == before
    assert names[3] == "from step 3: edited samples"


def test_events_of_a_run_are_visited_once_per_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [_trained(1, Config(), 5, (LiveSettingsChanged(3, RATE),)), _trained(2, Config(), 5)]
    went_through, after = [], StepRule.after

    def counted(self: StepRule, events: Iterable[Event]) -> StepRule:
        went_through.append(self)
        return after(self, events)

    monkeypatch.setattr(StepRule, "after", counted)
    for _ in range(3):
        run_names(runs)
    assert len(went_through) == 2 * len(runs)  # that of the first step, and that of the last


def test_the_users_own_name_wins_and_no_other_run_gets_it() -> None:
    runs = [_trained(1, Config(), name="lr 0.01"), _trained(2, config_of(training__learning_rate=0.01))]
    assert run_names(runs) == {1: "lr 0.01", 2: "lr 0.01 (2)"}
    assert run_names([]) == {}
    assert run_names(runs[:1]) == {1: "lr 0.01"}


def test_a_name_is_short_unless_two_would_be_the_same() -> None:
    many = {"data.noise": 0.5, "network.hidden": (3,), "network.seed": 4, "training.learning_rate": 0.1}
    runs = [_trained(1, Config(), 0), _trained(2, Config(), 0), _trained(3, Config().with_changes(many), 0)]
    assert run_names(runs)[3] == "noise 0.5, 3 neurons, seed 4 …"
    almost = _trained(4, Config().with_changes({**many, "training.learning_rate": 0.2}), 0)
    assert run_names([*runs, almost])[4] == "noise 0.5, 3 neurons, seed 4, lr 0.2"


@pytest.mark.parametrize(
    ("most", "names", "short"),
    [
        (12, ["10 neurons", "10 neurons, seed 3"], ["10 neurons", "… seed 3"]),
        (12, ["10 neurons, seed 2", "10 neurons, seed 3"], ["… seed 2", "… seed 3"]),
        (12, ["this", "that one that has a long name"], ["this", "that one t …"]),
        (
            28,
            [
                "10 neurons, scale 1, seed 101",
                "10 neurons, scale 1, seed 102",
                "1,000 neurons, scale 1, seed 101, Adam",
            ],
            ["10 neurons … seed 101", "10 neurons … seed 102", "1,000 neurons … Adam"],
        ),
        (16, ["8, 8, seed 101, lr 0.01", "8, 8, seed 101, lr 0.01, frozen"], ["8, 8 … lr 0.01", "8, 8 … frozen"]),
        (12, ["x, y, 1 2 3 4 5", "x, y, 1 2 3 4 6", "u, v, 1 2 3 4 5", "u, v, 1 2 3 4 6"], None),
    ],
)
def test_names_that_are_cut_still_differ(most: int, names: list[str], short: list[str] | None) -> None:
    assert short_names(names, most) == (short or names)


def test_with_decimal_commas_semicolons_part_a_name() -> None:
    config = config_of(data__noise=0.5, network__seed=3)
    with speaking("de"):
        names = list(run_names([_trained(1, Config()), _trained(2, Config()), _trained(3, config)]).values())
        assert names[2] == "Rauschen 0,5; Seed 3"
        assert short_names([names[2], "Rauschen 0,5; Seed 4"], 12) == ["… Seed 3", "… Seed 4"]


def test_what_its_seed_had_given_before_sets_a_run_apart() -> None:
    runs = [_trained(1, Config()), _trained(2, config_of(network__drawn_before=3_028))]
    assert run_names(runs) == {1: "0 drawn before", 2: "3,028 drawn before"}
    assert differences(runs, {})[0] == Difference("Drawn before", ("0", "3,028"))
    zeros = config_of(network__initialization="zeros")
    assert list(differing_paths(zeros, zeros.with_changes({"network.drawn_before": 5, "network.seed": 1}))) == []


def test_settings_without_effect_are_left_out() -> None:
    points = Points([0, 1], [1, 2])
    assert "data.noise" not in paths_in_effect(config_of(data__points=points))
    assert "data.seed" not in paths_in_effect(config_of(data__points=points))
    assert "data.seed" in paths_in_effect(config_of(data__points=points, training__batch_size=1))
    assert "training.beta1" in paths_in_effect(config_of(training__optimizer="adam"))
    assert list(differing_paths(Config(), config_of(training__beta1=0.5, data__formula="x"))) == []


@pytest.mark.parametrize(
    ("idle", "changes"),
    [
        ("network.activation", {"network.hidden": (), "network.activation": "tanh"}),
        ("network.seed", {"network.initialization": "zeros", "network.seed": 77}),
        ("network.seed", {"network.weight_scale": 0, "network.seed": 77}),
        ("network.initialization", {"network.weight_scale": 0, "network.initialization": "normal"}),
        ("network.weight_scale", {"network.initialization": "zeros", "network.weight_scale": 7}),
    ],
)
def test_what_makes_no_other_run_is_not_in_effect(idle: str, changes: dict[str, Any]) -> None:
    other = Config().with_changes(changes)
    plain = other.replace(idle, Config().get(idle))
    assert_same_state(*(trained(config, 5).state() for config in (plain, other)))
    assert list(differing_paths(plain, other)) == []
    assert run_names([_trained(1, plain, 0), _trained(2, other, 0)])[2].endswith("(2)")
    assert idle in differing_paths(Config(), Config().replace(idle, changes[idle]))


def test_what_has_come_of_a_run_is_what_its_snapshot_says() -> None:
    config = config_of(data__held_out=0.3, network__hidden=(7, 9))
    trainer = Trainer(config)
    start, snapshot = trainer.state(), trainer.snapshot(1)
    trainer.run(4)
    end = trainer.snapshot(1)
    run = run_of(config, [start, trainer.state()])
    for step, moment in ((0, snapshot), (4, end)):
        found = results_at(run, step)
        assert found.train_loss == pytest.approx(moment.train_loss, rel=1e-6)
        assert found.held_out_loss == moment.validation_loss
        assert found.dead == sum(int(np.count_nonzero(counts == 0)) for counts in moment.active_counts)
    diverged = replace(run, diverged_at=5)
    assert results_at(diverged, 4).train_loss == results_at(diverged, 4).held_out_loss == np.inf
    assert results_at(diverged, 0) == results_at(run, 0)
    assert results_at(run_of(config_of(network__activation="tanh"), [start]), 0).dead is None


@pytest.mark.parametrize("part", ["held_out_loss", "active_counts", "training_loss"])
def test_a_cancel_ends_what_is_computed_of_runs(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a run too, not only between two."""
    runs = [_trained(1, config_of(data__held_out=0.3)), _trained(2, config_of(data__held_out=0.3))]
    stop, begun = np.zeros(1, dtype=np.uint8), list[str]()

    def noted(name: str, compute: Callable[..., Any]) -> Callable[..., Any]:
        def computed(*args: Any) -> Any:
            begun.append(name)
            stop[0] |= name == part
            return compute(*args)

        return computed

    parts = ["held_out_loss", "active_counts", "training_loss"]
    for name in parts:
        monkeypatch.setattr(comparison, name, noted(name, getattr(comparison, name)))
    with pytest.raises(StoppedError):
        comparison.results_of(runs, stop)
    assert begun == parts[: parts.index(part) + 1]


def test_curves_of_runs_are_their_networks_at_a_step() -> None:
    run, x, stop = _trained(1, Config(), 5), np.linspace(-3, 3, 7, dtype=np.float32), np.zeros(1, np.uint8)
    networks = [(as_layers(trained(Config(), step).state().parameters), Config().network.activation) for step in (2, 5)]
    for found in (comparison.run_curves([(run, 2), (run, 5)], x, stop), output_curves(networks, x, stop)):
        for output, network in zip(found.outputs, networks, strict=True):
            np.testing.assert_allclose(output, output_curve(*network, x), rtol=1e-5)
    stop[0] = 1
    with pytest.raises(StoppedError):
        comparison.run_curves([(run, 2)], x, stop)


def test_numbers_set_by_hand_at_the_last_step_count() -> None:
    run = _trained(1, Config())
    set_by_hand = replace(run, events=(ParameterSet(3, ParameterRef(1, "bias", (0,)), 50.0),))
    assert results_at(set_by_hand, 3).train_loss > 1_000 > results_at(run, 3).train_loss


def test_differences_list_settings_and_results_with_sign() -> None:
    runs = [_trained(1, Config(), 2), _trained(2, config_of(training__learning_rate=0.01, network__hidden=(8, 8)), 5)]
    results = {run.id: results_at(run, run.step) for run in runs}
    rows = {row.label: row.texts for row in differences(runs, results)}
    assert rows["Neurons in each layer"] == ("10", "8, 8")
    assert rows["Learning rate"] == ("0.001", "0.01")
    assert rows["Steps"] == ("2", "5")
    assert "Held-out loss" not in rows  # there is none in either
    signed = {row.label: row.texts for row in differences(runs, results, results[1])}
    assert signed["Steps"] == ("2", "+3")
    assert signed["Training loss"][1][0] in "+−"
    swapped = differences(runs, results, results[2])
    assert {row.label: row.texts for row in swapped}["Steps"] == ("−3", "5")
    assert result_texts(replace(results[1]), results[1])[:2] == ("±0", "±0")
    adam = _trained(3, config_of(training__optimizer="adam", training__beta1=0.8), 2)
    assert ("–", "0.8") in [row.texts for row in differences([runs[0], adam], {})]
    diverged = replace(results[2], train_loss=np.inf, held_out_loss=np.inf)
    assert result_texts(diverged, results[1])[1:3] == ("diverged", "diverged")
    assert differences([], {}) == ()


def test_events_count_as_differences_in_their_marks_words() -> None:
    did = (ParameterSet(2, BIAS, 0.5), FrozenChanged(3, frozenset({NeuronRef(0, 1)})))
    runs = [_trained(1, Config(), 5), _trained(2, Config(), 5, did)]
    (row,) = (row for row in differences(runs, {}) if row.label == "Done to it")
    assert row.texts == ("–", "step 2: Bias of neuron 1 of layer 1 → 0.5; step 3: Froze neuron 2 of layer 1")
    assert differences([runs[1], replace(runs[1], id=3)], {}) == ()
