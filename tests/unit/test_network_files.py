"""Networks from elsewhere: what we export comes back to the bit, what PyTorch prints is read, all else is refused."""

import codecs
import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from tinynet_gui.core.config import MAX_HIDDEN_LAYERS, MAX_WIDTH, Config, NetworkConfig
from tinynet_gui.core.data.points import AS_THEY_ARE, Scaling
from tinynet_gui.core.network.forward import as_layers, output_curve
from tinynet_gui.core.network_files import reading
from tinynet_gui.core.network_files.opened import (
    MAX_NUMBERS,
    NetworkFileError,
    OpenedNetwork,
    network_of,
    read_printed,
    setting_of,
)
from tinynet_gui.core.network_files.reading import numbers_csv, parameter_names, read_network_table, state_dict_bytes
from tinynet_gui.core.network_files.state_dict_process import reply_to
from tinynet_gui.core.text.csv_text import for_spreadsheet
from tinynet_gui.core.training.start import initial_parameters, make_dataset
from tinynet_gui.core.values import Array

WIDTHS = st.lists(st.integers(1, 12), max_size=MAX_HIDDEN_LAYERS).map(tuple) | st.just((1_000,))
NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)
SCALINGS = st.builds(
    lambda mean, deviation, y: Scaling(mean, deviation, *(y or (0.0, 1.0))),
    st.floats(-1e6, 1e6),
    st.floats(1e-6, 1e6),
    st.none() | st.tuples(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6)),
)
USUAL = initial_parameters(NetworkConfig(hidden=(3,), seed=7))
WHOLE = "[Parameter containing:\ntensor([[0.5]], requires_grad=True), Parameter containing:\ntensor([-1.])]"


def nothing(_share: float) -> None:
    pass


@st.composite
def networks(draw: st.DrawFn) -> tuple[Array, ...]:
    """Parameters of any shape, with any finite numbers among the usual ones, −0 and the smallest too."""
    parameters = [array.copy() for array in initial_parameters(NetworkConfig(hidden=draw(WIDTHS), seed=3))]
    for array in parameters:
        array.flat[draw(st.integers(0, array.size - 1))] = draw(NUMBERS)
    return tuple(parameters)


def assert_is(opened: OpenedNetwork, parameters: tuple[Array, ...], scaling: Scaling = AS_THEY_ARE) -> None:
    assert [a.shape for a in opened.parameters] == [a.shape for a in parameters]
    assert [a.tobytes() for a in opened.parameters] == [a.tobytes() for a in parameters]
    assert {a.dtype for a in opened.parameters} == {np.dtype(np.float32)}
    assert opened.scaling == scaling


def answer_here(_statement: str, asked: bytes, _on_progress: object) -> dict[str, Any]:
    """What the process would answer, from this one."""
    line, _, file = asked.partition(b"\n")
    said: dict[str, Any] = json.loads(json.dumps(reply_to(file, **json.loads(line))))
    return said


def read_in_this_process(content: bytes, monkeypatch: pytest.MonkeyPatch) -> OpenedNetwork:
    monkeypatch.setattr(reading, "answer_of", answer_here)
    return reading.read_state_dict(content, nothing)


def saved(thing: object, **options: Any) -> bytes:
    content = io.BytesIO()
    torch.save(thing, content, **options)
    return content.getvalue()


@settings(max_examples=30)
@given(
    networks(),
    st.just(AS_THEY_ARE) | SCALINGS,
    st.sampled_from(["\n", "\r\n", "spreadsheet", "empty columns", "spaces"]),
)
def test_our_table_comes_back_to_the_bit(parameters: tuple[Array, ...], scaling: Scaling, kind: str) -> None:
    text = numbers_csv(parameters, scaling)
    if kind == "spreadsheet":  # of a country with a decimal comma, which sorts the rows
        head, *rows = for_spreadsheet(text, ",").splitlines()
        text = "\ufeff" + "\r\n".join([head, *sorted(rows)]) + "\r\n;;;\r\n"
    changes = {"\r\n": ("\n", kind), "empty columns": ("\n", ",,\n"), "spaces": (",", " , ")}
    assert_is(reading.read_network_text(text.replace(*changes.get(kind, ("", ""))), nothing), parameters, scaling)


@settings(max_examples=30)
@given(networks(), st.just(AS_THEY_ARE) | SCALINGS)
def test_our_state_dict_comes_back_to_the_bit(parameters: tuple[Array, ...], scaling: Scaling) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert_is(read_in_this_process(state_dict_bytes(parameters, scaling), patch), parameters, scaling)


def test_a_state_dict_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    largest = initial_parameters(NetworkConfig(hidden=(MAX_WIDTH,) * MAX_HIDDEN_LAYERS))
    assert sum(array.size for array in largest) == MAX_NUMBERS
    file = tmp_path / "network.PT"
    file.write_bytes(state_dict_bytes(largest))
    shares: list[float] = []
    assert_is(reading.read_network(str(file), shares.append), largest)
    assert shares  # it can be stopped meanwhile


def printed(parameters: tuple[Array, ...], way: str) -> str:
    net = nn.Sequential(*(nn.Linear(*array.shape[::-1]) for array in parameters[::2]))
    for own, array in zip(net.parameters(), parameters, strict=True):
        own.data = torch.tensor(array)
    match way:
        case "list":
            return str(list(net.parameters()))
        case "one by one":
            return "\n".join(map(str, net.parameters()))
        case "named":
            return "\n".join(f"{name} {parameter}" for name, parameter in net.named_parameters())
        case "dict":
            return str(net.double().state_dict())
        case "cell":  # what a notebook shows below it
            return f"Out[3]: {net!r}\n>>> for p in net: print(p)\n" + "\n".join(f"{p.data}" for p in net.parameters())
    return str([parameter * 1.0 for parameter in net.parameters()])  # with a grad_fn


set_print: Any = torch.set_printoptions  # which has no types
WAYS = ("list", "one by one", "named", "dict", "cell", "computed")


@settings(max_examples=40)
@given(networks(), st.sampled_from(WAYS), st.sampled_from([None, 4, 2, 9]))
def test_what_pytorch_prints_is_read(parameters: tuple[Array, ...], way: str, precision: int | None) -> None:
    set_print(precision=precision or 4, threshold=2_000, sci_mode=True if precision == 9 else None)
    try:
        text = printed(parameters, way)
    finally:
        set_print(profile="default", sci_mode=False)
        set_print(sci_mode=None)
    opened = reading.read_network_text(text, nothing)
    if precision == 9:
        assert_is(opened, parameters)
        assert opened.remark == ""
        return
    kinds = {f"{precision or 4} decimals": r"\.\d+(?![\de])", f"{(precision or 4) + 1} digits": r"\.\d+e"}
    rounded = " or ".join(words for words, number in kinds.items() if re.search(number, text))
    assert opened.remark.partition(" in print")[0] == (f"rounded to {rounded}" if rounded else "")
    for ours, theirs in zip(opened.parameters, parameters, strict=True):
        assert ours.shape == theirs.shape
        most = np.abs(theirs).max()  # a common factor or sci_mode may take more digits, never fewer than these
        np.testing.assert_allclose(ours, theirs, atol=max(most, 1) * 0.6 * 10.0 ** -(precision or 4))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (str([torch.zeros(2_000, 1)]), "line 4: PyTorch has left numbers out (…); torch.set_printoptions(threshold"),
        (WHOLE[:50], "the text ends within a tensor: copy all of it"),
        (WHOLE.replace("0.5", "0.5, x"), "line 2: “x]], requires_grad=True), Para…” is not what PyTorch prints"),
        (WHOLE.replace("0.5", "0.5,"), "is not what PyTorch prints"),
        (WHOLE.replace("0.5", "0.5 0.25"), "is not what PyTorch prints"),
        (WHOLE.replace("0.5", "nan"), "“array 1” has nan at [0, 0]: only finite float32"),
        (WHOLE.replace("0.5", "4e38"), "“array 1” has 4e+38 at [0, 0]"),
        (WHOLE.replace("[[0.5]]", "[[0.5, 1.], [2.]]"), "line 2: the rows of this tensor have different lengths"),
        (WHOLE.replace("[[0.5]]", "[[[0.5]]]"), "line 2: this tensor is not a weight or bias of a Linear layer"),
        (WHOLE.replace("[[0.5]]", "[[1, 2]]"), "its first layer takes 2 inputs; networks here have one"),
        (WHOLE.replace("requires", "a(b)="), "is not what PyTorch prints"),
        ("tensor([], size=(0, 1))", "“array 1” of shape (0,) is not a weight of a Linear layer"),
        ("tensor(1+2j)", "“1+2j)” is not what PyTorch prints"),
        ("tensor([1.]) " * 40, "more than 14 tensors"),
        ("some words", "no network was found in it: neither a state_dict, the table"),
    ],
)
def test_what_is_no_print_of_a_network_is_refused(text: str, words: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        reading.read_network_text(text, nothing)
    assert words.replace("…", "") in str(caught.value).replace("…", "").replace(" ”", "”")


TABLE = numbers_csv(USUAL).splitlines()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([*TABLE, TABLE[1]], "lines 2 and 12 are the same number of 0.weight"),
        ([*TABLE[:2], *TABLE[3:]], "0.weight: neuron 1, input 0 is missing"),
        ([*TABLE[:-1]], "“2.weight” has no bias after it"),
        ([*TABLE[:2], "0.weight,1,0,x", *TABLE[3:]], "line 3: the value “x” is not a number"),
        ([*TABLE[:2], "0.weight,1,0,1_0", *TABLE[3:]], "line 3: the value “1_0” is not a number"),
        ([*TABLE[:2], "0.weight,1000,0,1", *TABLE[3:]], "line 3: neuron “1000” is not allowed: 0 to 999"),
        ([*TABLE[:2], "0.weight,1,,1", *TABLE[3:]], "line 3: input “” is not allowed"),
        ([*TABLE, "0.slope,1,0,1"], "line 12: “0.slope” is not a parameter such as 0.weight"),
        ([*TABLE, "0.weight,1,0"], "line 12: 3 columns instead of 4"),
        ([*TABLE, '"0.weight'], "not a table: "),
        ([*TABLE, "x_mean,,,2"], "x_mean and x_deviation go together"),
        ([*TABLE, "x_mean,,,2", "x_deviation,,,0"], "x_deviation is not a mean or deviation"),
        ([TABLE[0]], "there are no weights in it"),
        ([TABLE[0], *(f"{n}.weight,0,0,1" for n in range(40))], "line 17: more than 14 parameters"),
    ],
)
def test_what_is_no_whole_table_is_refused(lines: list[str], words: str) -> None:
    with pytest.raises(NetworkFileError) as caught:
        read_network_table("\n".join(lines), nothing)
    assert words in str(caught.value)


class Code:
    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return eval, ("open('h2', 'w')",)


class Memory:
    def __reduce__(self) -> tuple[type, tuple[int]]:
        return bytearray, (10**12,)


def packed(pickled: object | None = None, compression: int = zipfile.ZIP_STORED, more: int = 0) -> bytes:
    """A state_dict packed anew, with another pickle in it, or more parts."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(state_dict_bytes(USUAL))) as good,
        zipfile.ZipFile(content, "w", compression) as file,
    ):
        for name in good.namelist():
            is_other = pickled is not None and name.endswith("data.pkl")
            file.writestr(name, pickle.dumps(pickled, 2) if is_other else good.read(name))
        for place in range(more):
            file.writestr(f"archive/{place}", b"")
    return content.getvalue()


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in ("[Content_Types].xml", "xl/workbook.xml"):
            file.writestr(name, "")
    return content.getvalue()


def named(**arrays: torch.Tensor) -> bytes:
    return saved(arrays)


def nested(layout: torch.layout) -> torch.Tensor:
    return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=layout)


def scripted() -> bytes:
    content = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(1, 1)), content)
    return content.getvalue()


ONE = torch.ones(1)
SIZES = {1: (1, 10), 2: (10, 1)}
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a module": (
        lambda: saved(nn.Linear(1, 1)),
        "more in it than tensors: torch.nn.modules.linear.Linear; save it with",
    ),
    "a checkpoint": (
        lambda: saved({"epoch": 3, "model": {}}),
        "“epoch” in it is of type int, not a tensor; save it with",
    ),
    "a list": (lambda: saved([ONE]), "it has a list, not tensors by name"),
    "no bias": (lambda: saved(nn.Linear(1, 1, bias=False).state_dict()), "“weight” has no bias after it"),
    "two inputs": (lambda: saved(nn.Linear(2, 1).state_dict()), "its first layer takes 2 inputs"),
    "two outputs": (lambda: saved(nn.Linear(1, 2).state_dict()), "its last layer gives 2 outputs"),
    "too wide": (lambda: named(w=torch.ones(1_001, 1), b=torch.ones(1_001)), "“w” gives 1,001 outputs; a layer here"),
    "too deep": (lambda: saved({f"{n}": (ONE, torch.ones(1, 1))[n % 2 == 0] for n in range(16)}), "7 hidden layers"),
    "no fit": (
        lambda: named(w=torch.ones(3, 1), b=torch.ones(3), v=torch.ones(1, 4), c=ONE),
        "the layers do not fit: “v” takes 4 inputs, not 3; layers are taken in the order in which they are in the file",
    ),
    "another order": (
        lambda: saved({f"fc{n}.{name}": a for n in (2, 1) for name, a in nn.Linear(*SIZES[n]).state_dict().items()}),
        "its first layer takes 10 inputs; networks here have one; layers are taken in the order in which they are in "
        "the file (“fc2.weight” first)",
    ),
    "BatchNorm": (
        lambda: saved(nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Linear(4, 1)).state_dict()),
        "“1.num_batches_tracked” is of a BatchNorm layer: only Linear layers can be opened",
    ),
    "TorchScript": (scripted, "it is a TorchScript model, not tensors by name; save it with torch.save(net.state_dict"),
    "a checkpoint of two": (
        lambda: saved({"g": {"w": ONE}, "d": {"w": ONE}}),
        "“g” in it is of type dict, not a tensor",
    ),
    "a bias that is none": (
        lambda: named(w=torch.ones(3, 1), b=torch.ones(2)),
        "“b” of shape (2,) is not a bias of 3 neurons",
    ),
    "infinite": (lambda: named(w=torch.full((1, 1), torch.inf), b=ONE), "“w” has inf at [0, 0]"),
    "whole numbers": (lambda: named(w=torch.ones(1, 1, dtype=torch.int64)), "“w” is of int64: float32, float64"),
    "complex": (lambda: named(w=torch.ones(1, 1, dtype=torch.complex64)), "“w” is of complex64"),
    "a small float": (
        lambda: named(w=torch.ones(1, 1).to(torch.float8_e4m3fn)),
        "“w” is of float8_e4m3fn: float32, float64, float16 and bfloat16 are allowed",
    ),
    "numbers for names": (
        lambda: saved({0: torch.ones(1, 1), 1: ONE}),
        "its key 0 is of type int, not a name; save it",
    ),
    "nested": (lambda: named(w=nested(torch.strided)), "a nested tensor"),
    "ragged": (lambda: named(w=nested(torch.jagged)), "a nested tensor"),
    "a newer pickle": (
        lambda: saved({"w": torch.ones(1, 1), "b": ONE}, pickle_protocol=4),
        "it was saved with pickle_protocol=4, which PyTorch reads only by running what is in the file; save it with",
    ),
    "no memory": (lambda: named(w=torch.empty(10**9, 10**3, device="meta")), "“w” is sparse, quantised or without"),
    "one number, a thousand million times": (
        lambda: named(w=ONE.expand(10**9, 1)),
        "“w” has the shape (1000000000, 1)",
    ),
    "too large": (lambda: named(w=torch.ones(16_000_001)), "it unpacks to 64,000"),
    "many names": (lambda: saved({str(place): ONE for place in range(40)}), "40 entries are more than any network"),
    "an old file": (lambda: saved({"w": ONE}, _use_new_zipfile_serialization=False), "saved by PyTorch before 1.6"),
    "compressed": (lambda: packed(compression=zipfile.ZIP_DEFLATED), "it is compressed, which torch.save never does"),
    "many parts": (lambda: packed(more=200), "parts are packed in it: at most 100"),
    "code": (lambda: packed(Code()), "it has more in it than tensors: eval"),
    "memory": (lambda: packed({"w": Memory()}), "save it with torch.save(net.state_dict()"),
    "much to unpickle": (lambda: packed(list(range(100_000))), "it has much more in it than tensors by name"),
    "half of it": (lambda: packed()[: len(packed()) // 2], "it is damaged, or no file of torch.save"),
}


@pytest.mark.filterwarnings("ignore")  # torch warns of what it may change
@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_is_none_of_ours_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = REFUSED[kind]
    with pytest.raises(NetworkFileError) as caught:
        read_in_this_process(make(), monkeypatch)
    assert words in str(caught.value)
    assert not Path("h2").exists()


@pytest.mark.parametrize(("kind", "is_said"), [("float64", True), ("float16", False), ("bfloat16", False)])
def test_other_floats_are_float32_and_lost_digits_are_said(
    kind: str, is_said: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.out = nn.Linear(1, 4), nn.Linear(4, 1)

    dtype: torch.dtype = getattr(torch, kind)
    net = Own().to(dtype)
    net.fc1.bias.data[0] = torch.tensor(1 / 3, dtype=dtype)
    opened = read_in_this_process(saved(net.state_dict()), monkeypatch)
    assert_is(opened, tuple(parameter.detach().float().numpy() for parameter in net.parameters()))
    assert opened.remark == ("its numbers have more digits than a float32 holds: they are rounded" if is_said else "")


def test_without_pytorch_the_message_says_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    model, table = tmp_path / "network.pth", tmp_path / "network.csv"
    model.write_bytes(reading.ZIP)
    table.write_text(numbers_csv(USUAL), encoding="utf-8")
    with pytest.raises(NetworkFileError, match=r"read by PyTorch, which is missing here.* can be opened without it"):
        reading.read_network(str(model), nothing)
    assert_is(reading.read_network(str(table), nothing), USUAL)


@pytest.mark.parametrize("standardise", ["none", "x", "xy"])
@pytest.mark.parametrize("has_these_data", [True, False])
def test_the_curve_is_the_networks_whatever_the_data(standardise: str, has_these_data: bool) -> None:
    theirs = Config().with_changes({"data.standardise": standardise, "data.target": "cube"})
    scaling = make_dataset(theirs.data).scaling
    now = theirs if has_these_data else Config().with_changes({"data.standardise": "x", "data.x_max": 5.0})
    config, words = setting_of(OpenedNetwork(USUAL, scaling), "net.pt", now.replace("network.activation", "tanh"))
    x = np.linspace(-4, 6, 50, dtype=np.float32)
    given, here = config.network.first_weights, make_dataset(config.data).scaling
    assert given is not None
    expected = scaling.y_of(output_curve(as_layers(USUAL), "tanh", scaling.x_seen(x)))
    found = here.y_of(output_curve(as_layers(given.parameters), "tanh", here.x_seen(x)))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert config.data.standardise == (standardise if has_these_data else "none")
    assert config.network.hidden == (3,)
    assert words.startswith("Opened net.pt: 3 neurons, activation tanh kept")
    assert ("now in the data's own units" in words) == (not has_these_data and standardise != "none")
    if has_these_data:
        assert_is(OpenedNetwork(given.parameters), USUAL)


def test_a_network_beyond_float32_in_the_datas_units_is_refused() -> None:
    with pytest.raises(NetworkFileError, match="in the data's own units its weights are beyond float32"):
        setting_of(OpenedNetwork(USUAL, Scaling(0.0, 1e-40)), "net.pt", Config())


GOOD = [
    state_dict_bytes(USUAL, Scaling(1.5, 2.0)),
    numbers_csv(USUAL, Scaling(1.5, 2.0)).encode(),
    str([nn.Parameter(torch.tensor(array)) for array in USUAL]).encode(),
]


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=120)
@given(
    st.integers(0, 2),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=4)), min_size=1, max_size=4),
)
def test_any_damaged_file_is_read_or_refused_in_few_words(kind: int, cuts: list[tuple[float, int, bytes]]) -> None:
    content = GOOD[kind]
    for place, length, other in cuts:
        begin = round(place * len(content))
        content = content[:begin] + other + content[begin + length :]
    said = "read"
    with pytest.MonkeyPatch.context() as patch:
        try:
            opened = (
                read_in_this_process(content, patch)
                if kind == 0
                else reading.read_network_text(content.decode("utf-8", "replace"), nothing)
            )
        except NetworkFileError as error:
            said = str(error)
        else:
            arrays = zip(parameter_names(len(opened.parameters)), opened.parameters, strict=True)
            assert_is(network_of(list(arrays)), opened.parameters)
    assert 0 < len(said) < 700


def test_the_print_of_a_huge_text_without_brackets_ends_soon() -> None:
    for text in ("tensor(" * 300_000, "tensor([" + " " * 2_000_000, "Parameter containing:" * 100_000 + "tensor([1"):
        with pytest.raises(NetworkFileError):
            read_printed(text)


KINDS = {
    b"x,y\n1,2\n2,3\n": ("a.csv", False),
    b"parameter neuron\n1 2\n": ("a.txt", False),
    numbers_csv(USUAL).encode(): ("a.csv", True),
    ("\ufeff" + numbers_csv(USUAL).replace(",", ";").replace("\n", ";;\n")).encode(): ("a.csv", True),
    numbers_csv(USUAL).replace(",", "\t").encode("utf-16"): ("a.txt", True),
    codecs.BOM_UTF16_BE + numbers_csv(USUAL).replace(",", " ; ").encode("utf-16-be"): ("a.txt", True),
    state_dict_bytes(USUAL): ("a.csv", True),
    str([nn.Parameter(torch.tensor(array)) for array in USUAL]).encode(): ("a.pt", True),
    spreadsheet(): ("a.csv", False),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("content", KINDS, ids=[f"{place}" for place in range(len(KINDS))])
def test_a_file_is_a_network_or_data_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    name, is_network = KINDS[content]
    file = tmp_path / name
    file.write_bytes(content)
    assert reading.is_network_file(str(file)) == is_network
    monkeypatch.setattr(reading, "answer_of", answer_here)
    if is_network:
        opened = reading.read_network(str(file), nothing)
        for ours, theirs in zip(opened.parameters, USUAL, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\xff\xfe\x00", "neither a state_dict nor a text in UTF-16: truncated data at byte 2"),
        (b"PK\x05\x06\xff", "neither a state_dict nor a text in UTF-8: invalid start byte at byte 4"),
        (saved({"w": ONE}, _use_new_zipfile_serialization=False), "it was saved by PyTorch before 1.6"),
        (b"x" * 101, "larger than 0 MB: no network here needs that"),
    ],
)
def test_a_file_with_no_network_is_refused_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.setattr(reading, "MAX_BYTES", max(100, len(content) * (content[:1] != b"x")))
    file = tmp_path / "a.pt"
    file.write_bytes(content)
    with pytest.raises(NetworkFileError, match=words):
        reading.read_network(str(file), nothing)


@pytest.mark.parametrize("name", ["model_state_dict", "state_dict", "net"])
def test_of_a_checkpoint_the_only_tensors_by_name_are_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
    optimizer = torch.optim.Adam(net.parameters())
    net(ONE).sum().backward()
    optimizer.step()
    inner = {"epoch": 7, name: net.state_dict(), "optimizer_state_dict": optimizer.state_dict(), "losses": [0.5, 0.25]}
    opened = read_in_this_process(saved(inner), monkeypatch)
    assert_is(opened, tuple(parameter.detach().numpy() for parameter in net.parameters()))
