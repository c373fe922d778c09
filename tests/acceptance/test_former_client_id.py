"""Installations had one name for all once. What waits under it in the broker comes in, and nothing stays behind."""

import re

import psycopg
import pytest

from ingest.store.schema.migrate import upgrade
from tests.acceptance.fleet import document, natives, one, publish, register
from tests.acceptance.test_workers import StartWith, arrived, expect_each_once, kept_session, service_with
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import eventually

__all__ = ["service_with"]
FORMER = "noroshi-ingest"
UNGUESSABLE = re.compile(r"noroshi-[0-9a-f]{15}")


@pytest.mark.parametrize("workers", [(1, 1), (3, 1), (1, 2)])
async def test_what_waits_under_the_former_name_is_stored_once_and_its_sessions_are_removed(
    any_database: Database, mosquitto: Broker, service_with: StartWith, workers: tuple[int, int]
) -> None:
    before, after = workers
    service = service_with(before, NOROSHI_BROKER__CLIENT_ID=FORMER)
    service.terminate()
    await publish(mosquitto.url, natives(600, untimed_every=3))
    with psycopg.connect(any_database.url) as connection:
        connection.execute("update installation set former_client_id = %s", (FORMER,))
    del service._environment["NOROSHI_BROKER__CLIENT_ID"]
    service.start_with(after)
    eventually(lambda: arrived(any_database.url) == 600)
    eventually(lambda: one(any_database.url, "select former_client_id from installation") is None)
    await publish(mosquitto.url, list(natives(700))[600:])
    eventually(lambda: arrived(any_database.url) == 700)
    metrics = service.metrics()
    assert (metrics["messages_received"], metrics["messages_duplicate"]) == (700, 0)
    service.terminate()
    expect_each_once(any_database.url, 700)
    assert one(any_database.url, f"select count(*) from worker_session where client_id = '{FORMER}'") == 0
    for name in (FORMER, f"{FORMER}-2", f"{FORMER}-3"):
        assert not await kept_session(mosquitto, name)


async def test_over_mqtt_311_the_former_name_stays_for_it_cannot_be_emptied(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(1, NOROSHI_BROKER__CLIENT_ID=FORMER, NOROSHI_BROKER__PROTOCOL="3.1.1")
    service.terminate()
    await publish(mosquitto.url, natives(50))
    with psycopg.connect(any_database.url) as connection:
        connection.execute("update installation set former_client_id = %s", (FORMER,))
    del service._environment["NOROSHI_BROKER__CLIENT_ID"]
    service.start_with(1)
    eventually(lambda: arrived(any_database.url) == 50)
    service.terminate()
    assert one(any_database.url, "select former_client_id from installation") == FORMER


def again(url: str, *before: str) -> tuple[str, str | None]:
    """What the migration finds out about a database that has done all this before it came."""
    with psycopg.connect(url) as connection:
        for statement in ("drop table installation", "delete from schema_migration where version = 18", *before):
            connection.execute(statement.encode())
        connection.commit()
        upgrade(connection)
        found = connection.execute("select client_id, former_client_id from installation").fetchone()
    assert found is not None
    return found


def test_the_name_is_made_by_chance_and_a_new_installation_has_no_former_one(any_database: Database) -> None:
    first, second = again(any_database.url), again(any_database.url)
    assert UNGUESSABLE.fullmatch(first[0])
    assert first[0] != second[0]
    assert first[1] is None
    assert len(first[0]) == 23, "what every broker has to accept"


@pytest.mark.parametrize(
    ("last", "former"),
    [(None, FORMER), (FORMER, FORMER), (f"{FORMER}-3", FORMER), ("of-the-settings", None), (f"{FORMER}-b", None)],
)
def test_an_installation_that_was_at_work_may_have_messages_under_the_former_name(
    any_database: Database, last: str | None, former: str | None
) -> None:
    register(any_database.url, document(1))
    noted = "insert into delivery (client_id, packet_id, message_id, received_at, position) values ('{}', 1, 1, {}, 1)"
    notes = [] if last is None else [noted.format("another", "now() - interval '1 day'"), noted.format(last, "now()")]
    assert again(any_database.url, *notes)[1] == former
