"""The packaged program's entry point, which also acts as the Python of its subprocesses."""

import os
import runpy
import sys
from types import ModuleType

LIBRARIES = "LD_LIBRARY_PATH"  # PyInstaller's points into the folder; a browser or another Python must not inherit it
UNUSED = ("QtOpenGL", "QtOpenGLWidgets")  # 10 MB that pyqtgraph imports; this program never uses them


def main() -> int | None:
    """Do what ``python [-P] -c STATEMENT`` or ``python [-P] -m MODULE`` does; with other arguments run the program."""
    if (before := os.environ.pop(f"{LIBRARIES}_ORIG", None)) is not None:
        os.environ[LIBRARIES] = before
    else:
        os.environ.pop(LIBRARIES, None)
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # subprocesses set it again for themselves
    for name in UNUSED:
        sys.modules[f"PySide6.{name}"] = stand_in = ModuleType(name)
        vars(stand_in)["QOpenGLWidget"] = object
    from tinynet_gui.core.system.machine import choose_baseline

    choose_baseline()  # the processor that the folder's code was compiled for
    # -P is a no-op: the current folder is never on the path here.
    match sys.argv[2:] if sys.argv[1:2] == ["-P"] else sys.argv[1:]:
        case ["-c", statement, *others]:
            sys.argv = ["-c", *others]
            exec(statement, {"__name__": "__main__"})
            return 0
        case ["-m", module, *others]:
            sys.argv = [module, *others]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            return 0
    from tinynet_gui.app.application import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
