"""What is said where the compiled loop cannot be had."""

import importlib.metadata

import pytest

from tinynet_gui.core.training.compiled import cache
from tinynet_gui.engine.kernel_loader import KernelLoader


def test_without_numba_the_loader_says_so(
    qapp: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent() -> bool:
        raise importlib.metadata.PackageNotFoundError("numba")

    monkeypatch.setattr(cache, "is_compiled", absent)
    loader, phases = KernelLoader(), list[str]()
    loader.phase_changed.connect(phases.append)
    loader.start()
    assert phases == ["failed"]
    assert "numba is not installed" in capsys.readouterr().err
