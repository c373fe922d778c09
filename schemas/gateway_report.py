"""Reports of a gateway about itself: whether it is online, what it has received and sent, and where it is."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class GatewayEventKind(IntEnum):
    """The kind of message of a row of `gateway_event`."""

    STATS = 0
    CONN = 1
    UP = 2
    ACK = 3
    COMMAND = 4
    """What a network server tells it to send: said by the server, so no sign of the gateway itself."""


class GatewayReport(NamedTuple):
    """One message of a gateway. Counts are increments since its last message of the kind, and can be summed.

    `time_us`: its own time in microseconds since 1970 (UTC), None if the message has none.
    `online`: whether the gateway is connected; None if the message does not tell.
    `received`, `received_ok`: frames from devices, and those without a transmission error.
    `wanted`, `sent`: frames to devices that it was asked to send, and that it sent. Position in degrees and metres.
    """

    kind: GatewayEventKind
    time_us: int | None
    online: bool | None = None
    received: int | None = None
    received_ok: int | None = None
    wanted: int | None = None
    sent: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    more: Mapping[str, object] | None = None
