"""SenML packs, in JSON and in the CBOR that says the same."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from ingest.decode.common.limits import Limits
from ingest.decode.senml import senml
from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, validate
from schemas.profile import Profile
from schemas.quantity import BY_CODE
from schemas.rejection import RejectionReason
from schemas.uplink import Relative, Uplink

CBOR_LABELS = {
    "bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6, "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5,
    "t": 6, "ut": 7, "vd": 8,
}  # fmt: skip

PADDY = [
    {"bn": "urn:dev:mac:24e124fffe3c4912:", "bt": 1781471100, "bu": "Cel", "n": "soil/temp", "v": 18.5},
    {"n": "soil/temp", "t": -600, "v": 18.25},
    {"n": "soil/vwc", "u": "/", "v": 0.312},
    {"n": "gate/open", "vb": True},
    {"n": "camera/label", "vs": "inoshishi"},
    {"n": "raw", "vd": "AXVc"},
]
PADDY_CBOR = bytes.fromhex(
    "86a521781d75726e3a6465763a6d61633a323465313234666666653363343931323a221a6a2f177c236343656c0069736f696c2f74656d7002fb"
    "4032800000000000a30069736f696c2f74656d700639025702fb4032400000000000a30068736f696c2f76776301612f02fb3fd3f7ced916872b"
    "a20069676174652f6f70656e04f5a2006c63616d6572612f6c6162656c0369696e6f736869736869a20063726177084301755c"
)
T0_US = 1_781_471_100_000_000
NOW_US = 1_795_478_400_000_000
NODE = Profile.model_validate(
    {
        "code": "paddy-node",
        "fields": {
            "soil/temp": "soil_temperature",
            "soil/vwc": "soil_moisture",
            "gate/open": "gate_state",
            "camera/label": "detection_label",
            "power#s": {"quantity": "water_total", "unit": "m3"},
        },
        "ignore": ["raw", "power"],
    }
)


def as_json(pack: Any) -> bytes:
    return json.dumps(pack).encode()


def as_cbor(pack: Any) -> bytes:
    """The same pack with the labels of CBOR; data values become bytes."""
    return cbor2.dumps([_relabelled(record) for record in pack] if isinstance(pack, list) else pack)


def _relabelled(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {CBOR_LABELS.get(label, label): _value(label, value) for label, value in record.items()}


def _value(label: str, value: Any) -> Any:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4)) if label == "vd" else value


Encode = Callable[[Any], bytes]


def decode(pack: Any, encode: Encode = as_json, profile: Profile | None = None) -> Uplink:
    return senml.decode(encode(pack), "", profile, Limits())


def refusal(payload: bytes) -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        senml.decode(payload, "", None, Limits())
    return refused.value.reason


def stored(uplink: Uplink) -> dict[str, float]:
    """What is stored of it, in the units of the catalogue."""
    codes = {quantity.id: code for code, quantity in BY_CODE.items()}
    whole = uplink.received(NOW_US) if isinstance(uplink, Relative) else uplink
    valid = validate(whole, 1, NOW_US, ClockPolicy(max_age_us=10**18))
    assert not valid.refused
    return {codes[row[3]]: round(row[1], 9) for row in valid.readings}
