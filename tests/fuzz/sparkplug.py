"""Sparkplug B: as data, by known births and by none, and as a birth that is then kept."""

from contextlib import suppress
from functools import partial

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug import sparkplug
from ingest.decode.sparkplug.births import Births
from ingest.errors import Undecodable
from schemas.profile import Profile
from tests.decode.sparkplug import DBIRTH, DDATA, DDATA_32_BITS, DEVICE, FIELDS, NBIRTH, NCMD, NDEATH, NODE, payload
from tests.decode.test_any_bytes import is_uplink

_ARRAYS = payload(
    *(
        {"name": f"contact{n}", "alias": n, "datatype": n, "bytes_value": b"\x04\0\0\0\xa0\x01\0"}
        for n in range(22, 35)
    ),
    {"name": "air/temperature", "alias": 1, "datatype": 10, "double_value": 1.0, "unit": "C", "quality": 500},
)
SEEDS = (NDEATH, NBIRTH, DBIRTH, DDATA, DDATA_32_BITS, NCMD, _ARRAYS)
_LIMITS = Limits(max_bytes=20_000)
_PROFILE = Profile.model_validate(
    {"code": "fuzz", "fields": FIELDS | {f"contact{n}": "contact" for n in range(22, 35)}}
)


def _births() -> Births:
    told = (("NBIRTH", NODE, NBIRTH), ("DBIRTH", DEVICE, DBIRTH), ("DBIRTH", DEVICE, _ARRAYS))
    found = (sparkplug.certificate(one, event, who, n, n, _LIMITS) for n, (event, who, one) in enumerate(told))
    return Births(one for one in found if one is not None)


_KNOWN = _births()


def fuzz(data: bytes) -> None:
    look_up = partial(_KNOWN.view, DEVICE, received_us=10, again=False)
    for event, profile in (("DDATA", _PROFILE), ("DBIRTH", None), ("NDEATH", None)):
        with suppress(Undecodable):
            assert is_uplink(sparkplug.decode(data, event, profile, _LIMITS, look_up))
    with suppress(Undecodable):
        assert is_uplink(sparkplug.decode(data, "DDATA", None, _LIMITS))
    for event, who in (("NBIRTH", NODE), ("DBIRTH", DEVICE), ("NDEATH", NODE)):
        with suppress(Undecodable):
            told = sparkplug.certificate(data, event, who, 1, 1, _LIMITS)
            assert told is not None
            Births([told]).view(DEVICE, 5, 7, again=True)
