"""What the ghost must say after every order of acts: a setting changed by hand bids it, anything else dismisses it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.test_session_controller import LocalTraining
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.replay import branch_from, known_moment, past_moment
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.run.train import Preview
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.ui.features.preview import PreviewController
from tinynet_gui.ui.window.context import Context

START = Config.from_dict({"network": {"hidden": [4]}, "training": {"stop_step": 60}})
OTHER = START.replace("training.learning_rate", 0.02)


class ImmediateJobs:
    """Computes at once."""

    def submit(self, _: str, function: Callable[..., Any], *arguments: object, on_result: Any, **__: object) -> None:
        on_result(function(*arguments, SimpleNamespace(stop=np.zeros(1, np.uint8))))

    def cancel(self, _: str) -> None:
        pass


class Hand:
    """Does what a user can do, by name."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot, self.shown = qtbot, list[Preview | None]([None])
        training = LocalTraining()
        self.session = SessionController(cast(TrainingThread, training), START)
        training.worker.frame_ready.connect(self.session.accept_frame)
        self.session.changed.connect(self._make_past)
        ghost = SimpleNamespace(show_preview=self.shown.append, preview="one")
        plot = SimpleNamespace(layers=SimpleNamespace(ghost=ghost))
        context = SimpleNamespace(
            session=self.session,
            jobs=ImmediateJobs(),
            views=SimpleNamespace(function_plot=plot, loss_plot=plot),
            bind=lambda flag, action: None,
            window=None,
            frame=SimpleNamespace(status=SimpleNamespace(notify=None)),
        )
        PreviewController(cast(Context, context))
        self.session.open()
        self.session.compiled_changed("ready", "")
        self.session.pytorch_changed("ready", "")

    def _make_past(self, _: AppState, new: AppState) -> None:
        step = new.session.cursor.step
        if step is not None and new.past is None:
            self.session.accept_past(past_moment(new.run, step))

    def _stands(self) -> bool:
        state = self.session.state
        return state.snapshot is not None and state.snapshot.run_id == state.run.id and not state.is_running

    def act(self, name: str) -> None:
        getattr(self, name)()
        self._qtbot.waitUntil(self._stands)

    # what changes a setting

    def rate(self) -> None:
        self.session.edit({"training.learning_rate": self.session.config.training.learning_rate / 2})

    def width(self) -> None:
        self.session.edit({"network.hidden": (self.session.config.network.hidden[0] + 1,)})

    def typed_seed(self) -> None:
        self.session.edit({"network.seed": self.session.config.network.seed + 1})

    # what does not

    def train(self) -> None:
        self.session.fast_forward()

    def step(self) -> None:
        self.session.take_step()

    def look_back(self) -> None:
        self.session.look_at(20)

    def new_seed(self) -> None:
        self.session.new_seed()

    def undo(self) -> None:
        self.session.undo()

    def redo(self) -> None:
        self.session.redo()

    def reset(self) -> None:
        self.session.reset()

    def weight(self) -> None:
        self.session.set_parameter(ParameterRef(0, "bias", (1,)), 0.5)

    def freeze(self) -> None:
        self.session.freeze(NeuronRef(0, 1), True)

    def run_of_map(self) -> None:  # or of an experiment
        self.session.open_run(OTHER, "Compiled")

    def branch_of_map(self) -> None:
        state = self.session.state
        moment = known_moment(state.run, state.run.step, not_none(state.snapshot))
        parameters = moment.snapshot.state.parameters
        self.session.open_branch(
            branch_from(state.run, moment, state.run.id, OTHER, parameters, "Compiled"), trains=True
        )

    def earlier_run(self) -> None:
        self.session.open_kept_run(1)

    def tutorial(self) -> None:
        self.session.restore_tutorial()

    def setting_of_file(self) -> None:
        self.session.open_config(OTHER)

    def session_of_file(self) -> None:
        self.session.take_over(new_session(OTHER))

    def lesson(self) -> None:
        self.session.suspend_for(new_session(OTHER))


NONE = None
SAYS: list[tuple[str, tuple[int, int] | None]] = [
    ("", NONE),
    # a setting changed by hand: from where the training stands to where Start would bring it
    ("rate", (0, 60)),
    ("width", (0, 60)),
    ("typed_seed", (0, 60)),
    ("train rate", (60, 120)),
    ("train width", (0, 60)),
    ("train look_back rate", (20, 60)),
    ("train rate undo rate", (60, 120)),
    ("new_seed rate", (0, 60)),
    ("run_of_map rate", (60, 120)),
    ("run_of_map undo rate", (0, 60)),
    # each other act dismisses it, and none bids it
    *((f"rate {act}", NONE) for act in ("train", "step", "new_seed", "undo", "reset", "weight", "freeze")),
    *((f"width {act}", NONE) for act in ("undo", "earlier_run", "tutorial", "setting_of_file", "run_of_map")),
    *((f"rate {act}", NONE) for act in ("branch_of_map", "session_of_file", "lesson")),
    *((f"train rate {act}", NONE) for act in ("look_back", "undo", "undo redo", "new_seed undo", "branch_of_map undo")),
    *((f"train {act} undo", NONE) for act in ("run_of_map", "width", "new_seed", "tutorial", "setting_of_file")),
    *((f"train {act} undo redo", NONE) for act in ("run_of_map", "width", "new_seed", "branch_of_map")),
    ("train look_back rate undo", NONE),
    ("train look_back rate undo redo", NONE),
    ("rate session_of_file undo", NONE),
]


@pytest.mark.parametrize(("acts", "says"), SAYS)
def test_the_ghost_says_what_start_would_do_or_is_not_there(
    qtbot: QtBot, acts: str, says: tuple[int, int] | None
) -> None:
    hand = Hand(qtbot)
    for name in acts.split():
        hand.act(name)
    ghost, session = hand.shown[-1], hand.session
    assert says == (ghost and (ghost.start_step, ghost.end_step))
    if ghost is not None:
        assert ghost.config == session.config
        session.fast_forward()
        qtbot.waitUntil(lambda: session.state.run.step == ghost.end_step and not session.state.is_running)
        np.testing.assert_allclose(not_none(session.state.snapshot).output, ghost.output, rtol=1e-5, atol=1e-5)
    session.shut_down()
