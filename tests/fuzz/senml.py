"""SenML, in JSON and in CBOR."""

from contextlib import suppress

from ingest.decode.common.limits import Limits
from ingest.decode.senml import senml
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.uplink import Relative
from tests.decode.senml import PADDY, PADDY_CBOR, as_cbor, as_json
from tests.decode.test_any_bytes import is_uplink

_MORE = [
    {"bn": "urn:x:", "bver": 26, "bu": "mV", "bv": 1, "bs": 2, "n": "a", "v": 1.5, "ut": 60, "s": 1},
    {"n": "air/temperature", "u": "K", "t": -60, "v": 291},
]
SEEDS = (as_json(PADDY), PADDY_CBOR, as_json(_MORE), as_cbor(_MORE), bytes.fromhex("81a200616102c482221904d2"))
_LIMITS = Limits(max_bytes=20_000)
_PROFILE = Profile.model_validate(
    {"code": "fuzz", "fields": {"soil/temp": "soil_temperature", "gate/open": "gate_state"}, "ignore": ["raw"]}
)


def fuzz(data: bytes) -> None:
    for profile in (None, _PROFILE):
        with suppress(Undecodable):
            uplink = senml.decode(data, "", profile, _LIMITS)
            assert is_uplink(uplink.received(10**15) if isinstance(uplink, Relative) else uplink)
