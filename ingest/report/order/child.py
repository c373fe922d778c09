"""The process that makes a report, seen from the service, which starts and watches it, and ends it where it must."""

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

import psutil
from pydantic import BaseModel

from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from schemas.bilingual import Bilingual

MOST_MIB = 700
"""Resident memory of the process and its children together. A report of 2,000 devices needs less than half of it."""
MOST_S = 3_600
LOOK_EVERY_S = 0.2
LATER = 75
"""The exit code for: the database does not answer, try again later."""
_LAST_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process ended. `why`: the reason for ending it, for people; None if it ended by itself.

    `stopped`: it was ended because the service ends. `said`: the end of what it wrote about its own defects.
    """

    code: int
    why: Bilingual | None
    stopped: bool
    said: str
    peak_mib: float

    @property
    def may_succeed_later(self) -> bool:
        """Whether nothing is wrong with what was to be made."""
        return self.stopped or self.code == LATER


class Handed(BaseModel):
    """What the process is told on its input: an order to make, or a frozen report of a project to compare."""

    database: DatabaseSettings
    report: ReportSettings
    order: int | None = None
    compare: tuple[int, int] | None = None


def run_child(handed: Handed, stop: Event) -> Ended:
    """Make an order in a process of its own, and wait for its end. It is ended if it takes too much, or at `stop`."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "ingest.report.order.process"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
        )  # fmt: skip
        try:
            assert child.stdin is not None  # it is a pipe
            with suppress(BrokenPipeError), child.stdin as pipe:  # the address has a password: no argument, no variable
                pipe.write(handed.model_dump_json().encode())
            why, stopped, peak = _watch(child, stop)
        finally:
            _end(child)
        said.seek(max(0, said.seek(0, 2) - _LAST_BYTES))
        return Ended(child.returncode, why, stopped, said.read().decode(errors="replace").strip(), peak / 2**20)


def _watch(child: subprocess.Popen[bytes], stop: Event) -> tuple[Bilingual | None, bool, int]:
    """(why the process has to be ended, whether because of `stop`, the most memory that was seen), at its end."""
    until_s, peak = time.monotonic() + MOST_S, 0
    while child.poll() is None:
        peak = max(peak, taken := _memory(child.pid))
        if stop.is_set():
            return None, True, peak
        if taken > MOST_MIB * 2**20:
            return too_large(), False, peak
        if time.monotonic() > until_s:
            return _TOO_LONG, False, peak
        stop.wait(LOOK_EVERY_S)
    return None, False, peak


def too_large() -> Bilingual:
    """Why an order fails that takes more memory than one may."""
    return Bilingual(
        f"作るのに {MOST_MIB} MiB を超えるメモリが要るため、やめました。形式を分けて依頼してください",
        f"it took more than {MOST_MIB} MiB of memory; order one form at a time",
    )


_TOO_LONG = Bilingual(
    f"{MOST_S // 60} 分たっても終わらないため、やめました", f"it was not made within {MOST_S // 60} minutes"
)


def _memory(pid: int) -> int:
    """Resident bytes of a process and all below it."""
    total = 0
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with suppress(psutil.Error, OSError):
                total += each.memory_info().rss
    return total


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, and take note of its exit."""
    if child.poll() is None:
        with suppress(psutil.Error, OSError):
            for each in psutil.Process(child.pid).children(recursive=True):
                with suppress(psutil.Error):
                    each.kill()
        child.kill()
    child.wait()
