"""A device fills the window with junk while the database is slow: what others send is stored before it."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator

import psycopg

from tests.acceptance.fleet import PROJECT, Message, document, native, one, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds

HOSTILE = f"noroshi/v1/{PROJECT}/dev-9/up"
JUNK, LARGE = 90, 500_000
HONEST = 6
"""Every second one has no time of its own: its identity is its first receipt."""
OVERTAKEN = """
select count(*) from quarantine
where age(xmin) < (select min(age(xmin)) from uplink_packed where device_id <> (select device_id from device
  where code = 'dev-9'))
"""


@contextlib.contextmanager
def frozen(database: Database) -> Iterator[None]:
    """Nothing is stored meanwhile: what tells of devices is locked."""
    with psycopg.connect(database.url) as connection:
        connection.execute("lock table quarantine, uplink_packed in access exclusive mode")
        yield


def junk() -> list[Message]:
    chance = random.Random(11)
    return [(HOSTILE, b"%d " % number + chance.randbytes(LARGE)) for number in range(JUNK)]


def honest() -> list[Message]:
    return [native(number, 3, timed=number % 2 == 0) for number in range(HONEST)]


def fill(service: ServiceProcess, broker: Broker) -> None:
    """The flood first, then the others; all of it is in the window."""
    asyncio.run(publish(broker.url, [*junk(), *honest()]))
    eventually(lambda: service.metrics()["intake_held_messages"] == JUNK + HONEST, what=service.process.output(30))


def stored(database: Database) -> int:
    return int(one(database.url, "select count(*) from uplink"))


def test_what_others_send_is_stored_before_the_flood_that_fills_the_window(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(10))
    service = start_service(any_database.url, mosquitto.url)
    with frozen(any_database):
        fill(service, mosquitto)
    service.wait_settled(JUNK + HONEST)

    assert one(any_database.url, OVERTAKEN) > JUNK // 2
    check_account(service, any_database)


def test_killed_between_the_commit_and_its_turn_to_be_acknowledged_nothing_is_lost_or_doubled(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(10))
    service = start_service(any_database.url, mosquitto.url)
    with frozen(any_database):
        fill(service, mosquitto)
    while not stored(any_database):
        time.sleep(0.002)
    service.kill()
    assert one(any_database.url, "select count(*) from quarantine") < JUNK
    service.start(ready=False)
    eventually(lambda: one(any_database.url, "select count(*) from quarantine") == JUNK, what=service.process.output())
    eventually(lambda: service.metrics().get("messages_in_flight") == 0 and stored(any_database) == HONEST)

    check_account(service, any_database)


def check_account(service: ServiceProcess, database: Database) -> None:
    assert stored(database) == HONEST
    assert one(database.url, "select count(distinct message_id) from quarantine") == JUNK
    assert one(database.url, "select count(*) from quarantine") == JUNK
    assert identity_holds(service.metrics())
