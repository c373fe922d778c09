"""A frozen report is held against what would be computed now: late data, other words, and what cannot be computed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.access.authority import NotThere
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.make import make_report, period_of
from ingest.report.order.database import take_next
from ingest.report.order.drafts import keep_draft
from ingest.report.order.work import make_order
from ingest.report.submission import review
from ingest.report.submission.compare import compare_report
from ingest.report.submission.database import Standing, due_comparison, list_frozen
from ingest.report.submission.review import check_report, order_comparison, order_freeze
from ingest.store.database import Database as Connection
from schemas.japan import Month
from schemas.report_document import ReportKind
from tests.figures.field import Field, jst
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.report.submission.conftest import ITO, one

NOW = jst(2026, 12, 2, 9)
LATER = NOW + timedelta(days=3)
TEA = ProjectRef(1, "tea", "茶園")


@pytest.fixture
def valley(servers: Servers) -> Iterator[Database]:
    """A project with a device that spoke daily in October."""
    fresh = fresh_database(servers.get(FIRST))
    with fresh.connect(autocommit=False) as connection:
        field = Field(connection)
        device = field.device("tea-1", interval_s=86400, gateway="hill")
        field.uplinks(device, [jst(2026, 10, day, 12) for day in range(1, 32)])
    yield fresh
    fresh.drop()


@pytest.fixture
def frozen(valley: Database, key_file: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Connection, int]:
    """The number of the frozen report of October."""
    monkeypatch.setattr(review, "FORMS", (ReportForm.JSON,))
    connection = valley.connect()
    period = period_of(ReportKind.MONTHLY, Month(2026, 10), NOW)
    number = keep_draft(connection, 1, make_report(connection, 1, ReportKind.MONTHLY, period, NOW, "sato"), {})
    check_report(connection, ITO, TEA, number, NOW)
    order_freeze(connection, ITO, TEA, number)
    make_next(connection, key_file, NOW)
    return connection, number


def make_next(connection: Connection, key_file: Path, now: Any) -> None:
    taken = take_next(connection)
    assert taken is not None
    make_order(connection, taken.order.number, key_file, now)


def standing(connection: Connection) -> Standing:
    (found,) = list_frozen(connection, 1)
    return found


def test_what_is_computed_the_same_has_no_change_and_other_words_are_one(
    frozen: tuple[Connection, int], key_file: Path
) -> None:
    connection, number = frozen
    assert (standing(connection).compared_at, standing(connection).changes) == (None, None)
    compare_report(connection, 1, number, LATER)
    assert (standing(connection).changes, standing(connection).failed) == (0, None)
    key = one(
        connection, "select c ->> 'key' from report, jsonb_path_query(document, '$.sections[*].cells[*]') c limit 1"
    )
    connection.execute(
        "insert into report_text (project_id, kind, first_day, key, text, author, entered_by)"
        " values (1, 'monthly', '2026-10-01', %s, '雪', '係', '係')",
        (key,),
    )
    placed = order_comparison(connection, ITO, TEA, number)
    assert order_comparison(connection, ITO, TEA, number).already
    make_next(connection, key_file, LATER)
    assert one(connection, "select ended_at is not null from report_order where report_order_id = %s", placed.number)
    assert standing(connection).changes == 1
    assert standing(connection).first_changes[0]["new"] == "雪(係)"


def test_each_is_looked_at_again_after_a_day(frozen: tuple[Connection, int]) -> None:
    connection, number = frozen
    due = (1, number)
    assert due_comparison(connection) in (None, due)  # frozen within this day of the real clock, or not
    connection.execute("set session_replication_role = replica")
    connection.execute("update report set frozen_at = now() - interval '2 days', last_day = current_date - 3")
    assert due_comparison(connection) == due
    compare_report(connection, 1, number, LATER)
    assert due_comparison(connection) is None
    connection.execute("update report_comparison set compared_at = now() - interval '25 hours'")
    assert due_comparison(connection) == due


def test_why_a_comparison_failed_is_kept(frozen: tuple[Connection, int]) -> None:
    connection, number = frozen
    compare_report(connection, 1, number, NOW - timedelta(days=90))  # by a clock before the period
    assert standing(connection).changes is None
    assert standing(connection).failed is not None
    with pytest.raises(NotThere):
        compare_report(connection, 1, number + 1, LATER)
    with pytest.raises(NotThere):
        compare_report(connection, 2, number, LATER)
