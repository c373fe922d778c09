"""The watcher at work while the database goes away, stages change and others wait for its place."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event as Stop
from threading import Thread

import pytest

from ingest.settings.model import DatabaseSettings, Settings
from ingest.store.database import Database as Connection
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.keep import QueueDeliveries, queue_nothing
from ingest.watch.engine.loop import WatchLoop
from ingest.watch.model import StoredEvent
from ingest.watch.talk import STANDBY, WAITING, WATCHING
from tests.fixtures.database import Database, OwnPostgres, fresh_database
from tests.fixtures.service import eventually
from tests.watch.engine.gauge import CHRONOLOGY, FLOOD, Gauge


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STANDBY_S", "RULES_EVERY_S", "STATUS_EVERY_S", "PAUSE_S"):
        monkeypatch.setattr(f"ingest.watch.engine.loop.{name}", 0.1)


@contextmanager
def watching(url: str, queue: QueueDeliveries = queue_nothing) -> Iterator[WatchLoop]:
    """A watcher in a thread."""
    loop = WatchLoop(Settings(database=DatabaseSettings(url=url)), queue)
    stop = Stop()
    thread = Thread(target=loop.run, args=(stop,))
    thread.start()
    try:
        yield loop
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()


def hour_ago() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=60)


def test_a_database_that_goes_away_and_comes_back_costs_nothing(own_postgres: OwnPostgres) -> None:
    server = own_postgres()
    database = fresh_database(server)
    gauge = Gauge(database, began=hour_ago())
    with watching(database.url) as loop:
        eventually(lambda: loop.heartbeat.state == WATCHING, within_s=20)
        for minute, value in FLOOD:
            gauge.send((minute, value))
            if minute in (20, 50):
                gauge.close()
                server.stop()
                eventually(lambda: loop.heartbeat.state == WAITING, within_s=20)
                assert loop.rules is None
                server.start()
                eventually(lambda: loop.heartbeat.state == WATCHING, within_s=30)
        gauge.connection = database.connect()
        eventually(lambda: gauge.chronology() == CHRONOLOGY, within_s=20)
        assert gauge.incident()[-1] == (3, True)
        assert gauge.withdrawn() == []
    gauge.close()
    database.close()


def test_stages_that_change_while_data_flow_hold_from_the_newest_reading_on(any_database: Database) -> None:
    gauge = Gauge(any_database, began=hour_ago())
    with watching(any_database.url) as loop:
        eventually(lambda: loop.heartbeat.series == 1, within_s=20)
        for number in range(30):
            gauge.send((30 + number, 0.6 + number % 2 / 10))
            if number == 15:
                eventually(lambda: gauge.connection.execute("select count(*) from watch_note").fetchone() == (0,))
                gauge.connection.execute("update device_stage set level_m = 0.5 where rank = 1")
                gauge.connection.execute("update registry_state set version = version + 1")
                eventually(lambda: len(gauge.chronology()) == 1, within_s=20)
        eventually(lambda: loop.heartbeat.notes == 0 and loop.heartbeat.series == 1, within_s=20)
    assert gauge.chronology() == [(45, 0, 1)]
    assert gauge.incident() == [(1, True)]
    gauge.close()


def test_who_waits_takes_over_at_once_and_finds_what_was_left(any_database: Database) -> None:
    gauge = Gauge(any_database, began=hour_ago())
    with watching(any_database.url) as first:
        eventually(lambda: first.heartbeat.series == 1, within_s=20)
        with watching(any_database.url) as second:
            eventually(lambda: second.heartbeat.state == STANDBY, within_s=20)
            gauge.connection.execute(
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = %s and granted",
                (0x5741_5443,),
            )
            gauge.send(*FLOOD)
            eventually(lambda: gauge.chronology() == CHRONOLOGY, within_s=20)
            eventually(lambda: {first.heartbeat.state, second.heartbeat.state} == {WATCHING, STANDBY}, within_s=20)
    gauge.close()


def test_a_document_that_cannot_be_read_keeps_nothing_from_being_watched_and_is_said(any_database: Database) -> None:
    gauge = Gauge(any_database, began=hour_ago())
    document = {"project": "river", "notify": [{"to": ["fax"]}], "channels": [{"code": "fax", "kind": "fax"}]}
    gauge.connection.execute(
        "insert into watch_document (project_id, number, body, source, applied_by)"
        " select project_id, 1, %s, '', 'test' from project",
        (json.dumps(document),),
    )
    with watching(any_database.url, queue_deliveries) as loop:
        eventually(lambda: loop.heartbeat.state == WATCHING, within_s=20)
        for minute, value in FLOOD:
            gauge.send((minute, value))
        eventually(lambda: gauge.chronology() == CHRONOLOGY, within_s=20)
        assert "projects cannot be read" in loop.heartbeat.failing["documents"]
    found = gauge.connection.execute("select distinct channel, withheld from watch_delivery where kind <> 'mqtt'")
    assert found.fetchall() == [("fax", "unreadable")]
    gauge.close()


def test_a_defect_in_one_event_keeps_no_other_from_being_noticed(any_database: Database) -> None:
    gauge = Gauge(any_database, 2, hour_ago())
    bad, good = gauge.devices
    failed: list[int] = []

    def queue(_connection: Connection, stored: Sequence[StoredEvent], _now: datetime) -> None:
        if any(each.event.thing.device_id == bad for each in stored):
            failed.append(1)
            raise KeyError("a defect")

    with watching(any_database.url, queue) as loop:
        eventually(lambda: loop.heartbeat.series == 2, within_s=20)
        gauge.store(gauge.row(58, 1.5, bad))
        gauge.store(gauge.row(58, 1.5, good))
        eventually(lambda: gauge.chronology(good) == [(58, 0, 1)], within_s=20)
        eventually(lambda: "could not be stored" in loop.heartbeat.failing.get("notes", ""), within_s=20)
        gauge.store(gauge.row(59, 2.5, good))
        eventually(lambda: gauge.chronology(good)[-1:] == [(59, 1, 2)], within_s=20)
    assert len(failed) == 2, "with the others, and alone"
    assert gauge.chronology(bad) == []
    gauge.close()
