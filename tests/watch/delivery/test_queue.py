"""Who is told of what: the rows of the outbox, written in the transaction of the events."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.watch.delivery.escalate import escalate_due
from ingest.watch.engine.keep import Withdrawal
from ingest.watch.model import Kind, Origin
from schemas.bilingual import quoted
from tests.fixtures.database import Database
from tests.watch.delivery.valley import NOON, Valley

NIGHT = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
"""Tuesday, 0:00 in Japan."""
QUIET = {"from": "22:00", "to": "06:00", "below_rank": 2}


@pytest.fixture
def valley(any_database: Database) -> Valley:
    return Valley(any_database)


def test_a_crossing_goes_to_the_one_on_duty_the_webhook_and_the_broker(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    columns = "channel, kind, target, recipient, purpose, withheld, due_at = queued_at"
    assert valley.rows(columns, "kind <> 'mqtt'") + valley.rows(columns, "kind = 'mqtt'") == [
        ("person", "mail", "tanaka@city.example.jp", "tanaka", "event", "", True),
        ("hook", "webhook", "https://hook.example.jp/a", "", "event", "", True),
        ("mqtt", "mqtt", "noroshi/v1/river/watch/g-0/river", "", "event", "", True),
    ]


def test_the_same_events_are_queued_once(valley: Valley) -> None:
    first, again = valley.event((0, 1)), valley.event((0, 1))
    valley.keep(first)
    valley.keep(again)
    assert len(valley.rows("delivery_id", "true")) == 3


def test_without_a_document_only_the_broker_hears(any_database: Database) -> None:
    valley = Valley(any_database, document="{}")
    valley.keep(valley.event((0, 1)))
    assert valley.rows("channel", "true") == [("mqtt",)]


def test_that_it_is_over_is_told_to_who_knows_of_it_and_asked_for(valley: Valley) -> None:
    valley.apply(notify=[{"min_rank": 2, "to": ["hook"]}, {"min_rank": 2, "to": ["list"], "clear": False}])
    valley.keep(valley.event((0, 2)))
    valley.keep(valley.event((2, 0), NOON + timedelta(minutes=5)))
    assert valley.rows("channel") == [("hook",), ("list",), ("hook",)]


def test_what_a_group_explains_is_told_to_programs_alone_and_calls_nobody(valley: Valley) -> None:
    valley.apply(notify=[{"to": ["hook"]}])
    silent: dict[str, Any] = {"kind": Kind.SILENCE, "hazard": None}
    valley.keep(valley.event((0, 2), details={"group": "silence:g1"}, **silent))
    valley.keep(valley.event((2, 0), NOON + timedelta(minutes=5), details={"group": "silence:g1"}, **silent))
    assert valley.rows("channel", "true") == [("mqtt",), ("mqtt",)]
    assert valley.connection.execute("select escalate_at from watch_incident").fetchone() == (None,)
    valley.keep(valley.event((0, 2), NOON + timedelta(minutes=9), **silent))
    assert valley.rows("channel") == [("hook",)]


def test_of_what_nobody_was_told_nobody_hears_that_it_is_over(valley: Valley) -> None:
    valley.apply(notify=[])
    valley.keep(valley.event((0, 2)))
    valley.apply(notify=[{"to": ["hook"]}])
    valley.keep(valley.event((2, 0), NOON + timedelta(minutes=5)))
    assert valley.rows("channel") == []


def test_late_readings_call_nobody_unless_they_are_asked_for(valley: Valley) -> None:
    valley.keep(valley.event((0, 1), origin=Origin.LATE))
    assert valley.rows("channel", "true") == []
    valley.apply(notify=[{"to": ["list"], "late": True}])
    valley.keep(valley.event((0, 1), NOON - timedelta(hours=1), origin=Origin.LATE))
    assert valley.rows("channel") == [("list",)]


def test_who_was_told_hears_that_it_was_wrong(valley: Valley) -> None:
    (stored,) = valley.keep(valley.event((0, 1)))
    valley.keep(now=NOON + timedelta(minutes=9), withdrawals=[Withdrawal(stored.event_id, quoted("it was a spike"))])
    assert valley.rows("channel, event_id") == [(channel, stored.event_id) for channel in ("person", "hook") * 2]


def test_a_correction_goes_to_those_who_were_told_whoever_is_on_duty_by_now(valley: Valley) -> None:
    valley.apply(notify=[{"to": ["duty", "hook"], "clear": False}])
    (stored,) = valley.keep(valley.event((0, 2)))
    assert escalate_due(valley.connection, NOON + timedelta(minutes=10)) == 1
    evening = NOON + timedelta(hours=6)  # the backup is on duty
    valley.keep(now=evening, withdrawals=[Withdrawal(stored.event_id, quoted("it was a spike"))])
    assert valley.rows("target, recipient, event_id", "effect = 'fall' and kind <> 'mqtt'") == [
        ("https://hook.example.jp/a", "", stored.event_id),
        ("suzuki@city.example.jp", "suzuki", stored.event_id),
        ("tanaka@city.example.jp", "tanaka", stored.event_id),
    ]


def test_at_night_people_hear_of_small_things_in_the_morning_and_programs_at_once(valley: Valley) -> None:
    valley.apply(quiet_hours=QUIET, notify=[{"to": ["list", "hook"]}])
    valley.keep(valley.event((0, 1), NIGHT))
    valley.keep(valley.event((1, 0), NIGHT + timedelta(hours=1)))
    digest, morning = valley.rows("delivery_id, due_at", "purpose = 'digest'")[0]
    assert morning == datetime(2026, 6, 1, 21, 0, tzinfo=UTC)
    assert valley.rows("channel, withheld, digest_id", "event_id is not null and kind <> 'mqtt'") == [
        ("list", "quiet_hours", digest), ("hook", "", None), ("list", "quiet_hours", digest), ("hook", "", None),
    ]  # fmt: skip


@pytest.mark.parametrize("begun", ["sending_since = now()", "delivered_at = now()", "tries = 1"])
def test_what_comes_as_the_morning_digest_goes_out_is_in_another_one(valley: Valley, begun: str) -> None:
    valley.apply(quiet_hours=QUIET, notify=[{"to": ["list"]}])
    valley.keep(valley.event((0, 1), NIGHT))
    valley.connection.execute(f"update watch_delivery set {begun} where event_id is null".encode())
    # Both are of one transaction that began in the last moment of the quiet hours.
    moment = datetime(2026, 6, 1, 20, 59, 59, 900_000, tzinfo=UTC)
    valley.keep(valley.event((1, 0), moment))
    first, second = (number for (number,) in valley.rows("delivery_id", "purpose = 'digest'"))
    assert valley.rows("digest_id", "event_id is not null and kind <> 'mqtt'") == [(first,), (second,)]
    valley.keep(valley.event((0, 1), moment + timedelta(milliseconds=1)))
    assert valley.rows("digest_id", "event_id is not null and kind <> 'mqtt'")[2:] == [(second,)]


@pytest.mark.parametrize("more", [{"ranks": (0, 2)}, {"ranks": (0, 1), "kind": Kind.BLIND}])
def test_at_night_people_are_woken_for_great_things_and_for_blind_gauges(
    valley: Valley, more: dict[str, object]
) -> None:
    valley.apply(quiet_hours=QUIET, notify=[{"to": ["list"]}])
    valley.keep(valley.event(**more, at=NIGHT))  # type: ignore[arg-type]
    assert valley.rows("channel, withheld, digest_id") == [("list", "", None)]


def test_while_somebody_works_on_the_thing_it_is_only_recorded(valley: Valley) -> None:
    valley.connection.execute(
        "insert into watch_maintenance (project_id, device_id, starts, ends, reason, entered_by)"
        " values (%s, %s, %s, %s, 'cleaning', 'tanaka')",
        (valley.project_id, valley.devices[0], NOON - timedelta(hours=1), NOON + timedelta(hours=1)),
    )
    valley.keep(valley.event((0, 3)))
    assert set(valley.rows("withheld", "true")) == {("maintenance",)}


def test_who_took_the_duty_over_is_told_instead(valley: Valley) -> None:
    valley.connection.execute(
        "insert into watch_duty (project_id, person, starts, ends, entered_by) values (%s, 'suzuki', %s, %s, 'x')",
        (valley.project_id, NOON - timedelta(hours=1), NOON + timedelta(hours=1)),
    )
    valley.keep(valley.event((0, 1)))
    assert valley.rows("recipient", "channel = 'person'") == [("suzuki",)]


def test_where_nobody_can_be_reached_the_row_says_so(valley: Valley) -> None:
    valley.apply(duty={}, escalation=[], notify=[{"to": ["duty", "sato", "phones"]}])
    valley.keep(valley.event((0, 1)))
    assert valley.rows("channel, recipient, withheld") == [
        ("duty", "", "nobody"), ("person", "sato", "no_address"),
    ]  # fmt: skip


def test_the_phones_of_the_one_on_duty_are_called(valley: Valley) -> None:
    valley.connection.execute("insert into person (login, name) values ('tanaka', '田中')")
    valley.connection.execute(
        "insert into watch_push (person_id, project_id, endpoint, p256dh, auth)"
        " select person_id, %s, 'https://push.example/1', 'k', 'a' from person",
        (valley.project_id,),
    )
    valley.apply(notify=[{"to": ["phones"]}])
    valley.keep(valley.event((0, 1)))
    assert valley.rows("kind, target, recipient") == [("web_push", "https://push.example/1", "tanaka")]


def test_a_storm_is_one_message_to_each_receiver(any_database: Database) -> None:
    valley = Valley(any_database, gauges=50)
    events = [
        valley.event((0, rank), NOON + timedelta(seconds=rank), gauge=gauge)
        for gauge in range(50)
        for rank in range(1, 11)
    ]
    valley.keep(*events, now=NOON)
    assert valley.rows("channel, kind, due_at - queued_at", "event_id is null") == [
        ("person", "mail", timedelta(seconds=1)), ("hook", "webhook", timedelta(seconds=1)),
    ]  # fmt: skip
    counted = "digest_id, count(*) over (partition by digest_id)"
    assert {row[1] for row in valley.rows(counted, "digest_id is not null")} == {500}
    assert valley.rows("delivery_id", "event_id is not null and digest_id is null and kind <> 'mqtt'") == []


def test_what_goes_on_beyond_the_limit_waits_a_minute_and_joins(any_database: Database) -> None:
    valley = Valley(any_database, gauges=4)
    valley.apply(limit={"messages": 2, "per_min": 10}, notify=[{"to": ["list"]}])
    for number in range(4):
        valley.keep(valley.event((0, 1), NOON + timedelta(seconds=number), gauge=number))
    assert valley.rows("event_id is null, digest_id is null, due_at - queued_at") == [
        (False, True, timedelta(0)), (False, True, timedelta(0)), (True, True, timedelta(minutes=1)),
        (False, False, timedelta(0)), (False, False, timedelta(0)),
    ]  # fmt: skip


def test_a_drill_says_so_and_never_mixes_with_what_is_real(any_database: Database) -> None:
    valley = Valley(any_database, gauges=2)
    valley.apply(limit={"messages": 1, "per_min": 10}, notify=[{"to": ["list"]}])
    drill = {"origin": Origin.DRILL, "details": {"drill": 7}}
    valley.keep(valley.event((0, 1)), valley.event((0, 1), gauge=1))
    valley.keep(valley.event((0, 1), **drill), valley.event((0, 1), gauge=1, **drill))  # type: ignore[arg-type]
    assert valley.rows("purpose", "event_id is null") == [("digest",), ("drill",)]
    of_digest = "(select d.purpose from watch_delivery d where d.delivery_id = watch_delivery.digest_id)"
    assert (
        valley.rows(f"purpose, {of_digest}", "digest_id is not null")
        == [("event", "digest")] * 2 + [("drill",) * 2] * 2
    )
