"""The published model of the native payload and the decoder that reads it say the same.

Meant to differ: the decoder passes codes and values on, because validation judges them reading by
reading; and it reads other ISO 8601 spellings with an offset and leap seconds too.
"""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.decode.common.limits import Limits
from ingest.decode.native import decode
from ingest.errors import Undecodable
from schemas.native import NATIVE_PAYLOAD
from tests.decode.named import named

CODE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
TEXT = st.text(st.characters(codec="utf-8"), max_size=6)

TIMES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *("2026-11-24T09:00:00+09:00", "2026-11-24T00:00:00Z", "2026-11-24T00:00:00.123456789Z"),
        *("2026-02-29T00:00:00Z", "2026-11-24T09:00:00", "2026-13-01T00:00:00Z", "now", ""),
        *("0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-11-24T09:00:00+25:00", "1795478400000"),
        *(
            1_795_478_400_000,
            1_795_478_400_000.5,
            0,
            -1,
            -0.5,
            253_402_300_799_999,
            253_402_300_800_000,
            True,
            None,
            [],
        ),
    ]
)
LEVELS: st.SearchStrategy[Any] = st.sampled_from([-98, 6.5, 0, None, "-98", True, 999.9, 1000, -1000, 1e30, [], {}])
LINKS = st.fixed_dictionaries(
    {}, optional={"rssi": LEVELS, "snr": LEVELS, "gateway": TEXT | st.none() | st.integers(), "mcs": st.integers(0, 9)}
)
READINGS = st.dictionaries(
    st.sampled_from(["air_temperature", "soil_moisture", "motion", "x" * 63, "x" * 64, "Air", "1x", "", "é"]),
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**6), 10**6)
    | st.booleans()
    | TEXT
    | st.none()
    | st.sampled_from([[], [1], {}, {"value": 3}]),
    max_size=4,
)
ELEMENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "ts": TIMES,
        "seq": st.sampled_from([0, 1, 2**63 - 1, 2**63, -1, 1.0, "1", True, None]),
        "readings": READINGS | st.none() | st.just([]),
        "link": LINKS | st.none() | st.just([]),
        "extra": TEXT,
    },
)
DOCUMENTS: st.SearchStrategy[Any] = (
    ELEMENTS | st.lists(ELEMENTS, max_size=1) | st.sampled_from([None, 1, "x", True, [1], [[]]])
)


def model_accepts(payload: bytes) -> bool:
    try:
        NATIVE_PAYLOAD.validate_json(payload)
    except ValidationError:
        return False
    return True


def decoder_accepts(payload: bytes) -> bool:
    try:
        uplink = decode(payload, "", None, Limits())
    except Undecodable:
        return False
    # What the decoder leaves to validation, it leaves visibly; 1.0 is a whole number for it, and published is 1.
    return (
        not uplink.refused
        and not _has_a_double_for_a_count(payload)
        and all(
            CODE.fullmatch(one.quantity) and isinstance(one.value, (bool, int, float, str)) for one in named(uplink)
        )
    )


@settings(max_examples=500)
@given(DOCUMENTS)
def test_model_and_decoder_agree(document: object) -> None:
    payload = json.dumps(document).encode()
    measured_codes = _codes(document)
    if all(CODE.fullmatch(code) for code in measured_codes):
        assert model_accepts(payload) == decoder_accepts(payload)
    else:
        assert not model_accepts(payload)


def _has_a_double_for_a_count(payload: bytes) -> bool:
    said = json.loads(payload)
    return any(
        isinstance(one, dict) and type(one.get("seq")) is float for one in (said if isinstance(said, list) else [said])
    )


def _codes(document: object) -> list[str]:
    """Also those of null readings, which the decoder does not even look at."""
    elements = document if isinstance(document, list) else [document]
    readings = [element.get("readings") for element in elements if isinstance(element, dict)]
    return [code for one in readings if isinstance(one, dict) for code in one]


@pytest.mark.parametrize("ts", ["2026-11-24 09:00:00+09:00", "20261124T090000+0900", "2026-11-24T09:00+09:00"])
def test_the_decoder_reads_more_spellings_of_a_time_than_it_publishes(ts: str) -> None:
    payload = json.dumps({"ts": ts, "readings": {}}).encode()
    assert decoder_accepts(payload)
    assert not model_accepts(payload)


def test_in_a_backfill_the_model_cannot_say_that_times_come_all_or_none() -> None:
    payload = b'[{"ts":0,"readings":{}},{"readings":{}}]'
    assert model_accepts(payload)
    assert not decoder_accepts(payload)


def test_the_published_schema_names_what_is_needed() -> None:
    schema = NATIVE_PAYLOAD.json_schema()
    assert schema["$defs"]["NativeUplink"]["required"] == ["readings"]
