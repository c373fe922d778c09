"""What a gateway says about itself: that it is there, what it has received and sent, and where it stands."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple


class GatewayEventKind(IntEnum):
    """What kind of message a row of `gateway_event` stands for."""

    STATS = 0
    CONN = 1
    UP = 2
    ACK = 3


class GatewayReport(NamedTuple):
    """One message of a gateway. Counts are increments since its last message of the kind: to be summed.

    `time_us`: its own time in microseconds since 1970 (UTC), None if the message has none.
    `online`: what the broker or the gateway says of its connection; None where nothing is said of it.
    `received`, `received_ok`: frames from devices, and those without a transmission error.
    `wanted`, `sent`: frames to devices it was asked to send, and those it did send. Position in degrees and metres.
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
