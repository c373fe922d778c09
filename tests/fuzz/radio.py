"""Link records of the native payload: HaLow, local 5G, LTE."""

import json
from contextlib import suppress

from ingest.decode import native
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from tests.decode.test_any_bytes import is_uplink
from tests.decode.test_radio import HALOW, LOCAL_5G

_LIMITS = Limits(max_bytes=20_000)
_LINKS = ({"halow": HALOW, "rtt_ms": 48}, LOCAL_5G, {"lte": {"rsrp": -101, "eci": 123456}, "rssi": -60, "gateway": "a"})

SEEDS = tuple(json.dumps({"ts": 1781471112421, "readings": {}, "link": link}).encode() for link in _LINKS)


def fuzz(data: bytes) -> None:
    """Any bytes are an uplink or Undecodable."""
    with suppress(Undecodable):
        assert is_uplink(native.decode(data, "", None, _LIMITS))
