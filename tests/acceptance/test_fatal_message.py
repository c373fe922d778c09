"""A message that ends every process which decodes it: the service comes up, and all the others are stored."""

import asyncio
import hashlib
import time
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.fleet import Message, document, natives, one, publish, register, rows, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.forked import AT_START
from tests.fixtures.service import ServiceProcess, StartService, eventually, identity_holds

FATAL = {AT_START: str(Path(__file__).parent.parent / "fixtures" / "fatal.py")}
OTHERS = 200
ASIDE = "select topic, payload, detail from quarantine where reason = 'ended_the_service'"


def fatal(word: str, device: int = 3) -> Message:
    return topic(device), f'{{"readings": {{"air_temperature": 1}}, "note": "{word}"}}'.encode()


def start(start_service: StartService, database: Database, broker: Broker, **settings: str) -> ServiceProcess:
    register(database.url, document(20))
    return start_service(database.url, broker.url, **FATAL, **settings)


def lives_until_settled(service: ServiceProcess, count: int, most: int) -> int:
    """Start it again as often as it dies, as systemd would, until so many messages are stored; how often it died."""
    for deaths in range(most + 1):
        deadline_s = time.monotonic() + 60
        while service.process.running and time.monotonic() < deadline_s:
            if arrived(service) >= count and service.metrics().get("messages_in_flight") == 0:
                return deaths
            time.sleep(0.2)
        assert not service.process.running, f"not settled: {service.metrics()} {service.process.output()}"
        service.kill()  # it is dead: its watchdog goes with it
        service.start(ready=False)
    pytest.fail(f"died more than {most} times:\n{service.process.output()}")


def arrived(service: ServiceProcess) -> int:
    with psycopg.connect(service._environment["NOROSHI_DATABASE__URL"]) as connection:
        query = "select (select count(*) from uplink) + (select count(*) from quarantine)"
        return int((connection.execute(query).fetchone() or (0,))[0])


def mixed(poison: Message) -> list[Message]:
    """One among innocent ones."""
    others = list(natives(OTHERS, 20, untimed_every=5))
    return [*others[: OTHERS // 2], poison, *others[OTHERS // 2 :]]


@pytest.mark.parametrize(("protocol", "word"), [("5", "KILL"), ("3.1.1", "EXIT")])
def test_a_message_that_ends_the_process_is_set_aside_after_the_first_death(
    word: str, protocol: str, any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start(start_service, any_database, mosquitto, NOROSHI_BROKER__PROTOCOL=protocol)
    asyncio.run(publish(mosquitto.url, mixed(fatal(word))))

    assert lives_until_settled(service, OTHERS + 1, most=1) == 1

    check_account(service, any_database, fatal(word))


@pytest.mark.parametrize("word", ["LOOP", "GROW"])
def test_a_message_that_hangs_or_eats_all_memory_is_set_aside_after_the_first_death(
    word: str, any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start(start_service, any_database, mosquitto)
    asyncio.run(publish(mosquitto.url, mixed(fatal(word))))

    assert lives_until_settled(service, OTHERS + 1, most=1) == 1

    check_account(service, any_database, fatal(word))


def test_a_message_that_ends_only_the_service_itself_is_found_by_ever_smaller_groups(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    service = start(start_service, any_database, mosquitto)
    asyncio.run(publish(mosquitto.url, mixed(fatal("HERE"))))

    assert lives_until_settled(service, OTHERS + 1, most=3) == 3  # 8 and 1 under way, after the first

    check_account(service, any_database, fatal("HERE"))


def test_workers_get_over_it_too(any_database: Database, mosquitto: Broker, start_service: StartService) -> None:
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url, ready=False, **FATAL)
    service.kill()
    service._command += ["--workers", "2"]
    service.start()
    asyncio.run(publish(mosquitto.url, mixed(fatal("KILL"))))

    eventually(lambda: arrived(service) == OTHERS + 1, what=service.process.output(60))

    assert [(said, payload) for said, payload, _ in rows(any_database.url, ASIDE)] == [fatal("KILL")]
    eventually(lambda: service.metrics().get("messages_in_flight") == 0)
    assert identity_holds(service.metrics())


def test_a_service_killed_three_times_in_a_row_sets_no_innocent_message_aside(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url)
    asyncio.run(publish(mosquitto.url, natives(4_000, 20, untimed_every=5)))
    for _ in range(3):  # a fourth time in a row could find one alone under way: decision 031
        service.kill()
        service.start(ready=False)
        time.sleep(0.4)
    eventually(lambda: arrived(service) == 4_000, what=service.process.output())

    assert one(any_database.url, "select count(*) from quarantine") == 0
    assert one(any_database.url, "select count(*) from uplink") == 4_000


ALONE = "insert into under_way (client_id, digest, together) select client_id, %s, 1 from service_life"


def left_alone(database: Database, message: Message) -> None:
    """As a service that died while this message was alone under way leaves it."""
    with psycopg.connect(database.url) as connection:
        connection.execute(ALONE, (hashlib.sha256(message[0].encode() + b"\0" + message[1]).digest(),))


def come_again(service: ServiceProcess, broker: Broker, message: Message) -> None:
    """Start it again after its death; the message comes among those that may have caused it."""
    service.kill()
    asyncio.run(publish(broker.url, [message]))
    service.start()
    eventually(lambda: "suspects_have_passed" in service.process.output(400), what=service.process.output(60))


@pytest.mark.parametrize("untimed_every", [0, 1], ids=["with a time", "without"])
def test_what_is_stored_is_not_set_aside_for_being_alone_under_way(
    untimed_every: int, any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url)
    message = next(natives(1, 20, untimed_every=untimed_every))
    asyncio.run(publish(mosquitto.url, [message]))
    eventually(lambda: arrived(service) == 1)
    left_alone(any_database, message)

    come_again(service, mosquitto, message)

    assert one(any_database.url, "select count(*) from quarantine") == 0
    assert one(any_database.url, "select count(distinct message_id) from uplink") == 1
    assert identity_holds(service.metrics())


def test_what_was_set_aside_is_not_stored_when_it_comes_again(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url)
    message = next(natives(1, 20))
    left_alone(any_database, message)
    come_again(service, mosquitto, message)
    assert len(rows(any_database.url, ASIDE)) == 1
    assert one(any_database.url, "select count(*) from under_way") == 0

    come_again(service, mosquitto, message)

    assert one(any_database.url, "select count(*) from uplink") == 0
    assert {(said, payload) for said, payload, _ in rows(any_database.url, ASIDE)} == {message}
    assert identity_holds(service.metrics())


def test_after_an_orderly_stop_nothing_is_suspected(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(20))
    service = start_service(any_database.url, mosquitto.url)
    service.terminate()
    assert one(any_database.url, "select count(*) from service_life") == 0

    service.start()

    assert "earlier_life_ended_without_a_stop" not in service.process.output(200)


def check_account(service: ServiceProcess, database: Database, poison: Message) -> None:
    ((said, payload, why),) = rows(database.url, ASIDE)
    assert (said, bytes(payload)) == poison
    assert why
    assert one(database.url, "select count(*) from uplink") == OTHERS
    metrics = service.metrics()
    assert metrics["quarantined:ended_the_service"] == 1
    assert identity_holds(metrics)
    service.terminate()
    assert one(database.url, "select count(*) from under_way") == 0
