"""Microsoft's C++ runtime on Windows: the program's own copy is loaded before anything that needs one."""

import subprocess
import sys

from tests.systems import on_windows

NAME = """
import ctypes, tinynet_gui
kernel, path = ctypes.windll.kernel32, ctypes.create_unicode_buffer(1_000)
kernel.GetModuleHandleW.restype = ctypes.c_void_p
kernel.GetModuleFileNameW.argtypes = ctypes.c_void_p, ctypes.c_wchar_p, ctypes.c_uint
kernel.GetModuleFileNameW(kernel.GetModuleHandleW("msvcp140.dll"), path, 1_000)
print(path.value)
"""


@on_windows
def test_the_program_brings_the_runtime_that_pytorch_and_numba_need() -> None:
    loaded = subprocess.run([sys.executable, "-c", NAME], capture_output=True, text=True, check=True).stdout
    assert "shiboken6" in loaded
