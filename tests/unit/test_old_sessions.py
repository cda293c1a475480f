"""Sessions that an earlier version wrote are read as they were; `tests/data/sessions.json` is what it read in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sessions import assert_same
from tinynet_gui.core.run.replay import past_moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.session_file import read_session, write_session

DATA = Path(__file__).parents[1] / "data"
FILES = sorted(DATA.glob("format_*/*.tinynet"))
NAMES = [file.relative_to(DATA).with_suffix("").as_posix() for file in FILES]
READ = dict(zip(FILES, NAMES, strict=True))


def _of_session(session: Session) -> dict[str, Any]:
    return {
        "cursor": [session.cursor.run_id, session.cursor.step],
        "undo": [entry.label for entry in session.history.done],
        "hidden": sorted(session.view.hidden),
        "runs": [_of_run(run) for run in session.runs],
    }


def _of_run(run: Run) -> dict[str, Any]:
    steps, losses = run.losses.curve()
    config = json.loads(run.config.to_json())
    return {
        "id": run.id,
        "name": run.name,
        "is_starred": run.is_starred,
        "config": config,
        "parent": None if run.parent is None else [run.parent.run_id, run.parent.step],
        "step": run.step,
        "diverged_at": run.diverged_at,
        "events": [event.step for event in run.events],
        "losses": len(steps),
        "last_loss": float(losses[-1]).hex() if len(losses) else None,
        "weights": [float(w).hex() for w in run.checkpoints[-1].parameters[0][:, 0]] if run.checkpoints else [],
    }


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_it_is_read_as_it_was_and_written_again(file: Path, tmp_path: Path) -> None:
    session = read_session(file)
    assert _of_session(session) == json.loads((DATA / "sessions.json").read_text(encoding="utf-8"))[READ[file]]
    write_session(tmp_path / "again.tinynet", session)
    assert_same(session, read_session(tmp_path / "again.tinynet"))


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_its_past_can_be_looked_at(file: Path) -> None:
    for run in read_session(file).runs:
        if run.step > 1:
            assert past_moment(run, run.step // 2).snapshot.step == run.step // 2
