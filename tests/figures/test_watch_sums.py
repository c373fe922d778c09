"""How well the watch works: delays, time to acknowledge, false alarms, missed ones, escalations, uptime."""

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest

from ingest.figures.watch_record import WatchUptime, watch_crossings, watch_sums, watch_uptime
from tests.figures.field import Field, jst
from tests.figures.test_water import Row, ask
from tests.figures.watched import Watched, minutes

START = jst(2026, 9, 1)
FLOOD = jst(2026, 9, 12, 21, 10)
END = jst(2026, 10, 1)


@pytest.fixture
def watched(field: Field) -> Watched:
    return Watched(field.connection, field.project_id)


def sums(field: Field, start: datetime = START, end: datetime = END) -> Row:
    found = watch_sums(field.connection, "tea", start, end)
    assert found is not None
    return asdict(found)


def test_without_a_watch_nothing_was_looked_at(field: Field, watched: Watched) -> None:
    row = sums(field)
    assert (row["watched"], row["delay_p95_s"], row["acknowledge_p95_s"], row["false_rate"]) == (None, None, None, None)
    watched.document(END)
    assert sums(field)["watched"] is False
    watched.document(END - timedelta(seconds=1))
    assert sums(field)["watched"] is True


def test_the_delay_is_from_the_measurement_to_the_arrival_of_live_events(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    for number, seconds in enumerate((1, 2, 3, 4, 100)):
        event = watched.event(None, gauge, FLOOD + minutes(number), 0, 1)
        at = FLOOD + minutes(number) + timedelta(seconds=seconds)
        watched.delivery(None, event, at)
    watched.delivery(None, event, FLOOD, kind="mqtt", channel="mqtt")
    watched.delivery(None, event, None, withheld="quiet_hours")
    watched.delivery(None, event, FLOOD + timedelta(days=1), purpose="escalation", step=1)
    watched.delivery(None, event, FLOOD + timedelta(days=1), purpose="test")
    late = watched.event(None, gauge, FLOOD + minutes(20), 0, 1, origin="late")
    watched.delivery(None, late, FLOOD + timedelta(days=2))
    drill = watched.event(None, gauge, FLOOD + minutes(21), 0, 1, origin="drill")
    watched.delivery(None, drill, FLOOD + timedelta(days=2), purpose="drill")
    row = sums(field)
    assert (row["delay_samples"], row["delay_p50_s"], row["delay_p95_s"]) == (5, 3, pytest.approx(4 + 0.8 * 96))
    assert (row["crossings"], row["crossings_late"], row["withheld"], row["escalations"]) == (5, 1, 1, 1)
    assert row["notifications"] == 7  # five, the escalation, and of the late one
    kinds = ask(field, "select kind, deliveries from figure_watch_delay(array['tea'], %s, %s)", START, END)
    assert [(each["kind"], each["deliveries"]) for each in kinds] == [("mail", 5), ("mqtt", 1)]


def test_the_time_to_acknowledge_begins_when_somebody_was_told(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    for number, (told, taken) in enumerate(((1, 5), (1, 11), (9, 5), (None, 5))):
        opened = FLOOD + timedelta(days=number)
        flood = watched.incident(gauge, opened, closed_at=opened + minutes(60))
        if told:
            watched.delivery(flood, watched.event(flood, gauge, opened, 0, 1), opened + minutes(told))
        watched.action(flood, "acknowledge", opened + minutes(taken), rank=1)
        watched.action(flood, "acknowledge", opened + minutes(taken + 50), rank=1)
    row = sums(field)
    assert (row["incidents"], row["acknowledged"], row["acknowledge_samples"]) == (4, 4, 2)
    assert (row["acknowledge_p50_s"], row["acknowledge_p95_s"]) == (7 * 60, pytest.approx(60 * (4 + 0.95 * 6)))


def test_false_alarms_are_a_share_of_what_a_person_judged(field: Field, watched: Watched) -> None:
    gauge = field.device("river")
    for number, mark in enumerate(("true", "false", "true", "true", None)):
        watched.incident(gauge, FLOOD + minutes(number), mark=mark, closed_at=FLOOD + minutes(9))
    watched.incident(gauge, FLOOD + minutes(8), mark="false", live=False, closed_at=FLOOD + minutes(9))
    watched.action(None, "missed", FLOOD, note="用水路")
    watched.action(None, "not_missed", FLOOD, about=watched.action(None, "missed", FLOOD, note="誤記"))
    row = sums(field)
    assert (row["marked"], row["marked_false"], row["false_rate"], row["missed"]) == (4, 1, 0.25, 1)
    assert sums(field, END, END + timedelta(days=30))["false_rate"] is None


def test_rises_are_counted_by_month_and_stage_without_withdrawn_ones(field: Field, watched: Watched) -> None:
    gauge, other = field.device("river"), field.device("other")
    watched.event(None, gauge, FLOOD, 0, 1)
    watched.event(None, gauge, FLOOD + minutes(1), 1, 2)
    watched.event(None, gauge, FLOOD + minutes(2), 2, 1)
    watched.event(None, other, FLOOD, 0, 1)
    watched.event(None, other, FLOOD + minutes(5), 0, 1, origin="late")
    watched.event(None, gauge, FLOOD + minutes(6), 0, 1, withdrawn_at=FLOOD)
    watched.event(None, gauge, jst(2026, 9, 30, 23, 59), 0, 1)
    rows = watch_crossings(field.connection, "tea", START, END)
    assert [(row.month.isoformat(), row.rank, row.live, row.late, row.stations) for row in rows] == [
        ("2026-09-01", 2, 1, 0, 1), ("2026-09-01", 1, 3, 1, 2),
    ]  # fmt: skip


def test_the_uptime_counts_from_the_first_document(field: Field, watched: Watched) -> None:
    assert watch_uptime(field.connection, "tea", START, END) is None
    begun = datetime.now(START.tzinfo) - timedelta(days=10)
    watched.document(begun)
    field.connection.execute(
        "insert into watch_run values (%(begun)s - interval '1 day', %(begun)s + interval '2 days'),"
        " (%(begun)s + interval '3 days', %(begun)s + interval '4 days')",
        {"begun": begun},
    )
    found = watch_uptime(field.connection, "tea", begun - timedelta(days=30), begun + timedelta(days=5))
    assert found == WatchUptime("tea", 5 * 86400, 3 * 86400, 0.6)
