"""What the numbers in rows are called, gathered once for an answer."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.figures.names import DeviceName
from schemas.quantity import CATALOGUE, Quantity
from schemas.reading import Quality
from schemas.uplink import EventKind

QUANTITIES: Mapping[int, Quantity] = {quantity.id: quantity for quantity in CATALOGUE}
EVENTS: Mapping[int, str] = {int(kind): kind.name.lower() for kind in EventKind}
_ALL_FLAGS = sum(Quality)


class Lookup(NamedTuple):
    """Devices and gateways by number."""

    devices: Mapping[int, DeviceName]
    gateways: Mapping[int, str]


def lookup(devices: Iterable[DeviceName], gateways: Mapping[int, str]) -> Lookup:
    """The devices by their number, and the gateways."""
    return Lookup({device.device_id: device for device in devices}, gateways)


def flags_of(quality: int | None) -> list[str]:
    """The remarks on quality by name."""
    return [flag.name.lower() for flag in Quality(quality & _ALL_FLAGS) if flag.name] if quality else []


FLAGS = [" ".join(flags_of(quality)) for quality in range(_ALL_FLAGS + 1)]
"""Every combination of remarks as a text, by its number."""
