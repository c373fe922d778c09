"""ChirpStack: every device event, in JSON and in protobuf. The first byte of an input chooses the event."""

import json
from contextlib import suppress

from ingest.decode.chirpstack import message as chirpstack_message
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from tests.decode.chirpstack_vectors import WIRE
from tests.decode.test_any_bytes import is_uplink
from tests.decode.test_chirpstack import PADDY, UP
from tests.decode.test_chirpstack_legacy import EMBEDDED, MARSHALED, V3

EVENTS = ("up", "status", "join", "ack", "txack", "log", "location", "integration", "")
_OF_WIRE = ("up", "status", "status_battery", "join", "ack", "txack", "log", "location", "relayed_up", "encrypted_up")
_PROFILES = (PADDY, None)
_LIMITS = Limits(max_bytes=20_000)


def _seed(event: str, payload: bytes) -> bytes:
    return bytes([EVENTS.index(event)]) + payload


SEEDS = (
    *(_seed("up", json.dumps(document).encode()) for document in (UP, V3, MARSHALED, EMBEDDED)),
    *(_seed("up" if "up" in name else name.split("_")[0], WIRE[name]) for name in _OF_WIRE),
    _seed("status", b'{"time":"2026-06-14T21:10:00.120Z","margin":7,"batteryLevel":81.5}'),
    _seed("log", b'{"level":"ERROR","code":"UPLINK_CODEC","description":"x","context":{"a":"b"}}'),
)


def fuzz(data: bytes) -> None:
    """Any bytes are an uplink or Undecodable."""
    chosen, payload = (data[0] if data else 0), data[1:]
    event, profile = EVENTS[chosen % len(EVENTS)], _PROFILES[chosen // 128]
    with suppress(Undecodable):
        assert is_uplink(chirpstack_message.decode(payload, event, profile, _LIMITS))
