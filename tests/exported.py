"""Settings of all kinds, and runs of them by PyTorch, for the tests of what is exported."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from hypothesis import strategies as st

import tinynet_gui.core as tiny
from tests.activations import activation_names
from tests.dissections import dissection
from tests.runs import Act
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.choices.schedules import SCHEDULES
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.data_file import write_table
from tinynet_gui.core.data.points import STANDARDISE, Points
from tinynet_gui.core.export import step_code, tables
from tinynet_gui.core.export.notebook import notebook_text
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified
from tinynet_gui.core.export.web_page import page_of
from tinynet_gui.core.network.initializations import INITIALIZATIONS, ROUNDINGS
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.network_files.reading import numbers_csv
from tinynet_gui.core.run.events import EngineChanged
from tinynet_gui.core.run.history import NEW_SEED, Entry, FrozenEdit, LiveSettingsEdit, ParameterEdit, RunChosen
from tinynet_gui.core.run.replay import Replay, moments
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.session_file import write_session
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.wording.setting_line import write_setting, write_settings
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.engine.session_files import described

_SETTINGS = st.fixed_dictionaries(
    {
        "data.target": st.sampled_from(sorted(TARGETS)),
        "data.formula": st.sampled_from(["1/3*x + sin(1)*x", "min(x, 0.3)*x%2", "2"]),
        "data.sample_count": st.integers(1, 60),
        "data.noise": st.sampled_from([0, 0.3]),
        "data.held_out": st.sampled_from([0, 0.3]),
        "data.seed": st.integers(0, 9),
        "data.standardise": st.sampled_from(sorted(STANDARDISE)),
        "network.hidden": st.sampled_from([(10,), (), (1,), (4, 4), (3, 3, 3, 3, 3)]),
        "network.initialization": st.sampled_from(sorted(INITIALIZATIONS)),
        "network.weight_scale": st.sampled_from([1, 0, 0.3, 1.7]),
        "network.seed": st.integers(0, 9),
        "network.drawn_before": st.sampled_from([0, 1, 3_028]),
        "network.rounding": st.sampled_from(ROUNDINGS),
        "training.loss": st.sampled_from(sorted(LOSSES)),
        "training.optimizer": st.sampled_from(sorted(OPTIMIZERS)),
        "training.learning_rate": st.sampled_from([0.001, 0.03, 0.0]),
        "training.weight_decay": st.sampled_from([0, 0.01]),
        "training.l1": st.sampled_from([0, 0.02]),
        "training.max_norm": st.sampled_from([0, 1]),
        "training.momentum": st.sampled_from([0, 0.5, 0.9]),
        "training.nesterov": st.booleans(),
        "training.alpha": st.sampled_from([0, 0.99]),
        "training.schedule": st.sampled_from([*SCHEDULES]),
        "training.schedule_steps": st.sampled_from([1, 3, 10_000]),
        "training.warm_up": st.sampled_from([0, 0, 4]),
        "training.batch_size": st.sampled_from([0, 1, 6, 7]),
    }
)


@st.composite
def _configs(draw: st.DrawFn) -> dict[str, Any]:
    chosen: dict[str, Any] = draw(_SETTINGS)
    return {**chosen, "network.activation": draw(activation_names(len(chosen["network.hidden"])))}


CONFIGS = _configs()
EVERYTHING = {
    **{"data.standardise": "xy", "data.noise": 0.2, "data.held_out": 0.3, "network.hidden": (12, 8)},
    **{"network.activation": ("gelu", "leaky_relu"), "network.initialization": "kaiming", "network.weight_scale": 0.7},
    **{"training.optimizer": "adam", "training.batch_size": 5},
}
ACTS: list[Act] = [(4, "set", 0.5), (4, "rate", 0.5), (4, "freeze", 0.0), (4, "samples", 0.5), (9, "rate", 0.2)]


def by_pytorch(run: Run) -> Run:
    """The same run, with PyTorch's states, had PyTorch taken all its steps."""
    events = tuple(event for event in run.events if not isinstance(event, EngineChanged))
    alone = replace(run, events=events, checkpoints=run.checkpoints[:1])
    replay, state = Replay(alone), alone.checkpoints[0]
    cuts = sorted({event.step for event in events if event.step > 0} | {run.step})
    states = [state]
    for cut in cuts:
        state = replay.stepper.take(alone.rule_at(state.step), replay.after_events(state), cut - state.step)
        states.append(state)
    return replace(alone, checkpoints=tuple(states))


def script_of(run: Run) -> str:
    return script_text(code_of(run, recorded_losses(run)), unverified(run, "not yet"))


EDITS: list[Entry] = [
    RunChosen(1, 2, NEW_SEED),
    ParameterEdit(ParameterRef(0, "weight", (2, 0)), 0.0, 1.0),
    ParameterEdit(ParameterRef(1, "bias", (0,)), 0.0, 1.0),
    FrozenEdit(frozenset(), frozenset({NeuronRef(0, 1)})),
    LiveSettingsEdit(Config(), Config().replace("training.momentum", 0.5)),
]


def _with_undo() -> Session:
    """A session in which runs were begun and deleted in all ways."""
    session = SessionController(MagicMock())
    session.begin_with({"network.hidden": (3, 4)})
    session.begin_with({"network.hidden": (5,), "data.noise": 0.5})
    session.open_config(Config())
    session.open_network(Config().replace("network.hidden", (2,)))
    session.restore_tutorial()
    session.open_run(Config(), "PyTorch", trains=False)
    session.delete_run(session.state.session.runs[0].id)
    return session.state.session


def all_exported() -> dict[str, str]:
    """Return by its kind what the program writes for other programs, of one run."""
    settings = {"training.optimizer": "adam", "training.l1": 0.01, "training.max_norm": 1.0, "training.loss": "huber"}
    data = {"data.held_out": 0.2, "data.noise": 0.1, "network.hidden": (4, 3), "training.schedule": "cosine"}
    result = tiny.train(Config().with_changes({**settings, **data}), 12)
    run, step = result.run, step_code.step_code(dissection("adam"))
    code, receipt = code_of(run, recorded_losses(run)), unverified(run, "not run")
    with tempfile.TemporaryDirectory() as folder:
        tiny.save(result, file := Path(folder, "run.tinynet"))
        session = file.read_bytes().hex()
    with_undo = _with_undo()
    with tempfile.TemporaryDirectory() as folder:
        write_session(file := Path(folder, "undo.tinynet"), with_undo)
        undo = file.read_bytes().hex()
    return {
        "undo": undo + described(with_undo) + str([entry.label for entry in EDITS]),
        "script": script_text(code, receipt),
        "notebook": notebook_text(run, code, receipt),
        "step": step_code.step_script(step, receipt) + step_code.step_notebook(step, receipt),
        "page": page_of(run, list(moments(run, [0, 12])), ("", "")).content.decode(),
        "tables": tables.loss_table(run) + tables.runs_table([run], {}) + write_table(Points([0.5, 1.25], [2.0, 1e-7])),
        "numbers": numbers_csv(initial_state(run.config).parameters),
        "settings": write_setting(run.config) + write_settings(run.config),
        "session": session,
    }
