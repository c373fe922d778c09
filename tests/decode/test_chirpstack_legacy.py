"""ChirpStack v3 and the servers built into gateways, in their own spellings."""

import json
from typing import Any

import pytest

from ingest.decode.chirpstack import json as chirpstack
from ingest.decode.chirpstack.legacy import eui
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, Uplink
from tests.decode.test_chirpstack import PADDY, TIME_US

V3: dict[str, Any] = {
    "applicationID": "123",
    "applicationName": "paddy-level",
    "deviceName": "paddy-17",
    "devEUI": "24e124713c491234",
    "rxInfo": [
        {
            "gatewayID": "a84041ffff1f8020",
            "time": "2026-06-14T21:05:12.348112Z",
            "rssi": -109,
            "loRaSNR": -4.5,
            "location": {"latitude": 38.2682, "longitude": 140.8694, "altitude": 41},
        }
    ],
    "txInfo": {"frequency": 922200000, "dr": 3},
    "adr": True,
    "fCnt": 1042,
    "fPort": 85,
    "data": "AXVcA3cCAA==",
    "objectJSON": '{"battery":92,"level":2}',
    "tags": {"field": "N3"},
}
MARSHALED = V3 | {
    "devEUI": "JOEkcTxJEjQ=",
    "devAddr": "AYKrfA==",
    "rxInfo": [{"gatewayID": "qEBB//8fgCA=", "time": None, "rssi": -109, "loRaSNR": -4.5}],
    "txInfo": {
        "frequency": 922200000,
        "modulation": "LORA",
        "loRaModulationInfo": {"bandwidth": 125, "spreadingFactor": 9, "codeRate": "4/5"},
    },
    "dr": 3,
    "confirmedUplink": True,
    "publishedAt": "2026-06-14T21:05:12.348112Z",
}
EMBEDDED = {
    "applicationID": 1,
    "devEUI": "24e124713c491234",
    "fCnt": 1042,
    "fPort": 85,
    "data": "AXVcA3cCAA==",
    "object": {"battery": 92, "level": 2},
    "rxInfo": [
        {"mac": "a84041ffff1f8020", "name": "roof", "rssi": -109, "loRaSNR": -4.5, "time": "0001-01-01T00:00:00Z"}
    ],
    "time": "2026-06-14T21:05:12.348112Z",
    "txInfo": {
        "adr": True,
        "codeRate": "4/5",
        "dataRate": {"modulation": "LORA", "bandwidth": 125, "spreadFactor": 9},
        "frequency": 922200000,
    },
}


def decode(document: object, event: str = "up") -> Uplink:
    return chirpstack.decode(json.dumps(document).encode(), event, PADDY, Limits())


@pytest.mark.parametrize("document", [V3, MARSHALED, EMBEDDED], ids=["v3", "v3 by another marshaler", "embedded"])
def test_an_uplink_says_the_same_in_every_old_spelling(document: dict[str, Any]) -> None:
    uplink = decode(document)
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.UPLINK, TIME_US, 1042)
    assert uplink.measured == [Measured("battery_level", 92), Measured("paddy_water_level", 2, "cm")]
    assert uplink.link is not None
    assert uplink.link[:6] == (-109, -4.5, "a84041ffff1f8020", 1, 9, 185.344)


def test_an_address_and_an_eui_in_base64_become_hexadecimal_with_their_leading_zeros() -> None:
    link = decode(MARSHALED).link
    assert link is not None
    assert link.more is not None
    assert (link.more["dev_addr"], link.more["confirmed"]) == ("0182ab7c", True)
    assert eui("AAAAAAAAAAE=") == "0000000000000001"
    assert eui("24E124713C491234") == "24e124713c491234"


@pytest.mark.parametrize("name", ["gw-roof", "AAAA=", "!!!!!!!!!!!=", "AAAAAAAAAAAAA==", ""])
def test_what_is_no_eui_stays_what_it_is(name: str) -> None:
    assert eui(name) == name


def test_an_object_inside_a_string_is_bounded_and_must_be_json() -> None:
    for text, reason in (
        ("{", RejectionReason.NOT_JSON),
        ("[" * 200 + "]" * 200, RejectionReason.TOO_DEEP),
        ("[]", RejectionReason.WRONG_SHAPE),
    ):
        with pytest.raises(Undecodable) as refused:
            decode(V3 | {"objectJSON": text})
        assert refused.value.reason == reason


def test_a_data_rate_of_fsk_has_no_spreading_factor() -> None:
    link = decode(V3 | {"txInfo": {"frequency": 922200000, "dr": 7}}).link
    assert link is not None
    assert (link.spreading_factor, link.airtime_ms) == (None, None)


def test_an_error_of_v3_is_a_remark_of_the_server() -> None:
    uplink = decode({"applicationID": "1", "devEUI": "24e124713c491234", "type": "OTAA", "error": "no key"}, "error")
    assert uplink.kind == EventKind.LOG
    assert uplink.link is not None
    assert uplink.link.more == {"level": "ERROR", "code": "OTAA", "description": "no key"}


def test_built_in_servers_call_an_uplink_rx() -> None:
    assert decode(EMBEDDED, "rx").measured == decode(EMBEDDED).measured
    assert decode(EMBEDDED, "").measured == decode(EMBEDDED).measured
