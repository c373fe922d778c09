"""Writes the audit log for the pages: at once where the answer depends on it, else behind the back of the request."""

import queue
from collections import OrderedDict
from threading import Lock, Thread
from time import monotonic

import structlog
from fastapi import Request

from ingest.access.access import Access
from ingest.access.audit import Entry, append
from ingest.errors import NoroshiError
from ingest.telemetry.logs import Seldom

log = Seldom(structlog.get_logger())

MOST_WAITING = 1000
"""Entries that wait to be written. Beyond them entries are lost, and the log of the process says so."""
MOST_KEYS = 10_000

Waiting = tuple[Entry, str]


class Trail:
    """The audit log of one process. Without accounts nothing is written. Thread-safe."""

    def __init__(self, access: Access | None) -> None:
        self._access = access
        self._waiting: queue.Queue[Waiting] = queue.Queue(MOST_WAITING)
        self._lock = Lock()
        self._thread: Thread | None = None
        self._noted: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def write(self, entry: Entry, address: str) -> None:
        """Write an entry before this returns. Raises StoreUnavailable."""
        if self._access is not None:
            with self._access.database() as connection:
                append(connection, entry, self._access.kept(address))

    def note(self, entry: Entry, address: str) -> None:
        """Have an entry written soon. It never waits, and never fails."""
        if self._access is None:
            return
        try:
            self._waiting.put_nowait((entry, address))
        except queue.Full:
            log.warning("audit_entry_lost", action=entry.action.value, why="too many entries wait to be written")
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._write_waiting, name="audit log", daemon=True)
                self._thread.start()

    def is_due(self, key: tuple[object, ...], every_s: float) -> bool:
        """Whether this was not noted within the last `every_s`; then it counts as noted now. No more than MOST_KEYS."""
        if self._access is None:
            return False
        now_s = monotonic()
        with self._lock:
            noted_s = self._noted.get(key)
            if noted_s is not None and now_s - noted_s < every_s:
                return False
            self._noted[key] = now_s
            self._noted.move_to_end(key)
            if len(self._noted) > MOST_KEYS:
                self._noted.popitem(last=False)
        return True

    def _write_waiting(self) -> None:
        while True:
            entry, address = self._waiting.get()
            try:
                self.write(entry, address)
            except NoroshiError as error:
                log.warning("audit_entry_lost", action=entry.action.value, why=str(error))


def trail_of(request: Request) -> Trail:
    """The trail of the application."""
    found = request.app.state.trail
    assert isinstance(found, Trail)  # set by create_app
    return found
