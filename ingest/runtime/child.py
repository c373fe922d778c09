"""What a process of ours asks of the kernel when it is the child of the service: to end with it, and to go first."""

import ctypes
import resource
import signal
from contextlib import suppress
from pathlib import Path

PARENT_DEATH_SIGNAL = 1
FIRST_TO_GO = "500"


def die_with_the_service() -> None:
    """Let the kernel end this process with the thread that started it, even if it hangs. Linux only."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


def stand_back(most_bytes: int) -> None:
    """Have the kernel kill this process before the intake if memory is short, and bound what it and its children take.

    Steps that are forbidden here are skipped.
    """
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
