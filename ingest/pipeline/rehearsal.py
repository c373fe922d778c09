"""Try messages out in a child process, so that one that kills the process that interprets it kills only the child.

The child is a fork: it interprets as this process would, with the same registry, in the same program. It reports after
each message. A message that it does not report, or that takes more memory or time than any message may, is fatal: this
process must not interpret it.
"""

import os
import select
import signal
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, NoReturn

import structlog

from ingest.message import Received

log = structlog.get_logger()

PATIENCE_S = 10.0
"""A message takes 50 ms at most; one that takes this long never ends."""
MOST_MEMORY_BYTES = 384 * 2**20
"""How much the child may grow. The service as a whole has 1 GiB in the shipped units."""
LOOK_EVERY_S = 0.02
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LONGEST_LIFE_S = 300
_LAST_DESCRIPTOR = 1 << 20


class Fatal(NamedTuple):
    """The first message that must not be interpreted here: its position, and what became of the process that did."""

    position: int
    how: str


def first_fatal(interpreter: Callable[[Received], object], messages: Sequence[Received]) -> Fatal | None:
    """The first of these messages that ends a process; None if all of them can be interpreted. Blocking."""
    ours, theirs = os.pipe()
    try:
        pid = _fork()
    except OSError as error:  # no memory for another process, or not allowed one
        os.close(ours)
        os.close(theirs)
        log.warning("suspects_not_tried_out", error=str(error))
        return None
    if pid == 0:
        _interpret_and_end(interpreter, messages, theirs)
    os.close(theirs)
    try:
        done, how = _watch(pid, ours)
    finally:
        os.close(ours)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    return None if done >= len(messages) else Fatal(done, how or _ended(status))


def _fork() -> int:
    with warnings.catch_warnings():
        # Other threads are not there in the child. It takes no lock they could hold: it computes, and ends.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _interpret_and_end(interpret: Callable[[Received], object], messages: Sequence[Received], pipe: int) -> NoReturn:
    """In the child: nothing of what the parent has open may stay open here if the parent dies."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.alarm(_LONGEST_LIFE_S)
        os.closerange(3, pipe)
        os.closerange(pipe + 1, _LAST_DESCRIPTOR)
        os.closerange(0, 2)
        for message in messages:
            interpret(message)
            os.write(pipe, b".")
    finally:
        os._exit(0)  # neither an exception nor a handler of the parent runs on


def _watch(pid: int, pipe: int) -> tuple[int, str]:
    """How many messages the child interpreted, and why it has to be ended; "" if it ended by itself."""
    at_first = _resident_bytes(pid)
    done, heard_s = 0, time.monotonic()
    while True:
        if select.select([pipe], [], [], LOOK_EVERY_S)[0]:
            reports = os.read(pipe, 65_536)
            if not reports:
                return done, ""
            done, heard_s = done + len(reports), time.monotonic()
        if time.monotonic() - heard_s > PATIENCE_S:
            return done, f"judging it does not end within {PATIENCE_S:g} s"
        if _resident_bytes(pid) - at_first > MOST_MEMORY_BYTES:
            return done, f"judging it takes more than {MOST_MEMORY_BYTES >> 20} MiB"


def _resident_bytes(pid: int) -> int:
    """0 where there is no /proc, or where it is another's: then the time alone counts."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def _ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"judging it ended the process with {f'signal {-code}' if code < 0 else f'exit code {code}'}"
