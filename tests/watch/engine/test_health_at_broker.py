"""What a panel at the broker knows of the watch of a running service that dies, reads badly, comes back."""

import json
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService
from tests.watch.delivery.listener import Listener, until
from tests.watch.engine.river import make_river, project_of

WATCH = "ingest.watch"
EVERY_S = 10
UNKNOWN_AFTER = timedelta(seconds=60)
"""What docs/watch.md promises to readers."""


@pytest.fixture
def here(mosquitto: Broker) -> Iterator[Listener]:
    here = Listener(mosquitto.port)
    yield here
    here.close()


def documents(database: Database, rules: object) -> None:
    connection = database.connect()
    connection.execute(
        "insert into watch_document (project_id, number, body, source, applied_by)"
        " select %s, coalesce(max(number), 0) + 1, %s, '', 'test' from watch_document",
        (project_of(connection), json.dumps({"project": "river", "rules": rules})),
    )


def age(here: Listener) -> timedelta:
    return datetime.now(UTC) - here.health[-1].at


def calm(here: Listener, since: datetime) -> bool:
    """Whether calm was said of a time after `since`."""
    return here.reasons() == [] and here.health[-1].at > since


def test_calm_is_said_while_somebody_watches_and_reads_all(
    any_database: Database, mosquitto: Broker, start_service: StartService, here: Listener
) -> None:
    make_river(any_database)
    documents(any_database, [])
    service = start_service(any_database.url, mosquitto.url)
    until(lambda: here.reasons() == [], 60)
    documents(any_database, [{"code": "r", "moon": "full"}])
    until(lambda: here.reasons() == ["unread"], 2 * EVERY_S)
    assert here.health[-1].problems[0].places == ("rules[0]",)
    documents(any_database, [])
    until(lambda: here.reasons() == [], 2 * EVERY_S)
    told = len(here.health)
    until(lambda: len(here.health) == told + 2, 3 * EVERY_S)  # again and again, though nothing changes
    assert age(here) < timedelta(seconds=5)

    killed_at = datetime.now(UTC)
    _kill(service)
    until(lambda: calm(here, killed_at + timedelta(seconds=1)), 60)  # by the process that was started anew
    assert age(here) < timedelta(seconds=5)

    for query in ("%", "%select distinct kind from watch_delivery%"):  # all of them, or of those who tell alone
        until(lambda: _lose_connection(any_database, query))  # noqa: B023  called at once
        until(lambda: here.reasons() == ["stopped"], 20)
        until(lambda: here.reasons() == [], 60)
    service.terminate()
    until(lambda: here.reasons() == ["stopped"], 5)


def test_of_a_watch_that_is_dead_the_time_stays(
    any_database: Database, mosquitto: Broker, start_service: StartService, here: Listener
) -> None:
    make_river(any_database)
    documents(any_database, [])
    service = start_service(any_database.url, mosquitto.url)
    until(lambda: here.reasons() == [], 60)
    (watch,) = service.children(WATCH)
    service.kill()
    watch.wait(20)
    killed_at = datetime.now(UTC)
    time.sleep(EVERY_S + 2)
    newcomer = Listener(mosquitto.port)
    until(lambda: newcomer.health)
    assert newcomer.reasons() == []
    assert newcomer.health[-1].at < killed_at  # so that it is older than a minute soon
    assert killed_at + UNKNOWN_AFTER - newcomer.health[-1].at < UNKNOWN_AFTER + timedelta(seconds=EVERY_S + 2)
    newcomer.close()


def _kill(service: ServiceProcess) -> None:
    (process,) = service.children(WATCH)
    process.send_signal(signal.SIGKILL)


def _lose_connection(database: Database, query: str) -> bool:
    """End the connections of the service whose last statement was like this; whether there was one."""
    ended = database.connect().execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
        " and datname = current_database() and application_name <> '' and query like %s",
        (query,),
    )
    return bool(ended.fetchall())
