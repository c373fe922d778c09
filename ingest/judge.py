"""decode and validate, put together: one message in, everything that is to be written because of it out."""

from collections.abc import Callable, Mapping

import orjson
from xxhash import xxh3_64_intdigest

from ingest.decode import chirpstack_gateway
from ingest.decode.limits import Limits
from ingest.decode.route import Destination, Routes
from ingest.decode.sparkplug_births import Births, Certificate
from ingest.decode.table import DECODERS, Decoder, with_maps
from ingest.directory import DeviceEntry, Directory, GatewayEntry
from ingest.errors import Undecodable
from ingest.receipts import FirstReceipts
from ingest.receive.message import Received
from ingest.rows import GatewayRow, Judged, QuarantineRow, UplinkRow
from ingest.sessions import Sessions, node_of
from ingest.validate import ClockPolicy, Validated, judge_time, validate
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Refused, Relative, Uplink

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
        births: Births | None = None,
    ) -> None:
        self._routes = routes
        self._limits = limits
        self._clock = clock
        self._receipts = receipts
        self._plain_decoders = decoders
        self._decoders = with_maps(routes.directory.maps, decoders)
        self._sessions = Sessions(births or Births(), limits)

    @property
    def births(self) -> Births:
        """What Sparkplug nodes have announced."""
        return self._sessions.births

    @property
    def directory(self) -> Directory:
        """The registry in use."""
        return self._routes.directory

    def use(self, directory: Directory) -> None:
        """Judge by a newer registry from now on."""
        self._routes = self._routes.with_directory(directory)
        self._decoders = with_maps(directory.maps, self._plain_decoders)

    def judge(self, message: Received) -> Judged:
        """Never raises for what a message contains: it becomes rows, or a quarantine row with a reason."""
        to = self._routes.destination(message.topic)
        if to.inside is not None:
            to = self._named(message, to)
        claimed_us: int | None = None
        message_id = identify(message.payload if to.device else message.topic.encode() + b"\0" + message.payload)
        received_us = message.received_us
        if message.duplicate:
            received_us = self._receipts.earlier(message.packet_id, message_id) or received_us
        else:
            self._receipts.position += 1
        certificate, device = None, to.device
        try:
            if to.sender:
                certificate = self._certificate(message, to, received_us)
            if device is None:
                judged = self._of_no_device(message, to, message_id, received_us)
            else:
                read = self._read if device.bindings is None else self._read_in_its_time
                uplink = read(message, to, device, received_us)
                if message.retain and uplink.time_us is None:
                    raise Undecodable(RejectionReason.RETAINED_WITHOUT_TIME)
                claimed_us = uplink.time_us
                valid = validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings)
                judged = self._accept(message, to, message_id, received_us, uplink, valid)
        except Undecodable as bad:
            judged = self._set_aside(message, to, message_id, received_us, bad.reason, bad.detail)
            if bad.reason in BY_OUR_CLOCK:
                judged.claimed_us = claimed_us
        except Exception as defect:  # noqa: BLE001  our own mistake must not stop the service: its bytes are kept, its reason is loud
            judged = self._set_aside(message, to, message_id, received_us, *_told(defect))
        if certificate is not None:
            judged.certificate = certificate
        return judged

    def destination(self, message: Received) -> Destination:
        """Who speaks: by the topic, or, on a route whose topics name no device, by what the message says itself."""
        to = self._routes.destination(message.topic)
        return to if to.inside is None else self._named(message, to)

    def read(self, message: Received, to: Destination, device: DeviceEntry) -> Uplink:
        """What a message says, before anything of it is judged. Raises Undecodable."""
        read = self._read if device.bindings is None else self._read_in_its_time
        return read(message, to, device, message.received_us)

    def validated(self, uplink: Uplink, device: DeviceEntry, received_us: int) -> Validated:
        """What remains of an uplink after judgement. Raises Undecodable."""
        return validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings)

    def _read(self, message: Received, to: Destination, device: DeviceEntry, received_us: int) -> Uplink:
        if to.sender:
            return self._sessions.read(message, to, device.profile, received_us)
        uplink = self._decoders[to.decoder](message.payload, to.event, device.profile, self._limits)
        return uplink.received(received_us) if uplink.__class__ is Relative else uplink

    def _read_in_its_time(self, message: Received, to: Destination, device: DeviceEntry, received_us: int) -> Uplink:
        """By the profile in force now, for another might not read it at all; then by that of the time it says."""
        assert device.bindings is not None  # that is why we are here
        now = device.bindings.profile_at(received_us, device.profile)
        uplink = self._read(message, to, device._replace(profile=now), received_us)
        then = now if uplink.time_us is None else device.bindings.profile_at(uplink.time_us, device.profile)
        return uplink if then is now else self._read(message, to, device._replace(profile=then), received_us)

    def _named(self, message: Received, to: Destination) -> Destination:
        try:
            return self._routes.named(to, message.payload, self._limits)
        except Undecodable as bad:
            return to._replace(reason=bad.reason, detail=bad.detail)
        except Exception as defect:  # noqa: BLE001  as in `judge`
            reason, detail = _told(defect)
            return to._replace(reason=reason, detail=detail)

    def _certificate(self, message: Received, to: Destination, received_us: int) -> Certificate | None:
        """A birth or death that changes what later messages mean, whether or not the node itself is registered."""
        if node_of(to.sender) not in self.directory.sparkplug_nodes:
            return None
        return self._sessions.certificate(message, to, identify(message.payload), received_us)

    def _of_no_device(self, message: Received, to: Destination, message_id: int, received_us: int) -> Judged:
        if to.gateway is not None:
            return self._gateway(message, to, to.gateway, message_id, received_us)
        assert to.reason is not None  # a destination has a device, a gateway or a reason
        return self._set_aside(message, to, message_id, received_us, to.reason, to.detail)

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

    def _gateway(
        self, message: Received, to: Destination, gateway: GatewayEntry, message_id: int, received_us: int
    ) -> Judged:
        """A gateway spoke for itself."""
        report = chirpstack_gateway.decode(message.payload, to.event, self._limits)
        time_us, _, own = judge_time(report.time_us, received_us, self._clock._replace(quarantine_absent=False))
        if not own:
            self._receipts.note(message.packet_id, message_id, received_us)
        judged = Judged(message, to.decoder, to.project_id, None, [], [], by_receipt=not own)
        more = None if report.more is None else to_json(report.more)
        judged.gateway = GatewayRow(
            time_us, received_us, message_id, gateway.gateway_id, int(report.kind), *report[2:-1], more
        )
        judged.position = self._receipts.position
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


def _told(defect: Exception) -> tuple[RejectionReason, str]:
    return RejectionReason.DECODER_DEFECT, f"{type(defect).__name__}: {defect}"[:200]


def identify(content: bytes) -> int:
    """The identity of a message among those of its device: a signed 64-bit hash of its bytes (XXH3)."""
    return xxh3_64_intdigest(content) - 2**63


def to_json(value: object, default: Callable[[object], object] = str) -> bytes:
    """JSON text that a jsonb column takes: no NUL character, whatever a device wrote."""
    text = orjson.dumps(value, default=default, option=orjson.OPT_NON_STR_KEYS)
    return text.replace(b"\\u0000", b"\\ufffd") if b"\\u0000" in text else text
