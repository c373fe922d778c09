"""After an outage what is new does not wait behind the backlog, and still every message is stored exactly once."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import psycopg

from ingest.simulator.publisher import Publisher
from tests.acceptance.fleet import Message, document, natives, one, publish, register, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds

DEVICES = 20
SLOWLY = {"NOROSHI_INTAKE__BATCH_MESSAGES": "100"}
"""With a database that takes its time (`slow_down`): a backlog of thousands takes seconds."""
SLOW_COMMITS = """
create function take_your_time() returns trigger language plpgsql as 'begin perform pg_sleep(0.05); return null; end';
create trigger take_your_time after insert or update on tally for each statement execute function take_your_time();
"""


def fresh(number: int, *, timed: bool = True) -> Message:
    """Measured now; `number` is its own among all messages of a test."""
    body: dict[str, object] = {"seq": number, "readings": {"air_temperature": number % 40, "air_humidity": 50}}
    if timed:
        body["ts"] = datetime.now(UTC).isoformat()  # microseconds: no two of a device at the same time
    return topic(number % DEVICES), orjson.dumps(body)


def flow(first: int, count: int) -> Iterator[Message]:
    """Fresh messages: every third has no time of its own, every tenth is junk instead."""
    for number in range(first, first + count):
        if number % 10 == 9:
            yield topic(number % DEVICES), f"junk {number}".encode()
        else:
            yield fresh(number, timed=number % 3 != 0)


def expect_each_once(url: str, good: int, junk: int = 0) -> None:
    """Every sequence number is there once, with both its readings, and every piece of junk."""
    assert one(url, "select count(*), count(distinct counter), sum(offered) from uplink") == (good, good, 2 * good)
    assert one(url, "select count(*) from reading") == 2 * good
    assert one(url, "select count(*), count(distinct payload) from quarantine") == (junk, junk)
    assert one(url, "select count(*) from reading_conflict") == 0


async def behind(
    start_service: StartService, database: Database, broker: Broker, count: int, **settings: str
) -> ServiceProcess:
    """A service that is away while the broker keeps `count` old messages for it."""
    register(database.url, document(DEVICES))
    service = start_service(database.url, broker.url, **settings)
    service.terminate()
    await publish(broker.url, natives(count, DEVICES, untimed_every=5))
    return service


def slow_down(url: str) -> None:
    """Every commit takes 50 ms from now on."""
    with psycopg.connect(url) as connection:
        connection.execute(SLOW_COMMITS)


def hurry_up(url: str) -> None:
    """Commits take what they take again."""
    with psycopg.connect(url) as connection:
        connection.execute("drop trigger take_your_time on tally")


def stored(url: str) -> int:
    return int(one(url, "select count(*) from uplink"))


def arrived(url: str) -> int:
    return int(one(url, "select (select count(*) from uplink) + (select count(*) from quarantine)"))


def is_stored(url: str, number: int) -> bool:
    return bool(one(url, f"select count(*) from uplink where counter = {number}"))


async def test_what_is_new_is_stored_within_a_second_while_the_backlog_drains(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    old, new = 8_000, 5
    url = any_database.url
    service = await behind(start_service, any_database, mosquitto, old, **SLOWLY)
    slow_down(url)
    service.start(ready=False)
    eventually(lambda: stored(url) > 0)
    waited_s = []
    for number in range(old, old + new):
        published = time.monotonic()
        await publish(mosquitto.url, [fresh(number)])
        eventually(lambda number=number: is_stored(url, number))  # type: ignore[misc]
        waited_s.append(time.monotonic() - published)
        assert stored(url) < old, "the backlog is still draining"
    assert min(waited_s) < 1, "of the others one may have met a busy machine"
    metrics = service.metrics()
    assert metrics["fresh_lane"] == 1
    assert metrics["durable_lag_seconds"] > 3_000
    assert identity_holds(metrics)
    service.wait_settled(old + 2 * new)
    expect_each_once(url, old + new)
    eventually(lambda: service.metrics()["fresh_lane"] == 0)
    summary = service.terminate()
    assert (summary["received"], summary["stored"], summary["duplicate"]) == (old + 2 * new, old + new, new)


async def test_the_lane_closes_when_the_backlog_is_gone_and_stays_closed_in_a_live_flow(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    old = 3_000
    service = await behind(start_service, any_database, mosquitto, old, **SLOWLY)
    slow_down(any_database.url)  # otherwise the lane may open and close between two looks
    service.start(ready=False)
    number = old
    async with Publisher(mosquitto.url, "test-flow") as publisher:

        async def send(seconds: float) -> None:
            """A live flow without a pause in which the session could run dry."""
            nonlocal number
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await publisher.publish(*fresh(number))
                number += 1
                await asyncio.sleep(0.01)

        deadline = time.monotonic() + 120
        while service.metrics().get("fresh_lane") != 1:
            assert time.monotonic() < deadline
            await send(0.05)
        hurry_up(any_database.url)
        while service.metrics()["fresh_lane"] == 1 or service.metrics()["messages_in_flight"]:
            assert time.monotonic() < deadline
            await send(0.2)
        before = service.metrics()["messages_duplicate"]
        assert before > 0, "it was open"
        await send(2.0)
    service.wait_settled(number + int(before))
    metrics = service.metrics()
    assert (metrics["fresh_lane"], metrics["messages_duplicate"]) == (0, before), "nothing came twice any more"
    expect_each_once(any_database.url, number)


async def test_killing_the_service_while_the_lane_is_open_loses_nothing_and_doubles_nothing(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    old, new = 3_000, 240
    service = await behind(start_service, any_database, mosquitto, old, **SLOWLY)
    slow_down(any_database.url)
    chance, sent = random.Random(11), 0
    for _ in range(4):
        service.start(ready=False)
        eventually(lambda: service.metrics().get("fresh_lane") == 1)
        await publish(mosquitto.url, flow(old + sent, new // 4))
        sent += new // 4
        time.sleep(chance.uniform(0, 0.15))
        service.kill()
    service.start()
    eventually(lambda: arrived(any_database.url) >= old + new and service.metrics()["intake_held_messages"] == 0)
    time.sleep(0.3)  # anything doubled would come now
    expect_each_once(any_database.url, old + new - new // 10, junk=new // 10)
    assert identity_holds(service.metrics())


async def test_a_lane_that_is_thrown_out_again_and_again_costs_nothing(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """Somebody else takes its client id, in the middle of the flow; the identity holds all the time."""
    old, new = 4_000, 400
    service = await behind(start_service, any_database, mosquitto, old, **SLOWLY)
    slow_down(any_database.url)
    lane = one(any_database.url, "select client_id || '-fresh' from installation")
    service.start(ready=False)
    eventually(lambda: service.metrics().get("fresh_lane") == 1)
    for part in range(10):
        await publish(mosquitto.url, flow(old + part * new // 10, new // 10))
        async with Publisher(mosquitto.url, lane):
            metrics = await asyncio.to_thread(service.metrics)
        assert identity_holds(metrics)
    eventually(lambda: arrived(any_database.url) >= old + new and service.metrics()["intake_held_messages"] == 0)
    expect_each_once(any_database.url, old + new - new // 10, junk=new // 10)
    assert identity_holds(service.metrics())


async def test_a_backfill_does_not_open_the_lane(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """Old data in arrays, for longer than a lag must last to be believed, and without a pause."""
    register(any_database.url, document(DEVICES))
    service = start_service(any_database.url, mosquitto.url, NOROSHI_INTAKE__FRESH_LAG_S="1")
    sent, until = 0, time.monotonic() + 2.5
    start_ms = time.time_ns() // 1_000_000 - 86_400_000
    async with Publisher(mosquitto.url, "test-flow") as publisher:
        while time.monotonic() < until:
            items = [{"ts": start_ms + 3 * sent + n, "readings": {"air_temperature": n}} for n in range(3)]
            await publisher.publish(topic(sent % DEVICES), orjson.dumps(items))
            sent += 1
            assert (await asyncio.to_thread(service.metrics))["fresh_lane"] == 0
    metrics = service.wait_settled(sent)
    assert (metrics["messages_stored"], metrics["messages_duplicate"]) == (sent, 0)


async def test_a_queue_that_grew_while_the_database_was_slow_is_overtaken_too(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    """No reconnect tells of it: the times of the messages do."""
    register(any_database.url, document(DEVICES))
    slow_down(any_database.url)
    service = start_service(any_database.url, mosquitto.url, NOROSHI_INTAKE__FRESH_LAG_S="1", **SLOWLY)
    with any_database.connect(autocommit=False) as blocker:
        blocker.execute("lock table tally in exclusive mode")
        await publish(mosquitto.url, (fresh(number) for number in range(6_000)))
        await asyncio.sleep(1.5)
    eventually(lambda: service.metrics()["fresh_lane"] == 1)
    await publish(mosquitto.url, [fresh(6_000)])
    eventually(lambda: is_stored(any_database.url, 6_000))
    assert stored(any_database.url) < 6_001, "the queue is still draining"
    service.wait_settled(6_002)
    expect_each_once(any_database.url, 6_001)
    eventually(lambda: service.metrics()["fresh_lane"] == 0)
