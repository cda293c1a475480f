"""Marks of tests for what only some systems have."""

import os
import sys

import pytest

on_windows = pytest.mark.skipif(sys.platform != "win32", reason="only Windows has it")
has_limits = pytest.mark.skipif(sys.platform == "win32", reason="it has jobs instead: see test_windows_job")
has_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no file is a pipe there")
sends_signals = pytest.mark.skipif(sys.platform == "win32", reason="no signal reaches another process there")
