"""What one device may make of the service, and what is said of that which is not kept."""

import hashlib

import orjson

from ingest.pipeline.allowance import Allowances, Allowed
from ingest.rows import MessageRows
from schemas.rejection import RejectionReason
from tests.pipeline.test_interpret import TOPIC, a_judge, a_message, received

OTHER = "noroshi/v1/farm/nobody/up"


class Clock:
    """A time that a test moves on."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def junk(number: int, size: int = 1_000, topic: str = TOPIC) -> MessageRows:
    return a_judge().interpret(received(b"%d" % number + b"\xff" * size, topic))


def few(**more: float) -> Allowances:
    return Allowances(Allowed(**{"rows_per_s": 10.0, "burst_rows": 100.0, "aside_bytes": 8_192} | more))  # type: ignore[arg-type]


def test_what_is_set_aside_of_a_device_is_kept_whole_then_by_its_head_then_by_sums() -> None:
    allowances = few()
    kept = [junk(number) for number in range(20)]
    allowances.limit(kept)

    rows = [row for one in kept for row in one.quarantined]
    whole = [row for row in rows if row.payload is not None]
    about = [orjson.loads(row.part_value or b"") for row in rows if row.payload is None]
    heads, sums = [each for each in about if each["messages"] == 1], [each for each in about if each["messages"] > 1]
    assert len(whole) == 5  # 1,000 bytes and 512 for the row, each
    assert len(heads) == 3
    assert [each["messages"] for each in sums] == [12]
    assert heads[0]["payload_sha256"] == hashlib.sha256(kept[5].message.payload).hexdigest()
    assert heads[0]["payload_bytes"] == len(kept[5].message.payload)
    together = hashlib.sha256(b"".join(one.message.payload for one in kept[8:])).hexdigest()
    assert sums[0]["payload_sha256"] == together
    assert all("not kept" in row.detail for row in rows if row.payload is None)
    assert sum(1 for one in kept if one.summed_in is not None) == 11
    assert all(one.row.message_id for one in kept)


def test_another_device_is_not_touched_by_what_one_has_used_up() -> None:
    allowances = few()
    allowances.limit([junk(number) for number in range(20)])
    innocent = junk(1, topic=OTHER)
    allowances.limit([innocent])
    assert innocent.quarantined[0].payload == innocent.message.payload


def test_invented_topics_share_what_strangers_may_fill() -> None:
    allowances = few()
    strangers = [junk(number, 7_000, f"noroshi/v1/farm/x{number}/up") for number in range(20)]
    allowances.limit(strangers)
    whole = [one for one in strangers if one.quarantined and one.quarantined[0].payload is not None]
    assert len(whole) == 8


def test_what_earlier_lives_set_aside_today_counts() -> None:
    device_id = junk(0).quarantined[0].device_id
    assert device_id is not None
    allowances = Allowances(Allowed(10, 100, 8_192), {device_id: 8_000})
    late = junk(1)
    allowances.limit([late])
    assert late.quarantined[0].payload is None


def test_the_next_day_everything_may_be_kept_again() -> None:
    allowances = few()
    allowances.limit([junk(number) for number in range(20)])
    tomorrow = junk(99)
    tomorrow.message.received_us += 86_400_000_000
    allowances.limit([tomorrow])
    assert tomorrow.quarantined[0].payload is not None


def test_a_device_that_brings_too_many_rows_is_set_aside_until_it_has_been_calm() -> None:
    clock = Clock()
    allowances = Allowances(Allowed(10.0, 100.0, 2**20), now_s=clock)
    interpreter = a_judge()
    allowances.charge([interpreter.interpret(received(a_message(seq=number))) for number in range(60)])
    assert allowances.too_fast == {TOPIC}

    clock.now_s = 4
    allowances.charge([junk(1, topic=OTHER)])
    assert allowances.too_fast == {TOPIC}

    clock.now_s = 20
    allowances.charge([junk(1, topic=OTHER)])
    assert allowances.too_fast == set()


def test_a_backfill_within_the_burst_is_not_touched() -> None:
    allowances = Allowances(Allowed(500.0, 2_000_000, 2**28), now_s=Clock())
    interpreter = a_judge()
    for start in range(0, 20_000, 500):
        allowances.charge([interpreter.interpret(received(a_message(seq=start + number))) for number in range(500)])
    assert allowances.too_fast == set()


def test_many_devices_together_may_bring_more_than_one_alone() -> None:
    allowances = few()
    interpreter = a_judge()
    many = [interpreter.interpret(received(a_message(), f"noroshi/v1/farm/x{number}/up")) for number in range(500)]
    for _ in range(20):
        allowances.charge(many)
    assert allowances.too_fast == set()


def test_who_floods_is_named_for_a_while() -> None:
    clock = Clock()
    allowances = Allowances(Allowed(10.0, 100.0, 2_048), now_s=clock)
    allowances.limit([junk(number) for number in range(20)])
    assert allowances.gauges == {f"flooding_messages:{TOPIC}": 19.0}
    clock.now_s = 10_000
    assert allowances.gauges == {}


def test_refused_unread_a_message_keeps_its_bytes_and_can_be_taken_in_later() -> None:
    message = received(a_message())
    refused = a_judge().refuse(message, RejectionReason.TOO_FAST, "why")
    (row,) = refused.quarantined
    assert (row.reason, row.payload, row.part) == (RejectionReason.TOO_FAST, message.payload, 0)
    assert row.device_id == a_judge().interpret(message).row.device_id
