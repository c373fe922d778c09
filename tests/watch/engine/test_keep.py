"""Events are kept once, incidents follow them, and whoever tells people learns what each event did."""

from collections.abc import Callable

import pytest

from ingest.watch.engine.keep import Withdrawal, keep_events, queue_nothing
from ingest.watch.model import Event, Origin, Step, StoredEvent
from schemas.bilingual import Bilingual
from tests.fixtures.database import Database
from tests.watch.engine.river import crossing, make_river, minutes, project_of

LIVE, LATE, DRILL = Origin.LIVE, Origin.LATE, Origin.DRILL
WRONG = Bilingual("誤り", "wrong")
Keep = Callable[..., list[StoredEvent]]
Make = Callable[..., Event]


@pytest.fixture
def make(any_database: Database) -> Make:
    (device_id,) = make_river(any_database)
    project_id = project_of(any_database.connect())
    return lambda minute, before, rank, origin=LIVE, **more: crossing(
        device_id, project_id, minute, (before, rank), origin, **more
    )


@pytest.fixture
def keep(any_database: Database) -> Keep:
    connection = any_database.connect()

    def call(*events: Event, **more: object) -> list[StoredEvent]:
        with connection.transaction():
            return keep_events(connection, events, minutes(100), **{"queue": queue_nothing} | more)  # type: ignore[arg-type]

    return call


def incidents(database: Database) -> list[tuple[object, ...]]:
    """(opened, closed, rank, top rank, escalation due) in minutes, by opening."""
    return database.connect().execute(
        "select extract(epoch from opened_at - %(t0)s) / 60, extract(epoch from closed_at - %(t0)s) / 60, rank,"
        " top_rank, escalate_at is not null from watch_incident order by incident_id",
        {"t0": minutes(0)},
    ).fetchall()  # fmt: skip


def steps(stored: list[StoredEvent]) -> list[Step]:
    return [each.step for each in stored]


def test_an_incident_follows_live_events_from_its_opening_to_its_end(
    make: Make, keep: Keep, any_database: Database
) -> None:
    stored = keep(make(0, 0, 1), make(5, 1, 3), make(9, 3, 2))
    assert steps(stored) == [Step.OPENED, Step.RAISED, Step.LOWERED]
    assert incidents(any_database) == [(0, None, 2, 3, True)]
    assert steps(keep(make(20, 2, 0))) == [Step.CLOSED]
    assert incidents(any_database) == [(0, 20, 0, 3, False)]
    assert steps(keep(make(30, 0, 1))) == [Step.OPENED], "the next one is another incident"
    assert len(incidents(any_database)) == 2


def test_an_event_is_kept_once(make: Make, keep: Keep, any_database: Database) -> None:
    keep(make(0, 0, 1))
    told: list[StoredEvent] = []
    assert keep(make(0, 0, 1), queue=lambda _connection, stored, _now: told.extend(stored)) == told == []
    assert len(incidents(any_database)) == 1


def test_what_is_stored_is_queued_in_the_same_transaction(make: Make, keep: Keep, any_database: Database) -> None:
    told: list[StoredEvent] = []

    def refuse(_connection: object, stored: list[StoredEvent], _now: object) -> None:
        told.extend(stored)
        raise LookupError

    with pytest.raises(LookupError):
        keep(make(0, 0, 1), queue=refuse)
    assert steps(told) == [Step.OPENED]
    assert incidents(any_database) == []


def test_a_higher_rank_than_somebody_took_begins_the_escalation_anew(
    make: Make, keep: Keep, any_database: Database
) -> None:
    keep(make(0, 0, 1))
    connection = any_database.connect()
    connection.execute("update watch_incident set acknowledged_rank = 2, escalate_at = null, escalated = 1")
    keep(make(1, 1, 2))
    assert connection.execute("select escalated, escalate_at from watch_incident").fetchone() == (1, None)
    keep(make(2, 2, 3))
    assert connection.execute("select escalated, escalate_at from watch_incident").fetchone() == (0, minutes(100))


def test_late_events_open_nothing(make: Make, keep: Keep, any_database: Database) -> None:
    (stored,) = keep(make(0, 0, 2, LATE))
    assert (stored.step, stored.incident_id) == (Step.NONE, None)
    assert incidents(any_database) == []


def test_late_events_belong_to_the_incident_in_whose_time_they_lie(
    make: Make, keep: Keep, any_database: Database
) -> None:
    first = keep(make(0, 0, 1), make(20, 1, 0))[0].incident_id
    keep(make(40, 0, 2))
    within, before, raising = keep(make(10, 1, 2, LATE), make(30, 0, 1, LATE), make(50, 2, 3, LATE))
    assert within.incident_id == first
    assert before.incident_id is None
    assert raising.step is Step.NONE, "nobody is called by what came late"
    assert incidents(any_database) == [(0, 20, 0, 1, False), (40, None, 2, 2, True)]


@pytest.mark.parametrize(("rank", "step", "closed"), [(1, Step.LOWERED, None), (0, Step.CLOSED, 8)])
def test_late_events_lower_and_close_what_stands_too_high(
    rank: int, step: Step, closed: int | None, make: Make, keep: Keep, any_database: Database
) -> None:
    keep(make(0, 0, 2))
    (stored,) = keep(make(8, 2, rank, LATE))
    assert (stored.step, stored.incident_id is not None) == (step, True)
    assert incidents(any_database) == [(0, closed, rank, 2, rank > 0)]


def test_an_incident_whose_only_event_is_withdrawn_is_closed(make: Make, keep: Keep, any_database: Database) -> None:
    opened = keep(make(0, 0, 2))[0]
    (gone,) = keep(withdrawals=[Withdrawal(opened.event_id, WRONG)])
    assert (gone.step, gone.withdrawn, gone.incident_id) == (Step.CLOSED, WRONG, opened.incident_id)
    assert incidents(any_database) == [(0, 100, 0, 2, False)]
    assert keep(withdrawals=[Withdrawal(opened.event_id, WRONG)]) == [], "it is withdrawn once"


def test_a_withdrawn_event_makes_room_for_another_of_its_moment(make: Make, keep: Keep, any_database: Database) -> None:
    opened = keep(make(0, 0, 2))[0]
    late, gone = keep(make(0, 0, 1, LATE), withdrawals=[Withdrawal(opened.event_id, WRONG)])
    assert (late.step, gone.step) == (Step.LOWERED, Step.NONE)
    assert late.incident_id == gone.incident_id == opened.incident_id
    assert incidents(any_database) == [(0, None, 1, 2, True)]


@pytest.mark.parametrize("before", [[], [(-30, 0, 2), (-20, 2, 0)]], ids=["new", "of an incident that was over"])
def test_an_open_incident_has_the_event_by_which_it_stands(
    before: list[tuple[int, int, int]], make: Make, keep: Keep, any_database: Database
) -> None:
    """What opened it was withdrawn: later data put the crossing before it."""
    earlier = keep(*(make(*each) for each in before))
    opened = keep(make(0, 0, 2))[0]
    wrong = [Withdrawal(each.event_id, WRONG) for each in (*earlier[1:], opened)]
    keep(*([] if before else [make(-30, 0, 2, LATE)]), withdrawals=wrong)
    assert incidents(any_database)[-1] == (0, None, 2, 2, True)
    standing = "select extract(epoch from at - %s) / 60, rank, incident_id from watch_event where withdrawn_at is null"
    assert any_database.connect().execute(standing, (minutes(0),)).fetchall() == [(-30, 2, opened.incident_id)]


def test_what_came_late_and_still_holds_is_told_when_a_measurement_of_now_confirms_it(
    make: Make, keep: Keep, any_database: Database
) -> None:
    (late,) = keep(make(0, 0, 1, LATE), make(5, 1, 2, LATE), confirmed=[make(0, 0, 1).subject])[2:]
    assert (late.step, late.event.rank, late.event.origin) == (Step.OPENED, 2, LATE)
    assert incidents(any_database) == [(5, None, 2, 2, True)]
    assert keep(confirmed=[late.event.subject]) == [], "it was told already"
    keep(make(9, 2, 3, LATE))
    assert steps(keep(confirmed=[late.event.subject])) == [Step.RAISED]


def test_a_drill_stands_beside_what_is_real(make: Make, keep: Keep, any_database: Database) -> None:
    keep(make(0, 0, 1))
    any_database.connect().execute(
        "insert into watch_drill (project_id, title, starts, ends, begun_by)"
        " select project_id, '訓練', now(), now(), 'x' from project"
    )
    drill = {"details": {"drill": 1}}
    assert steps(keep(make(0, 0, 3, DRILL, **drill), make(7, 3, 0, DRILL, **drill))) == [Step.OPENED, Step.CLOSED]
    assert incidents(any_database) == [(0, None, 1, 1, True), (0, 7, 0, 3, False)]
    keep(make(8, 1, 2, DRILL, **drill), make(9, 2, 0, DRILL, **drill))
    assert keep(make(3, 1, 1, LATE))[0].step is Step.NONE, "a drill says nothing of what is real"
