"""The time of the watch is that of the database."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from ingest.watch import now
from ingest.watch.now import DatabaseClock, database_now
from tests.fixtures.database import Database


def test_the_time_is_that_of_the_database(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = any_database.connect()
    clock = DatabaseClock(connection)
    began = database_now(connection)
    first = clock.now()
    assert timedelta() <= first - began < timedelta(seconds=5)
    time.sleep(0.05)
    assert timedelta(milliseconds=50) <= clock.now() - first < timedelta(seconds=5), "it goes on without a question"
    monkeypatch.setattr(now, "FRESH_S", 0.0)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    connection.close()
    with pytest.raises(Exception, match="closed"):
        clock.now()
