"""The shapes that travel from validation to the store. Plain tuples where there are many of them."""

from typing import NamedTuple, TypeAlias

from ingest.decode.sparkplug_births import Certificate
from ingest.receive.message import Received
from schemas.rejection import RejectionReason

ReadingRow: TypeAlias = tuple[int, float, int, int, int, int | None]
"""(time_us, value, device_id, quantity_id, channel, quality): the columns of `reading`, in their order.

A plain tuple: there are four of them in every message, and naming the fields would cost more than storing them.
"""


class UplinkRow(NamedTuple):
    """The columns of `uplink`, in their order. Times in microseconds since 1970; `link` is JSON text."""

    time_us: int
    received_us: int
    message_id: int
    counter: int | None
    device_time_us: int | None
    device_id: int
    payload_bytes: int
    gateway_id: int | None
    rssi_dbm: float | None
    snr_db: float | None
    airtime_ms: float | None
    kind: int
    offered: int
    refused: int
    quality: int | None
    gateway_count: int | None
    spreading_factor: int | None
    link: bytes | None


class GatewayRow(NamedTuple):
    """The columns of `gateway_event`, in their order. Times in microseconds since 1970; `more` is JSON text."""

    time_us: int
    received_us: int
    message_id: int
    gateway_id: int
    kind: int
    online: bool | None
    received: int | None
    received_ok: int | None
    wanted: int | None
    sent: int | None
    latitude: float | None
    longitude: float | None
    altitude: float | None
    more: bytes | None

    @property
    def device_id(self) -> None:
        """No device."""
        return


class QuarantineRow(NamedTuple):
    """The columns of `quarantine` that are written, in their order. `part` 0 is the whole message."""

    message_id: int
    time_us: int
    part: int
    received_us: int
    reason: RejectionReason
    detail: str
    part_name: str | None
    part_value: bytes | None
    topic: str
    payload: bytes | None
    device_id: int | None
    project_id: int | None
    retained: bool


class Judged:
    """One message with everything that is to be written because of it.

    Either `uplink` is there (the message is understood; `quarantined` holds its bad readings), or `gateway` is (a
    gateway spoke for itself), or both are None and `quarantined` holds the message as a whole.
    `by_receipt`: its identity hangs on the time of receipt, so the packet id is noted for a redelivery.
    `certificate`: what it says about a Sparkplug session, where that is news.
    `claimed_us`: the time the publisher gave, where our clock says that it cannot be true; else None.
    """

    __slots__ = (
        "by_receipt",
        "certificate",
        "claimed_us",
        "decoder",
        "gateway",
        "message",
        "position",
        "project_id",
        "quarantined",
        "readings",
        "uplink",
    )

    def __init__(
        self,
        message: Received,
        decoder: str,
        project_id: int,
        uplink: UplinkRow | None,
        readings: list[ReadingRow],
        quarantined: list[QuarantineRow],
        *,
        by_receipt: bool,
    ) -> None:
        self.message = message
        self.decoder = decoder
        self.project_id = project_id
        self.uplink = uplink
        self.readings = readings
        self.quarantined = quarantined
        self.by_receipt = by_receipt
        self.position = 0
        self.claimed_us: int | None = None
        self.certificate: Certificate | None = None
        self.gateway: GatewayRow | None = None

    @property
    def row(self) -> UplinkRow | GatewayRow | QuarantineRow:
        """What stands for the message as a whole."""
        return self.uplink or self.gateway or self.quarantined[0]

    @property
    def identity(self) -> tuple[int | None, int]:
        """Device and message, whatever time it is stored under."""
        row = self.row
        return row.device_id, row.message_id

    @property
    def changes_with_receipt(self) -> bool:
        """Whether anything of it would be stored under another time, had it come at another time."""
        received_us = self.message.received_us
        return self.by_receipt or any(row[0] == received_us for row in self.readings)

    @property
    def offered(self) -> int:
        """Readings the message brought, good and bad."""
        return 0 if self.uplink is None else len(self.readings) + len(self.quarantined)
