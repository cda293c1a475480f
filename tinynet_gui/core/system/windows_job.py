"""Windows' job objects: what a process may take up, and that those which it starts end with it."""

import ctypes
import sys

EXTENDED_LIMITS = 9  # the number of this information, JOBOBJECT_EXTENDED_LIMIT_INFORMATION
TIME_FLAG, MEMORY_FLAG, END_TOGETHER_FLAG = 0x2, 0x100, 0x2000  # JOB_OBJECT_LIMIT_...
TICKS_PER_SECOND = 10**7


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which the rest is for the whole job, or counts what was used."""

    _fields_ = (
        ("process_user_time", ctypes.c_int64),
        ("job_user_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priorities", ctypes.c_uint32 * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("others", ctypes.c_size_t * 3),
    )


def enter_job(most_bytes: int = 0, most_seconds: int = 0) -> None:
    """Put this process into a job of its own: each process that it starts ends with it, however it ends.

    `OSError` if Windows refuses.

    Parameters
    ----------
    most_bytes, most_seconds
        How much memory, and how much processor time in all, each of them may take; 0 for no limit.
    """
    if sys.platform != "win32":
        return
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.SetInformationJobObject.argtypes = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32
    kernel.AssignProcessToJobObject.argtypes = ctypes.c_void_p, ctypes.c_void_p
    limits = _Limits(flags=END_TOGETHER_FLAG)
    if most_bytes:
        limits.flags, limits.process_memory = limits.flags | MEMORY_FLAG, most_bytes
    if most_seconds:
        limits.flags, limits.process_user_time = limits.flags | TIME_FLAG, most_seconds * TICKS_PER_SECOND
    job = kernel.CreateJobObjectW(None, None)  # never closed: the end of the last process in it ends the job
    size = ctypes.sizeof(limits)
    is_made = job and kernel.SetInformationJobObject(job, EXTENDED_LIMITS, ctypes.byref(limits), size)
    if not (is_made and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())):
        raise ctypes.WinError(ctypes.get_last_error())


def memory_in_use() -> int:
    """Return how many bytes this process holds of what `enter_job` limits: its committed memory."""
    if sys.platform != "win32":
        return 0
    counters = (ctypes.c_size_t * 9)()  # PROCESS_MEMORY_COUNTERS, which begins with two halves
    counters[0] = ctypes.sizeof(counters)
    kernel = ctypes.windll.kernel32
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.K32GetProcessMemoryInfo.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32
    kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), counters, ctypes.sizeof(counters))
    return int(counters[7])
