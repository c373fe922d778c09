"""The Things Stack: every message of the application server, with and without a profile."""

import json
from contextlib import suppress

from ingest.decode.common.limits import Limits
from ingest.decode.things_stack import things_stack
from ingest.errors import Undecodable
from schemas.profiles import shipped_profiles
from tests.decode.test_any_bytes import is_uplink
from tests.decode.test_things_stack import ENVELOPE, MESSAGE

_LIMITS = Limits(max_bytes=20_000)
_PROFILES = (None, shipped_profiles()["dragino-lse01"])

SEEDS = tuple(
    json.dumps(ENVELOPE | part).encode()
    for part in (
        {"uplink_message": MESSAGE},
        {"uplink_message": {key: value for key, value in MESSAGE.items() if key != "decoded_payload"}},
        {"uplink_normalized": MESSAGE | {"normalized_payload": {"air": {"temperature": 20}}}},
        {"join_accept": {"session_key_id": "AY8k"}},
        {"location_solved": {"service": "x", "location": {"latitude": 35.68, "longitude": 139.77, "accuracy": 20}}},
        {"downlink_failed": {"error": {"name": "x", "message_format": "y"}}},
        {"downlink_ack": {"f_port": 1, "f_cnt": 7}},
    )
)


def fuzz(data: bytes) -> None:
    """Any bytes are an uplink or Undecodable."""
    event = "normalized" if b"uplink_normalized" in data else "up"
    with suppress(Undecodable):
        assert is_uplink(things_stack.decode(data, event, _PROFILES[len(data) % 2], _LIMITS))
