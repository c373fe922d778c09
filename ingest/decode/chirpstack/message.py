"""ChirpStack in either encoding: a server publishes JSON or protobuf by one switch, on the same topics."""

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.chirpstack import legacy as chirpstack_legacy
from ingest.decode.chirpstack import protobuf as chirpstack_protobuf
from ingest.decode.chirpstack.wire import is_protobuf, known, parse
from ingest.decode.common import shape
from ingest.decode.common.limits import Limits, parse_json
from schemas.profile import Profile
from schemas.uplink import Uplink


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One device event; the first byte tells the encoding."""
    if payload[:1] != b"{" and is_protobuf(payload):
        return chirpstack_protobuf.decode(payload, event, profile, limits)
    return chirpstack.decode(payload, event, profile, limits)


def speaker(payload: bytes, event: str, limits: Limits) -> str:
    """The EUI of the device that the message names, empty if it names none. Needed where all devices share one topic.

    Raises Undecodable if the message cannot be parsed.
    """
    if is_protobuf(payload):
        return str(parse(payload, event, limits).device_info.dev_eui).lower() if known(event) else ""
    document = shape.table(parse_json(payload, limits), "the message")
    inside = shape.text_at(shape.table_at(document, "deviceInfo"), "devEui")
    return chirpstack_legacy.eui(inside or shape.text_at(document, "devEUI") or "").lower()
