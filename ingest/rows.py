"""The shapes that travel from validation to the store. Plain tuples where there are many of them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self, TypeAlias

import orjson

from ingest.message import Received
from schemas.certificate import Certificate
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
        """None: what a gateway says of itself belongs to no device. Every kind of row can be asked for its device."""
        return


class Origin(NamedTuple):
    """The message that a row of the quarantine comes from, and what it is stored under. Times in microseconds."""

    message: Received
    message_id: int
    time_us: int
    received_us: int
    device_id: int | None
    project_id: int | None


_LONGEST_TOPIC = 500
"""Of rows that need no topic to be replayed: the first part carries it whole."""


class QuarantineRow(NamedTuple):
    """The columns of `quarantine` that are written, in their order. `part` 0 is the whole message.

    `parts`: how many refused parts the row stands for; written as the value of a part without a name (see
    validate/quarantine_rows.py).
    """

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
    parts: int = 1

    @classmethod
    def of_whole(cls, origin: Origin, reason: RejectionReason, detail: str) -> Self:
        """A message that is quarantined as a whole, with its bytes."""
        message, message_id, time_us, received_us, device_id, project_id = origin
        return cls(
            message_id, time_us, 0, received_us, reason, detail, None, None, message.topic, message.payload,
            device_id, project_id, message.retain,
        )  # fmt: skip

    @classmethod
    def of_part(
        cls,
        origin: Origin,
        number: int,
        reason: RejectionReason,
        detail: str,
        name: str | None,
        value: bytes | None,
        parts: int = 1,
    ) -> Self:
        """A part of a message that counts otherwise. `number` from 1; the first part carries topic and payload whole.

        `value`: JSON text. `parts`: how many refused parts the row stands for; more than one has no name.
        """
        message, message_id, time_us, received_us, device_id, project_id = origin
        topic, first = message.topic, number == 1
        if not first and len(topic) > _LONGEST_TOPIC:
            topic = f"{topic[:_LONGEST_TOPIC]}…"
        payload = message.payload if first else None  # once is enough to replay the message
        return cls(
            message_id, time_us, number, received_us, reason, detail, name, value, topic, payload,
            device_id, project_id, message.retain, parts,
        )  # fmt: skip


MESSAGE_BYTES, READING_BYTES, QUARANTINE_BYTES, METRIC_BYTES = 1_500, 160, 400, 200
"""What an object of each kind takes of the memory: the tuple, its numbers, its place in a list (CPython 3.11)."""


class MessageRows:
    """One message with everything that is to be written because of it.

    Either `uplink` is there (the message is understood; `quarantined` holds its bad readings), or `gateway` is (a
    gateway spoke for itself), or both are None and `quarantined` holds the message as a whole.
    `by_receipt`: its identity hangs on the time of receipt, so the packet id is noted for a redelivery.
    `certificate`: the Sparkplug birth or death in it, if it is new; else None.
    `frame`: the identity of a LoRaWAN frame among those of its device, whoever heard it and when; else None.
    `claimed_us`: the time the publisher gave, where our clock says that it cannot be true; else None.
    `summed_in`: the row of another message that counts this one, which has none of its own (see pipeline/allowance.py).
    """

    __slots__ = (
        "by_receipt",
        "certificate",
        "claimed_us",
        "decoder",
        "frame",
        "gateway",
        "message",
        "position",
        "project_id",
        "quarantined",
        "readings",
        "summed_in",
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
        self.frame: int | None = None
        self.certificate: Certificate | None = None
        self.gateway: GatewayRow | None = None
        self.summed_in: QuarantineRow | None = None

    @property
    def row(self) -> UplinkRow | GatewayRow | QuarantineRow:
        """The row that stands for the message as a whole."""
        return self.uplink or self.gateway or self.summed_in or self.quarantined[0]

    @property
    def identity(self) -> tuple[int | None, int]:
        """Device and message, whatever time it is stored under."""
        row = self.row
        return row.device_id, row.message_id

    @property
    def changes_with_receipt(self) -> bool:
        """Whether anything of it would be stored under another time, had it come at another time."""
        return self.by_receipt

    @property
    def offered(self) -> int:
        """Readings the message brought, good and bad."""
        return 0 if self.uplink is None else len(self.readings) + self.refused

    @property
    def refused(self) -> int:
        """Parts of the message that are quarantined, whether they have a row of their own or share one."""
        return sum(row.parts for row in self.quarantined) if self.quarantined else 0


def weigh(interpreted: Sequence[MessageRows], heavy: Sequence[MessageRows]) -> tuple[int, int]:
    """Rows, and bytes held in memory, of these messages: what batches are counted in.

    `heavy`: those of them that have something in quarantine or a certificate. Payloads of what is quarantined go to the
    database, so they count here. All other payloads are counted where they came in (receive/buffer.py).
    """
    count = sum([len(rows.readings) for rows in interpreted])
    held = MESSAGE_BYTES * len(interpreted) + READING_BYTES * count
    count += len(interpreted)
    for rows in heavy:
        count += len(rows.quarantined)
        held += len(rows.message.payload)
        if rows.certificate is not None:
            held += METRIC_BYTES * len(rows.certificate.metrics)
        for row in rows.quarantined:
            held += QUARANTINE_BYTES + len(row.detail) + len(row.topic) + len(row.part_value or b"")
    return count, held


def to_json(value: object, default: Callable[[object], object] = str) -> bytes:
    """JSON text that a jsonb column takes: no NUL character, whatever a device wrote."""
    text = orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS)
    return text.replace(b"\\u0000", b"\\ufffd") if b"\\u0000" in text else text
