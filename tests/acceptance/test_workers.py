"""Several workers: every message once, whatever dies and however many there are from start to start."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mqtt5
import psutil
import pytest

from ingest.account import Account
from ingest.mqtt import connection as session
from ingest.mqtt.address import Address
from ingest.receive.factory import open_intake
from ingest.receive.subscription import WorkerSlot, for_worker, subscription
from ingest.service.workers.lives import Lives
from ingest.service.workers.status import WorkerStatus
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import Settings
from tests.acceptance.fleet import Message, document, natives, one, publish, publish_watched, register, rows, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, ServiceProcess, eventually, identity_holds

DEVICES = 20


class Service(ServiceProcess):
    """A service that is started with as many workers as a test says."""

    def start_with(self, workers: int, *, ready: bool = True) -> "Service":
        at = self._command.index("--workers") if "--workers" in self._command else len(self._command)
        self._command[at:] = ["--workers", str(workers)]
        self.start(ready=ready)
        return self

    def worker(self, name: str) -> dict[str, float]:
        """A metric of every worker, by its number."""
        lines = self.get("/metrics")[1].splitlines()
        found = [line.removeprefix(f"noroshi_worker_{name}").split() for line in lines]
        return {
            words[0].removesuffix("}").removesuffix('"').split('"')[1]: float(words[1])
            for words in found
            if len(words) == 2 and words[0].startswith(("{worker=", "_total{worker="))
        }

    def processes(self) -> list[psutil.Process]:
        """Its workers, in the order they were started."""
        return self.children("ingest.service.workers")


StartWith = Callable[..., Service]


@pytest.fixture
def service_with(tmp_path: Path, any_database: Database, mosquitto: Broker) -> Iterator[StartWith]:
    """`service_with(3, ready=True, NOROSHI_…=…)`: a service of three workers."""
    started: list[Service] = []

    def start(workers: int, *, ready: bool = True, **settings: str) -> Service:
        directory = tmp_path / f"service-{len(started)}"
        directory.mkdir()
        register(any_database.url, document(DEVICES))
        settings = {"NOROSHI_INTAKE__BATCH_MESSAGES": "500", "NOROSHI_INTAKE__FRESH_LAG_S": "0", **settings}
        started.append(Service(directory, any_database.url, mosquitto.url, settings))
        return started[-1].start_with(workers, ready=ready)

    yield start
    for service in started:
        service.kill()


def arrived(url: str) -> int:
    return int(one(url, "select (select count(*) from uplink) + (select count(*) from quarantine)"))


def expect_each_once(url: str, count: int, quarantined: int = 0) -> None:
    """Every sequence number is there once, with both its readings; the account in the database says the same."""
    assert one(url, "select count(*), count(distinct counter) from uplink") == (count, count)
    assert one(url, "select count(*) from reading") == 2 * count
    assert one(url, "select count(*) from quarantine") == quarantined
    assert one(url, "select sum(stored)::int, sum(quarantined)::int from tally") == (count, quarantined)


def sessions_known(url: str) -> list[int]:
    return [worker for (worker,) in rows(url, "select worker from worker_session order by worker")]


def client_id(url: str) -> str:
    return str(one(url, "select client_id from installation"))


async def leave_sessions(broker: Broker, client_id: str, workers: int) -> None:
    """Sessions as workers leave them in the broker when they stop: from now on it deals out to them."""
    settings = Settings(broker=BrokerSettings(url=broker.url, client_id=client_id))
    for number in range(1, workers + 1):
        wanted = subscription(settings, WorkerSlot(number, workers), was_shared=True)
        intake = open_intake(for_worker(settings, number), now_us=lambda: 1, subscription=wanted)
        running = asyncio.create_task(intake.run())
        while not intake.connected:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await intake.close()
        await running


def with_junk(count: int) -> list[Message]:
    """Good messages, a third of them without a time of their own, and junk in between."""
    mixed: list[Message] = []
    for number, message in enumerate(natives(count, DEVICES, untimed_every=3)):
        mixed.append(message)
        if number % 100 == 99:
            mixed.append((topic(number % DEVICES), f"junk {number}".encode()))
    return mixed


@pytest.mark.parametrize("workers", [2, 3])
async def test_workers_drain_a_queue_together_and_each_message_comes_once(
    any_database: Database, mosquitto: Broker, service_with: StartWith, workers: int
) -> None:
    await leave_sessions(mosquitto, client_id(any_database.url), workers)
    messages = with_junk(6_000)
    await publish(mosquitto.url, messages)
    service = service_with(workers, ready=False)
    eventually(lambda: service.settled() == len(messages))
    shares = service.worker("messages_received")
    assert sorted(shares) == [str(number) for number in range(1, workers + 1)]
    assert all(abs(share - len(messages) / workers) <= 1 for share in shares.values()), shares
    summary = service.terminate()
    expect_each_once(any_database.url, 6_000, quarantined=60)
    assert (summary["received"], summary["stored"], summary["quarantined"]) == (6_060, 6_000, 60)
    assert (summary["duplicate"], summary["in_flight"], summary["devices"]) == (0, 0, DEVICES)


async def test_a_worker_that_is_killed_comes_again_and_takes_up_its_share(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    await leave_sessions(mosquitto, client_id(any_database.url), 3)
    messages = with_junk(9_000)
    await publish(mosquitto.url, messages)
    service = service_with(3, ready=False, NOROSHI_INTAKE__BATCH_MESSAGES="100", NOROSHI_BROKER__RECEIVE_MAXIMUM="200")
    chance, received = random.Random(11), 0.0
    for _ in range(3):
        eventually(lambda: len(service.processes()) == 3 and arrived(any_database.url) > 300)
        time.sleep(chance.uniform(0, 0.1))
        chance.choice(service.processes()).kill()
        for _ in range(5):
            metrics = service.metrics()
            assert identity_holds(metrics), metrics
            assert metrics["messages_received"] >= received, "a counter never goes back"
            received = metrics["messages_received"]
    eventually(lambda: arrived(any_database.url) == len(messages) and service.metrics()["messages_in_flight"] == 0)
    eventually(lambda: sum(service.worker("restarts").values()) == 3)
    summary = service.terminate()
    expect_each_once(any_database.url, 9_000, quarantined=90)
    assert summary["received"] == summary["stored"] + summary["duplicate"] + summary["quarantined"]
    assert summary["in_flight"] == 0
    assert "worker_ended" in service.process.log.read_text()


async def test_what_a_dead_worker_held_waits_for_it_and_reaches_no_other(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(2)
    frozen = service.processes()[1]
    frozen.suspend()
    await publish(mosquitto.url, natives(200, DEVICES))
    eventually(lambda: arrived(any_database.url) == 100)
    assert "worker 2: does not run or does not answer" in service.get("/readyz")[1]
    assert service.worker("up") == {"1": 1, "2": 0}
    frozen.kill()
    eventually(lambda: arrived(any_database.url) == 200)
    expect_each_once(any_database.url, 200)
    eventually(service.is_ready)


async def test_sigterm_under_load_leaves_nothing_in_flight(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    await leave_sessions(mosquitto, client_id(any_database.url), 3)
    messages = with_junk(10_000)
    await publish(mosquitto.url, messages)
    service = service_with(3, ready=False)
    eventually(lambda: arrived(any_database.url) > 500)
    summary = service.terminate()
    assert summary["in_flight"] == 0
    assert summary["received"] == summary["stored"] + summary["duplicate"] + summary["quarantined"]
    assert summary["stored"] + summary["quarantined"] == arrived(any_database.url)
    service.start_with(3)
    eventually(lambda: arrived(any_database.url) == len(messages))
    rest = service.terminate()
    assert rest["duplicate"] == 0, "what was acknowledged is not delivered again"
    expect_each_once(any_database.url, 10_000, quarantined=100)


async def test_the_identity_is_exact_at_any_moment_of_a_live_load(mosquitto: Broker, service_with: StartWith) -> None:
    service = service_with(3)
    messages = with_junk(10_000)
    await publish_watched(service, mosquitto.url, messages)
    metrics = service.metrics()
    assert sum(service.worker("messages_settled").values()) == metrics["messages_received"] == len(messages)
    assert metrics["batches"] == metrics["batch_messages_count"] > 0


async def test_the_number_of_workers_may_change_with_messages_queued_and_none_is_lost_or_doubled(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(1)
    messages = with_junk(3_200)
    sent = 0

    async def send(count: int) -> int:
        return sent + await publish(mosquitto.url, messages[sent : sent + count])

    for workers in (3, 2, 1):
        service.terminate()
        sent = await send(1_000)
        service.start_with(workers, ready=False)
        eventually(lambda due=sent: arrived(any_database.url) == due)  # type: ignore[misc]
        eventually(service.is_ready)
        sent = await send(40)  # whether a session that is being emptied still gets its share
        eventually(lambda due=sent: arrived(any_database.url) == due)  # type: ignore[misc]
        expected = [] if workers == 1 else list(range(1, workers + 1))
        eventually(lambda known=expected: sessions_known(any_database.url) == known)  # type: ignore[misc]
        assert service.metrics()["messages_duplicate"] == 0, "no message was dealt to two sessions"
    junk = sum(b"junk" in payload for _, payload in messages[:sent])
    expect_each_once(any_database.url, sent - junk, quarantined=junk)
    service.terminate()
    emptied = f"{client_id(any_database.url)}-3"
    assert not await kept_session(mosquitto, emptied), "an emptied session is removed from the broker"


async def kept_session(broker: Broker, client_id: str) -> bool:
    """Whether the broker has a session of this client id; it has none afterwards."""
    address = Address("mqtt", "127.0.0.1", broker.port, None, None)
    packet = mqtt5.ConnectPacket(client_id, clean_start=False)
    made = await session.connect(lambda: Quiet(packet, address), address, None, 5.0)
    present: bool = made.connack.result().session_present
    await made.leave(for_good=True)
    return present


class Quiet(session.Connection):
    def on_packets(self, packets: list[Any]) -> None:
        for packet in packets:
            self.control(packet)


async def test_what_is_new_goes_first_with_workers_too_and_is_stored_once(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(3, NOROSHI_INTAKE__FRESH_LAG_S="20")
    await publish(mosquitto.url, natives(4_000, DEVICES, untimed_every=3))  # old by their own time: the lanes open
    eventually(lambda: arrived(any_database.url) == 4_000 and service.metrics()["messages_in_flight"] == 0)
    expect_each_once(any_database.url, 4_000)


async def test_two_workers_that_receive_the_same_message_store_it_once(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(2)
    messages = list(natives(2_000, DEVICES))
    turned = [message for pair in zip(messages, messages, strict=True) for message in pair]  # one copy for each
    await publish(mosquitto.url, turned)
    eventually(lambda: service.settled() == 4_000)
    expect_each_once(any_database.url, 2_000)
    metrics = service.metrics()
    assert (metrics["messages_stored"], metrics["messages_duplicate"]) == (2_000, 2_000)
    assert metrics["readings_conflict"] == 0


async def test_workers_end_with_their_supervisor(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(2)
    workers = service.processes()
    os.kill(service.process.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    service.kill()
    await publish(mosquitto.url, natives(100, DEVICES))
    service.start_with(2, ready=False)
    eventually(lambda: arrived(any_database.url) == 100)
    expect_each_once(any_database.url, 100)


async def test_every_worker_follows_the_registry(
    any_database: Database, mosquitto: Broker, service_with: StartWith
) -> None:
    service = service_with(2)
    register(any_database.url, document(DEVICES + 2))
    version = one(any_database.url, "select version from registry_state")
    eventually(lambda: service.metrics()["registry_version"] == version)
    await publish(mosquitto.url, natives(400, DEVICES + 2))
    eventually(lambda: arrived(any_database.url) == 400)
    expect_each_once(any_database.url, 400)


def test_a_broker_that_refuses_the_workers_ends_the_service_with_its_words(
    any_database: Database, mosquitto: Broker, run_noroshi: RunNoroshi
) -> None:
    mosquitto.require_password("noroshi-ingest", "right")
    mosquitto.stop()
    mosquitto.start()
    at = ("--port", "0", "--database", any_database.url, "--broker", mosquitto.url)
    done = run_noroshi("ingest", "--workers", "2", *at, code=1)
    assert "we came as nobody (no user name): check broker.username and broker.password" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_life_that_ends_leaves_its_messages_in_flight_until_the_next_has_them() -> None:
    lives = Lives()
    lives.begin()
    lives.take(WorkerStatus(received=100, settled=Account(stored=60, quarantined=10), batches=2))
    lives.begin()
    assert (lives.received, lives.settled.settled, lives.in_flight) == (100, 70, 30)
    lives.take(WorkerStatus(received=20, settled=Account(stored=5, duplicate=5), batches=1))
    assert (lives.received, lives.settled.settled, lives.in_flight) == (100, 80, 20)
    lives.take(WorkerStatus(received=45, settled=Account(stored=40, duplicate=5), batches=3))
    assert (lives.received, lives.settled.settled, lives.in_flight) == (115, 115, 0)
    assert lives.counts == (5, 0, 0, 0)


def test_workers_are_refused_where_they_cannot_share(run_noroshi: RunNoroshi) -> None:
    done = run_noroshi("ingest", "--workers", "2", code=2, NOROSHI_BROKER__PROTOCOL="3.1.1", NOROSHI_WEB__PORT="0")
    assert "setting broker.protocol: 2 workers share a subscription" in done.stderr
    assert "--workers" in run_noroshi("ingest", "--workers", "17", code=2).stderr
