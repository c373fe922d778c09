"""The time of the database: what is due, and what is of now, must not go by a clock that is set forth or back here."""

import time
from datetime import datetime, timedelta

from ingest.store.database import Database

FRESH_S = 1.0


def database_now(connection: Database) -> datetime:
    """The present moment, as the server of the database knows it."""
    row = connection.execute("select clock_timestamp()").fetchone()
    assert row is not None  # a function has one row
    moment: datetime = row[0]
    return moment


class DatabaseClock:
    """The same, asked for once a second on one connection and told on by the monotonic clock between."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection
        self._asked_s = -FRESH_S
        self._at: datetime | None = None

    def now(self) -> datetime:
        """The present moment."""
        passed_s = time.monotonic() - self._asked_s
        if self._at is None or passed_s >= FRESH_S:
            self._at, self._asked_s, passed_s = database_now(self._connection), time.monotonic(), 0.0
        return self._at + timedelta(seconds=passed_s)
