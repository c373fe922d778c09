"""The native payload."""

from contextlib import suppress

from ingest.bench.formats import NATIVE
from ingest.decode import native
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from tests.decode.test_any_bytes import is_uplink

SEEDS = (
    NATIVE,
    b'[{"ts": 1795489200000, "readings": {"leak": 1}}, {"ts": 1795489260000, "readings": {"leak": true}}]',
)
_LIMITS = Limits(max_bytes=20_000)


def fuzz(data: bytes) -> None:
    with suppress(Undecodable):
        assert is_uplink(native.decode(data, "", None, _LIMITS))
