"""The whole window in a made-up language, longer by 30 %: nothing in it is English, and nothing is cut."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pseudo import LANGUAGE, speak_it
from tests.whole_window import left_in_english
from tinynet_gui.core.system.machine import HOME


def test_the_whole_window_speaks_another_language(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        speak_it(patch, tmp_path, longer_by=0.3)
    command = [sys.executable, "-m", "tests.whole_window", LANGUAGE, str(tmp_path)]
    environment = os.environ | {HOME: str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    tour = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in tour.stderr, tour.stderr[-3_000:]
    found, cut = json.loads(tour.stdout)
    assert len(found) > 1_500
    assert {text: place for text, place in found.items() if left_in_english(text)} == {}
    assert cut == {}
