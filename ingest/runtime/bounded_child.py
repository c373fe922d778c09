"""Runs a module of ours in a process of its own, which is watched, and ended if it takes too much or is not wanted."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import psutil

LOOK_EVERY_S = 0.2
_LAST_BYTES = 2_000


class Why(StrEnum):
    """Why a process was ended; empty if it ended by itself."""

    BY_ITSELF = ""
    MEMORY = "memory"
    TIME = "time"
    UNWANTED = "unwanted"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process and those below it may take together: resident memory in MiB, and seconds."""

    most_mib: int
    most_s: float


@dataclass(frozen=True, slots=True)
class Ran:
    """How a process ended. `out`: what it wrote; `said`: the end of what it wrote about its own defects."""

    code: int
    why: Why
    out: bytes
    said: str
    peak_mib: float


def run_bounded(
    module: str, told: bytes, bounds: Bounds, unwanted: Callable[[], bool], descriptors: Sequence[int] = ()
) -> Ran:
    """Run the module, tell it something on its input, and wait for its end. `unwanted`: asked every 0.2 s.

    `told`: at most 64 KiB, which never stand on a disk. `descriptors`: of open files that it may read, by the same
    numbers.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE, stdout=out, stderr=said, start_new_session=True, pass_fds=descriptors,
        )  # fmt: skip
        try:
            assert child.stdin is not None  # it is a pipe
            with suppress(BrokenPipeError), child.stdin as pipe:
                pipe.write(told)
            why, peak = _watch(child, bounds, unwanted)
        finally:
            _end(child)
        out.seek(0)
        said.seek(max(0, said.seek(0, 2) - _LAST_BYTES))
        return Ran(child.returncode, why, out.read(), said.read().decode(errors="replace").strip(), peak / 2**20)


def _watch(child: "subprocess.Popen[bytes]", bounds: Bounds, unwanted: Callable[[], bool]) -> tuple[Why, int]:
    """(why the process has to be ended, the most memory that was seen), at its end."""
    until_s, peak = time.monotonic() + bounds.most_s, 0
    while child.poll() is None:
        peak = max(peak, taken := _memory(child.pid))
        if unwanted():
            return Why.UNWANTED, peak
        if taken > bounds.most_mib * 2**20:
            return Why.MEMORY, peak
        if time.monotonic() > until_s:
            return Why.TIME, peak
        with suppress(subprocess.TimeoutExpired):
            child.wait(LOOK_EVERY_S)
    return Why.BY_ITSELF, peak


def _memory(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    total = 0
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error, OSError):
                total += each.memory_info().rss
    return total


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the process and what it started, and take note of its exit."""
    if child.poll() is None:
        with suppress(psutil.Error, OSError):
            for each in psutil.Process(child.pid).children(recursive=True):
                with suppress(psutil.Error):
                    each.kill()
        child.kill()
    child.wait()
