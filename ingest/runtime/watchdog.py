"""A process whose event loop stands still is ended: whoever watches it starts it anew, and looks for the cause."""

import asyncio
import faulthandler
import sys

HANGS_S = 60.0
"""Judging a message takes milliseconds. A loop that has not turned for so long never will."""
_STDERR = 2


async def end_if_it_hangs() -> None:
    """Until cancelled. If the loop stands still for so long, what every thread does is printed and the process ends.

    The watching thread needs neither the loop nor the interpreter's lock.
    """
    sys.stderr.flush()
    try:
        while True:
            faulthandler.dump_traceback_later(HANGS_S, exit=True, file=_STDERR)
            await asyncio.sleep(HANGS_S / 10)
    finally:
        faulthandler.cancel_dump_traceback_later()
