"""The session is kept aside: soon, whole, for one program each; and comes back."""

import errno
import os
import shutil
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, MakeProgram, heard
from tests.not_none import not_none
from tests.sessions import a_run, assert_same, session_of, small_session
from tinynet_gui.core.config.setting import FIRST_FORMAT, FORMAT
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.parts import Packer
from tinynet_gui.core.storage.session_file import Journal
from tinynet_gui.engine import autosave_folders, session_files as module
from tinynet_gui.engine.autosave_folders import SessionSlot
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session_files import Autosave

removes_open_files = pytest.mark.skipif(sys.platform == "win32", reason="no file that is open can be removed there")


@pytest.fixture
def make_kept(make_program: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> MakeProgram:
    """Make programs, each with a slot or none."""
    monkeypatch.setattr(module, "SAVE_DELAY_MS", 100)

    def make(slot: SessionSlot | None, session: Session | None = None) -> Program:
        return make_program(session=session, prepare=lambda program: program.keep_in(slot))

    return make


def _autosave(program: Program) -> Autosave:
    return not_none(program.autosave)


def _saved(folder: Path) -> Session:
    return Journal(folder / "journal").session()


def _train(program: Program, step: int, qtbot: QtBot) -> None:
    program.session.fast_forward(step)
    qtbot.waitUntil(lambda: program.session.state.run.step >= step)


def test_what_is_done_is_saved_soon_and_comes_back(make_kept: MakeProgram, qtbot: QtBot) -> None:
    slot = autosave_folders.new_slot()
    program = make_kept(slot)
    with qtbot.waitSignal(_autosave(program).saved, timeout=WAIT_MS):
        _train(program, 500, qtbot)
    program.session.edit({"network.hidden": (3,)})
    qtbot.waitUntil(lambda: program.session.state.config == _saved(slot.folder).config)
    program.session.undo()
    program.shut_down()
    restored = autosave_folders.restore()
    assert not_none(restored.slot).folder == slot.folder
    assert (restored.words, restored.trouble) == ("", "")
    assert_same(program.session.state.session, not_none(restored.session))
    again = make_kept(restored.slot, restored.session)
    state = again.session.state
    assert (not_none(state.snapshot).step, state.status.phase) == (500, "paused")
    again.session.redo()
    assert again.session.config.network.hidden == (3,)


def test_it_is_saved_while_it_trains_and_at_a_pause_at_once(
    make_kept: MakeProgram, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = autosave_folders.new_slot()
    program = make_kept(slot)
    program.session.fast_forward(10**9)
    qtbot.waitUntil(lambda: (slot.folder / "journal").exists() and _saved(slot.folder).run.step > 0)
    first = _saved(slot.folder).run.step
    qtbot.waitUntil(lambda: _saved(slot.folder).run.step > first)
    assert program.session.state.is_running
    monkeypatch.setattr(module, "SAVE_DELAY_MS", 10**8)
    program.session.pause()  # which waits for no delay
    qtbot.waitUntil(lambda: _saved(slot.folder).run.step == program.session.state.run.step)


def _left_behind(session: Session) -> Path:
    """A slot as a process leaves it that was killed."""
    slot = autosave_folders.new_slot()
    slot.save(session)
    slot.release()
    return slot.folder


def test_two_programs_have_two_slots(qapp: object) -> None:
    first, second = (not_none(autosave_folders.restore().slot) for _ in range(2))
    assert first.folder != second.folder
    first.save(small_session())
    second.save(session_of(a_run(1)))
    assert autosave_folders.recent() == []  # nobody else's
    second.save_about(autosave_folders.About(words="some"))
    second.end()
    assert _recent() == [second.folder]
    restored = autosave_folders.restore()
    third = not_none(restored.slot)
    assert restored.session is not None
    assert third.folder == second.folder
    for slot in (first, third):
        slot.end()


def _recent() -> list[Path]:
    return [place for place, _, _ in autosave_folders.recent()]


def test_a_session_that_keeps_crashing_is_left_for_the_menu(qapp: object) -> None:
    """Whoever has no patience with a large one ends it, too: nothing is wrong with it."""
    folder = _left_behind(small_session())
    content = (folder / "journal").read_bytes()
    (folder / "loading").write_bytes(b"..")
    restored = autosave_folders.restore()
    assert restored.session is None
    assert "the program ended each time it was loaded. You will find it under File" in restored.trouble
    assert restored.slot is not None
    assert (folder / "journal").read_bytes() == content
    assert _recent() == [folder]
    again = not_none(autosave_folders.take(folder))
    assert_same(small_session(), again.load())
    again.release()
    assert not (folder / "loading").exists()
    restored.slot.end()
    (folder / "loading").write_bytes(b".")  # once it may have been by chance
    (folder / ".journal.1234.part").write_bytes(bytes(1_000))  # what was left of a save is removed
    restored = autosave_folders.restore()
    assert not list(folder.glob(".*"))
    assert restored.session is not None
    not_none(restored.slot).end()


def test_a_session_of_a_newer_version_is_left_as_it_is(qapp: object) -> None:
    folder = _left_behind(small_session())
    parts = Packer().pack(small_session())
    (folder / "journal").unlink()
    newer = parts.head.replace(b'"version":%d' % FIRST_FORMAT, b'"version":%d' % (FORMAT + 1))
    Journal(folder / "journal").append(type(parts)(newer, parts.blobs))
    (folder / "about.json").write_text('{"file": "", "is_modified": false, "words": "it", "colour": "red"}')
    content = (folder / "journal").read_bytes()
    restored = autosave_folders.restore()
    assert restored.session is None
    assert "newer version" in restored.trouble
    assert (folder / "journal").read_bytes() == content
    assert restored.slot is not None
    assert restored.slot.folder != folder
    for unreadable in ('{"words": 3}', "{", "[]"):  # not taken for one in which nothing was done
        (folder / "about.json").write_text(unreadable)
        autosave_folders.prune()
        assert (folder / "journal").read_bytes() == content
    restored.slot.end()


def test_a_session_of_a_development_version_is_set_aside(qapp: object) -> None:
    folder = _left_behind(small_session())
    content = (folder / "journal").read_bytes().replace(b"session 6", b"journal 1")
    (folder / "journal").write_bytes(content)
    restored = autosave_folders.restore()
    aside = folder / "damaged.journal"
    words = "a development version of tinynet made it (its kind of file is no longer read)"
    assert restored.trouble == f"The last session is not opened: {words}. It is kept as {aside}."
    assert (restored.session, aside.read_bytes()) == (None, content)
    slot = not_none(restored.slot)
    slot.save(small_session())
    slot.end()
    autosave_folders.prune()
    assert aside.read_bytes() == content
    assert autosave_folders.recent()[0][0] == aside


def test_the_oldest_slots_go(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autosave_folders, "MAX_SLOTS", 3)
    folders = [_left_behind(session_of(a_run(1))) for _ in range(5)]
    for age, folder in enumerate(folders):
        for path in (folder / "journal", folder):  # by a clock that ran backwards
            os.utime(path, (10**9 - age, 10**9 - age))
    held = autosave_folders.take(folders[0])
    empty = autosave_folders.new_slot()
    empty.release()
    autosave_folders.prune()
    assert [folder.exists() for folder in (*folders, empty.folder)] == [True, False, True, True, True, False]
    monkeypatch.setattr(autosave_folders, "MAX_BYTES", 1.5 * sum(file.stat().st_size for file in folders[4].iterdir()))
    autosave_folders.prune()
    assert [folder.exists() for folder in folders] == [True, False, False, False, True]
    assert held is not None
    held.end()


def test_a_slot_removed_by_another_instance_is_recreated(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two instances that began at once: the session of one was not kept."""
    take = autosave_folders.take

    def after_the_other(folder: Path) -> autosave_folders.SessionSlot | None:
        monkeypatch.setattr(autosave_folders, "take", take)
        autosave_folders.prune()
        assert not folder.exists()
        return take(folder)

    monkeypatch.setattr(autosave_folders, "take", after_the_other)
    begun = autosave_folders.begin()
    assert (begun.words, not_none(begun.slot).is_there) == ("", True)
    not_none(begun.slot).end()


@removes_open_files
def test_a_folder_that_was_removed_is_made_again(qapp: object) -> None:
    slot = autosave_folders.new_slot()
    slot.save(small_session())
    slot.save_about(autosave_folders.About(words="some"))
    was = slot.folder
    shutil.rmtree(autosave_folders.sessions_folder())
    slot.save(small_session())
    slot.save_about(autosave_folders.About(words="some"))
    assert slot.folder != was
    slot.end()
    assert [(place, about.words) for place, about, _ in autosave_folders.recent()] == [(slot.folder, "some")]
    restored = autosave_folders.restore()
    assert_same(small_session(), not_none(restored.session))
    not_none(restored.slot).end()


@removes_open_files
def test_a_folder_that_cannot_be_recreated_is_reported(make_kept: MakeProgram, qtbot: QtBot) -> None:
    program = make_kept(autosave_folders.new_slot())
    told = heard(_autosave(program).failed)
    with qtbot.waitSignal(_autosave(program).saved, timeout=WAIT_MS):
        _train(program, 100, qtbot)
    root = autosave_folders.sessions_folder()
    shutil.rmtree(root)
    root.touch()
    _train(program, 200, qtbot)
    qtbot.waitUntil(lambda: bool(told))
    assert "The previous save is gone: save the session in a file" in told[0]
    root.unlink()
    qtbot.waitUntil(lambda: root.is_dir() and len(list(root.glob("*/journal"))) == 1)
    qtbot.waitUntil(lambda: not _autosave(program).is_busy)
    (folder,) = root.iterdir()
    assert _saved(folder).run.step == 200


def test_another_session_goes_into_another_slot(make_kept: MakeProgram, qtbot: QtBot) -> None:
    first, second = autosave_folders.new_slot(), autosave_folders.new_slot()
    program = make_kept(first)
    _train(program, 200, qtbot)
    was = program.session.state.session
    _autosave(program).move_to(second)
    program.session.take_over(small_session())
    qtbot.waitUntil(lambda: not first.is_held)
    assert_same(was, _saved(first.folder))
    assert [about.words for _, about, _ in autosave_folders.recent()] == ["x², step 200"]
    qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
    assert not_none(program.session.state.snapshot).step == 12
    program.shut_down()
    assert _saved(second.folder).run.name == "the second"
    assert_same(was, _saved(first.folder))


def test_runs_of_two_sessions_differ_despite_equal_numbers(make_kept: MakeProgram, qtbot: QtBot) -> None:
    program = make_kept(None)
    _train(program, 500, qtbot)
    program.session.fast_forward(10**9)
    session = session_of(a_run(1))
    program.session.take_over(session)
    qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
    state = program.session.state
    assert state.snapshot is not None
    assert (state.snapshot.step, state.status.phase) == (40, "paused")
    assert_same(session.run.checkpoints, state.run.checkpoints)
    assert_same(session.run.checkpoints[-1], state.snapshot.state)
    assert [run.id for run in state.session.runs] == [1]


def test_a_session_in_which_nothing_was_done_is_not_offered(make_kept: MakeProgram, qtbot: QtBot) -> None:
    slot = autosave_folders.new_slot()
    program = make_kept(slot)
    program.shut_down()
    assert autosave_folders.recent() == []
    restored = autosave_folders.restore()  # but it comes back
    assert restored.slot is not None
    assert restored.slot.folder == slot.folder
    assert restored.session is not None
    restored.slot.end()
    begun = autosave_folders.begin()
    assert begun.slot is not None
    assert not slot.folder.exists()
    begun.slot.end()


def test_what_was_damaged_since_a_clean_end_is_said(qapp: object) -> None:
    slot = autosave_folders.new_slot()
    slot.save(small_session())
    slot.save(session_of(*small_session().runs[:1]))
    slot.end()
    journal = slot.folder / "journal"
    journal.write_bytes(journal.read_bytes()[:-10])
    restored = autosave_folders.restore()
    assert_same(small_session(), not_none(restored.session))
    assert restored.words == "Recovered up to step 12."
    not_none(restored.slot).end()


def test_a_session_that_cannot_be_read_now_is_left_as_it_is(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _left_behind(small_session())

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(autosave_folders, "Journal", refuse)
        restored = autosave_folders.restore()
    assert restored.session is None
    assert "Input/output error" in restored.trouble
    not_none(restored.slot).end()
    monkeypatch.setattr(Path, "open", refuse)  # nor can it be noted that it is being loaded
    again = not_none(autosave_folders.take(folder))
    assert_same(small_session(), again.load())
    again.release()


def test_what_takes_its_place_for_a_while_is_not_saved(make_kept: MakeProgram, qtbot: QtBot) -> None:
    slot = autosave_folders.new_slot()
    program = make_kept(slot)
    session = program.session
    _train(program, 200, qtbot)
    session.fast_forward(300)
    session.suspend_for(small_session())
    own = not_none(session.state.suspended_session)
    assert own.run.step >= 200
    qtbot.waitUntil(lambda: session.state.snapshot is not None and not _autosave(program).is_busy)
    _train(program, 100, qtbot)
    session.edit({"training.learning_rate": 0.02})
    session.suspend_for(small_session())  # one after the other: the user's own stays what it is
    assert session.state.suspended_session is own
    assert_same(own, _saved(slot.folder))
    session.resume_own()
    assert session.state.session.runs == own.runs
    assert_same(own.history, session.state.session.history)
    assert session.state.suspended_session is None
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert not_none(session.state.snapshot).step == own.run.step
    session.resume_own()  # there is nothing aside
    session.suspend_for(small_session())
    program.shut_down()
    assert_same(own.run.checkpoints, _saved(slot.folder).run.checkpoints)
    session.take_over(small_session())  # another one ends what stands in its place
    assert session.state.suspended_session is None
