import gzip
import time

import pytest

from ingest.decode.common.limits import Limits, is_no_number, parse_json
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

LIMITS = Limits()


def refusal(payload: bytes, limits: Limits = LIMITS) -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        parse_json(payload, limits)
    return refused.value.reason


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", RejectionReason.EMPTY_PAYLOAD),
        (b" \r\n\t", RejectionReason.EMPTY_PAYLOAD),
        (b"\xef\xbb\xbf", RejectionReason.EMPTY_PAYLOAD),
        (b"{", RejectionReason.NOT_JSON),
        (b'{"a":1,}', RejectionReason.NOT_JSON),
        (b'{"a":1} {"a":2}', RejectionReason.NOT_JSON),
        (b'"\\ud800"', RejectionReason.NOT_JSON),
        (b'{"a":"\xff"}', RejectionReason.NOT_UTF8),
        ('{"土":1}'.encode("shift_jis"), RejectionReason.NOT_UTF8),
    ],
)
def test_bytes_that_are_no_json_get_the_reason(payload: bytes, reason: RejectionReason) -> None:
    assert refusal(payload) == reason


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a":1}', Limits()) == {"a": 1}


def test_of_duplicate_keys_the_last_one_counts() -> None:
    assert parse_json(b'{"a":1,"a":2}', Limits()) == {"a": 2}


def test_whole_numbers_stay_whole_above_the_precision_of_a_double() -> None:
    assert parse_json(b"9007199254740993", Limits()) == 9_007_199_254_740_993


def test_ten_megabytes_are_refused_without_being_parsed() -> None:
    payload = b'{"a":"' + b"x" * 10_000_000 + b'"}'
    start = time.thread_time()
    assert refusal(payload) == RejectionReason.TOO_LARGE
    assert time.thread_time() - start < 0.05


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
def test_nesting_is_bounded(opening: bytes, closing: bytes) -> None:
    limits = Limits(max_depth=32)
    levels = opening.count(b"[") + opening.count(b"{")
    deepest = 32 // levels
    parse_json(opening * deepest + b"1" + closing * deepest, limits)
    assert refusal(opening * (deepest + 1) + b"1" + closing * (deepest + 1), limits) == RejectionReason.TOO_DEEP
    assert refusal(opening * 9_000, limits) == RejectionReason.TOO_DEEP


@pytest.mark.parametrize("text", ["{" * 99, '\\"' + "[" * 99, "}" * 99, "\\\\"])
def test_brackets_in_texts_are_not_nesting(text: str) -> None:
    payload = b"[" + b",".join([b'{"a":"' + text.encode() + b'"}'] * 40) + b"]"
    assert len(parse_json(payload, Limits(max_depth=2))) == 40  # type: ignore[arg-type]


def test_a_text_that_never_ends_is_no_nesting_and_no_json() -> None:
    assert refusal(b'[{"a":"' + b"[" * 99, Limits()) == RejectionReason.NOT_JSON


def test_brackets_in_texts_do_not_hide_nesting() -> None:
    payload = b'{"a":"]]]]]]]]]]","b":' + b"[" * 40 + b"]" * 40 + b"}"
    assert refusal(payload, Limits(max_depth=32)) == RejectionReason.TOO_DEEP


def test_elements_are_bounded() -> None:
    limits = Limits(max_elements=100)
    parse_json(b"[" + b",".join([b"1"] * 100) + b"]", limits)
    assert refusal(b"[" + b",".join([b"1"] * 101) + b"]", limits) == RejectionReason.TOO_MANY_ELEMENTS


@pytest.mark.parametrize("hostile", [b"[" * 262_144, b'"' * 262_144, b'"\\' * 131_072, b"[{]}" * 65_536])
def test_hostile_payloads_cost_little(hostile: bytes) -> None:
    start = time.thread_time()
    refusal(hostile, Limits(max_elements=1_000_000))
    assert time.thread_time() - start < 0.5


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"a":NaN,"b":1}', "NaN"),
        (b'{"a":nan,"b":1}', "nan"),
        (b'{"a":-nan,"b":1}', "-nan"),
        (b'{"a":Infinity,"b":1}', "Infinity"),
        (b'{"a": -inf ,"b":1}', "-inf"),
        (b'{"a":1e400,"b":1}', "1e400"),
        (b'{"a":-1.5E+999,"b":1}', "-1.5E+999"),
        (b'\xef\xbb\xbf{"a":NaN,"b":1}', "NaN"),
    ],
)
def test_a_number_that_is_none_costs_nothing_but_itself(payload: bytes, value: str) -> None:
    assert parse_json(payload, Limits()) == {"a": value, "b": 1}
    assert is_no_number(value)


@pytest.mark.parametrize("behind", [b"\0", b"\0\0\0", b"\r\n\0"])
def test_nothing_is_lost_by_a_nul_behind_the_document(behind: bytes) -> None:
    assert parse_json(b'{"a":1}' + behind, Limits()) == {"a": 1}


@pytest.mark.parametrize("payload", [b'{"a":nano}', b'{"a":xNaN}', b'{"a":1NaN}', b'{"a":\0 1}', b"{nan}", b'{"a":in}'])
def test_what_is_no_json_besides_stays_none(payload: bytes) -> None:
    assert refusal(payload, Limits()) == RejectionReason.NOT_JSON


def test_a_text_is_left_as_it_is() -> None:
    assert parse_json(b'{"a":"nan, NaN \\" 1e400","b":NaN}', Limits()) == {"a": 'nan, NaN " 1e400', "b": "NaN"}


def test_gzip_is_named_as_gzip() -> None:
    with pytest.raises(Undecodable) as refused:
        parse_json(gzip.compress(b'{"readings":{}}'), Limits())
    assert refused.value.reason is RejectionReason.NOT_UTF8
    assert "gzip" in refused.value.detail
