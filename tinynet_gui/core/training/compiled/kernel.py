"""Training in compiled code: the trainer's state in, the state after n steps out.

The same arithmetic as `core.training.trainer`'s, for every configuration, as one call without the GIL. A run can
change from one to the other between any two steps.

Importing this module imports numba and loads the compiled code from the cache on disk, in a fraction of a second. If
the code is not there (`cache.is_compiled` tells, cheaply), it compiles for several seconds with the GIL held. So the
window lets `warm_up` compile in separate processes, and imports this module when that is done.
"""

from tinynet_gui.core.training.compiled.many import Start, run_in_lanes, run_many
from tinynet_gui.core.training.compiled.run import KernelRun, run, run_each

__all__ = ["KernelRun", "Start", "run", "run_each", "run_in_lanes", "run_many"]
