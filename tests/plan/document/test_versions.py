"""Versions of a plan in a real database: what was valid when, who changed it, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from ingest.access.authority import By
from ingest.errors import CallRefused
from ingest.plan.document.difference import Difference
from ingest.plan.document.refused import PlanRefused
from ingest.plan.document.versions import (
    PlanChangedMeanwhile,
    apply,
    current,
    digest_of,
    version_at,
    version_of,
    versions,
)
from schemas.plan import PlanDocument
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.plan.document.example import body, document, kpi

BY = By.of_command("clerk")
FIRST = document()
SECOND = document(kpis=[kpi(targets={"2026": 190, "2027": 150}), body()["kpis"][1]])


class Tea:
    """The project of the example with its two devices."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connect()
        field = Field(self.connection)
        self.project_id = field.project_id
        field.device("a")
        field.device("b")

    def apply(self, document: PlanDocument, reason: str = "", **more: Any) -> Difference:
        return apply(self.connection, BY, self.project_id, document, reason, **more)

    def audit(self) -> list[tuple[Any, ...]]:
        query = "select actor, project, organisation, subject, after from audit_entry where action = 'plan_changed'"
        return self.connection.execute(query).fetchall()


@pytest.fixture
def tea(database: Database) -> Tea:
    return Tea(database)


def test_a_changed_target_keeps_the_old_one_with_who_when_and_why(tea: Tea) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert current(tea.connection, tea.project_id) is None
    assert tea.apply(FIRST).number == 1
    changed = tea.apply(SECOND, "猛暑で見回りが増えたため")
    assert changed.number == 2
    assert [each.said.ja for each in changed.changes] == [
        "指標 patrol_hours「見回り時間」 目標 令和8年度(2026年度): 200 → 190"
    ]
    newest, oldest = versions(tea.connection, tea.project_id)
    assert (newest.number, newest.entered_by, newest.reason) == (2, "command:clerk", "猛暑で見回りが増えたため")
    assert (newest.document, oldest.document) == (SECOND, FIRST)
    assert version_at(tea.connection, tea.project_id, oldest.entered_at) == oldest
    assert version_at(tea.connection, tea.project_id, newest.entered_at) == newest
    assert version_at(tea.connection, tea.project_id, before) is None
    assert version_of(tea.connection, tea.project_id, 1) == oldest
    assert version_of(tea.connection, tea.project_id, 3) is None


def test_every_change_is_in_the_audit_log_under_its_project(tea: Tea) -> None:
    tea.apply(FIRST)
    tea.apply(SECOND, "見直し")
    found = tea.audit()
    assert [row[:4] for row in found] == [
        ("command:clerk", "tea", "222160", "tea #1"), ("command:clerk", "tea", "222160", "tea #2"),
    ]  # fmt: skip
    assert "200 → 190" in str(found[1][4])


def test_nothing_is_stored_if_nothing_differs_or_in_a_dry_run(tea: Tea) -> None:
    assert tea.apply(FIRST, dry_run=True).first
    assert versions(tea.connection, tea.project_id) == []
    tea.apply(FIRST)
    assert not tea.apply(FIRST)
    assert tea.apply(SECOND, dry_run=True)
    assert [each.number for each in versions(tea.connection, tea.project_id)] == [1]
    assert len(tea.audit()) == 1


def test_a_change_without_a_reason_is_refused(tea: Tea) -> None:
    tea.apply(FIRST)
    with pytest.raises(CallRefused, match="say why"):
        tea.apply(SECOND, "  ")
    assert [each.number for each in versions(tea.connection, tea.project_id)] == [1]


def test_a_change_of_what_somebody_else_has_changed_since_is_refused(tea: Tea) -> None:
    tea.apply(FIRST)
    tea.apply(SECOND, "見直し", based_on=1)
    with pytest.raises(PlanChangedMeanwhile):
        tea.apply(FIRST, "戻す", based_on=1)
    assert [each.number for each in versions(tea.connection, tea.project_id)] == [2, 1]


def test_what_the_registry_does_not_have_is_told_all_at_once(tea: Tea) -> None:
    wrong = document(
        groups={"north": ["a", "z"]},
        kpis=[kpi(scope={"networks": ["lora", "none"], "gateways": ["peak"]}), body()["kpis"][1]],
    )
    with pytest.raises(PlanRefused) as refused:
        tea.apply(wrong)
    assert [problem.said.en for problem in refused.value.problems] == [
        "device group north no. 2: the registry of this project has no device z",
        "KPI patrol_hours scope networks no. 2: the registry of this project has no network none",
        "KPI patrol_hours scope gateways no. 1: the registry of this project has no gateway peak",
    ]
    assert versions(tea.connection, tea.project_id) == []


def test_the_plan_of_another_project_is_refused(tea: Tea) -> None:
    with pytest.raises(PlanRefused, match="it is the plan of rice, and not of tea"):
        tea.apply(document(project="rice"))


def test_a_word_without_devices_is_noted_and_no_mistake(tea: Tea) -> None:
    found = tea.apply(document(kpis=[kpi(scope={"areas": ["第3区"], "uses": ["農業"]})]))
    assert [note.ja for note in found.notes] == ["指標 patrol_hours 対象 地区 1件目: 「第3区」の機器がまだありません"]


def test_a_version_cannot_be_changed_and_its_digest_is_of_what_is_stored(tea: Tea) -> None:
    tea.apply(document(yen_per_hour=2500, kpis=[kpi(targets={2026: 1e15, 2027: 1e-7})]))
    row = tea.connection.execute("select document, digest from plan_version").fetchone()
    assert row is not None
    assert row[1] == digest_of(row[0])
    for statement in ("update plan_version set reason = ''", "delete from plan_version", "truncate plan_version"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tea.connection.execute(statement.encode())
