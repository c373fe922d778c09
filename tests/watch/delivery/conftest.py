"""Receivers, and what sends to them."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ingest.report.mail.smtp import Mailer
from ingest.settings.broker import BrokerSettings
from ingest.watch.deeds.by_mqtt import acknowledge_by_mqtt
from ingest.watch.delivery.desk import Desk
from ingest.watch.delivery.pace import Pace
from ingest.watch.delivery.run import Deliveries
from ingest.watch.delivery.senders.mqtt import MqttSender
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.watch.delivery.listener import Listen, Listener
from tests.watch.delivery.receiver import Receiver, receiver
from tests.watch.delivery.valley import NOON, Valley

QUICK = Pace(first_s=0.05, factor=1.5, longest_s=0.2)
URL = "https://noroshi.example.lg.jp"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiver() as found:
        yield found


Sending = Callable[..., None]


def clock() -> Callable[[], datetime]:
    """A clock that begins five minutes after noon."""
    began_s = time.monotonic()
    return lambda: NOON + timedelta(minutes=5, seconds=time.monotonic() - began_s)


@pytest.fixture
def sending() -> Iterator[Sending]:
    """`sending(valley)`: deliveries of a valley are sent until the test ends."""
    running: list[tuple[threading.Event, threading.Thread]] = []

    def start(valley: Valley, mailer: Mailer | None = None, *, url: str = URL, **more: Any) -> None:
        stop = threading.Event()
        connection = valley.database.connect()
        more.setdefault("now", clock())
        deliveries = Deliveries(connection, Desk(mailer, url, more.pop("more", {})), more.pop("pace", QUICK), **more)
        thread = threading.Thread(target=deliveries.run, args=(stop,), daemon=True)
        thread.start()
        running.append((stop, thread))

    yield start
    for stop, thread in running:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def wait_until(valley: Valley, where: str, count: int = 1, seconds: float = 20) -> None:
    """Wait until so many deliveries are as `where` says."""
    until_s = time.monotonic() + seconds
    while len(valley.rows("1", where)) < count:
        assert time.monotonic() < until_s, valley.rows("delivery_id, kind, tries, answer, failed_en", "true")
        time.sleep(0.02)


@pytest.fixture
def valley(any_database: Database) -> Valley:
    """One gauge."""
    return Valley(any_database)


@pytest.fixture
def listen(mosquitto: Broker) -> Iterator[Listen]:
    opened: list[Listener] = []

    def start() -> Listener:
        opened.append(Listener(mosquitto.port))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def sender(mosquitto: Broker) -> Iterator[MqttSender]:
    found = MqttSender(BrokerSettings(url=f"mqtt://127.0.0.1:{mosquitto.port}"), "watch", acknowledge_by_mqtt)
    found.start()
    yield found
    found.stop()
