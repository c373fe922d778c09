"""The one table of what runs beside the evaluation of notes. A sub-room that has something to watch adds its row."""

from collections.abc import Callable
from threading import Event as Stop
from typing import NamedTuple

from ingest.settings.model import Settings
from ingest.watch.engine.clock import ClockWatch


class Companion(NamedTuple):
    """Work in a thread of its own, until stopped. `run(settings, stop, active)`: `active` says whether we watch.

    What it raises is shown, and it is begun again.
    """

    name: str
    run: Callable[[Settings, Stop, Callable[[], bool]], None]


CLOCK_WATCHES: tuple[ClockWatch, ...] = ()

COMPANIONS: tuple[Companion, ...] = ()
