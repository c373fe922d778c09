"""Measures in a real database: the closed list of steps, what each needs, and that everything stays on record."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.plan.measure import MeasuresDue, measures_due
from ingest.figures.project import ProjectRef
from ingest.plan.act.checks import MeasureRefused
from ingest.plan.act.coded import draft_by_codes
from ingest.plan.act.measures import (
    AlreadyMoved,
    Move,
    carry_measure,
    change_measure,
    done_beside,
    draft_of,
    enter_measure,
    events_of,
    measure_by_id,
    measure_of,
    measures_of,
    move_measure,
    propose_measure,
)
from ingest.plan.act.model import OPEN, TRANSITIONS, MeasureDraft
from ingest.plan.act.quota import QuotaLeft, quotas_of
from schemas.bilingual import Bilingual
from schemas.japan import JST
from schemas.work import MeasureKind, MeasureState

Connection = psycopg.Connection[Any]
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=JST)
TODAY = NOW.date()
BY = By("sato", "農政課", "192.0.2.7")
DRAFT = MeasureDraft("アンテナを高くする", "佐藤", date(2026, 12, 10), 2026, detail="中谷の基地局", kpis=("rate",))
S = MeasureState


def add(connection: Connection, project: ProjectRef, draft: MeasureDraft = DRAFT) -> int:
    return propose_measure(connection, BY, project, draft)[1]


def move(connection: Connection, project: ProjectRef, number: int, to: MeasureState, **more: Any) -> None:
    move_measure(connection, BY, project, number, Move(to, **more), NOW)


ROADS = {
    S.PROPOSED: [],
    S.DECIDED: [Move(S.DECIDED)],
    S.UNDER_WAY: [Move(S.DECIDED), Move(S.UNDER_WAY)],
    S.DONE: [Move(S.DECIDED), Move(S.DONE, TODAY)],
    S.EVALUATED: [Move(S.DECIDED), Move(S.DONE, TODAY), Move(S.EVALUATED, result="効いた")],
    S.DROPPED: [Move(S.DROPPED, result="予算がない")],
}


def in_state(connection: Connection, project: ProjectRef, state: MeasureState) -> int:
    number = add(connection, project)
    for step in ROADS[state]:
        move_measure(connection, BY, project, number, step, NOW)
    assert measure_of(connection, project.project_id, number).state is state
    return number


def test_a_measure_is_stored_as_it_was_entered_and_is_on_record(connection: Connection, here: ProjectRef) -> None:
    device = connection.execute("select min(device_id) from device where code like '%here'").fetchone()
    assert device is not None
    draft = replace(DRAFT, devices=device, cost_yen=120_000)
    measure_id, number = propose_measure(connection, BY, here, draft)
    measure = measure_by_id(connection, measure_id)
    assert draft_of(measure) == draft
    assert (number, measure.state, measure.entered_by) == (2, S.PROPOSED, "sato")  # the seed has one
    (event,) = events_of(connection, measure)
    assert (event.by, event.before, event.after["title"], event.after["state"]) == (
        "sato", {}, "アンテナを高くする", "proposed",
    )  # fmt: skip
    entry = connection.execute(
        "select actor, subject, project from audit_entry where action = 'measure_changed'"
    ).fetchall()
    assert entry == [("sato", "here 2", "here")]


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("to", list(S))
def test_only_the_steps_of_the_closed_list_are_possible(
    connection: Connection, here: ProjectRef, state: MeasureState, to: MeasureState
) -> None:
    number = in_state(connection, here, state)
    step = Move(to, TODAY, "結果", "理由")
    if to in TRANSITIONS[state]:
        assert move_measure(connection, BY, here, number, step, NOW).state is to
    else:
        with pytest.raises(MeasureRefused, match=state.label.en):
            move_measure(connection, BY, here, number, step, NOW)


@pytest.mark.parametrize(
    ("state", "step", "field"),
    [
        (S.DECIDED, Move(S.DONE), "done_on"),
        (S.DECIDED, Move(S.DONE, TODAY + timedelta(days=1)), "done_on"),
        (S.DONE, Move(S.EVALUATED), "result"),
        (S.DONE, Move(S.EVALUATED, result="  "), "result"),
        (S.PROPOSED, Move(S.DROPPED), "result"),
        (S.DONE, Move(S.UNDER_WAY), "note"),
        (S.EVALUATED, Move(S.DONE), "note"),
        (S.DROPPED, Move(S.PROPOSED), "note"),
        (S.PROPOSED, Move(S.EVALUATED, result="早い"), "to"),
    ],
)
def test_a_step_that_lacks_something_is_refused_and_says_which_field(
    connection: Connection, here: ProjectRef, state: MeasureState, step: Move, field: str
) -> None:
    number = in_state(connection, here, state)
    before = measure_of(connection, here.project_id, number)
    with pytest.raises(MeasureRefused) as refused:
        move_measure(connection, BY, here, number, step, NOW)
    assert refused.value.field == field
    assert measure_of(connection, here.project_id, number) == before


def test_every_step_stays_in_the_history(connection: Connection, here: ProjectRef) -> None:
    number = in_state(connection, here, S.EVALUATED)
    move(connection, here, number, S.DONE, note="数え直す")
    measure = measure_of(connection, here.project_id, number)
    assert [(event.after.get("state"), event.note) for event in events_of(connection, measure)] == [
        ("proposed", ""), ("decided", ""), ("done", ""), ("evaluated", ""), ("done", "数え直す"),
    ]  # fmt: skip
    evaluated = events_of(connection, measure)[3].after
    assert evaluated["result"] == "効いた"
    assert evaluated["effect"]["figure"] == "completeness"
    assert evaluated["effect"]["change"] is None, "no whole day after it is over"


def test_the_day_of_a_measure_goes_with_its_state(connection: Connection, here: ProjectRef) -> None:
    number = in_state(connection, here, S.DONE)
    assert measure_of(connection, here.project_id, number).done_on == TODAY
    move(connection, here, number, S.UNDER_WAY, note="まだだった")
    assert measure_of(connection, here.project_id, number).done_on is None


def test_history_cannot_be_changed(connection: Connection, here: ProjectRef) -> None:
    add(connection, here)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("update measure_event set note = 'x'")


def test_a_change_keeps_what_was_there_before(connection: Connection, here: ProjectRef) -> None:
    number = add(connection, here)
    later = replace(DRAFT, due=date(2027, 1, 31), owner="鈴木")
    assert change_measure(connection, BY, here, number, later, "部品待ち")
    assert not change_measure(connection, BY, here, number, later)
    measure = measure_of(connection, here.project_id, number)
    assert (measure.due, measure.owner) == (date(2027, 1, 31), "鈴木")
    last = events_of(connection, measure)[-1]
    assert (last.before, last.after, last.note) == (
        {"owner": "佐藤", "due": "2026-12-10"}, {"owner": "鈴木", "due": "2027-01-31"}, "部品待ち",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": " "}, "title"), ({"title": "長" * 201}, "title"), ({"owner": ""}, "owner"),
        ({"detail": "x\0y"}, "detail"), ({"result": "長" * 2001}, "result"),
        ({"window_days": 6}, "window_days"), ({"window_days": 183}, "window_days"), ({"cost_yen": -1}, "cost_yen"),
        ({"figure": "mttr"}, "figure"), ({"quota_used": 1}, "quota_used"),
        ({"kind": MeasureKind.DX_ADVISER}, "quota_used"), ({"devices": (2**31 - 1,)}, "devices"),
        ({"networks": (2**31 - 1,)}, "networks"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field(
    connection: Connection, here: ProjectRef, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(MeasureRefused) as refused:
        add(connection, here, replace(DRAFT, **wrong))
    assert refused.value.field == field


def test_devices_of_another_town_are_refused_and_its_measures_not_found(
    connection: Connection, here: ProjectRef, there: ProjectRef
) -> None:
    row = connection.execute("select min(device_id) from device where code like '%there'").fetchone()
    assert row is not None
    with pytest.raises(MeasureRefused):
        add(connection, here, replace(DRAFT, devices=row))
    number = add(connection, there)
    move(connection, there, number, S.DECIDED)
    assert [measure.number for measure in measures_of(connection, here.project_id)] == [1]
    with pytest.raises(NotThere):
        measure_of(connection, here.project_id, number + 5)


def test_a_measure_of_a_closed_year_stays_as_it_is(connection: Connection, here: ProjectRef) -> None:
    with pytest.raises(ChangeRefused, match="2025"):  # the seed has closed it
        add(connection, here, replace(DRAFT, fiscal_year=2025))
    number = add(connection, here)
    with pytest.raises(ChangeRefused, match="2025"):
        change_measure(connection, BY, here, number, replace(DRAFT, fiscal_year=2025))
    closed = "insert into plan_cycle (project_id, fiscal_year, closed_by, draft) values (%s, 2026, 'x', '{}')"
    connection.execute(closed, (here.project_id,))
    with pytest.raises(ChangeRefused, match="2026"):
        move(connection, here, number, S.DECIDED)


def test_what_is_due_is_counted_by_project(connection: Connection, here: ProjectRef) -> None:
    connection.execute("update measure set due = '2100-01-01'")  # those of the seed
    for due in (TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)):
        add(connection, here, replace(DRAFT, due=due))
    done = add(connection, here, replace(DRAFT, due=TODAY - timedelta(days=9)))
    move(connection, here, done, S.DECIDED)
    move(connection, here, done, S.DONE, done_on=TODAY)
    assert MeasuresDue("here", 0, 0) in measures_due(connection, date(2020, 1, 1))
    assert MeasuresDue("here", 2, 1) in measures_due(connection, TODAY)
    every = measures_of(connection, here.project_id)
    assert [sum(each.is_late(TODAY) for each in every), sum(each.is_due(TODAY) for each in every)] == [1, 2]


def test_of_hours_that_are_used_up_nothing_is_left_and_not_a_little_less() -> None:
    """10 - 9.9 - 0.1 is below 0 for a machine that counts in halves of halves."""
    used_up = QuotaLeft(MeasureKind.REGIONAL_ADVISER_ONLINE, Bilingual("時間", "hours"), 10, 9.9, 0.1, "")
    assert used_up.left == 0


def test_visits_of_advisers_count_down(connection: Connection, here: ProjectRef) -> None:
    visit = replace(DRAFT, kind=MeasureKind.REGIONAL_ADVISER_SITE, quota_used=1)
    first, second, third, dropped = (add(connection, here, visit) for _ in range(4))
    for number in (first, second):
        move(connection, here, number, S.DECIDED)
    move(connection, here, first, S.DONE, done_on=TODAY)
    move(connection, here, dropped, S.DROPPED, result="都合がつかない")
    add(connection, here, replace(visit, fiscal_year=2027))
    site = next(each for each in quotas_of(connection, here.project_id, 2026) if each.kind is visit.kind)
    assert (site.limit, site.used, site.planned, site.left) == (3, 1, 2, 0)
    add(connection, here, visit)
    assert next(each for each in quotas_of(connection, here.project_id, 2026) if each.kind is visit.kind).left == -1
    assert third


def test_a_visit_counts_once_and_for_the_year_of_its_day(connection: Connection, here: ProjectRef) -> None:
    """One made in March 2027 and one planned go on into 2027; one of 2026 was made only on 1 April 2027."""
    visit = replace(DRAFT, kind=MeasureKind.REGIONAL_ADVISER_ONLINE, quota_used=2.5)
    made, planned, late = (add(connection, here, visit) for _ in range(3))
    for number, day in ((made, date(2027, 3, 31)), (late, date(2027, 4, 1))):
        move(connection, here, number, S.DECIDED)
        connection.execute(
            "update measure set state = 'done', done_on = %s where project_id = %s and number = %s",
            (day, here.project_id, number),
        )

    def online(year: int) -> tuple[float, float, float]:
        found = next(each for each in quotas_of(connection, here.project_id, year) if each.kind is visit.kind)
        return found.used, found.planned, found.left

    assert (online(2026), online(2027)) == ((2.5, 2.5, 5), (2.5, 0, 7.5))
    for number in (made, planned):
        carry_measure(connection, BY, here, measure_of(connection, here.project_id, number), 2027)
    assert (online(2026), online(2027)) == ((2.5, 0, 7.5), (2.5, 2.5, 5))


def test_measures_of_the_same_time_and_things_are_told(connection: Connection, here: ProjectRef) -> None:
    numbers = [in_state(connection, here, S.DONE) for _ in range(2)]
    one, two = (measure_of(connection, here.project_id, number) for number in numbers)
    assert done_beside(one, [one, two]) == [two], "both are about the whole project"
    assert done_beside(replace(one, devices=(1,)), [replace(two, devices=(2,))]) == []
    assert done_beside(one, [replace(two, done_on=TODAY - timedelta(days=29))]) == []
    assert done_beside(one, [replace(two, carried_from=one.measure_id)]) == []


def test_open_states_are_those_that_wait_for_somebody() -> None:
    assert set(OPEN) == set(S) - {S.EVALUATED, S.DROPPED}
    assert set(TRANSITIONS) == set(S)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "値\0"), ("detail", "\x1b[31m"), ("owner", "佐\u202e藤"), ("kpis", ("ra\0te",)),
        ("kpis", ("k" * 64,)), ("kpis", ("k",) * 101), ("due", date(1, 1, 1)), ("due", date(9999, 12, 31)),
        ("result", "字" * 2_001),
    ],
)  # fmt: skip
def test_what_no_table_stores_or_nobody_sees_is_refused(
    connection: Connection, here: ProjectRef, field: str, value: Any
) -> None:
    with pytest.raises(MeasureRefused) as refused:
        add(connection, here, replace(DRAFT, **{field: value}))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("field", "more"),
    [("done_on", {"done_on": date(1, 1, 1)}), ("note", {"note": "\0"}), ("result", {"result": "\x07"})],
)
def test_a_step_with_an_impossible_day_or_text_is_refused(
    connection: Connection, here: ProjectRef, field: str, more: dict[str, Any]
) -> None:
    number = add(connection, here)
    move(connection, here, number, S.DECIDED)
    with pytest.raises(MeasureRefused) as refused:
        move(connection, here, number, S.DONE, **({"done_on": TODAY} | more))
    assert refused.value.field == field


def test_the_same_step_twice_is_one_event_and_another_word_about_it_is_refused(
    connection: Connection, here: ProjectRef
) -> None:
    number = add(connection, here)
    move(connection, here, number, S.DECIDED)
    with pytest.raises(AlreadyMoved):
        move(connection, here, number, S.DECIDED)
    with pytest.raises(MeasureRefused, match="already"):
        move(connection, here, number, S.DECIDED, result="別の結果")
    assert len(events_of(connection, measure_of(connection, here.project_id, number))) == 2


def test_the_audit_log_says_whose_measure_it_is(connection: Connection, here: ProjectRef) -> None:
    add(connection, here)
    query = (
        "select organisation, project from audit_entry where action = 'measure_changed' order by entry_id desc limit 1"
    )
    assert connection.execute(query).fetchone() == ("010006", "here")


def test_a_measure_that_is_sent_twice_is_stored_once_and_its_key_is_of_no_other(
    connection: Connection, here: ProjectRef
) -> None:
    key = uuid4()
    sent = [enter_measure(connection, BY, here, DRAFT, key) for _ in range(2)]
    assert sent == [(sent[0][0], False), (sent[0][0], True)]
    with pytest.raises(ChangeRefused, match="client_key"):
        enter_measure(connection, BY, here, replace(DRAFT, owner="田中"), key)
    with pytest.raises(ChangeRefused, match="no-such"):
        draft_by_codes(connection, here.project_id, ["no-such"], [], {"title": "x"})
