"""Who is told when nobody takes an incident, and what happens after maintenance."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.watch.delivery.escalate import escalate_due
from tests.fixtures.database import Database
from tests.watch.delivery.valley import NOON, Valley


@pytest.fixture
def valley(any_database: Database) -> Valley:
    return Valley(any_database)


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def steps(valley: Valley) -> list[tuple[str, int]]:
    return valley.rows("target, step", "purpose in ('escalation', 'drill') and step > 0")


def take(valley: Valley, rank: int) -> None:
    valley.connection.execute("update watch_incident set acknowledged_rank = %s", (rank,))


def test_the_steps_come_at_their_times_and_each_once(valley: Valley) -> None:
    valley.keep(valley.event((0, 2)))
    assert escalate_due(valley.connection, later(9.9)) == 0
    assert escalate_due(valley.connection, later(10)) == 1
    assert escalate_due(valley.connection, later(29.9)) == 0
    assert escalate_due(valley.connection, later(30)) == 1
    assert escalate_due(valley.connection, later(500)) == 0
    assert steps(valley) == [("suzuki@city.example.jp", 1), ("bosai@city.example.jp", 2)]


def test_who_took_it_ends_it_until_it_gets_worse(valley: Valley) -> None:
    valley.keep(valley.event((0, 2)))
    take(valley, 2)
    assert escalate_due(valley.connection, later(60)) == 0
    valley.keep(valley.event((2, 3), later(60)))
    assert escalate_due(valley.connection, later(69)) == 0
    assert escalate_due(valley.connection, later(70)) == 1


def test_below_its_rank_and_after_the_end_there_are_no_steps(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    assert escalate_due(valley.connection, later(60)) == 0
    valley.keep(valley.event((1, 2), later(61)))
    valley.keep(valley.event((2, 0), later(62)))
    assert escalate_due(valley.connection, later(120)) == 0


def test_where_nobody_is_told_nobody_is_called_later(valley: Valley) -> None:
    valley.apply(notify=[])
    valley.keep(valley.event((0, 3)))
    assert escalate_due(valley.connection, later(60)) == 0


def test_where_nobody_is_on_duty_the_escalation_goes_on(valley: Valley) -> None:
    valley.apply(duty={}, notify=[{"to": ["duty"]}], escalation=[{"min_rank": 1, "after_min": 10, "to": ["list"]}])
    valley.keep(valley.event((0, 1)))
    assert escalate_due(valley.connection, later(10)) == 1


def test_at_night_the_steps_of_small_things_count_from_the_morning(valley: Valley) -> None:
    night = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
    valley.apply(
        quiet_hours={"from": "22:00", "to": "06:00", "below_rank": 2},
        escalation=[{"min_rank": 1, "after_min": 10, "to": ["list"]}],
    )
    valley.keep(valley.event((0, 1), night))
    morning = datetime(2026, 6, 1, 21, 0, tzinfo=UTC)
    assert escalate_due(valley.connection, morning + timedelta(minutes=9)) == 0
    assert escalate_due(valley.connection, morning + timedelta(minutes=10)) == 1


def test_what_lasts_after_maintenance_is_told_then(valley: Valley) -> None:
    valley.connection.execute(
        "insert into watch_maintenance (project_id, starts, ends, reason, entered_by) values (%s, %s, %s, 'x', 'x')",
        (valley.project_id, later(-60), later(30)),
    )
    valley.keep(valley.event((0, 2)))
    escalate_due(valley.connection, later(5))
    assert set(valley.rows("withheld", "true")) == {("maintenance",)}
    escalate_due(valley.connection, later(31))
    assert valley.rows("channel", "withheld = '' and kind <> 'mqtt'") == [("person",), ("hook",)]
    assert valley.rows("channel", "withheld = '' and kind = 'mqtt'") == [("mqtt",)]
    assert escalate_due(valley.connection, later(41)) == 1


def work(valley: Valley, begins: float, ends: float) -> None:
    """Somebody works on everything from one minute after noon to another."""
    valley.connection.execute(
        "insert into watch_maintenance (project_id, starts, ends, reason, entered_by) values (%s, %s, %s, 'x', 'x')",
        (valley.project_id, later(begins), later(ends)),
    )


def test_a_rise_while_somebody_works_is_told_then_though_people_knew_of_a_lower_rank(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    work(valley, 5, 30)
    (risen,) = valley.keep(valley.event((1, 3), later(10)))
    assert escalate_due(valley.connection, later(29)) == 0
    escalate_due(valley.connection, later(31))
    of_rise = f"event_id = {risen.event_id} and kind <> 'mqtt' and withheld = ''"
    assert valley.rows("channel, step", of_rise) == [("person", 0), ("hook", 0)]
    escalate_due(valley.connection, later(32))
    assert len(valley.rows("1", of_rise)) == 2, "once"
    assert escalate_due(valley.connection, later(41)) == 1


def test_what_fell_while_somebody_works_and_still_lasts_is_told_then(valley: Valley) -> None:
    work(valley, -5, 30)
    valley.keep(valley.event((0, 2)))
    valley.keep(valley.event((2, 1), later(10)))
    escalate_due(valley.connection, later(31))
    assert valley.rows("channel", "withheld = '' and kind <> 'mqtt'") == [("person",), ("hook",)]


def test_a_step_that_would_come_in_quiet_hours_waits_for_the_morning(valley: Valley) -> None:
    evening, morning = datetime(2026, 6, 1, 12, 55, tzinfo=UTC), datetime(2026, 6, 1, 21, 0, tzinfo=UTC)
    valley.apply(
        quiet_hours={"from": "22:00", "to": "06:00", "below_rank": 2},
        escalation=[{"min_rank": 1, "after_min": minutes, "to": ["list"]} for minutes in (10, 30)],
    )
    valley.keep(valley.event((0, 1), evening))
    assert escalate_due(valley.connection, evening + timedelta(minutes=10)) == 0
    assert escalate_due(valley.connection, morning - timedelta(seconds=1)) == 0
    assert escalate_due(valley.connection, morning) == 1
    assert escalate_due(valley.connection, morning + timedelta(minutes=19)) == 0
    assert escalate_due(valley.connection, morning + timedelta(minutes=20)) == 1


def test_of_several_that_are_due_each_takes_its_own_step(any_database: Database) -> None:
    valley = Valley(any_database, gauges=5)
    valley.keep(*(valley.event((0, 2), gauge=gauge) for gauge in range(4)), valley.event((0, 1), gauge=4))
    run, numbers = valley.connection.execute, "select incident_id from watch_incident where device_id = %s"
    run(f"update watch_incident set acknowledged_rank = 2 where incident_id = ({numbers})".encode(), valley.devices[:1])
    run(
        "insert into watch_maintenance (project_id, device_id, starts, ends, reason, entered_by)"
        " values (%s, %s, %s, %s, 'x', 'x')",
        (valley.project_id, valley.devices[1], later(5), later(15)),
    )
    query = f"update watch_incident set escalated = 1, escalate_at = %s where incident_id = ({numbers})"
    run(query.encode(), (later(9), valley.devices[2]))
    assert escalate_due(valley.connection, later(10)) == 2
    query = "select i.escalated, i.escalate_at from watch_incident i join device d using (device_id) order by d.code"
    assert run(query).fetchall() == [(0, None), (0, later(11)), (2, None), (1, later(30)), (0, None)]
    assert steps(valley) == [("bosai@city.example.jp", 2), ("suzuki@city.example.jp", 1)]
