"""The one table of what runs beside the evaluation of notes. A sub-room that has something to watch adds its row."""

from collections.abc import Callable
from threading import Event as Stop
from threading import Event as Wake
from typing import NamedTuple

from ingest.settings.model import Settings
from ingest.watch.airtime import look as airtime
from ingest.watch.deeds import drill
from ingest.watch.delivery.companion import run_deliveries
from ingest.watch.engine.clock import ClockWatch
from ingest.watch.quality import look as quality
from ingest.watch.silence import look as silence
from ingest.watch.tally import Tally


class Companion(NamedTuple):
    """Work in a thread of its own, until stopped: `run(settings, stop, active, stored, tally)`.

    `active` says whether we watch; `stored` is set when events were stored.

    What it raises is shown, and it is begun again. What it counts it enters in the tally.
    """

    name: str
    run: Callable[[Settings, Stop, Callable[[], bool], Wake, Tally], None]


UNHURRIED_S = 30.0

CLOCK_WATCHES: tuple[ClockWatch, ...] = (
    ClockWatch("drill", 2.0, drill.look),
    ClockWatch("silence", 30.0, silence.look),
    ClockWatch(quality.NAME, quality.EVERY.total_seconds(), quality.look, UNHURRIED_S),
    ClockWatch(airtime.NAME, airtime.EVERY.total_seconds(), airtime.look, UNHURRIED_S),
)

COMPANIONS: tuple[Companion, ...] = (Companion("deliveries", run_deliveries),)
