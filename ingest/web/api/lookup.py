"""What the numbers in rows are called, gathered once for an answer."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.figures.names import DeviceName
from schemas.quantity import CATALOGUE, Quantity
from schemas.reading import Quality
from schemas.uplink import EventKind

QUANTITIES: Mapping[int, Quantity] = {quantity.id: quantity for quantity in CATALOGUE}
EVENTS: Mapping[int, str] = {int(kind): kind.name.lower() for kind in EventKind}


class Lookup(NamedTuple):
    """Devices and gateways by number."""

    devices: Mapping[int, DeviceName]
    gateways: Mapping[int, str]


def lookup(devices: Iterable[DeviceName], gateways: Mapping[int, str]) -> Lookup:
    """The devices by their number, and the gateways."""
    return Lookup({device.device_id: device for device in devices}, gateways)


def _flags_of(quality: int) -> str:
    return " ".join(flag.name.lower() for flag in Quality(quality) if flag.name)


FLAGS = [_flags_of(quality) for quality in range(sum(Quality) + 1)]
"""The remarks on quality by name, of every number that they can make together."""
