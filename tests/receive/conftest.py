"""The brokers and protocols that the shared contract is tested with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.broker import AmqttBroker, Broker, BrokerProcess
from tests.receive.helpers import Protocol


@dataclass(frozen=True)
class Pair:
    """An intake's protocol and a broker that speaks it."""

    protocol: Protocol
    broker: BrokerProcess


def start(kind: str, directory: Path) -> BrokerProcess:
    return AmqttBroker(directory) if kind == "amqtt" else Broker(directory)


@pytest.fixture(params=[("5", "mosquitto"), ("3.1.1", "mosquitto"), ("3.1.1", "amqtt")], ids="-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Every intake with every broker."""
    protocol, kind = request.param
    with start(kind, tmp_path) as broker:
        yield Pair(protocol, broker)


@pytest.fixture(params=["5", "3.1.1"])
def keeping(request: pytest.FixtureRequest, mosquitto: Broker) -> Pair:
    """Every intake with a broker that keeps what was not acknowledged; amqtt forgets it after five seconds."""
    return Pair(request.param, mosquitto)


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    """Every intake, where the broker is a Mosquitto."""
    return "5" if request.param == "5" else "3.1.1"
