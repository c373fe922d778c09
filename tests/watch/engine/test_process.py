"""From a message of a device to an event, through the service as shipped; and the process of the watch may die."""

import asyncio
import random
import signal
import time
from typing import Any, LiteralString

import orjson
import psutil
import psycopg
import pytest

from tests.acceptance.fleet import Message, publish
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds
from tests.watch.engine.river import LEVEL, PROJECT, make_river

WATCH = "ingest.watch"


def level(number: int, value: float, age_s: float = 0.0, seq: int = 1) -> Message:
    """A message of gauge g-`number`, measured so long ago."""
    body = {"seq": seq, "ts": round((time.time() - age_s) * 1000), "readings": {"river_level": value}}
    return f"noroshi/v1/{PROJECT}/g-{number}/up", orjson.dumps(body)


def send(broker: Broker, *messages: Message) -> None:
    asyncio.run(publish(broker.url, messages))


@pytest.fixture
def rivers(any_database: Database) -> Database:
    """Gauges with stages at 1 and 2 m."""
    make_river(any_database, 20)
    any_database.connect().execute(
        "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)"
        " select device_id, %s, 0, rank, '基準' || rank, 'Stage ' || rank, rank, false from device,"
        " generate_series(1, 2) rank",
        (LEVEL,),
    )
    return any_database


def ask(database: Database, query: LiteralString) -> list[Any]:
    """The rows, on a connection of its own that is closed again: it is asked often."""
    with psycopg.connect(database.url) as connection:
        return connection.execute(query).fetchall()


def events(database: Database) -> list[tuple[str, int, str]]:
    return ask(
        database,
        "select device.code, rank, origin from watch_event join device using (device_id)"
        " where withdrawn_at is null order by event_id",
    )


def still_open(database: Database) -> list[tuple[int, int]]:
    """(rank, how many) of open incidents."""
    return ask(database, "select rank, count(*) from watch_incident where closed_at is null group by 1")


def watching(service: ServiceProcess) -> psutil.Process:
    (process,) = eventually(lambda: service.children(WATCH), within_s=30, what="the process of the watch")
    assert isinstance(process, psutil.Process)
    return process


def wait_active(service: ServiceProcess) -> None:
    eventually(lambda: service.metrics().get("watch_active") == 1, within_s=60, what=service.process.output())


@pytest.fixture
def service(rivers: Database, mosquitto: Broker, start_service: StartService) -> ServiceProcess:
    service = start_service(rivers.url, mosquitto.url)
    wait_active(service)
    eventually(lambda: ask(rivers, "select count(*) from watch_selected") == [(20,)])
    return service


def test_a_message_becomes_an_event_within_a_second_or_so(
    service: ServiceProcess, rivers: Database, mosquitto: Broker
) -> None:
    send(mosquitto, level(3, 0.5, age_s=600), level(3, 1.5, seq=2))
    eventually(lambda: events(rivers) == [("g-3", 1, "live")], within_s=20)
    ((delay_s,),) = ask(rivers, "select extract(epoch from recorded_at - committed_at)::float from watch_event")
    assert 0 < delay_s < 10
    metrics = eventually(lambda: service.metrics() if service.metrics()["watch_events"] >= 1 else None)
    assert (metrics["watch_up"], metrics["watch_notes_waiting"], metrics["watch_restarts"]) == (1, 0, 0)
    assert metrics["watch_series"] == 20
    child = watching(service)
    service.terminate()
    assert not child.is_running()
    log = service.process.output()
    assert "watch_process_ended" not in log, "it ended in order"


def test_a_watch_that_is_killed_again_and_again_misses_nothing_and_doubles_nothing(
    service: ServiceProcess, rivers: Database, mosquitto: Broker
) -> None:
    """Late, early and twice; the chronology is that of the readings, whenever it was killed."""
    chance = random.Random(7)
    expected = {}
    messages = []
    for number in range(20):
        ups = [0.5, 1.5, 2.5, 0.5, 1.2]
        messages += [level(number, value, age_s=300 - 60 * place, seq=place + 1) for place, value in enumerate(ups)]
        expected[f"g-{number}"] = [1, 2, 0, 1]
    chance.shuffle(messages)
    messages += chance.sample(messages, 10)
    for start in range(0, len(messages), 10):
        if start % 30 == 0:
            watching(service).send_signal(signal.SIGKILL)
        send(mosquitto, *messages[start : start + 10])
        time.sleep(chance.random() / 3)
    metrics = service.wait_settled(len(messages))
    assert identity_holds(metrics)

    def chronology() -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for code, rank in ask(
            rivers,
            "select device.code, rank from watch_event join device using (device_id)"
            " where withdrawn_at is null order by device.code, at",
        ):
            found.setdefault(code, []).append(rank)
        return found

    eventually(lambda: chronology() == expected, within_s=60, what=f"{chronology()}")
    eventually(lambda: service.metrics().get("watch_active") == 1 and service.metrics()["watch_restarts"] >= 3)
    eventually(lambda: still_open(rivers) == [(1, 20)])


def test_a_watch_that_hangs_delays_no_message_is_a_trouble_and_is_started_anew(
    service: ServiceProcess, rivers: Database, mosquitto: Broker
) -> None:
    hanging = watching(service)
    hanging.send_signal(signal.SIGSTOP)
    send(mosquitto, level(3, 1.5))
    service.wait_settled(1)
    eventually(lambda: "監視が止まっています" in service.get("/")[1], within_s=30)
    assert service.get("/readyz")[0] == 200, "messages are stored all the same"
    eventually(lambda: events(rivers) == [("g-3", 1, "live")], within_s=60, what="the next one finds the note")
    assert not hanging.is_running()
    eventually(lambda: service.metrics()["watch_restarts"] == 1 and service.metrics()["watch_up"] == 1)


def test_of_two_services_one_watches_and_the_other_takes_over(
    service: ServiceProcess, rivers: Database, mosquitto: Broker, start_service: StartService
) -> None:
    second = start_service(rivers.url, mosquitto.url, NOROSHI_BROKER__CLIENT_ID="second-service-of-the-test")
    eventually(lambda: second.metrics().get("watch_up") == 1, within_s=30)
    assert (service.metrics()["watch_active"], second.metrics()["watch_active"]) == (1, 0)
    service.kill()
    wait_active(second)
    send(mosquitto, level(3, 1.5))
    eventually(lambda: events(rivers) == [("g-3", 1, "live")], within_s=20)
