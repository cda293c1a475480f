"""A file is read, or replaced, only if it is a plain one, whatever its name says that it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.systems import has_pipes
from tinynet_gui.core.data.data_file import read_file as read_data
from tinynet_gui.core.lessons.answers import read_answers_file
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.network_files import reading
from tinynet_gui.core.storage.atomic import replacing
from tinynet_gui.core.wording.setting_line import read_settings_file


def _read_network(name: str) -> object:
    return reading.read_network(name, lambda _share: None)


@has_pipes
@pytest.mark.parametrize("read", [_read_network, read_data, read_settings_file, read_lesson_file, read_answers_file])
def test_a_pipe_that_never_answers_is_refused(tmp_path: Path, read: Callable[[str], object]) -> None:
    pipe = tmp_path / "net.csv"
    os.mkfifo(pipe)
    assert not reading.is_network_file(str(pipe))
    with pytest.raises((OSError, ValueError), match="it is not a plain file, but a pipe or a device"):
        read(str(pipe))


@has_pipes
def test_nothing_is_saved_in_the_place_of_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "net.tinynet"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="it is not a plain file, but a pipe or a device"), replacing(pipe):
        pass
    assert [path.is_fifo() for path in tmp_path.iterdir()] == [True]
