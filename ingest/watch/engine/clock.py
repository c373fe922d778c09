"""Watchers that look at the clock, not at notes: silence, quality, transmitting time. One that fails stops no other."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from threading import Event as Stop
from typing import NamedTuple

import structlog

from ingest.errors import NoroshiError
from ingest.settings.model import DatabaseSettings
from ingest.store.database import Database, connect, first_line, translated
from ingest.watch.engine.keep import keep_events
from ingest.watch.model import Event
from ingest.watch.now import database_now
from ingest.watch.rules import Rules

log = structlog.get_logger()

POLL_S = 0.5
RETRY_S = 10.0
"""A look that failed is tried again so soon, or at its next turn if that is later."""

Look = Callable[[Database, Rules, datetime], Sequence[Event]]
"""What one of them notices now, in the transaction of the caller, in which it may keep tables of its own."""


class ClockWatch(NamedTuple):
    """A row of the table in `ingest/watch/engine/table.py`. `name`: a label of metrics and of the health page.

    `first_s`: the first look is so long after the start. What calls nobody leaves the machine to the intake, which
    then has a backlog.
    """

    name: str
    every_s: float
    look: Look
    first_s: float = 0.0


class ClockLoop:
    """Looks whenever one is due, on a connection of its own. Blocking: it lives in a thread.

    `rules`: the rules in use; None while this process is not the one that watches.
    """

    def __init__(
        self, settings: DatabaseSettings, watches: Sequence[ClockWatch], rules: Callable[[], Rules | None]
    ) -> None:
        self.events = 0
        """Stored by these watchers."""
        self.failing: dict[str, str] = {}
        """Why, by the name of those whose last look failed."""
        self._settings = settings
        self._watches = watches
        self._rules = rules
        self._due_s = {each.name: time.monotonic() + each.first_s for each in watches}

    def run(self, stop: Stop) -> None:
        """Look until stopped. A database that is away is tried again."""
        while not stop.wait(POLL_S):
            if self._rules() is None or not self._due():
                continue
            try:
                with closing(connect(self._settings, autocommit=True, watched=True)) as connection:
                    while not stop.is_set() and (rules := self._rules()) is not None and not connection.closed:
                        for each in self._due():
                            self._look(connection, each, rules)
                        stop.wait(POLL_S)
            except (NoroshiError, OSError, MemoryError) as error:
                self._fail("clock", error)
            else:
                self.failing.pop("clock", None)

    def _due(self) -> list[ClockWatch]:
        return [each for each in self._watches if self._due_s[each.name] <= time.monotonic()]

    def _look(self, connection: Database, watch: ClockWatch, rules: Rules) -> None:
        self._due_s[watch.name] = time.monotonic() + watch.every_s
        try:
            with translated(), connection.transaction():
                now = database_now(connection)
                self.events += len(keep_events(connection, watch.look(connection, rules, now), now))
        except Exception as error:  # noqa: BLE001  one that fails must not stop the others
            self._due_s[watch.name] = time.monotonic() + max(watch.every_s, RETRY_S)
            self._fail(watch.name, error)
        else:
            self.failing.pop(watch.name, None)

    def _fail(self, name: str, error: Exception) -> None:
        why = first_line(error) if isinstance(error, NoroshiError) else f"{type(error).__name__}: {first_line(error)}"
        if self.failing.get(name) != why:
            log.error("watch_look_failed", look=name, error=why)
        self.failing[name] = why
