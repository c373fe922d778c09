"""The load of the bench: 2,000 devices, four readings and a link record a message."""

from collections.abc import Iterator
from random import Random

import orjson

from ingest.errors import NoroshiError
from schemas.bilingual import Bilingual
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument

PROJECT = "bench"
DEVICES = 2_000
READINGS = 4

STALL_S = 60.0


def registry_document() -> RegistryDocument:
    """The registry of the devices that send the load."""
    return RegistryDocument(
        projects=(Project(code=PROJECT, name="bench"),),
        networks=(Network(code="bench-net", project=PROJECT, kind=NetworkKind.LPWA, name="bench"),),
        devices=tuple(
            Device(code=f"dev-{number:04d}", project=PROJECT, network="bench-net", name=f"dev-{number:04d}")
            for number in range(DEVICES)
        ),
    )


def message(number: int, time_ms: int, chance: Random) -> tuple[str, bytes]:
    """The `number`-th message: device after device, each time with new values of a sensor's resolution."""
    temperature = round(15 + chance.gauss(0, 5), 1)
    payload = {
        "ts": time_ms,
        "seq": number // DEVICES,
        "readings": {
            "air_temperature": temperature,
            "air_humidity": round(60 + chance.gauss(0, 10), 1),
            "soil_moisture": round(30 + chance.gauss(0, 4), 1),
            "battery_voltage": round(3.6 + chance.gauss(0, 0.05), 3),
        },
        "link": {"rssi": -100 + number % 30, "snr": round(chance.uniform(-5, 9), 1)},
    }
    return f"noroshi/v1/{PROJECT}/dev-{number % DEVICES:04d}/up", orjson.dumps(payload)


def messages(count: int, first: int, start_ms: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """`count` messages from number `first`; every device measures once a second of their time."""
    chance = Random(seed)
    for number in range(first, first + count):
        yield message(number, start_ms + 1000 * (number // DEVICES), chance)


def stalled(settled: int, count: int) -> NoroshiError:
    """The error for a service that stopped storing before it had everything."""
    return NoroshiError(
        Bilingual(
            f"{STALL_S:g} 秒間、何も保存されません: {count} 通のうち {settled} 通",
            f"nothing was stored for {STALL_S:g} s: {settled} of {count} messages",
        )
    )
