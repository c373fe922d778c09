"""What waits for the watch stays bounded, and nothing is lost by that."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from ingest.service.watch_jobs import watch_jobs
from ingest.settings.watch import WatchSettings
from ingest.watch.engine.fold import fold_notes
from tests.fixtures.database import Database
from tests.watch.engine.gauge import FLOOD, Gauge


@pytest.fixture
def gauge(any_database: Database) -> Iterator[Gauge]:
    gauge = Gauge(any_database, 2, began=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60))
    gauge.watch()
    yield gauge
    gauge.close()


def waiting(gauge: Gauge) -> list[tuple[int | None, float | None]]:
    """(device, minute from which on) of each note; packed ones have neither."""
    return gauge.connection.execute(
        "select device_id, extract(epoch from starts - %s)::float / 60 from watch_note order by device_id, note_id",
        (gauge.began,),
    ).fetchall()


def test_what_is_folded_is_computed_from_the_database(gauge: Gauge) -> None:
    for each in FLOOD:
        gauge.send(each)
        gauge.store(gauge.row(each[0] + 5, each[1], gauge.devices[1]))
    assert fold_notes(gauge.connection, 10**6, Event()) == 0, "it is not too much yet"
    assert fold_notes(gauge.connection, 0, Event()) == 14
    gauge.send((-20, 1.5))
    assert fold_notes(gauge.connection, 0, Event()) == 1
    assert waiting(gauge) == [(gauge.device, -20), (gauge.devices[1], 5)]
    gauge.watch()
    assert gauge.chronology() == [(-20, 0, 1), (0, 1, 0), (10, 0, 1), (20, 1, 2), (50, 2, 0), (60, 0, 3)]
    assert waiting(gauge) == []


def test_where_nothing_is_watched_nothing_is_noted(gauge: Gauge, any_database: Database) -> None:
    (job,) = watch_jobs(WatchSettings(enabled=False))
    gauge.send((0, 0.5))
    somebody = any_database.connect()
    somebody.execute("select pg_advisory_lock(%s)", (0x5741_5443,))
    job.run(gauge.connection, Event())
    assert len(waiting(gauge)) == 1, "another service watches"
    somebody.execute("select pg_advisory_unlock_all()")  # a session that is closed holds its locks a moment longer
    job.run(gauge.connection, Event())
    gauge.send((10, 1.5))
    assert waiting(gauge) == []
    gauge.reborn()
    gauge.send((60, 2.5))
    gauge.watch()
    assert gauge.chronology() == [(60, 0, 2)], "what was stored meanwhile is looked at from its newest reading on"
