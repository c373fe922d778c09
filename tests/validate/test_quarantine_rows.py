"""What is set aside of a message: rows that are few and small, and stand for all of it."""

from collections import Counter

import orjson
import pytest

from ingest.decode.common.limits import Limits, parse_json
from ingest.decode.common.names import LONGEST, short
from ingest.errors import Undecodable
from ingest.message import Received
from ingest.rows import Origin, weigh
from ingest.validate import quarantine_rows as aside
from ingest.validate.quarantine_rows import KEPT
from schemas.rejection import RejectionReason as R
from schemas.uplink import Refused
from tests.fuzz.attacks.interpret import new_interpreter
from tests.fuzz.attacks.tools import as_json, received, unknown

MESSAGE = Received("noroshi/" + "t" * 5_000, b"payload", 7)
OF = Origin(MESSAGE, 1, 5, 7, 3, 4)


def test_of_many_parts_the_first_have_a_row_each_and_every_reason_has_one_for_the_others() -> None:
    refused = [Refused((R.SENTINEL, R.OUT_OF_RANGE)[n % 2], f"p{n}", "no", n) for n in range(200)]
    refused.append(Refused(R.UNKNOWN_UNIT, "alone", "no unit", {"a": 1}))
    rows = aside.parts(refused, OF)
    assert [row.part for row in rows] == list(range(1, KEPT + 4))
    counted: Counter[R] = Counter()
    for row in rows:
        counted[row.reason] += row.parts
    assert counted == Counter(one.reason for one in refused)
    first, second, alone = rows[KEPT:]
    assert (first.reason, first.parts, first.part_name, first.part_value) == (R.SENTINEL, 68, None, b'{"more":68}')
    assert first.detail == "and 68 more; the first of them is p64: no"
    assert second.parts == 68
    assert (alone.parts, alone.part_name, alone.part_value) == (1, "alone", b'{"a":1}')


def test_the_message_and_its_whole_topic_stand_in_the_first_row_only() -> None:
    first, *others = aside.parts([Refused(R.SENTINEL, f"p{n}", "no") for n in range(3)], OF)
    assert (first.payload, first.topic) == (b"payload", MESSAGE.topic)
    assert all(row.payload is None and len(row.topic) <= 501 for row in others)


def test_as_many_parts_as_have_a_row_each_need_no_other() -> None:
    rows = aside.parts([Refused(R.SENTINEL, f"p{n}", "no") for n in range(KEPT)], OF)
    assert len(rows) == KEPT
    assert all(row.parts == 1 for row in rows)


def test_names_details_and_values_of_any_length_are_cut() -> None:
    (row,) = aside.parts([Refused(R.SENTINEL, "n" * 10_000, "d" * 10_000, {"v": ["ｶ" * 50_000]})], OF)
    assert row.part_name is not None
    assert row.part_value is not None
    assert max(len(row.part_name), len(row.detail), len(row.part_value)) < 4_100
    assert str(orjson.loads(row.part_value)).startswith('{"v":["ｶｶ')


def test_a_name_that_is_cut_is_still_told_from_another() -> None:
    long = "x" * LONGEST
    assert short(long) == long
    assert len({short(long + end) for end in ("a", "b", "")}) == 3
    assert short("\ud800" + long).startswith("\ud800")


@pytest.mark.parametrize("marks", [2, 3, 80_000])
def test_more_than_one_byte_order_mark_is_no_json(marks: int) -> None:
    with pytest.raises(Undecodable) as refused:
        parse_json(b"\xef\xbb\xbf" * marks + b"{}", Limits())
    assert refused.value.reason == R.NOT_JSON


def test_a_message_says_how_many_rows_and_bytes_it_is() -> None:
    interpreter = new_interpreter()
    small = interpreter.interpret(received("noroshi/v1/farm/plain/up", as_json({"readings": {"leak": 1}})))
    assert weigh([small], [small])[0] == 2
    large = interpreter.interpret(received("noroshi/v1/farm/plain/up", as_json({"readings": unknown(2_000)})))
    assert (weigh([large], [large])[0], large.refused, large.offered) == (1 + KEPT + 1, 2_000, 2_000)
    junk = interpreter.interpret(received("noroshi/v1/farm/plain/up", b"x" * 200_000))
    assert weigh([small], [small])[1] < 3_000 < weigh([large], [large])[1] < 100_000
    assert 200_000 < weigh([junk], [junk])[1] < 210_000


def test_a_message_of_more_than_the_limit_is_set_aside_whole() -> None:
    interpreter = new_interpreter()
    payload = as_json({"readings": unknown(3_001)})
    (row,) = interpreter.interpret(received("noroshi/v1/farm/plain/up", payload)).quarantined
    assert (row.part, row.reason, row.payload) == (0, R.TOO_MANY_ELEMENTS, payload)
    assert row.detail == "more than 3000 readings in one message"
