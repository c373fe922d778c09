"""The views of targets and of frozen actuals: valid versions, sums of cumulative targets, newest revisions."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.fixtures.database import FIRST, Database, Servers, fresh_database


@pytest.fixture
def database(servers: Servers) -> Any:
    made = fresh_database(servers.get(FIRST))
    yield made
    made.drop()


def version(connection: Any, number: int, entered: datetime, *kpis: dict[str, Any]) -> None:
    connection.execute(
        "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
        " select project_id, %s, %s, 'test', '', %s, '' from project",
        (number, entered, json.dumps({"kpis": kpis})),
    )


def kpi(code: str, targets: dict[str, float], **more: Any) -> dict[str, Any]:
    return {"code": code, "label": code, "unit": "h", "formula": "ratio", "owner": "農政課", "targets": targets} | more


def targets_of(connection: Any) -> list[tuple[int, str, float, int]]:
    found: list[tuple[int, str, float, int]] = connection.execute(
        "select fiscal_year, kpi, target, plan_number from figure_plan_target order by 1, place"
    ).fetchall()
    return found


def test_a_target_is_that_of_the_version_valid_at_the_end_of_its_year(database: Database) -> None:
    connection = database.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    version(connection, 1, datetime(2025, 5, 1, tzinfo=UTC), kpi("a", {"2025": 10, "2026": 20}))
    # Midnight in Japan ends the year: a version of 23:59 UTC on 31 March belongs to the next one.
    version(connection, 2, datetime(2026, 3, 31, 23, 59, tzinfo=UTC), kpi("a", {"2025": 11, "2026": 21}))
    version(connection, 3, datetime(2027, 6, 1, tzinfo=UTC), kpi("a", {"2024": 1, "2025": 12, "2026": 22}))
    assert targets_of(connection) == [(2025, "a", 10, 1), (2026, "a", 21, 2)]


def test_a_year_before_the_first_version_has_the_targets_of_that(database: Database) -> None:
    connection = database.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    version(connection, 1, datetime(2026, 5, 1, tzinfo=UTC), kpi("a", {"2024": 5}))
    version(connection, 2, datetime(2026, 6, 1, tzinfo=UTC), kpi("a", {"2024": 6}))
    assert targets_of(connection) == [(2024, "a", 5, 1)]


def test_cumulative_targets_are_summed_and_the_final_one_fills_its_year(database: Database) -> None:
    connection = database.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    summed = kpi("sum", {"2025": 10, "2026": 20, "2027": 30}, formula="cumulative")
    final = kpi("last", {"2025": 8}, final_target=4.5, final_year=2027, baseline={"value": 12})
    version(connection, 1, datetime(2025, 5, 1, tzinfo=UTC), summed, final)
    assert targets_of(connection) == [
        (2025, "sum", 10, 1), (2025, "last", 8, 1), (2026, "sum", 30, 1), (2027, "sum", 60, 1), (2027, "last", 4.5, 1),
    ]  # fmt: skip


def test_an_actual_is_that_of_the_newest_revision(database: Database) -> None:
    connection = database.connect()
    connection.execute("insert into project (code, name) values ('tea', '茶')")
    for revision, actual in ((1, "81.5"), (2, "83.25")):
        body = {"kpis": [kpi("a", {}, actual=actual, target="90", rate="92.5", grade="B", reference_only=False,
                             evidence={"completeness": "83.2", "samples": 12}),
                         kpi("b", {}, actual=None, target=None, rate=None, grade=None, reference_only=False,
                             actual_missing={"ja": "観測がありません", "en": "no observation"},
                             evidence={"completeness": None, "samples": 0})]}  # fmt: skip
        connection.execute(
            "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by,"
            " software, reason, body, digest) select project_id, 'month', %s, %s, %s, now(), 't', 't', '', %s, ''"
            " from project",
            (date(2027, 1, 1), date(2027, 2, 1), revision, json.dumps(body)),
        )
    rows = connection.execute(
        "select kpi, revision, fiscal_year, time, actual, target, rate, grade, completeness, missing"
        " from figure_plan_actual order by place"
    ).fetchall()
    begin = datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert rows == [
        ("a", 2, 2026, begin, 83.25, 90, 92.5, "B", 83.2, None),
        ("b", 2, 2026, begin, None, None, None, None, None, "観測がありません"),
    ]
