"""ChirpStack in either encoding: a server publishes JSON or protobuf by one switch, on the same topics."""

from ingest.decode import chirpstack, chirpstack_protobuf
from ingest.decode.chirpstack_wire import is_protobuf
from ingest.decode.limits import Limits
from schemas.profile import Profile
from schemas.uplink import Uplink


def decode(payload: bytes, event: str, profile: Profile | None, limits: Limits) -> Uplink:
    """One device event; the first byte tells the encoding."""
    if payload[:1] != b"{" and is_protobuf(payload):
        return chirpstack_protobuf.decode(payload, event, profile, limits)
    return chirpstack.decode(payload, event, profile, limits)
