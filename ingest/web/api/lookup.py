"""What the numbers in rows are called, gathered once for an answer."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.figures.names import DeviceName
from ingest.figures.quantities import ProjectQuantity
from schemas.quantity import Quantity
from schemas.reading import Quality
from schemas.uplink import EventKind

EVENTS: Mapping[int, str] = {int(kind): kind.name.lower() for kind in EventKind}


class Lookup(NamedTuple):
    """Devices, gateways and quantities by number. `owners`: whose a quantity is that is not everybody's."""

    devices: Mapping[int, DeviceName]
    gateways: Mapping[int, str]
    quantities: Mapping[int, Quantity]
    owners: Mapping[int, str]


def lookup(devices: Iterable[DeviceName], gateways: Mapping[int, str], known: Iterable[ProjectQuantity]) -> Lookup:
    """All of them by their number."""
    quantities, owners = {}, {}
    for project, quantity in known:
        quantities[quantity.id] = quantity
        if project is not None:
            owners[quantity.id] = project
    return Lookup({device.device_id: device for device in devices}, gateways, quantities, owners)


def _flags_of(quality: int) -> str:
    return " ".join(flag.name.lower() for flag in Quality(quality) if flag.name)


FLAGS = [_flags_of(quality) for quality in range(sum(Quality) + 1)]
"""The remarks on quality by name, of every number that they can make together."""
