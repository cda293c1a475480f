"""The process that unpickles a ``torch.save`` file, with limited memory and time: a malicious file can end only this.

It reads a line of JSON and the file from its standard input, and writes JSON: see `reading.read_state_dict`.
"""

import base64
import io
import json
import re
import sys
import zipfile
from typing import Any

from tinynet_gui.core.system.processes import bound, taken
from tinynet_gui.core.text import language
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, listed
from tinynet_gui.core.text.shortened import written

KINDS = ("float32", "float64", "float16", "bfloat16")
NEWER = (b"\x80\x04", b"\x80\x05")  # begin pickles of protocols that torch.load does not know without code


class _RefusedError(ValueError):
    """The file is refused; the message says why."""


def _with_advice(words: str, **holes: str) -> _RefusedError:
    advice = _("save it with {code}").format(code='torch.save(net.state_dict(), "network.pt")')
    return _RefusedError(words.format(advice=advice, **holes))


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    language.use(request.pop("language"))
    try:
        import torch  # all its libraries, before the bound
    except Exception as error:  # an installation can be broken in many ways
        words = _("PyTorch, which reads it, cannot be loaded: {error}")
        sys.stdout.write(json.dumps({"trouble": words.format(error=str(error)[:100])}))
        return
    bound(taken() + request["most_bytes"], request["most_seconds"])
    torch.set_num_threads(1)
    sys.stdout.write(json.dumps(reply_to(sys.stdin.buffer.read(), **request)))


def reply_to(content: bytes, **most: int) -> dict[str, Any]:
    """Return the tensors of a file, or an error message; `most` are the limits, as `reading.LIMITS` names them."""
    try:
        file = io.BytesIO(content)
        _measure(file, most)
        return {"tensors": _tensors(_loaded(file), most)}
    except _RefusedError as error:
        return {"trouble": str(error)}
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError, MemoryError):
        return {"trouble": _("it is damaged, or no file of torch.save")}


def _measure(content: io.BytesIO, most: dict[str, int]) -> None:
    with zipfile.ZipFile(content) as file:
        members = file.infolist()
        if any(member.filename.endswith("/constants.pkl") for member in members):
            raise _with_advice(_("it is a TorchScript model, not tensors by name; {advice}"))
        if len(members) > most["most_members"]:
            words = _("{count} parts are packed in it: at most {most} are allowed")
            raise _RefusedError(words.format(count=count_text(len(members)), most=count_text(most["most_members"])))
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise _RefusedError(_("it is compressed, which torch.save never does"))
        if (unpacked := sum(member.file_size for member in members)) > most["most_unpacked"]:
            words = _("it unpacks to {count} bytes: at most {most} are allowed")
            raise _RefusedError(words.format(count=count_text(unpacked), most=count_text(most["most_unpacked"])))
        if any(member.file_size > most["most_pickled"] for member in members if "/data/" not in member.filename):
            raise _with_advice(_("it has much more in it than tensors by name; {advice}"))
        for member in members:
            begins = file.read(member)[:2] if member.filename.endswith("/data.pkl") else b""
            if begins in NEWER:
                words = _(
                    "it was saved with {setting}, which PyTorch reads only by running what is in the file; {advice}"
                )
                raise _with_advice(words, setting=f"pickle_protocol={begins[1]}")


def _loaded(content: io.BytesIO) -> Any:
    import torch

    content.seek(0)
    try:
        return torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's own kinds, and whatever a damaged file makes of them
        asks = re.search(r"GLOBAL ([\w.]{1,60})", str(error))
        words = _("it is damaged, or no state_dict; {advice}")
        if re.search("NJT|_rebuild_n(ested_tensor|jt)", str(error)):  # torch 2.15 and later refuse it here
            words = _("a nested tensor is in it: dense tensors are needed; {advice}")
        elif asks:
            words = _("it has more in it than tensors: {name}; {advice}")
        raise _with_advice(words, name=asks[1] if asks else "") from None


def _tensors(loaded: Any, most: dict[str, int]) -> list[dict[str, Any]]:
    import torch

    if not isinstance(loaded, dict):
        raise _with_advice(_("it has a {kind}, not tensors by name; {advice}"), kind=type(loaded).__name__)
    if len(inner := [value for value in loaded.values() if _are_tensors(value)]) == 1:  # a checkpoint of a training
        (loaded,) = inner
    if len(loaded) > most["most_tensors"]:
        words = _("{count} entries are more than any network here has: at most {most}")
        raise _RefusedError(words.format(count=count_text(len(loaded)), most=most["most_tensors"]))
    tensors, count = [], 0
    for name, tensor in loaded.items():
        what = written(str(name))
        if not isinstance(name, str):
            words = _("its key {name} is of type {kind}, not a name; {advice}")
            raise _with_advice(words, name=written(name), kind=type(name).__name__)
        if getattr(tensor, "is_nested", False):
            raise _RefusedError(_("{name} is a nested tensor: dense tensors are needed").format(name=what))
        if not _is_tensor(tensor):
            words = _("{name} in it is of type {kind}, not a tensor; {advice}")
            raise _with_advice(words, name=what, kind=type(tensor).__name__)
        if name.endswith("num_batches_tracked"):
            raise _RefusedError(_("{name} is of a BatchNorm layer: only Linear layers can be opened").format(name=what))
        kind = str(tensor.dtype).removeprefix("torch.")
        if tensor.layout is not torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
            words = _("{name} is sparse, quantised or without values: dense tensors are needed")
            raise _RefusedError(words.format(name=what))
        if kind not in KINDS:
            words = _("{name} is of {kind}: {kinds} are allowed")
            raise _RefusedError(words.format(name=what, kind=kind, kinds=listed(KINDS)))
        count += tensor.numel()
        if count > most["most_numbers"] or tensor.dim() > 8:
            words = _("{name} has the shape {shape}: more numbers than any network here")
            raise _RefusedError(words.format(name=what, shape=tuple(tensor.shape)))
        dtype = torch.float64 if kind == "float64" else torch.float32
        numbers = tensor.detach().resolve_neg().to(dtype).contiguous().numpy()
        shape, data = list(numbers.shape), base64.b64encode(numbers.tobytes()).decode()
        tensors.append({"name": name[:80], "shape": shape, "kind": numbers.dtype.name, "data": data})
    return tensors


def _are_tensors(value: object) -> bool:
    return isinstance(value, dict) and len(value) > 0 and all(map(_is_tensor, value.values()))


def _is_tensor(value: object) -> bool:
    import torch

    return type(value) in (torch.Tensor, torch.nn.Parameter)
