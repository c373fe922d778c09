import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.table import DECODERS
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.quantity import BY_CODE
from schemas.uplink import Measured, Refused, Uplink
from tests.decode.envelopes import chirpstack_up, examples, things_stack_up
from tests.decode.named import named

LIMITS = Limits(max_bytes=20_000)
EVENTS = ("up", "status", "join", "log", "location", "ack", "")
PROFILES: tuple[Profile | None, ...] = (
    None,
    shipped_profiles()["dragino-lse01"],
    shipped_profiles()["sensecap-s2120"],
    shipped_profiles()["tinovi-pm-io-5-sm"],
)

WORDS = st.sampled_from(
    [
        *(
            "object",
            "decoded_payload",
            "normalized_payload",
            "uplink_message",
            "rxInfo",
            "txInfo",
            "modulation",
            "lora",
        ),
        *("spreadingFactor", "bandwidth", "time", "received_at", "settings", "data_rate", "rx_metadata", "gateway_ids"),
        *("readings", "ts", "seq", "link", "rssi", "snr", "gateway", "fCnt", "fPort", "data", "soil", "depth", "value"),
        *("location", "latitude", "margin", "batteryLevel", "f_cnt", "frm_payload", "location_solved", "messages"),
        *("measurementId", "measurementValue", "4097", "Bat", "leak", "e25", "consumed_airtime", "water", "battery"),
        *BY_CODE,
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-24T09:00:00+09:00", "1.5s", "24.59", "No Sensor", "CR_4_5", "N", "true"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=6),
    max_leaves=30,
)


def is_uplink(result: object) -> bool:
    """Everything in it is of the types its consumers rely on, and fits their columns."""
    assert isinstance(result, Uplink)
    assert result.counter is None or 0 <= result.counter < 2**63
    assert result.time_us is None or isinstance(result.time_us, int)
    assert all(isinstance(one.quantity, str) and 0 <= one.channel <= 32_767 for one in named(result))
    assert all(isinstance(one, Refused) and isinstance(one.part, str) for one in result.refused)
    if result.link is not None:
        for level in (result.link.rssi_dbm, result.link.snr_db):
            assert level is None or -1000 < level < 1000
        json.dumps(result.link.more, allow_nan=False)
    return True


def attempt(decoder: str, payload: bytes, event: str, profile: Profile | None) -> Uplink | Undecodable:
    try:
        result = DECODERS[decoder](payload, event, profile, LIMITS)
    except Undecodable as refused:
        return refused
    assert is_uplink(result)
    return result


@pytest.mark.parametrize("decoder", sorted(DECODERS))
@given(payload=st.binary(max_size=300), event=st.sampled_from(EVENTS))
def test_any_bytes_are_an_uplink_or_undecodable(decoder: str, payload: bytes, event: str) -> None:
    attempt(decoder, payload, event, None)


@pytest.mark.parametrize("decoder", sorted(DECODERS))
@given(document=JSON, event=st.sampled_from(EVENTS), profile=st.sampled_from(PROFILES))
def test_any_json_is_an_uplink_or_undecodable(
    decoder: str, document: object, event: str, profile: Profile | None
) -> None:
    attempt(decoder, json.dumps(document).encode(), event, profile)


ENVELOPES: dict[str, Callable[[Any], bytes]] = {"chirpstack": chirpstack_up, "things_stack": things_stack_up}


@pytest.mark.parametrize("decoder", sorted(ENVELOPES))
@given(data=st.data(), example_id=st.sampled_from(sorted(examples())), profile=st.sampled_from(PROFILES))
def test_any_value_anywhere_in_a_real_message_is_survived(
    decoder: str, data: st.DataObject, example_id: int, profile: Profile | None
) -> None:
    document = json.loads(ENVELOPES[decoder](examples()[example_id]))
    place = document
    while isinstance(place, (dict, list)) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    attempt(decoder, json.dumps(document).encode(), "up", profile)


@given(readings=st.dictionaries(WORDS, st.floats(allow_nan=False, allow_infinity=False) | st.none(), max_size=5))
def test_a_native_message_with_readings_is_always_understood(readings: dict[str, float | None]) -> None:
    uplink = DECODERS["native"](json.dumps({"readings": readings}).encode(), "", None, LIMITS)
    assert uplink.measured == [Measured(code, value) for code, value in readings.items() if value is not None]
