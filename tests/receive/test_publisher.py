"""The publisher of simulator and bench: everything acknowledged, or an error."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import BrokerRefused, BrokerUnavailable
from ingest.simulator.publisher import Publisher
from tests.fixtures.broker import Broker
from tests.receive.helpers import TOPIC, make_intake, payloads, running, take


async def test_many_messages_arrive_in_order_and_are_counted(mosquitto: Broker) -> None:
    bodies = [b"%d" % number for number in range(5000)]
    async with running(make_intake("5", mosquitto.url)) as intake:
        async with Publisher(mosquitto.url, "field") as publisher:
            assert await publisher.publish_many(((TOPIC, body) for body in bodies), window=100) == 5000
            assert (publisher.published_total, publisher.acknowledged_total) == (5000, 5000)
        assert payloads(await take(intake, 5000)) == bodies


async def test_single_messages_may_be_published_at_the_same_time(mosquitto: Broker) -> None:
    async with running(make_intake("5", mosquitto.url)) as intake:
        async with Publisher(mosquitto.url, "field") as publisher:
            await asyncio.gather(*(publisher.publish(TOPIC, b"%d" % number) for number in range(50)))
            assert publisher.acknowledged_total == 50
        assert len(await take(intake, 50)) == 50


async def test_the_receive_maximum_of_the_broker_is_respected(tmp_path: Path) -> None:
    """Mosquitto disconnects a client that sends more than it announced."""
    with Broker(tmp_path, in_flight=3) as broker:
        async with Publisher(broker.url, "field") as publisher:
            assert await publisher.publish_many(((TOPIC, b"x") for _ in range(1000)), window=2000) == 1000


async def test_a_broken_connection_ends_the_publishing(mosquitto: Broker) -> None:
    def endless() -> Iterator[tuple[str, bytes]]:
        for number in itertools.count():
            if number == 5000:
                mosquitto.kill()
            yield TOPIC, b"x"

    async with Publisher(mosquitto.url, "field") as publisher:
        with pytest.raises(BrokerUnavailable):
            await asyncio.wait_for(publisher.publish_many(endless()), 10)
        assert 0 < publisher.acknowledged_total <= 5000


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    broker.require_password("field", "right")
    with broker:
        with pytest.raises(BrokerRefused):
            await Publisher(broker.url, "field", username="field", password="wrong").__aenter__()
        async with Publisher(broker.url, "field", username="field", password="right") as publisher:
            await publisher.publish(TOPIC, b"1")
