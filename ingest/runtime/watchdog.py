"""A process whose event loop stands still is ended: its supervisor starts it anew, and the next life is careful."""

import asyncio
import faulthandler
import sys

HANGS_S = 60.0
"""Interpreting a message takes milliseconds. A loop that has not turned for this long never will."""
_STDERR = 2


async def end_if_it_hangs() -> None:
    """Run until cancelled. If the loop stands still for HANGS_S, every thread is printed and the process ends.

    The watching thread needs neither the loop nor the interpreter's lock.
    """
    sys.stderr.flush()
    try:
        while True:
            faulthandler.dump_traceback_later(HANGS_S, exit=True, file=_STDERR)
            await asyncio.sleep(HANGS_S / 10)
    finally:
        faulthandler.cancel_dump_traceback_later()
