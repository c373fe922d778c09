import json
from typing import Any

import pytest

from ingest.decode import native
from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Link, Measured, Uplink
from tests.decode.named import named

ONE: dict[str, Any] = {
    "ts": "2026-11-24T09:00:00.000+09:00",
    "seq": 123,
    "readings": {"air_temperature": 18.4, "soil_moisture": 31.2},
    "link": {"rssi": -98, "snr": 6.5},
}
TIME_US = 1_795_478_400_000_000


def decode(document: object) -> Uplink:
    return native.decode(json.dumps(document).encode(), "", None, Limits())


def refusal(document: object) -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        decode(document)
    return refused.value.reason


def test_the_published_example_is_read() -> None:
    assert decode(ONE) == Uplink(
        EventKind.UPLINK,
        TIME_US,
        123,
        [Measured("air_temperature", 18.4), Measured("soil_moisture", 31.2)],
        Link(-98, 6.5),
    )


def test_only_readings_are_needed() -> None:
    assert decode({"readings": {}}) == Uplink(EventKind.UPLINK, None, None, [])


def test_the_time_may_be_epoch_milliseconds() -> None:
    assert decode(ONE | {"ts": 1_795_478_400_000}).time_us == TIME_US
    assert decode(ONE | {"ts": 1_795_478_400_000.25}).time_us == TIME_US + 250


@pytest.mark.parametrize("ts", ["2026-11-24T09:00:00", "today", "1795478400000", -1, 1e300, True, [], {}])
def test_a_time_that_is_none_is_invalid(ts: object) -> None:
    assert refusal(ONE | {"ts": ts}) == RejectionReason.INVALID_TIME


@pytest.mark.parametrize("seq", [-1, 2**63, 1.5, "124", True])
def test_a_sequence_number_is_a_whole_number_and_costs_nothing_but_itself(seq: object) -> None:
    uplink = decode(ONE | {"seq": seq})
    assert (uplink.counter, uplink.measured) == (None, decode(ONE).measured)
    assert [(one.reason, one.part, one.value) for one in uplink.refused] == [(RejectionReason.WRONG_SHAPE, "seq", seq)]


def test_a_whole_number_may_be_written_as_a_double() -> None:
    uplink = decode(ONE | {"seq": 124.0})
    assert (uplink.counter, uplink.refused) == (124, ())


def test_unknown_keys_of_the_link_are_kept_and_of_the_message_named() -> None:
    uplink = decode(ONE | {"fw": "1.2", "link": {"rssi": -60, "gateway": "ap-3", "mcs": 4, "bw_mhz": 1}})
    assert uplink.link == Link(-60, None, "ap-3", more={"mcs": 4, "bw_mhz": 1, "unknown_keys": ["fw"]})


@pytest.mark.parametrize(
    "link", [[], "x", {"rssi": "-98"}, {"snr": True}, {"rssi": 1e300}, {"snr": -1000}, {"gateway": 7}]
)
def test_a_link_of_the_wrong_shape_is_set_aside_and_costs_no_reading(link: object) -> None:
    uplink = decode(ONE | {"link": link})
    assert uplink.measured == decode(ONE).measured
    assert [(one.reason, one.part[:4]) for one in uplink.refused] == [(RejectionReason.WRONG_SHAPE, "link")]


def test_a_text_for_the_level_leaves_the_rest_of_the_link() -> None:
    uplink = decode(ONE | {"link": {"rssi": "strong", "snr": 6.5, "gateway": "ap-3"}})
    assert uplink.link == Link(None, 6.5, "ap-3")
    assert [(one.part, one.value) for one in uplink.refused] == [("link.rssi", "strong")]


def test_null_is_no_measurement() -> None:
    assert decode({"readings": {"air_temperature": None, "air_humidity": 50}}).measured == [
        Measured("air_humidity", 50)
    ]


@pytest.mark.parametrize("document", [{}, {"readings": [1]}, 5, "text", None, True])
def test_what_has_no_readings_is_refused(document: object) -> None:
    assert refusal(document) == RejectionReason.WRONG_SHAPE


def test_an_array_is_a_backfill_with_a_time_for_each_reading() -> None:
    uplink = decode([ONE, ONE | {"ts": TIME_US // 1000 - 600_000, "seq": 122, "link": None}])
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.BACKFILL, TIME_US, 123)
    assert [one.time_us for one in named(uplink)] == [TIME_US] * 2 + [TIME_US - 600_000_000] * 2
    assert uplink.link == Link(-98, 6.5)


def test_one_bad_element_hurts_no_other() -> None:
    uplink = decode([ONE, 7, ONE | {"ts": "never"}])
    assert len(uplink.measured) == 2
    assert [(part.part, part.reason) for part in uplink.refused] == [
        ("[1]", RejectionReason.WRONG_SHAPE),
        ("[2]", RejectionReason.INVALID_TIME),
    ]
    assert uplink.refused[0].value == 7


def test_an_element_without_time_does_not_take_the_time_of_another() -> None:
    uplink = decode([ONE, {"readings": {"air_temperature": 3.0}}])
    assert len(uplink.measured) == 2
    assert [(part.part, part.reason) for part in uplink.refused] == [("[1]", RejectionReason.INVALID_TIME)]


def test_a_backfill_without_any_time_has_the_time_of_receipt() -> None:
    uplink = decode([{"readings": {"air_temperature": 3.0}}, {"readings": {"air_humidity": 40}}])
    assert uplink.time_us is None
    assert [one.time_us for one in named(uplink)] == [None, None]


def test_an_array_of_which_nothing_can_be_read_is_refused_as_a_whole() -> None:
    assert refusal([]) == RejectionReason.EMPTY_PAYLOAD
    assert refusal([1, 2]) == RejectionReason.WRONG_SHAPE
