"""Closing a year: everything that is missing is said, open measures go on, and it happens once."""

from datetime import date, datetime
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from ingest.access.authority import By, ChangeRefused
from ingest.figures.project import ProjectRef
from ingest.plan.act.cycle import close_year, cycle_of, draft_of, lacking_of
from ingest.plan.act.measures import Move, change_measure, measures_of, move_measure, propose_measure
from ingest.plan.act.measures import draft_of as draft_of_measure
from ingest.plan.act.model import MeasureDraft
from ingest.plan.document.versions import apply
from schemas.japan import JST
from schemas.plan import PlanDocument
from schemas.work import MeasureState

Connection = psycopg.Connection[Any]
BY = By("sato", "農政課")
NOW = datetime(2027, 4, 1, 0, 0, tzinfo=JST)
LAST_MOMENT = datetime(2027, 3, 31, 23, 59, tzinfo=JST)
PLAN = PlanDocument.model_validate({
    "project": "here", "title": "見守り", "begins": "2026-04-01", "ends": "2031-03-31",
    "boxes": [{"code": "out", "stage": "output", "label": "届く"}],
    "kpis": [{"code": "rate", "label": "取得率", "box": "out", "unit": "%", "formula": "ratio", "owner": "農政課",
              "targets": {2026: 95}, "evidence": {"kind": "figure", "figure": "completeness"}}],
})  # fmt: skip


@pytest.fixture
def planned(connection: Connection, here: ProjectRef) -> ProjectRef:
    connection.execute("update measure set fiscal_year = 2024")  # that of the seed
    apply(connection, BY, here.project_id, PLAN, "")
    return here


def freeze(connection: Connection, project: ProjectRef) -> None:
    body = {"kpis": [{"code": "rate", "label": "取得率", "actual": "91.25", "rate": "96.0", "grade": "B"}]}
    connection.execute(
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by, software,"
        " reason, body, digest) values (%s, 'year', '2026-04-01', '2027-04-01', 1, now(), 'x', '1', '', %s, '')",
        (project.project_id, Jsonb(body)),
    )


def evaluate(connection: Connection, project: ProjectRef) -> None:
    connection.execute(
        "insert into plan_review (project_id, kind, first_day, kpi, factors, improvement, entered_by)"
        " values (%s, 'year', '2026-04-01', 'rate', '停電', '予備電源', 'x')",
        (project.project_id,),
    )


def kinds(connection: Connection, project: ProjectRef, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(each.kind, each.key) for each in lacking_of(connection, project.project_id, 2026, now)]


def test_everything_that_is_missing_is_said(connection: Connection, planned: ProjectRef) -> None:
    number = propose_measure(connection, BY, planned, MeasureDraft("電池", "佐藤", date(2026, 9, 1), 2026))[1]
    assert kinds(connection, planned, LAST_MOMENT) == [
        ("year", ""), ("frozen", ""), ("kpi", "rate"), ("measure", str(number)),
    ]  # fmt: skip
    assert kinds(connection, planned)[0] == ("frozen", ""), "the year is over at midnight in Japan"
    with pytest.raises(ChangeRefused) as refused:
        close_year(connection, BY, planned, 2026, NOW)
    assert "取得率" in refused.value.said.ja
    assert "電池" in refused.value.said.ja
    assert cycle_of(connection, planned.project_id, 2026) is None
    freeze(connection, planned)
    evaluate(connection, planned)
    assert kinds(connection, planned) == [("measure", str(number))]


def test_a_project_without_a_plan_cannot_be_closed(connection: Connection, here: ProjectRef) -> None:
    assert ("plan", "") in kinds(connection, here)
    assert draft_of(connection, here.project_id, 2026) is None


def test_a_closed_year_leaves_a_draft_and_open_measures_go_on(connection: Connection, planned: ProjectRef) -> None:
    freeze(connection, planned)
    evaluate(connection, planned)
    draft = MeasureDraft("電池", "佐藤", date(2026, 9, 1), 2026, result="半分まで")
    going = propose_measure(connection, BY, planned, draft)[1]
    move_measure(connection, BY, planned, going, Move(MeasureState.DECIDED), NOW)
    dropped = propose_measure(connection, BY, planned, draft)[1]
    move_measure(connection, BY, planned, dropped, Move(MeasureState.DROPPED, result="予算がない"), NOW)
    assert kinds(connection, planned) == []
    cycle = close_year(connection, BY, planned, 2026, NOW, "申し送り")
    assert (cycle.closed_by, cycle.note) == ("sato", "申し送り")
    (kpi,) = cycle.draft.kpis
    assert kpi.targets == {2026: 95, 2027: 95}
    assert kpi.note == "令和8年度(2026年度): 実績91.2%(達成率96.0%、B) / 要因: 停電 / 改善: 予備電源"
    (carried,) = measures_of(connection, planned.project_id, 2027)
    old = next(each for each in measures_of(connection, planned.project_id, 2026) if each.number == going)
    assert (carried.title, carried.state, carried.carried_from, carried.result) == (
        "電池", MeasureState.DECIDED, old.measure_id, "",
    )  # fmt: skip
    with pytest.raises(ChangeRefused, match="2026"):
        change_measure(connection, BY, planned, going, draft_of_measure(carried))
    with pytest.raises(ChangeRefused, match="2026"):
        close_year(connection, BY, planned, 2026, NOW)
    entry = connection.execute("select actor, subject from audit_entry where action = 'cycle_closed'").fetchall()
    assert entry == [("sato", "here 2026")]
    assert apply(connection, BY, planned.project_id, cycle.draft, "繰越"), "the draft can be the next plan"
