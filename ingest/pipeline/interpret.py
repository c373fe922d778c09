"""decode and validate, put together: one message in, everything that is to be written because of it out."""

from collections.abc import Mapping

from xxhash import xxh3_64_intdigest

from ingest.decode.chirpstack import gateway as chirpstack_gateway
from ingest.decode.chirpstack.lorawan import all_that_heard
from ingest.decode.common import frame_identity as frame
from ingest.decode.common.limits import Limits, check_parts
from ingest.decode.common.lines import lines_of, read_lines
from ingest.decode.sparkplug.births import Births
from ingest.decode.table import DECODERS, Decoder, framed, with_maps
from ingest.errors import Undecodable
from ingest.message import Received
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.gateways_heard import HeardGateways
from ingest.pipeline.route import Destination, Routes
from ingest.pipeline.sparkplug_sessions import Sessions, node_of
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.rows import GatewayRow, MessageRows, Origin, QuarantineRow, UplinkRow, to_json
from ingest.validate import quarantine_rows as aside
from ingest.validate.clocks import Placed, believed, gateway_moment, message_moment, moments, place
from ingest.validate.values import ClockPolicy, Validated, validate
from schemas.certificate import Certificate
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import CLAIMED_TIMES, Link, Misnamed, Relative, Uplink
from schemas.uplink import new_tuple as _new

NO_LINK = Link()

BY_OUR_CLOCK = (RejectionReason.TIME_TOO_OLD, RejectionReason.TIME_IN_FUTURE)
"""Reasons that depend on our clock: after a step of it the same message may have another."""


class Interpreter:
    """Interprets messages by one version of the registry; `use` replaces it."""

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
        self._framed = framed(routes.directory.maps)
        self._sessions = Sessions(births or Births(), limits)
        self.heard = HeardGateways()
        """Gateways through which messages came, until they are noted in the database."""

    @property
    def births(self) -> Births:
        """What Sparkplug nodes have announced."""
        return self._sessions.births

    @property
    def directory(self) -> Directory:
        """The registry in use."""
        return self._routes.directory

    def use(self, directory: Directory) -> None:
        """Interpret by a newer registry from now on."""
        self._routes = self._routes.with_directory(directory)
        self._decoders = with_maps(directory.maps, self._plain_decoders)
        self._framed = framed(directory.maps)

    def interpret(self, message: Received) -> MessageRows:
        """Decode and validate a message: it becomes rows, or a quarantine row with a reason.

        Never raises for what a message contains.
        """
        to = self._routes.destination(message.topic)
        if to.inside is not None:
            to = self._named(message, to)
        claimed_us: int | None = None
        message_id = _identity(message, to)
        received_us = message.received_us
        if message.duplicate:  # at the time of its first receipt it is the same message again
            received_us = self._receipts.earlier(message.packet_id, message_id, message.generation) or received_us
        else:
            self._receipts.position += 1
        certificate, device = None, to.device
        try:
            if to.sender:  # a birth announces what its own values mean, so it is taken in before they are read
                certificate = self._certificate(message, to, received_us)
            if device is None:
                interpreted = self._of_no_device(message, to, message_id, received_us)
            else:
                read = self._read if device.bindings is None else self._read_in_its_time
                uplink = read(message, to, device, received_us)
                # The broker may have kept it for years: its time of receipt does not say when it was measured.
                if message.retain and (uplink.time_us is None or uplink.__class__ is Misnamed):
                    raise Undecodable(RejectionReason.RETAINED_WITHOUT_TIME)
                claimed_us = uplink.time_us
                valid = validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings)
                interpreted = self._accept(message, to, message_id, received_us, uplink, valid)
        except Undecodable as bad:
            interpreted = self._quarantine(message, to, message_id, received_us, bad.reason, bad.detail)
            if bad.reason in BY_OUR_CLOCK:  # before a step of our clock it may have been stored under this time
                interpreted.claimed_us = claimed_us
        except Exception as defect:  # noqa: BLE001  our own mistake must not stop the service: its bytes are kept, its reason is loud
            interpreted = self._quarantine(message, to, message_id, received_us, *_reason_of(defect))
        if certificate is not None:  # kept even if its own message is quarantined: later messages are read by it
            interpreted.certificate = certificate
        return interpreted

    def refuse(self, message: Received, reason: RejectionReason, detail: str) -> MessageRows:
        """Quarantine a message without decoding it. A device that only the payload names is not known then."""
        to = self._routes.destination(message.topic)
        message_id = _identity(message, to)
        received_us = message.received_us
        if message.duplicate:
            received_us = self._receipts.earlier(message.packet_id, message_id, message.generation) or received_us
        else:
            self._receipts.position += 1
        return self._quarantine(message, to, message_id, received_us, reason, detail)

    def identity(self, message: Received) -> tuple[int | None, int]:
        """(device_id, message_id), without reading the message. A device that only the payload names is None."""
        to = self._routes.destination(message.topic)
        return None if to.device is None else to.device.device_id, _identity(message, to)

    def destination(self, message: Received) -> Destination:
        """Who sent a message: its topic says so or, on a route whose topics name no device, its payload."""
        to = self._routes.destination(message.topic)
        return to if to.inside is None else self._named(message, to)

    def read(self, message: Received, to: Destination, device: DeviceEntry) -> Uplink:
        """What a message says, before anything of it is validated. Raises Undecodable."""
        read = self._read if device.bindings is None else self._read_in_its_time
        return read(message, to, device, message.received_us)

    def placed(self, uplink: Uplink, received_us: int) -> Placed:
        """Where the message and its elements stand in time. Raises Undecodable."""
        return place(uplink, message_moment(uplink, received_us, self._clock), received_us, self._clock)

    def validated(
        self, uplink: Uplink, device: DeviceEntry, received_us: int, placed: Placed | None = None
    ) -> Validated:
        """What remains of an uplink after validation. Raises Undecodable."""
        return validate(uplink, device.device_id, received_us, self._clock, device.catalogue, device.bindings, placed)

    def _read(self, message: Received, to: Destination, device: DeviceEntry, received_us: int) -> Uplink:
        if to.sender:
            return self._sessions.read(message, to, device.profile, received_us)
        try:
            uplink = self._decoders[to.decoder](message.payload, to.event, device.profile, self._limits)
        except Undecodable as bad:
            uplink = self._read_by_line(message.payload, to, device, bad)
        return uplink.received(received_us) if isinstance(uplink, Relative) else uplink

    def _read_by_line(self, payload: bytes, to: Destination, device: DeviceEntry, bad: Undecodable) -> Uplink:
        """Read a payload that is not JSON as a whole line by line. Raises `bad` if it has no lines of JSON either."""
        several = lines_of(payload) if bad.reason is RejectionReason.NOT_JSON else []
        if not several:
            raise bad
        decode, limits = self._decoders[to.decoder], self._limits
        return read_lines(several, lambda line: decode(line, to.event, device.profile, limits), limits.max_parts)

    def _read_in_its_time(self, message: Received, to: Destination, device: DeviceEntry, received_us: int) -> Uplink:
        """Read a message by the profile that was in force at the time it gives.

        That time has to be read first: by the profile in force now, for another might not read it at all.
        """
        assert device.bindings is not None  # the caller has looked
        now = device.bindings.profile_at(received_us, device.profile)
        uplink = self._read(message, to, device._replace(profile=now), received_us)
        claimed_us, then = uplink.time_us, now
        if claimed_us is not None and believed(claimed_us, received_us, self._clock):
            then = device.bindings.profile_at(claimed_us, device.profile)
        return uplink if then is now else self._read(message, to, device._replace(profile=then), received_us)

    def _named(self, message: Received, to: Destination) -> Destination:
        try:
            return self._routes.named(to, message.payload, self._limits)
        except Undecodable as bad:
            return to._replace(reason=bad.reason, detail=bad.detail)
        except Exception as defect:  # noqa: BLE001  as in `interpret`
            reason, detail = _reason_of(defect)
            return to._replace(reason=reason, detail=detail)

    def _certificate(self, message: Received, to: Destination, received_us: int) -> Certificate | None:
        """A birth or death that changes what later messages mean, whether or not the node itself is registered.

        Raises Undecodable for one over a limit. That of an unknown device raises nothing: it is quarantined as such.
        """
        if node_of(to.sender) not in self.directory.sparkplug_nodes:
            return None
        registered, message_id = to.sender in self.directory.sparkplug, identify(message.payload)
        try:
            return self._sessions.certificate(message, to, message_id, received_us, registered=registered)
        except Undecodable:
            if to.device is None:
                return None
            raise

    def _of_no_device(self, message: Received, to: Destination, message_id: int, received_us: int) -> MessageRows:
        if to.gateway is not None:
            return self._gateway(message, to, to.gateway, message_id, received_us)
        assert to.reason is not None  # a destination has a device, a gateway or a reason
        return self._quarantine(message, to, message_id, received_us, to.reason, to.detail)

    def _accept(
        self, message: Received, to: Destination, message_id: int, received_us: int, uplink: Uplink, valid: Validated
    ) -> MessageRows:
        device = to.device
        assert device is not None  # only destinations with a device get this far
        time_us, quality, own = valid.moment
        placed = valid.placed
        by_receipt = not own or (placed is not None and placed.by_receipt)
        if by_receipt:  # its time of receipt is in the key of a row: only this note makes a redelivery the same
            self._receipts.note(message.packet_id, message_id, received_us)
        link = uplink.link or NO_LINK
        if placed is not None and placed.claimed_us:
            link = link._replace(more={**(link.more or {}), CLAIMED_TIMES: moments(placed.claimed_us)})
        refused = len(valid.refused)
        offered = len(valid.readings) + refused
        if offered > self._limits.max_parts:  # decoders look before; what bindings add is seen here
            check_parts(offered, self._limits.max_parts)
        row = _new(UplinkRow, (
            time_us, received_us, message_id, uplink.counter, None if own else uplink.time_us, device.device_id,
            len(message.payload),
            None if link.gateway is None else self._heard_by(link, link.gateway, message, received_us),
            link.rssi_dbm, link.snr_db, link.airtime_ms, uplink.kind, offered, refused, quality or None,
            link.gateway_count, link.spreading_factor, None if link.more is None else to_json(link.more),
        ))  # fmt: skip
        quarantined: list[QuarantineRow] = []
        if refused:
            origin = Origin(message, message_id, time_us, received_us, device.device_id, to.project_id)
            quarantined = aside.parts(valid.refused, origin)
        interpreted = MessageRows(
            message, to.decoder, device.project_id, row, valid.readings, quarantined, by_receipt=by_receipt
        )
        interpreted.position = self._receipts.position
        if to.decoder in self._framed or (to.decoder == "mapped" and frame.by_own_map(device.profile)):
            interpreted.frame = frame.identity(uplink)
        if not own and quality == Quality.CLOCK_AHEAD:  # before a step of our clock it may have been stored under it
            interpreted.claimed_us = uplink.time_us
        return interpreted

    def _heard_by(self, link: Link, best: str, message: Received, received_us: int) -> int | None:
        """The gateway that heard it best, if it is registered; all that heard it are noted as alive."""
        gateways = self.directory.gateways
        gateway_id = gateways.get(best.lower())
        if message.retain:  # what the broker kept may be years old
            return gateway_id
        if gateway_id is not None:
            self.heard.note(gateway_id, received_us)
        if link.gateway_count is not None and link.gateway_count > 1 and link.more is not None:
            for name in all_that_heard(link.more):
                if (other := gateways.get(name.lower())) is not None:
                    self.heard.note(other, received_us)
        return gateway_id

    def _gateway(
        self, message: Received, to: Destination, gateway: GatewayEntry, message_id: int, received_us: int
    ) -> MessageRows:
        """The rows of a message in which a gateway speaks for itself. Raises Undecodable."""
        report = chirpstack_gateway.decode(message.payload, to.event, self._limits)
        time_us, _, own = gateway_moment(report.time_us, received_us, self._clock)
        if not own:
            self._receipts.note(message.packet_id, message_id, received_us)
        interpreted = MessageRows(message, to.decoder, to.project_id, None, [], [], by_receipt=not own)
        more = None if report.more is None else to_json(report.more)
        interpreted.gateway = GatewayRow(
            time_us, received_us, message_id, gateway.gateway_id, int(report.kind), *report[2:-1], more
        )
        interpreted.position = self._receipts.position
        return interpreted

    def _quarantine(
        self,
        message: Received,
        to: Destination,
        message_id: int,
        received_us: int,
        reason: RejectionReason,
        detail: str,
    ) -> MessageRows:
        self._receipts.note(message.packet_id, message_id, received_us)
        device_id = None if to.device is None else to.device.device_id
        origin = Origin(message, message_id, received_us, received_us, device_id, to.project_id or None)
        row = QuarantineRow.of_whole(origin, reason, aside.cut(detail))
        interpreted = MessageRows(message, to.decoder, to.project_id, None, [], [row], by_receipt=True)
        interpreted.position = self._receipts.position
        return interpreted


def _reason_of(defect: Exception) -> tuple[RejectionReason, str]:
    return RejectionReason.DECODER_DEFECT, f"{type(defect).__name__}: {defect}"[:200]


def _identity(message: Received, to: Destination) -> int:
    """The bytes identify a message among those of its device. Where no device is known, its topic stands for it."""
    return identify(message.payload if to.device else message.topic.encode() + b"\0" + message.payload)


def identify(content: bytes) -> int:
    """The identity of a message among those of its device: a signed 64-bit hash of its bytes (XXH3)."""
    return xxh3_64_intdigest(content) - 2**63
