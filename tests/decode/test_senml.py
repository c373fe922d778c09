from decimal import Decimal
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.decode.senml import senml
from ingest.errors import Undecodable
from ingest.validate.values import ClockPolicy, validate
from schemas.profile import Profile
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Relative, Uplink
from tests.decode.senml import (
    NODE,
    NOW_US,
    PADDY,
    PADDY_CBOR,
    T0_US,
    Encode,
    as_cbor,
    as_json,
    decode,
    refusal,
    stored,
)

BOTH = pytest.mark.parametrize("encode", [as_json, as_cbor], ids=["json", "cbor"])


def test_the_vector_of_cbor_says_what_the_vector_of_json_says() -> None:
    in_json, in_cbor = decode(PADDY, as_json, NODE), senml.decode(PADDY_CBOR, "", NODE, Limits())
    assert in_json == in_cbor
    assert in_json.kind == EventKind.BACKFILL
    assert in_json.time_us == T0_US
    assert in_json.measured == [
        Measured("soil_temperature", 18.5, None, 0, T0_US),
        Measured("soil_temperature", 18.25, None, 0, T0_US - 600_000_000),
        Measured("soil_moisture", 0.312, "1", 0, T0_US),
        Measured("gate_state", value=True, time_us=T0_US),
        Measured("detection_label", "inoshishi", None, 0, T0_US),
    ]
    assert in_json.refused == ()
    assert decode(PADDY, as_cbor, NODE) == in_json


def test_a_data_value_nobody_ignores_is_set_aside_with_its_bytes() -> None:
    for encode in (as_json, as_cbor):
        (aside,) = decode([{"n": "raw", "vd": "AXVc"}], encode).refused
        assert (aside.reason, aside.part, aside.value) == (RejectionReason.UNKNOWN_QUANTITY, "raw", "AXVc")


def test_a_decimal_fraction_is_a_number() -> None:
    payload = bytes.fromhex(
        "81a321781f75726e3a6465763a6d61633a323465313234666666653363343931323a776c01616d02c482221904d2"
    )
    profile = Profile.model_validate({"code": "wl", "fields": {"wl": "river_level"}})
    assert senml.decode(payload, "", profile, Limits()).measured == [Measured("river_level", 1.234)]


@pytest.mark.parametrize(
    "pack",
    [
        [{"n": "a", "v": 1, "vs": "x"}],
        [{"n": "a"}],
        [{"n": "_a", "v": 1}],
        [{"n": "a b", "v": 1}],
        [{"n": "a", "v": "1"}],
        {},
        [{"n": "a", "v": None}],
        [{"v": 1}],
        [{}],
        [1],
        [{"n": 1, "v": 1}],
        [{"n": ["a"], "v": 1}],
        [{"n": "a", "u": 1, "v": 1}],
        [{"n": "a", "t": "now", "v": 1}],
        [{"n": "a", "vb": 1}],
        [{"n": "a", "vs": 1}],
        [{"n": "a", "v": True}],
        [{"bver": 10, "n": "a", "v": 1}, {"bver": 26, "n": "b", "v": 1}],
        [{"bver": "10", "n": "a", "v": 1}],
        [{"bn": 7, "n": "a", "v": 1}],
    ],
    ids=str,
)
@BOTH
def test_a_pack_that_breaks_a_rule_is_set_aside_as_a_whole(pack: Any, encode: Encode) -> None:
    assert refusal(encode(pack)) == RejectionReason.WRONG_SHAPE


@BOTH
def test_an_empty_pack_says_nothing(encode: Encode) -> None:
    assert refusal(encode([])) == RejectionReason.EMPTY_PAYLOAD


@pytest.mark.parametrize("pack", [[{"n": "a", "v": 1, "x_": 2}], [{"bver": 11, "n": "a", "v": 1}]], ids=str)
@BOTH
def test_what_must_be_understood_and_is_not_sets_the_pack_aside(pack: Any, encode: Encode) -> None:
    assert refusal(encode(pack)) == RejectionReason.MUST_UNDERSTAND


def test_no_half_of_a_pack_is_kept_after_a_must_understand_error() -> None:
    pack = [{"n": "air_temperature", "v": 18.4}, {"n": "air_humidity", "v": 61, "x_": 2}]
    assert refusal(as_json(pack)) == RejectionReason.MUST_UNDERSTAND


@pytest.mark.parametrize(
    ("pack", "names"),
    [
        ([{"bn": "a:"}, {"n": "b", "v": 1}], ["a:b"]),
        ([{"n": "a", "s": 12.5, "u": "W"}], ["a#s"]),
        ([{"bver": 10, "n": "a", "v": 1}, {"n": "b", "vb": False}], ["a", "b"]),
        ([{"n": "a", "v": 1, "vendor": 3}], ["a"]),
        ([{"bver": 26, "n": "a", "v": 1}], ["a"]),
    ],
    ids=str,
)
@BOTH
def test_a_pack_that_looks_odd_and_breaks_no_rule_is_understood(pack: Any, names: list[str], encode: Encode) -> None:
    uplink = decode(pack, encode)
    assert [one.part for one in uplink.refused] == names
    assert {one.reason for one in uplink.refused} == {RejectionReason.UNKNOWN_QUANTITY}


@pytest.mark.parametrize("data", ["AXVc=", "A", "AX+c", "AX/c", "AQ=="])
def test_padded_or_foreign_base64_is_no_data_value(data: str) -> None:
    assert refusal(as_json([{"n": "a", "vd": data}])) == RejectionReason.WRONG_SHAPE


@pytest.mark.parametrize("number", [float("inf"), float("nan"), Decimal("1e999"), Decimal("sNaN")], ids=str)
def test_a_number_that_is_none_is_no_value(number: Any) -> None:
    assert refusal(cbor2.dumps([{0: "a", 2: number}])) == RejectionReason.WRONG_SHAPE


@BOTH
def test_times_below_two_to_the_28_count_from_the_time_of_receipt(encode: Encode) -> None:
    pack = [
        {"bn": "2001:db8::17/", "n": "rain_amount", "u": "m", "t": -3600, "v": 0.0005},
        {"n": "rain_amount", "u": "m", "v": 0.001},
    ]
    uplink = decode(pack, encode)
    assert isinstance(uplink, Relative)
    assert uplink.time_us is None
    whole = uplink.received(NOW_US)
    assert whole.measured == [
        Measured("rain_amount", 0.0005, "m", 0, NOW_US - 3_600_000_000),
        Measured("rain_amount", 0.001, "m"),
    ]
    assert stored(uplink) == {"rain_amount": 1.0}


def test_the_sum_of_base_time_and_time_decides_not_either_of_them() -> None:
    trap = decode([{"bt": 268435400, "n": "urn:x:air_temperature", "t": 100, "v": 1.0}])
    assert not isinstance(trap, Relative)
    assert trap.time_us == 268_435_500_000_000, "1978-07-04"
    below = decode([{"bt": 268435400, "n": "air_temperature", "t": 55, "v": 1.0}])
    assert isinstance(below, Relative), "one second less than 2**28"
    late = decode([{"bt": 1781471100, "n": "air_temperature", "t": -1781471000, "v": 1.0}])
    assert isinstance(late, Relative), "100 s ahead of the receipt, though the base time is absolute"
    assert late.received(NOW_US).measured == [Measured("air_temperature", 1.0, None, 0, NOW_US + 100_000_000)]


def test_a_pack_without_any_time_is_of_the_time_of_receipt() -> None:
    uplink = decode([{"n": "air_temperature", "v": 18.4}, {"n": "air_humidity", "t": 0, "v": 61.0}])
    assert not isinstance(uplink, Relative)
    assert uplink.time_us is None
    valid = validate(uplink, 1, NOW_US, ClockPolicy())
    assert [(row[0], row[5]) for row in valid.readings] == [(NOW_US, Quality.TIME_ABSENT)] * 2


@pytest.mark.parametrize("first_is_now", [True, False])
def test_now_among_absolute_times_is_the_time_of_receipt(first_is_now: bool) -> None:  # noqa: FBT001
    now, then = {"n": "air_temperature", "v": 2.0}, {"n": "air_temperature", "t": 1781471100, "v": 1.0}
    uplink = decode([now, then] if first_is_now else [then, now])
    assert isinstance(uplink, Relative)
    times = {row[1]: row[4] for row in uplink.received(NOW_US).measured}
    assert times == {1.0: T0_US, 2.0: None}


def test_the_time_of_a_pack_is_its_newest() -> None:
    pack = [{"n": "air_temperature", "t": T0_US // 10**6 + n, "v": float(n)} for n in (0, 2, 1)]
    uplink = decode(pack)
    assert uplink.time_us == T0_US + 2_000_000
    assert [row[4] for row in uplink.measured] == [T0_US, T0_US + 2_000_000, T0_US + 1_000_000]


@pytest.mark.parametrize("t", [1e300, -1e300, 253_402_300_800, -(2**28)])
def test_a_time_that_is_none_is_refused(t: float) -> None:
    assert refusal(as_json([{"n": "a", "t": t, "v": 1}])) == RejectionReason.INVALID_TIME


@BOTH
def test_the_base_value_is_added_to_numbers_and_to_nothing_else(encode: Encode) -> None:
    pack = [
        {"bv": 20, "n": "air_temperature", "v": 0.5},
        {"n": "gate_state", "vb": True},
        {"n": "soil_temperature", "v": -1},
    ]
    assert stored(decode(pack, encode)) == {"air_temperature": 20.5, "gate_state": 1, "soil_temperature": 19}


def test_a_new_base_name_resets_no_other_base_field() -> None:
    pack = [
        {"bn": "urn:x:", "bt": 1781471100, "bu": "K", "bv": 273.15, "n": "air_temperature", "v": 10.0},
        {"bn": "urn:y:", "n": "soil_temperature", "v": 5.0},
    ]
    uplink = decode(pack)
    assert uplink.time_us == T0_US
    assert stored(uplink) == {"air_temperature": 10.0, "soil_temperature": 5.0}


def test_a_base_name_stays_for_the_records_that_follow() -> None:
    uplink = decode([{"bn": "urn:x:"}, {"n": "b", "v": 1}, {"n": "c", "v": 1}, {"bn": "urn:z:", "v": 1, "n": "d"}])
    assert [one.part for one in uplink.refused] == ["urn:x:b", "urn:x:c", "urn:z:d"]


def test_the_longest_silence_to_expect_is_kept() -> None:
    assert decode([{"n": "air_temperature", "ut": 3600, "v": 18.4}]).link == Link(more={"update_time_s": 3600})


def test_a_pack_larger_than_the_limit_is_not_parsed() -> None:
    limits = Limits(max_bytes=30, max_elements=2)
    for payload, reason in [
        (PADDY_CBOR, RejectionReason.TOO_LARGE),
        (cbor2.dumps([{0: "a", 2: 1}] * 3), RejectionReason.TOO_MANY_ELEMENTS),
        (b"\x81" * 30, RejectionReason.TOO_MANY_ELEMENTS),
    ]:
        with pytest.raises(Undecodable) as refused:
            senml.decode(payload, "", None, limits)
        assert refused.value.reason == reason


def test_a_pack_nested_deeper_than_the_limit_is_malformed() -> None:
    with pytest.raises(Undecodable) as refused:
        senml.decode(b"\x81" * 30, "", None, Limits(max_depth=10))
    assert refused.value.reason == RejectionReason.MALFORMED


@pytest.mark.parametrize("tag", ["d823", "d824", "d90023", "da00000024", "c1", "d81d"])
def test_what_cbor_tags_can_call_up_is_no_measurement(tag: str) -> None:
    """A regular expression to be compiled, a date, a reference to itself: none of it is a number."""
    assert refusal(b"\x81\xa2\x00\x61a\x02" + bytes.fromhex(tag) + b"\x41\x01") in (
        RejectionReason.MALFORMED,
        RejectionReason.WRONG_SHAPE,
    )


NAMES = st.sampled_from(["air_temperature", "soil/temp", "a", "urn:x:b", "", "_a", "gate_state"])
NUMBERS = st.floats(-1e9, 1e9) | st.integers(-(2**40), 2**40)
RECORD = st.fixed_dictionaries(
    {},
    optional={
        "bn": NAMES, "bt": NUMBERS, "bu": st.sampled_from(["Cel", "/", "%RH"]), "bv": NUMBERS, "bs": NUMBERS,
        "bver": st.sampled_from([10, 26]), "n": NAMES, "u": st.sampled_from(["Cel", "m", "?"]), "v": NUMBERS,
        "vs": st.text(max_size=5), "vb": st.booleans(), "vd": st.sampled_from(["", "AXVc", "AQ"]), "s": NUMBERS,
        "t": NUMBERS, "ut": NUMBERS,
    },
)  # fmt: skip


@given(pack=st.lists(RECORD, min_size=1, max_size=5))
def test_json_and_cbor_of_one_pack_say_the_same(pack: list[dict[str, Any]]) -> None:
    def said(encode: Encode) -> object:
        try:
            return decode(pack, encode, NODE)
        except Undecodable as refused:
            return refused.reason, refused.detail

    in_json = said(as_json)
    in_cbor = said(as_cbor)
    if isinstance(in_json, Uplink):
        assert in_cbor == in_json
    else:
        assert isinstance(in_cbor, tuple)


@given(values=st.lists(st.floats(-30, 40), min_size=1, max_size=8), start=st.integers(10**9, 2 * 10**9))
def test_a_backfill_of_one_quantity_comes_back_value_by_value(values: list[float], start: int) -> None:
    pack: list[dict[str, Any]] = [{"n": "air_temperature", "t": n * 60, "v": value} for n, value in enumerate(values)]
    pack[0]["bt"] = start
    uplink = decode(pack)
    at = [uplink.time_us if row[4] is None else row[4] for row in uplink.measured]
    assert [row[1] for row in uplink.measured] == values
    assert at == [(start + 60 * n) * 10**6 for n in range(len(values))]
