"""decode and validate, put together: one message in, everything that is to be written because of it out."""

from collections.abc import Callable, Mapping

import orjson
from xxhash import xxh3_64_intdigest

from ingest.decode.limits import Limits
from ingest.decode.route import Destination, Routes
from ingest.decode.table import DECODERS, Decoder
from ingest.directory import DeviceEntry, Directory
from ingest.errors import Undecodable
from ingest.receipts import FirstReceipts
from ingest.receive.message import Received
from ingest.rows import Judged, QuarantineRow, UplinkRow
from ingest.validate import ClockPolicy, Validated, validate
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Refused, Uplink

NO_LINK = Link()

BY_OUR_CLOCK = (RejectionReason.TIME_TOO_OLD, RejectionReason.TIME_IN_FUTURE)
"""Reasons that would be others at another time."""

_new = tuple.__new__
"""Makes a row at half the price of its own constructor; there is one for every message."""


class Judge:
    """Judges messages against one version of the registry; `use` swaps it."""

    def __init__(
        self,
        routes: Routes,
        limits: Limits,
        clock: ClockPolicy,
        receipts: FirstReceipts,
        decoders: Mapping[str, Decoder] = DECODERS,
    ) -> None:
        self._routes = routes
        self._limits = limits
        self._clock = clock
        self._receipts = receipts
        self._decoders = decoders

    @property
    def directory(self) -> Directory:
        """The registry in use."""
        return self._routes.directory

    def use(self, directory: Directory) -> None:
        """Judge by a newer registry from now on."""
        self._routes = self._routes.with_directory(directory)

    def destination(self, topic: str) -> Destination:
        """Who speaks on a topic."""
        return self._routes.destination(topic)

    def read(self, message: Received, to: Destination) -> Uplink:
        """What a message says, before anything of it is judged. Raises Undecodable."""
        assert to.device is not None  # nobody else's bytes are decoded
        uplink = self._decoders[to.decoder](message.payload, to.event, to.device.profile, self._limits)
        if to.device.bindings is None:
            return uplink
        return self._by_profile_of_its_time(uplink, message.payload, to, to.device, message.received_us)

    def validated(self, uplink: Uplink, device: DeviceEntry, received_us: int) -> Validated:
        """What remains of an uplink after judgement. Raises Undecodable."""
        return validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings)

    def judge(self, message: Received) -> Judged:
        """Never raises for what a message contains: it becomes rows, or a quarantine row with a reason."""
        self._receipts.position += 1
        to = self._routes.destination(message.topic)
        claimed_us: int | None = None
        message_id = identify(message.payload if to.device else message.topic.encode() + b"\0" + message.payload)
        received_us = message.received_us
        if message.duplicate:
            received_us = self._receipts.earlier(message.packet_id, message_id) or received_us
        try:
            if to.device is None:
                assert to.reason is not None  # a destination has a device or a reason
                return self._set_aside(message, to, message_id, received_us, to.reason, to.detail)
            device = to.device
            uplink = self._decoders[to.decoder](message.payload, to.event, device.profile, self._limits)
            if device.bindings is not None:
                uplink = self._by_profile_of_its_time(uplink, message.payload, to, device, received_us)
            if message.retain and uplink.time_us is None:
                return self._set_aside(message, to, message_id, received_us, RejectionReason.RETAINED_WITHOUT_TIME, "")
            claimed_us = uplink.time_us
            valid = validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings)
            return self._accept(message, to, message_id, received_us, uplink, valid)
        except Undecodable as bad:
            aside = self._set_aside(message, to, message_id, received_us, bad.reason, bad.detail)
            if bad.reason in BY_OUR_CLOCK:
                aside.claimed_us = claimed_us
            return aside
        except Exception as defect:  # noqa: BLE001  our own mistake must not stop the service: its bytes are kept, its reason is loud
            detail = f"{type(defect).__name__}: {defect}"[:200]
            return self._set_aside(message, to, message_id, received_us, RejectionReason.DECODER_DEFECT, detail)

    def _by_profile_of_its_time(
        self, uplink: Uplink, payload: bytes, to: Destination, device: DeviceEntry, received_us: int
    ) -> Uplink:
        """The same message as another profile reads it, where that one held when it was measured."""
        assert device.bindings is not None  # that is why we are here
        time_us = received_us if uplink.time_us is None else uplink.time_us
        profile = device.bindings.profile_at(time_us, device.profile)
        if profile is device.profile:
            return uplink
        return self._decoders[to.decoder](payload, to.event, profile, self._limits)

    def _accept(
        self, message: Received, to: Destination, message_id: int, received_us: int, uplink: Uplink, valid: Validated
    ) -> Judged:
        device = to.device
        assert device is not None  # only destinations with a device get this far
        time_us, quality, own = valid.moment
        if not own:
            self._receipts.note(message.packet_id, message_id, received_us)
        link = uplink.link or NO_LINK
        refused = len(valid.refused)
        row = _new(UplinkRow, (
            time_us,
            received_us,
            message_id,
            uplink.counter,
            None if own else uplink.time_us,
            device.device_id,
            len(message.payload),
            None if link.gateway is None else self.directory.gateways.get(link.gateway.lower()),
            link.rssi_dbm,
            link.snr_db,
            link.airtime_ms,
            uplink.kind,
            len(valid.readings) + refused,
            refused,
            quality or None,
            link.gateway_count,
            link.spreading_factor,
            None if link.more is None else to_json(link.more),
        ))  # fmt: skip
        quarantined = (
            [
                _part(message, to, message_id, time_us, received_us, number, one)
                for number, one in enumerate(valid.refused, start=1)
            ]
            if refused
            else []
        )
        judged = Judged(message, to.decoder, device.project_id, row, valid.readings, quarantined, by_receipt=not own)
        judged.position = self._receipts.position
        if not own and quality == Quality.CLOCK_AHEAD:
            judged.claimed_us = uplink.time_us
        return judged

    def _set_aside(
        self,
        message: Received,
        to: Destination,
        message_id: int,
        received_us: int,
        reason: RejectionReason,
        detail: str,
    ) -> Judged:
        self._receipts.note(message.packet_id, message_id, received_us)
        row = QuarantineRow(
            message_id,
            received_us,
            0,
            received_us,
            reason,
            detail,
            None,
            None,
            message.topic,
            message.payload,
            None if to.device is None else to.device.device_id,
            to.project_id or None,
            message.retain,
        )
        judged = Judged(message, to.decoder, to.project_id, None, [], [row], by_receipt=True)
        judged.position = self._receipts.position
        return judged


def _part(
    message: Received, to: Destination, message_id: int, time_us: int, received_us: int, number: int, refused: Refused
) -> QuarantineRow:
    assert to.device is not None  # parts belong to a message that was understood
    return QuarantineRow(
        message_id,
        time_us,
        number,
        received_us,
        refused.reason,
        refused.detail,
        refused.part,
        to_json(refused.value),
        message.topic,
        message.payload if number == 1 else None,  # once is enough to replay the message
        to.device.device_id,
        to.project_id,
        message.retain,
    )


def identify(content: bytes) -> int:
    """The identity of a message among those of its device: a signed 64-bit hash of its bytes (XXH3)."""
    return xxh3_64_intdigest(content) - 2**63


def to_json(value: object, default: Callable[[object], object] = str) -> bytes:
    """JSON text that a jsonb column takes: no NUL character, whatever a device wrote."""
    text = orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS)
    return text.replace(b"\\u0000", b"\\ufffd") if b"\\u0000" in text else text
