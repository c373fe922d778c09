"""The watcher at work: one of an installation, turn after turn, until it is stopped."""

import time
from contextlib import closing
from datetime import datetime, timedelta
from threading import Event as Stop
from threading import Event as Wake

import structlog

from ingest.errors import BatchRefused, NoroshiError
from ingest.settings.model import Settings
from ingest.store.database import Database, connect, first_line, translated
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.database import watcher
from ingest.watch.engine.keep import QueueDeliveries
from ingest.watch.engine.turn import Turns
from ingest.watch.rules import Rules
from ingest.watch.talk import DOCUMENTS, STANDBY, WAITING, WATCHING, Heartbeat

log = structlog.get_logger()

POLL_S = 0.05
STANDBY_S = 1.0
RULES_EVERY_S = 2.0
STATUS_EVERY_S = 1.0
NOTE_EVERY_S = 5.0
PAUSE_S = 1.0
"""Pause after an error of the database."""

NOTES = "notes"
"""What does not work when notes had to be dropped."""


class WatchLoop:
    """Evaluates notes as long as no other process does. Blocking: it lives in a thread. `heartbeat`: how it stands."""

    def __init__(self, settings: Settings, queue: QueueDeliveries = queue_deliveries) -> None:
        self.heartbeat = Heartbeat(WAITING, "starting", 0.0, 0, 0, 0, 0, {}, {}, {})
        self.stored = Wake()
        """Set when events were stored: who tells people need not wait to look."""
        self.moved_s = time.monotonic()
        """When it last made a step: it hangs if that is long ago."""
        self._settings = settings
        self._queue = queue
        self._rules: Rules | None = None
        self._events = 0
        self._dropped = 0
        self._careful = False
        self._note_due_s = 0.0
        self._backend: tuple[int, datetime] | None = None
        """The server's process behind our last connection. It may hold the lock though the connection is lost."""

    @property
    def rules(self) -> Rules | None:
        """The rules in use; None while this process is not the one that watches."""
        return self._rules

    def run(self, stop: Stop) -> None:
        """Watch until stopped. Whatever the database says is said on, and tried again."""
        while not stop.is_set():
            self.moved_s = time.monotonic()
            try:
                with (
                    closing(connect(self._settings.database, autocommit=True, watched=True)) as connection,
                    translated(),
                ):
                    self._stand_by(connection, stop)
            except (NoroshiError, OSError, MemoryError) as error:
                self._rules = None  # before anybody hears that nothing is watched
                self.heartbeat = self.heartbeat._replace(state=WAITING, why=first_line(error))
                log.warning("watch_interrupted", error=first_line(error))
                stop.wait(PAUSE_S)
            finally:
                self._rules = None

    def _stand_by(self, connection: Database, stop: Stop) -> None:
        """Wait until no other process watches, then watch until stopped or until the connection is gone."""
        if self._backend is not None:
            watcher.end_backend(connection, self._backend)
        self._backend = watcher.own_backend(connection)
        while not stop.is_set():
            if watcher.take_watch(connection):
                log.info("watch_begins")
                self._watch(connection, stop)
                return
            if watcher.end_silent_watcher(connection):
                log.warning("silent_watcher_ended")
            self._tell(connection, STANDBY, None)
            stop.wait(STANDBY_S)

    def _watch(self, connection: Database, stop: Stop) -> None:
        turns = Turns(
            connection,
            int(timedelta(minutes=self._settings.watch.live_least_min) / timedelta(microseconds=1)),
            self._queue,
        )
        rules_due_s = status_due_s = 0.0
        try:
            while not stop.is_set():
                now_s = time.monotonic()
                if now_s >= rules_due_s:
                    self._follow(turns)
                    rules_due_s = now_s + RULES_EVERY_S
                events = turns.events
                busy = self._take(turns, stop)
                if turns.events > events:
                    self.stored.set()
                if now_s >= status_due_s:
                    self._tell(connection, WATCHING, turns)
                    status_due_s = now_s + STATUS_EVERY_S
                self.moved_s = time.monotonic()
                if not busy:
                    stop.wait(POLL_S)
        finally:
            self._events += turns.events

    def _follow(self, turns: Turns) -> None:
        if turns.follow_rules():
            log.info("watch_rules", rules=len(turns.evaluator.memory.subjects), series=len(turns.rules.selected))
        self._rules = turns.rules

    def _take(self, turns: Turns, stop: Stop) -> bool:
        """Take a turn. What the database refuses, or what meets a defect, is taken note by note.

        A note that fails alone is dropped: all others would wait behind it for ever.
        """
        try:
            with translated():
                busy = turns.take(most_notes=1) if self._careful else turns.take()
        except BatchRefused as error:
            self._be_careful(turns, error)
            return True
        except (NoroshiError, OSError, MemoryError):
            raise
        except Exception as error:
            log.exception("watch_turn_defect")
            self._be_careful(turns, error)
            stop.wait(PAUSE_S)
            return True
        self._careful = self._careful and busy
        return busy

    def _be_careful(self, turns: Turns, error: Exception) -> None:
        if not self._careful:
            self._careful = True
            return
        self._dropped += turns.drop()
        log.error("watch_notes_dropped", error=first_line(error))

    def _tell(self, connection: Database, state: str, turns: Turns | None) -> None:
        waiting = watcher.waiting(connection)
        if turns is not None and time.monotonic() >= self._note_due_s:
            watcher.note_alive(connection, waiting.oldest_s)
            self._note_due_s = time.monotonic() + NOTE_EVERY_S
        failing = {NOTES: f"{self._dropped} could not be stored and were dropped"} if self._dropped else {}
        if turns is not None and turns.evaluator.failing:
            failing["rules"] = f"{len(turns.evaluator.failing)} cannot be evaluated"
        if turns is not None and turns.rules.unreadable:
            failing[DOCUMENTS] = f"parts of those of {len(turns.rules.unreadable)} projects cannot be read"
        self.heartbeat = Heartbeat(
            state, "", waiting.oldest_s, waiting.notes, self._events + (0 if turns is None else turns.events),
            0 if turns is None else len(turns.evaluator.memory), waiting.deliveries, failing, {}, {},
        )  # fmt: skip
