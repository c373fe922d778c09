"""The process of the watch: notes, clock and deliveries, each in a thread, and a sign of life while they move."""

import os
import pickle
import signal
import sys
import time
from threading import Event as Stop
from threading import Thread

import structlog

from ingest.runtime.child import die_with_the_service, stand_back
from ingest.runtime.collector import calm_collector
from ingest.settings.model import Settings
from ingest.store.database import first_line
from ingest.telemetry.logs import configure
from ingest.watch.engine.clock import ClockLoop
from ingest.watch.engine.loop import WatchLoop
from ingest.watch.engine.table import CLOCK_WATCHES, COMPANIONS, Companion
from ingest.watch.talk import Heartbeat, heartbeat_line
from ingest.watch.tally import Tally

log = structlog.get_logger()

BEYOND_MIB = 512
"""Address space that threads reserve and do not use."""
ALIVE_EVERY_S = 1.0
HANGS_S = 90.0
"""A turn takes milliseconds, a statement is cancelled after half a minute: what takes longer than this hangs."""
ENDS_WITHIN_S = 4.0
AGAIN_AFTER_S = 5.0
WELL_AFTER_S = 10.0
"""A companion that failed and then runs for so long works again."""
ORPHANED = 3
"""Exit code of the process when the service is gone."""


def main() -> None:
    """Read the settings, and watch until SIGTERM or until the service is gone."""
    settings: Settings = pickle.loads(bytes.fromhex(sys.stdin.readline()))  # noqa: S301  from our own service
    die_with_the_service()
    stand_back((settings.watch.memory_mib + BEYOND_MIB) * 2**20)
    configure(settings.log)
    structlog.contextvars.bind_contextvars(process="watch")
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the service ends us in order
    calm_collector()
    Watch(settings, stop).run()


class Watch:
    """Everything that runs in this process."""

    def __init__(self, settings: Settings, stop: Stop) -> None:
        self._settings = settings
        self._stop = stop
        self._loop = WatchLoop(settings)
        self._clock = ClockLoop(settings.database, CLOCK_WATCHES, lambda: self._loop.rules)
        self._failing: dict[str, str] = {}
        self._begun_s: dict[str, float] = {}
        """When each companion was begun last; not while it waits to be begun again."""
        self._tally = Tally()

    def run(self) -> None:
        """Run until stopped, and tell the service every second how it stands."""
        threads = [
            Thread(target=self._loop.run, args=(self._stop,), name="notes", daemon=True),
            Thread(target=self._clock.run, args=(self._stop,), name="clock", daemon=True),
            *(Thread(target=self._accompany, args=(each,), name=each.name, daemon=True) for each in COMPANIONS),
        ]
        for thread in threads:
            thread.start()
        while not self._stop.wait(ALIVE_EVERY_S):
            if not threads[0].is_alive() or not threads[1].is_alive():
                os._exit(1)  # a defect, which is in the log: the service starts it anew
            if time.monotonic() - self._loop.moved_s < HANGS_S:
                _tell(self._heartbeat())
        until_s = time.monotonic() + ENDS_WITHIN_S
        for thread in threads:
            thread.join(max(until_s - time.monotonic(), 0.0))

    def _heartbeat(self) -> Heartbeat:
        heartbeat = self._loop.heartbeat
        self._forget_what_runs_again()
        failing = {**heartbeat.failing, **self._clock.failing, **self._failing}
        self._tally.failing = failing
        return heartbeat._replace(
            events=heartbeat.events + self._clock.events, failing=failing,
            undelivered=dict(self._tally.undelivered), refused=dict(self._tally.refused),
        )  # fmt: skip

    def _forget_what_runs_again(self) -> None:
        """A companion returns only when all ends: that it works again is seen by how long it runs."""
        since_s = time.monotonic() - WELL_AFTER_S
        for name, begun_s in list(self._begun_s.items()):
            if begun_s < since_s:
                self._failing.pop(name, None)

    def _accompany(self, companion: Companion) -> None:
        while not self._stop.is_set():
            self._begun_s[companion.name] = time.monotonic()
            try:
                companion.run(
                    self._settings, self._stop, lambda: self._loop.rules is not None, self._loop.stored, self._tally
                )
            except Exception as error:
                self._begun_s.pop(companion.name)
                self._failing[companion.name] = f"{type(error).__name__}: {first_line(error)}"
                log.exception("watch_companion_failed", companion=companion.name)
                self._stop.wait(AGAIN_AFTER_S)


def _tell(heartbeat: Heartbeat) -> None:
    try:
        sys.stdout.buffer.write(heartbeat_line(heartbeat))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(ORPHANED)
