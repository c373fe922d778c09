"""Several times in one message, and a clock that is not believed: what is left of them is their spacing."""

from collections.abc import Mapping

import orjson
import pytest

from ingest.message import Received
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.trace import trace
from ingest.rows import MessageRows
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from tests.pipeline.test_interpret import NOW_US, TOPIC, a_judge, received

pytestmark = pytest.mark.japanese

SECOND_US = 1_000_000
STEP_S = 600
NEWEST_S = NOW_US // SECOND_US
RAIN, LEVEL = BY_CODE["rain_amount"].id, BY_CODE["river_level"].id
AGO_US = [-STEP_S * SECOND_US * steps for steps in range(5, -1, -1)]
HOURS_9 = 9 * 3600

CLOCKS: Mapping[str, tuple[list[object], Quality]] = {
    "unset": ([1000 * (86_400 + STEP_S * n) for n in range(6)], Quality.CLOCK_UNSET),
    "unset since 2000": ([1000 * (946_684_800 + STEP_S * n) for n in range(6)], Quality.CLOCK_UNSET),
    "nine hours ahead": (
        [1000 * (NEWEST_S + HOURS_9 - STEP_S * n) for n in range(5, -1, -1)],
        Quality.CLOCK_AHEAD,
    ),
    "a minute beyond the tolerance": (
        [1000 * (NEWEST_S + 180 - STEP_S * n) for n in range(5, -1, -1)],
        Quality.CLOCK_AHEAD,
    ),
    "seconds for milliseconds": ([NEWEST_S - STEP_S * n for n in range(5, -1, -1)], Quality.CLOCK_UNSET),
}


def elements(times: list[object], key: str = "ts") -> list[dict[str, object]]:
    return [{key: at, "readings": {"rain_amount": 0.5, "river_level": 1.0 + n / 10}} for n, at in enumerate(times)]


def of(interpreted: MessageRows, quantity: int) -> list[tuple[int, float, int | None]]:
    return [(row[0] - NOW_US, row[1], row[5]) for row in interpreted.readings if row[3] == quantity]


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("newest_first", [False, True])
def test_elements_keep_their_distance_to_the_newest_which_stands_at_the_receipt(
    clock: str, *, newest_first: bool
) -> None:
    times, flag = CLOCKS[clock]
    said = elements(times)
    interpreted = a_judge().interpret(received(said[::-1] if newest_first else said))
    rain, level = sorted(of(interpreted, RAIN)), sorted(of(interpreted, LEVEL))
    assert rain == [(ago, 0.5, flag) for ago in AGO_US]
    assert sum(amount for _, amount, _ in rain) == 3.0
    assert level[-1] == (0, 1.5, flag)
    assert not interpreted.quarantined


def test_a_time_under_another_key_counts_for_its_distance_and_is_named() -> None:
    times: list[object] = [1000 * (NEWEST_S - 7200 - STEP_S * n) for n in range(5, -1, -1)]
    interpreted = a_judge().interpret(received(elements(times, "timestamp")))
    flags = Quality.TIME_ABSENT | Quality.UNKNOWN_KEY
    assert of(interpreted, RAIN) == [(ago, 0.5, flags) for ago in AGO_US]
    assert interpreted.uplink is not None
    assert interpreted.uplink.link is not None
    said = orjson.loads(interpreted.uplink.link)
    assert said["unknown_keys"] == ["timestamp"]
    assert said["claimed_times"][-1] == "2026-11-23T22:00:00Z"  # two hours before the receipt


@pytest.mark.parametrize("key", ["time", "timestamp"])
@pytest.mark.parametrize("value", ["2026-11-24T12:00:00+09:00", 1_795_000_000, "yesterday"])
def test_a_time_under_another_key_is_not_taken_for_the_time_of_a_message(key: str, value: object) -> None:
    interpreted = a_judge().interpret(received({key: value, "readings": {"air_temperature": 18.4}}))
    ((time_us, _, _, _, _, quality),) = interpreted.readings
    assert time_us == NOW_US
    assert quality is not None
    assert quality & Quality.TIME_ABSENT
    assert interpreted.uplink is not None
    assert orjson.loads(interpreted.uplink.link or b"{}")["unknown_keys"] == [key]
    assert bool(quality & Quality.UNKNOWN_KEY) == (value != "yesterday")


def test_a_key_that_is_no_time_is_named_and_flags_nothing() -> None:
    interpreted = a_judge().interpret(
        received({"ts": NOW_US // 1000, "fw": "1.2", "readings": {"air_temperature": 18.4}})
    )
    assert interpreted.readings[0][5] is None
    assert interpreted.uplink is not None
    assert orjson.loads(interpreted.uplink.link or b"{}") == {"unknown_keys": ["fw"]}


def test_of_elements_without_any_time_the_last_counts_and_the_others_are_set_aside() -> None:
    interpreted = a_judge().interpret(received([{"readings": each["readings"]} for each in elements([0] * 6)]))
    assert of(interpreted, RAIN) == [(0, 0.5, Quality.TIME_ABSENT)]
    assert of(interpreted, LEVEL) == [(0, 1.5, Quality.TIME_ABSENT)]
    assert [row.reason for row in interpreted.quarantined] == [R.SAME_TIME] * 10
    assert interpreted.offered == 12


def test_elements_of_one_time_are_no_duplicates_of_each_other() -> None:
    interpreted = a_judge().interpret(received(elements([NOW_US // 1000] * 2)))
    assert of(interpreted, LEVEL) == [(0, 1.1, None)]
    assert [row.reason for row in interpreted.quarantined] == [R.SAME_TIME] * 2


def test_all_times_of_a_clock_in_a_wrong_zone_are_wrong_also_those_that_have_passed() -> None:
    """A buffer of a day, of which the older part seems to be of the past."""
    times: list[object] = [1000 * (NEWEST_S + HOURS_9 - 3600 * n) for n in range(23, -1, -1)]
    interpreted = a_judge().interpret(received(elements(times)))
    assert of(interpreted, RAIN) == [(-3600 * SECOND_US * n, 0.5, Quality.CLOCK_AHEAD) for n in range(23, -1, -1)]


def test_one_time_far_in_the_future_moves_no_other() -> None:
    good: list[object] = [1000 * (NEWEST_S - STEP_S * n) for n in range(5, 0, -1)]
    interpreted = a_judge().interpret(received(elements([*good, 1000 * (NEWEST_S + 400 * 86_400)])))
    assert of(interpreted, RAIN) == [
        *((ago, 0.5, None) for ago in AGO_US[:-1]),
        (0, 0.5, Quality.CLOCK_AHEAD),
    ]


def test_what_would_be_too_old_by_its_distance_is_set_aside() -> None:
    interpreted = a_judge().interpret(received(elements([0, 1000 * 401 * 86_400])))
    assert of(interpreted, RAIN) == [(0, 0.5, Quality.CLOCK_UNSET)]
    assert {row.reason for row in interpreted.quarantined} == {R.TIME_TOO_OLD}


def a_redelivery_of(interpreter: Interpreter, said: object) -> tuple[MessageRows, MessageRows]:
    first = interpreter.interpret(received(said, packet_id=7, generation=1))
    body = first.message.payload
    later = Received(TOPIC, body, NOW_US + 5 * SECOND_US, packet_id=7, generation=1, duplicate=True)
    again = interpreter.interpret(later)
    return first, again


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_redelivery_is_the_same_message_wherever_its_elements_stand(clock: str) -> None:
    receipts = FirstReceipts()
    receipts.ids_were_kept(1)
    first, again = a_redelivery_of(a_judge(receipts), elements(CLOCKS[clock][0]))
    assert first.by_receipt
    assert again.readings == first.readings


def test_a_message_of_which_some_elements_stand_by_the_receipt_is_noted_for_a_redelivery() -> None:
    receipts = FirstReceipts()
    receipts.ids_were_kept(1)
    first, again = a_redelivery_of(a_judge(receipts), elements([86_400_000, NOW_US // 1000 - 1000]))
    assert first.uplink is not None
    assert first.uplink.time_us == NOW_US - SECOND_US  # the message has a time of its own all the same
    assert first.changes_with_receipt
    assert again.readings == first.readings
    assert first.message.topic == TOPIC


@pytest.mark.parametrize("time", ["1980-01-06T00:00:00Z", "2006-11-24T00:00:00Z", "2020-01-01T00:00:00Z"])
def test_a_gateway_whose_clock_is_years_behind_is_heard_at_the_receipt(time: str) -> None:
    interpreted = a_judge().interpret(received({"time": time}, "as923/gateway/gw-1/event/stats"))
    assert interpreted.gateway is not None
    assert (interpreted.gateway.time_us, interpreted.by_receipt) == (NOW_US, True)


def told(payload: object, topic: str = TOPIC) -> str:
    return "\n".join(
        f"{step.good} {step.name}: {step.text}" for step in trace(a_judge(), received(payload, topic)).steps
    )


def test_check_says_what_becomes_of_several_times() -> None:
    said = told(elements(CLOCKS["nine hours ahead"][0]))
    assert "時刻は 6 通りあり、最新を受信時刻とし、間隔は保ちます" in said
    assert "2026-11-24 09:00:00+09:00" in said  # the newest, at the receipt
    assert "2026-11-24 08:10:00+09:00" in said
    assert "False" not in said


def test_check_does_not_promise_to_store_what_gives_way() -> None:
    said = told([{"readings": each["readings"]} for each in elements([0] * 6)])
    assert said.count("False rain_amount") == said.count("False river_level") == 5


@pytest.mark.parametrize("key", ["time", "timestamp"])
def test_check_names_the_key_that_is_not_known(key: str) -> None:
    assert f"False 未知の項目: `{key}` は" in told({key: "2026-11-24T09:00:00+09:00", "readings": {"air_co2": 400}})


@pytest.mark.parametrize("topic", [f"/{TOPIC}", f"{TOPIC}/"])
def test_check_says_that_a_topic_with_another_slash_is_not_heard(topic: str) -> None:
    said = told({"readings": {}}, topic)
    assert "届きません" in said
    assert f"{TOPIC} と送ってください" in said
