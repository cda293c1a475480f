"""A session taken apart and put together again."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.not_none import not_none
from tests.runs import BIAS
from tests.sessions import (
    a_run,
    assert_same,
    entries_of_all_kinds,
    fresh_session,
    session_of,
    small_session,
    there_and_back,
    traced,
)
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import later_fields
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.core.run.events import EngineChanged, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.history import LiveSettingsEdit, ParameterEdit, RunChosen, RunDeleted
from tinynet_gui.core.run.run import BranchPoint, Provenance, Run
from tinynet_gui.core.run.session import FinishedExperiment, OwnLosses, Session, ViewState, with_experiment
from tinynet_gui.core.storage import blobs as blobs_module
from tinynet_gui.core.storage.blobs import Blob, BlobReader, blob_bytes, blob_size
from tinynet_gui.core.storage.parts import Packer, read_run, recover, unpack_session
from tinynet_gui.core.storage.plain_values import Plain, StorageError, parsed_size


def _fetch(blobs: dict[str, bytes]) -> Callable[[str], bytes]:
    def fetch(name: str) -> bytes:
        if name not in blobs:
            raise StorageError(name, "it is missing")
        return blobs[name]

    return fetch


def _apart(session: Session) -> tuple[bytes, dict[str, bytes]]:
    parts = Packer().pack(session)
    return parts.head, {name: blob_bytes(blob) for name, blob in parts.blobs.items()}


def _read_with(session: Session, change: Callable[[Any], object]) -> Session:
    """Read what is saved of a session, but for a change of its head."""
    head, blobs = _apart(session)
    change(doc := json.loads(head))
    return unpack_session(json.dumps(doc).encode(), _fetch(blobs))


def test_every_field_is_saved() -> None:
    """Who adds one to a session, a run or a view finds here that it is not kept yet."""
    another: dict[Any, Any] = {bool: True, int: 7, str: "another"}
    later = {field.name: another[field.type] for field in later_fields(Run)}
    view = ViewState(map=MAP, shows_sharpness=True, shows_twin=True, shows_modes=True)
    session = replace(WITH_ASKED, view=view, own_losses=OwnLosses.of(Config(), np.arange(2), np.array([1e99, 0.5])))
    made_by = Provenance("with NUMBA_CPU_FEATURES=" + "+avx," * 500, "numpy 2")  # the variable may be long
    session = replace(session, runs=tuple(replace(run, made_by=made_by, **later) for run in session.runs))
    assert_same(session, there_and_back(session))
    head, blobs = _apart(session)
    kept = json.loads(head)
    run = json.loads(next(content for name, content in blobs.items() if name.startswith("runs/")))
    assert {field.name for field in fields(ViewState)} == kept["view"].keys()
    assert {field.name for field in fields(Run)} == run.keys() - {"version", "configs"}
    assert {field.name for field in fields(Session)} == kept.keys() - {"version", "configs"}


def _dragged(count: int, events: int) -> Run:
    run = a_run(1)
    x = np.linspace(-3, 3, count)
    points, made = Points(x, x**2, x_name="Zeit [min]", y_name="T [°C]"), []
    for step in range(events):
        y = points.y.copy()
        y[count // 2] += 0.01
        points = Points(points.x, y, **points.names)
        made.append(LiveSettingsChanged(min(step, run.step), run.config.replace("data.points", points)))
    return replace(run, events=tuple(made), wanted=replace(run.wanted, config=made[-1].config))


def _size(session: Session) -> int:
    return sum(map(blob_size, Packer().pack(session).blobs.values()))


def test_a_long_drag_does_not_repeat_what_its_events_share() -> None:
    session = session_of(_dragged(10_000, 200))
    assert _size(session) < 3 * 17 * 10_000  # of 200 · 170,000 bytes
    assert_same(session, there_and_back(session))


def test_zero_and_minus_zero_are_two_numbers() -> None:
    run = a_run(1)
    points = [Points([1.0, value, 2.0], [value, 1.0, 2.0]) for value in (0.0, -0.0)]
    events = tuple(LiveSettingsChanged(3, run.config.replace("data.points", p)) for p in points)
    session = session_of(replace(run, events=events))
    assert_same(session, there_and_back(session))


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN", str(10**400), str(-(10**400)), "1e300", '"nan"', "true"])
@pytest.mark.parametrize("field", ["value", "before", "after"])
def test_a_number_set_by_hand_is_finite(text: str, field: str) -> None:
    """Also as the float32 that a network has."""
    session = session_of(replace(a_run(1), events=(ParameterSet(3, BIAS, 0.5),)))
    session = session.with_entry(ParameterEdit(BIAS, 0.5, 0.25))
    head, blobs = _apart(session)
    name = _doc_name(blobs)
    pattern = re.compile(rb'("%s":)0\.\d+' % field.encode())
    head, blobs[name] = (pattern.sub(rb"\g<1>" + text.encode(), content) for content in (head, blobs[name]))
    with pytest.raises(StorageError, match=f"{field}: .* is not a number"):
        unpack_session(head, _fetch(blobs))


def test_half_a_character_is_dropped_so_saving_still_works() -> None:
    """JSON may have one, and a name that has one would end all further saving."""
    run = replace(a_run(1), name="NAME", made_by=Provenance("MACHINE", "VERSIONS"))
    config = run.config.replace("data.points", Points([1], [2], origin="ORIGIN"))
    run = replace(run, wanted=replace(run.wanted, config=config))
    session = replace(session_of(run), view=ViewState(hidden=frozenset({"HIDDEN"})))
    session = session.with_entry(RunDeleted(1, "LABEL"))
    head, blobs = _apart(session)
    name = _doc_name(blobs)
    head, blobs[name] = (re.sub(rb'"[A-Z]+"', rb'"a\\udcff"', content) for content in (head, blobs[name]))
    loaded = unpack_session(head, _fetch(blobs))
    assert (loaded.run.name, loaded.run.made_by) == ("a?", Provenance("a?", "a?"))
    assert loaded.config.data.points == Points([1], [2], origin="a?")
    assert_same(loaded, there_and_back(loaded))


SCALING = {"x_mean": 0, "x_deviation": 0, "y_mean": 0, "y_deviation": 1}
NEURON, OUTPUT = {"kind": "neuron", "layer": 0, "index": 4}, {"kind": "neuron", "layer": 1, "index": 0}
SET = {"kind": "parameter", "ref": {"layer": 0, "kind": "bias", "index": [4]}, "before": 0, "after": 1}
IMPOSSIBLE: list[tuple[str, Callable[[Any, Any], object], str]] = [
    ("a scaling by 0", lambda _, run: run["start"].update(scaling=SCALING), "start, scaling: no means and deviations"),
    ("a fifth neuron of four", lambda _, run: run["wanted"].update(frozen=[NEURON]), "its network does not have"),
    ("states in no order", lambda _, run: run["checkpoints"].reverse(), "not in the order of their steps"),
    ("a cursor beyond", lambda head, _: head["cursor"].update(step=41), "beyond step 40, where its run stands"),
    ("the output off", lambda head, _: head["view"].update(switched_off=[OUTPUT]), "its network does not have"),
    ("a fifth bias", lambda head, _: head["history"].update(done=[SET]), "ref: no parameter of its network"),
    ("no runs", lambda head, _: head["experiments"][0].update(runs=0), "runs: 0 is not a whole number from 1"),
]


@pytest.mark.parametrize(("change", "said"), [each[1:] for each in IMPOSSIBLE], ids=[each[0] for each in IMPOSSIBLE])
def test_a_value_that_no_session_can_have_is_refused(change: Callable[[Any, Any], object], said: str) -> None:
    session = replace(session_of(a_run(1)), experiments=WITH_ASKED.experiments)
    head, blobs = _apart(session)
    doc, run = json.loads(head), json.loads(blobs[name := _doc_name(blobs)])
    change(doc, run)
    blobs[name] = json.dumps(run).encode()
    with pytest.raises(StorageError, match=said):
        unpack_session(json.dumps(doc).encode(), _fetch(blobs))


def test_settings_of_another_network_cannot_be_undone() -> None:
    session = session_of(a_run(1))
    entry = LiveSettingsEdit(session.config, Config())
    with pytest.raises(StorageError, match="settings of another network than the run's"):
        there_and_back(session.with_entry(entry))


@pytest.mark.parametrize(("step", "is_allowed"), [(None, True), (0, True), (40, True), (41, False), (2**53, False)])
def test_undo_leads_to_no_step_that_a_run_never_came_to(step: int | None, is_allowed: bool) -> None:
    session = small_session()
    entry = RunChosen(1, 2, "going back", step)
    session = replace(session, history=replace(session.history, done=(entry,)))
    assert session.run_of(1).step == 40
    refused = pytest.raises(StorageError, match="beyond step 40, where its run stands")
    with contextlib.nullcontext() if is_allowed else refused:
        assert_same(session, there_and_back(session))


def test_points_of_one_s_own_for_which_the_formula_has_no_value() -> None:
    config = Config.from_dict({"data": {"target": "formula", "formula": "1/x", "points": Points([1.0], [2.0])}})
    rule = replace(a_run(1).wanted, config=config)
    run = replace(fresh_session().run, start=rule, wanted=rule)
    assert there_and_back(replace(fresh_session(), runs=(run,))).config == config


def test_what_two_runs_share_is_there_once() -> None:
    run = a_run(1, 200, 2)
    sessions = session_of(run), session_of(run, replace(run, id=2))
    alone, twice = map(_size, sessions)
    assert twice - alone < 12_000
    both = there_and_back(sessions[1]).runs
    assert all(a is b for a, b in zip(both[0].checkpoints, both[1].checkpoints, strict=True))


def test_what_has_not_changed_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[Blob] = []
    blob_bytes_ = blobs_module.blob_bytes

    def count(blob: Blob) -> bytes:
        looked_at.append(blob)
        return blob_bytes_(blob)

    monkeypatch.setattr(blobs_module, "blob_bytes", count)
    packer, session = Packer(), small_session()
    first = packer.pack(session)
    assert len(looked_at) > 10
    looked_at.clear()
    assert packer.pack(replace(session, pace=3)).blobs.keys() == first.blobs.keys()
    assert looked_at == []
    packer.pack(session.with_run_as(2, name="another"))
    assert len(looked_at) == 1  # the run's text


def test_the_memory_of_what_is_gone_goes_too() -> None:
    packer = Packer()
    packer.pack(session_of(a_run(1)))
    assert packer.remembered == 0


def _doc_name(blobs: dict[str, bytes]) -> str:
    return next(name for name in blobs if name.startswith("runs/"))


PATHS = st.lists(st.integers(0, 40), min_size=1, max_size=6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)


def _with_another_value(value: Any, path: list[int], other: Any) -> Any:
    """Return a JSON value with another one somewhere within it."""
    if isinstance(value, dict) and value and path:
        key = list(value)[path[0] % len(value)]
        return {**value, key: _with_another_value(value[key], path[1:], other)}
    if isinstance(value, list) and value and path:
        place = path[0] % len(value)
        return [*value[:place], _with_another_value(value[place], path[1:], other), *value[place + 1 :]]
    return other


@settings(max_examples=300)
@given(
    saved=st.deferred(lambda: st.sampled_from([_apart(small_session()), _apart(session_of(_dragged(20, 3)))])),
    in_head=st.booleans(),
    path=PATHS,
    other=VALUES,
)
def test_whatever_stands_in_the_text_it_is_refused_or_a_session(
    saved: tuple[bytes, dict[str, bytes]], in_head: bool, path: list[int], other: Any
) -> None:
    head, blobs = saved[0], dict(saved[1])
    name = _doc_name(blobs)
    if in_head:
        head = json.dumps(_with_another_value(json.loads(head), path, other)).encode()
    else:
        blobs[name] = json.dumps(_with_another_value(json.loads(blobs[name]), path, other)).encode()
    with contextlib.suppress(StorageError):
        loaded = unpack_session(head, _fetch(blobs))
        assert loaded.run.dataset is not None  # it can be used
        assert Packer().pack(loaded).head


@settings(max_examples=100)
@given(data=st.data())
def test_any_arrays_are_a_session_or_refused(data: st.DataObject) -> None:
    head, blobs = _apart(small_session())
    name = data.draw(st.sampled_from([name for name in blobs if name.startswith("arrays/")]))
    size = len(blobs[name])
    blobs[name] = data.draw(st.binary(min_size=size, max_size=size) | st.binary(max_size=size))
    with contextlib.suppress(StorageError):
        unpack_session(head, _fetch(blobs))


def test_all_that_is_recovered_can_be_gone_to() -> None:
    """`test_session_file` says what is where a part is missing."""
    _, blobs = _apart(small_session())
    whole = not_none(recover([name for name in blobs if name.startswith("runs/")], _fetch(blobs)))
    assert whole.history.run_ids() == {1, 2}
    assert recover(["runs/none"], _fetch(blobs)) is None


def _objects(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where the objects of a JSON value are."""
    if isinstance(value, dict):
        yield place
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _objects(part, (*place, key))


def test_no_field_is_taken_that_is_not_known() -> None:
    """Whatever it holds would be read into memory, and for nothing."""
    run = replace(_dragged(100, 2), parent=BranchPoint(1, 0), diverged_by=a_run(1).start)
    acts = (ParameterSet(9, BIAS, 0.5), FrozenChanged(9, frozenset({LayerRef(0)})), EngineChanged(9, "Compiled"))
    session = session_of(replace(run, events=(*run.events, *acts)), a_run(2))
    for entry in entries_of_all_kinds(session, 0.5, (0.5, 0.25)):
        session = session.with_entry(entry)
    head, blobs = _apart(session)
    assert unpack_session(head, _fetch(blobs)) is not None
    texts = {"": head, **{name: text for name, text in blobs.items() if name.startswith("runs/")}}
    places = [(name, place) for name, text in texts.items() for place in _objects(json.loads(text))]
    assert len(places) > 40
    for name, place in places:
        value = json.loads(texts[name])
        within = reduce(lambda part, key: part[key], place, value)
        within["unheard of"] = 1
        text = json.dumps(value).encode()
        with pytest.raises(StorageError, match=r"no field|no such setting|no such section|can be another"):
            unpack_session(head if name else text, _fetch({**blobs, name: text} if name else blobs))


@pytest.mark.parametrize("origin", [1, "x" * 1_001])
def test_points_come_from_a_text_of_a_usual_length(origin: Any) -> None:
    with pytest.raises(StorageError, match=r"origin: .* is no text of a usual length"):
        Plain({"origin": origin}, "points").text("origin")


@pytest.mark.parametrize(
    ("field", "count"), [("done", 201), ("undone", 201), ("configs", 1), ("checkpoints", 513), ("events", 0)]
)
def test_a_count_is_refused_before_anything_of_it_is_read(
    field: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, blobs = _apart(small_session())
    name = _doc_name(blobs)
    text, known = (head, "") if field in ("done", "undone", "configs") else (blobs[name], name)
    value = json.loads(text)
    more: list[Any] = [{"unheard of": 1}] * count
    if field == "events":  # of settings of which no event speaks
        value["configs"] += [{"changes": {"training.learning_rate": 0.5}}] * 9
    elif field == "configs":
        value |= {"history": {"done": [], "undone": []}, "configs": more}
    elif not known:
        value["history"][field] = more
    else:
        value[field] = more
    blobs[known], head = json.dumps(value).encode(), head if known else json.dumps(value).encode()
    monkeypatch.setattr(Config, "with_changes", lambda *_: pytest.fail("read"))
    with pytest.raises(StorageError, match="are more than there can be: at most"):
        unpack_session(head, _fetch(blobs))


def test_the_settings_of_a_run_differ_in_what_a_run_can_change() -> None:
    """As those do that it has; others would be looked at for long: a formula at a thousand places."""
    run = a_run(1)
    other = LiveSettingsChanged(3, run.config.replace("data.noise", 0.5))
    with pytest.raises(StorageError, match="not made of fields that can be another"):
        there_and_back(session_of(replace(run, events=(other,))))


TEXTS = ("[],", "[0],", "{},", '{"a":0},', "1.5,", "300,", '"ab",', '"\U0001f600",', '"\\ud83d\\ude00",', "null,")


@pytest.mark.parametrize("text", [f"[{item * 20_000}0]" for item in TEXTS], ids=TEXTS)
def test_a_text_weighs_no_less_than_what_becomes_of_it(text: str) -> None:
    _weighs_enough(text)


@pytest.mark.parametrize("name", ["", "é", "\U0001f600", "0" * 40])
@pytest.mark.parametrize("value", ["0", "5.25", '{"a":300}'])
def test_names_weigh_no_less_than_what_becomes_of_them(name: str, value: str) -> None:
    _weighs_enough("{" + ",".join(f'"{name}{number:x}":{value}' for number in range(20_000)) + "}")


def _weighs_enough(text: str) -> None:
    content = text.encode()
    with traced() as peak:
        json.loads(content)
        assert peak() + len(content) <= parsed_size(content)


def test_no_more_is_read_than_memory_is_meant_for() -> None:
    _, blobs = _apart(session_of(_dragged(10_000, 200)))
    reader = BlobReader(_fetch(blobs), 2_000_000)
    with pytest.raises(StorageError, match="more memory"):
        read_run(_doc_name(blobs), reader)


NUMBERS = ((0.5, np.inf), (), (1e-300, -1.0, 77.0))
ASKED = FinishedExperiment(
    "claim", Config().replace("training.stop_step", 77), 256, (5, "always", 0.25), "Yes, 5 neurons do.", NUMBERS
)
WITH_ASKED = replace(fresh_session(), experiments=(ASKED,))
MAP = "lr:0.001:1/scale:0.1:10/end"


def test_the_map_comes_back_or_is_dropped_alone() -> None:
    session = replace(small_session(), view=ViewState(map=MAP))
    assert _read_with(session, lambda doc: None).view.map == MAP
    read = _read_with(session, lambda doc: doc["view"].update(map="lr:1e-300:1e308/scale:0.1:10/end"))
    assert read.view == ViewState()
    assert len(read.runs) == len(session.runs)


def test_the_latest_experiment_of_each_kind_comes_back() -> None:
    experiments: tuple[FinishedExperiment, ...] = ()
    for number in range(12):
        experiments = with_experiment(experiments, replace(ASKED, kind=f"kind {number}"))
    experiments = with_experiment(experiments, replace(ASKED, kind="kind 9", runs=50, answer="x" * 100_000))
    assert with_experiment((), replace(ASKED, numbers=((0.0,) * 10_001,)))[0].numbers == ()
    assert [one.kind for one in experiments] == [f"kind {number}" for number in (4, 5, 6, 7, 8, 10, 11, 9)]
    assert experiments[-1].runs == 50
    assert len(experiments[-1].answer) <= 6_000
    session = replace(small_session(), experiments=experiments)
    assert there_and_back(session).experiments == experiments


NAME_OF_NUMBERS = json.loads(_apart(WITH_ASKED)[0])["experiments"][0]["numbers"]["columns"]
UNHEARD_OF: dict[str, list[Any]] = {
    "kind": [5, "x" * 101],
    "config": [1, None],
    "runs": [0, 1_001, "all"],
    "about": [{}, [1] * 9, [[]], [None], ["x" * 101], [10**400]],
    "answer": ["x" * 6_001, ["no text"]],
    "numbers": [
        *(None, "arrays/unknown", {}, {"lengths": [2, 0, 3], "columns": "arrays/unknown"}),
        *(
            {"lengths": lengths, "columns": NAME_OF_NUMBERS}
            for lengths in ([2, 0, 4], [2, 0, -1], [10_001], [6_000, 6_000], [1] * 13, ["many"])
        ),
    ],
    "another": [1],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, all_ in UNHEARD_OF.items() for value in all_])
def test_what_nobody_can_have_asked_is_refused(field: str, value: object) -> None:
    with pytest.raises(StorageError):
        _read_with(WITH_ASKED, lambda doc: doc["experiments"][0].update({field: value}))


def test_a_number_of_a_result_is_a_number() -> None:
    head, blobs = _apart(WITH_ASKED)
    name = json.loads(head)["experiments"][0]["numbers"]["columns"]
    assert len(blobs[name]) == 8 * 5
    blobs[name] = np.array([0.5, np.nan, 0, 0, 0]).tobytes()
    with pytest.raises(StorageError, match="a number that is none"):
        unpack_session(head, _fetch(blobs))


def test_a_file_has_no_more_experiments_than_a_session() -> None:
    with pytest.raises(StorageError, match="more than there can be: at most 8"):
        _read_with(WITH_ASKED, lambda doc: doc.update(experiments=9 * doc["experiments"]))
    with pytest.raises(StorageError):
        _read_with(WITH_ASKED, lambda doc: doc.update(configs=doc["configs"] + 8 * doc["configs"][-1:]))
