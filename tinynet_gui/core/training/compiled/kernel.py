"""Training in compiled code: the trainer's state in, the state after n steps out.

The same arithmetic as `core.training.trainer`'s, for every configuration, as one call without the GIL. A run can
change from one to the other between any two steps.

Importing this module imports numba and loads the compiled code from the cache on disk, in a
fraction of a second; where it is not there (ask `cache.is_compiled`, which is cheap), it compiles
for several seconds with the GIL held. So the window starts
``python -m tinynet_gui.core.training.compiled.kernel``, which does that in a process of its own, and imports this
module when it is done.
"""

from tinynet_gui.core.training.compiled.cache import is_compiled, write_stamp
from tinynet_gui.core.training.compiled.many import Start, run_in_lanes, run_many
from tinynet_gui.core.training.compiled.run import KernelRun, run, run_each

__all__ = ["KernelRun", "Start", "is_compiled", "main", "run", "run_each", "run_in_lanes", "run_many"]


def main() -> int:
    """Leave word that everything is in the cache on disk: importing this module has compiled it.

    Returns
    -------
    int
        0; or 1 if the disk did not take it, so that another process would compile again.
    """
    write_stamp()
    return 0 if is_compiled() else 1


if __name__ == "__main__":
    raise SystemExit(main())
