"""Whatever breaks, every published message is in the database exactly once, or in quarantine."""

import asyncio
import random
import time

import psycopg

from tests.acceptance.fleet import Message, document, natives, one, publish, publish_watched, register, rows, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database, OwnPostgres, fresh_database
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds

DEVICES = 20


def expect_each_once(url: str, count: int, quarantined: int = 0) -> None:
    """Every sequence number is there once, with both its readings; nothing else is."""
    assert one(url, "select count(*), count(distinct counter), sum(offered) from uplink") == (count, count, 2 * count)
    assert one(url, "select count(*) from reading") == 2 * count
    assert one(url, "select count(*) from quarantine") == quarantined


def with_junk(count: int, every: int) -> list[Message]:
    """Good messages (a third of them without a time), and a piece of junk after each `every`-th."""
    mixed: list[Message] = []
    for number, message in enumerate(natives(count, DEVICES, untimed_every=3)):
        mixed.append(message)
        if number % every == every - 1:
            mixed.append((topic(number % DEVICES), f"junk {number}".encode()))
    return mixed


async def queued(
    start_service: StartService, database: Database, broker: Broker, messages: list[Message]
) -> ServiceProcess:
    """A service that was there once, so that the broker keeps messages for it, and is away now."""
    register(database.url, document(DEVICES))
    service = start_service(database.url, broker.url)
    service.terminate()
    assert await publish(broker.url, messages) == len(messages)
    return service


async def test_killing_the_service_in_a_drain_loses_nothing_and_doubles_nothing(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    messages = with_junk(12_000, every=100)
    service = await queued(start_service, database, mosquitto, messages)
    chance = random.Random(7)
    for _ in range(4):
        service.start(ready=False)
        before = one(database.url, "select coalesce(sum(stored), 0) from tally")
        eventually(lambda known=before: one(database.url, "select coalesce(sum(stored), 0) from tally") > known)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.05))
        service.kill()
    service.start()
    eventually(lambda: service.metrics()["intake_held_messages"] == 0 and arrived(database.url) >= len(messages))
    time.sleep(0.3)  # anything doubled would come now
    expect_each_once(database.url, 12_000, quarantined=120)
    assert identity_holds(service.metrics())


def arrived(url: str) -> int:
    return int(one(url, "select (select count(*) from uplink) + (select count(*) from quarantine)"))


async def test_sigterm_under_load_commits_and_acknowledges_what_is_in_flight(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    messages = with_junk(20_000, every=500)
    service = await queued(start_service, any_database, mosquitto, messages)
    service.start(ready=False)
    eventually(lambda: arrived(any_database.url) > 500)
    summary = service.terminate()
    assert summary["in_flight"] == 0
    assert summary["received"] == summary["stored"] + summary["duplicate"] + summary["quarantined"]
    assert summary["stored"] + summary["quarantined"] == arrived(any_database.url)
    service.start()
    eventually(lambda: arrived(any_database.url) == len(messages))
    rest = service.terminate()
    assert rest["duplicate"] == 0, "what was acknowledged is not delivered again"
    expect_each_once(any_database.url, 20_000, quarantined=40)


async def test_a_database_that_dies_and_stays_away_longer_than_the_keep_alive_costs_nothing(
    own_postgres: OwnPostgres, mosquitto: Broker, start_service: StartService
) -> None:
    server = own_postgres()
    database = fresh_database(server)
    register(database.url, document(DEVICES))
    service = start_service(database.url, mosquitto.url, NOROSHI_BROKER__KEEP_ALIVE_S="2")
    await publish(mosquitto.url, natives(500, DEVICES))
    service.wait_settled(500)
    server.kill()
    await publish(mosquitto.url, list(natives(3_000, DEVICES))[500:])
    away_until = time.monotonic() + 4
    while time.monotonic() < away_until:
        await asyncio.sleep(0.2)
        assert identity_holds(service.metrics())
    metrics = service.metrics()
    assert metrics["messages_in_flight"] > 0
    assert metrics["oldest_unacknowledged_seconds"] > 2
    assert metrics["store_available"] == 0
    assert metrics["store_failures"] > 0
    assert metrics["broker_connects"] == 1, "the connection to the broker was kept alive meanwhile"
    assert service.get("/readyz")[0] == 503
    assert service.get("/livez")[0] == 200
    server.start()
    service.wait_settled(3_000)
    expect_each_once(database.url, 3_000)
    assert service.metrics()["store_available"] == 1


async def test_a_broker_that_restarts_is_found_again(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(DEVICES))
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, natives(100, DEVICES))
    service.wait_settled(100)
    mosquitto.kill()
    eventually(lambda: service.metrics()["broker_connected"] == 0)
    assert "broker" in service.get("/readyz")[1]
    mosquitto.start()
    eventually(lambda: service.metrics()["broker_connected"] == 1)
    await publish(mosquitto.url, list(natives(200, DEVICES))[100:])
    service.wait_settled(200)
    expect_each_once(any_database.url, 200)


async def test_the_identity_holds_at_any_moment_of_a_live_load(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(DEVICES))
    service = start_service(any_database.url, mosquitto.url)
    messages = with_junk(15_000, every=50)
    await publish_watched(service, mosquitto.url, messages)
    summary = service.terminate()
    again = summary["duplicate"]  # if the link broke under the load, some came twice
    assert (summary["received"] - again, summary["stored"], summary["quarantined"]) == (15_300, 15_000, 300)
    told = one(any_database.url, "select sum(stored)::int, sum(duplicate)::int, sum(quarantined)::int from tally")
    assert told == (15_000, again, 300), "the account in the database is the same"


async def test_an_intake_for_mqtt_3_1_1_loses_nothing_either(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(DEVICES))
    service = start_service(any_database.url, mosquitto.url, NOROSHI_BROKER__PROTOCOL="3.1.1")
    service.terminate()
    await publish(mosquitto.url, natives(3_000, DEVICES, untimed_every=3))
    service.start(ready=False)
    eventually(lambda: arrived(any_database.url) > 100)
    service.kill()
    service.start()
    eventually(lambda: arrived(any_database.url) == 3_000)
    expect_each_once(any_database.url, 3_000)


async def test_a_statement_that_takes_too_long_is_tried_again(
    database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(database.url, document(DEVICES))
    service = start_service(database.url, mosquitto.url, NOROSHI_DATABASE__STATEMENT_TIMEOUT_S="1")
    with psycopg.connect(database.url) as blocker:
        blocker.execute("lock table tally in exclusive mode")
        await publish(mosquitto.url, natives(200, DEVICES))
        eventually(lambda: service.metrics()["store_failures"] > 0)
        assert not rows(database.url, "select 1 from uplink limit 1")
    service.wait_settled(200)
    expect_each_once(database.url, 200)
