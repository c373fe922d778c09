"""Every kind of report where there is nothing, or not yet, and at the edges of years and eras: made, and honest."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from ingest.report.form.forms import FORMS, ReportForm, write_form
from ingest.report.make import kinds_offered
from schemas.japan import FiscalYear, Month
from schemas.report_document import Cell, CellKind, Fields, ReportDocument, ReportKind, Table
from tests.figures.field import jst
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town
from tests.report.source.papers import LATER, of_kind

MOMENTS: tuple[tuple[FiscalYear, Month, datetime], ...] = (
    (FiscalYear(2026), Month(2026, 4), jst(2026, 4, 1)),  # it begins now
    (FiscalYear(2026), Month(2027, 3), LATER),
    (FiscalYear(2027), Month(2028, 2), jst(2028, 2, 29, 12)),  # on a leap day
    (FiscalYear(2027), Month(2028, 2), jst(2028, 3, 1)),
    (FiscalYear(2018), Month(2019, 4), jst(2019, 5, 1)),  # the last month of 平成
    (FiscalYear(2019), Month(2019, 5), jst(2020, 4, 1)),  # 令和元年
)  # fmt: skip
"""Fiscal year, month and the moment of making the report."""


@pytest.fixture(scope="module")
def nothing(servers: Servers) -> Iterator[Town]:
    """A project without devices, data and plan."""
    fresh = fresh_database(servers.get(FIRST))
    yield Town(fresh)
    fresh.drop()


@pytest.fixture(scope="module")
def silent(servers: Servers) -> Iterator[Town]:
    """A project with a plan, a device that never sent, and one that came from another network in mid-year."""
    fresh = fresh_database(servers.get(FIRST))
    town = Town(fresh)
    town.plan(document(kpi()))
    town.field.device("never", installed_on=date(2026, 4, 1))
    moved = town.field.device("moved", installed_on=date(2026, 4, 1))
    town.connection.execute("update device set network_id = (select max(network_id) from network) where code = 'moved'")
    for end, column in (("is not null", "valid_to"), ("is null", "valid_from")):
        query = f"update device_placement set {column} = %s where device_id = %s and valid_to {end}"
        town.connection.execute(query.encode(), (jst(2026, 9, 1), moved))
    yield town
    fresh.drop()


@pytest.mark.parametrize("kind", kinds_offered())
def test_where_there_is_nothing_a_report_says_so(nothing: Town, kind: ReportKind) -> None:
    for year, month, now in MOMENTS:
        report = of_kind(nothing, kind, year, now, month)
        assert no_rate(report) == []
        for form in FORMS:
            if form is not ReportForm.PDF or now == LATER:
                assert write_form(report, form)


@pytest.mark.parametrize("kind", kinds_offered())
def test_devices_that_never_sent_have_no_rate_made_up(silent: Town, kind: ReportKind) -> None:
    for year, month, now in MOMENTS:
        report = of_kind(silent, kind, year, now, month)
        assert [each for each in no_rate(report) if not each.endswith("= 0.0")] == []
        assert write_form(report, ReportForm.XLSX)


def no_rate(report: ReportDocument) -> list[str]:
    """The percentages of a report that have a value, or neither a value nor a reason, apart from weights."""
    found = []
    for where, code, cell in percentages(report):
        if code in ("weight", "share", "percent"):
            continue
        if cell.value is not None or cell.missing is None:
            found.append(f"{where}/{code} = {cell.value}")
    return found


def percentages(report: ReportDocument) -> Iterator[tuple[str, str, Cell]]:
    """Every cell of the kind of percentages, with its section and code."""
    for section in report.sections:
        if isinstance(section, Fields):
            yield from ((section.code, one.code, one.cell) for one in section.fields if one.kind is CellKind.PERCENT)
        elif isinstance(section, Table):
            for row in (*section.rows, *([section.total] if section.total else [])):
                for column, cell in zip(section.columns, row.cells, strict=True):
                    if column.kind is CellKind.PERCENT:
                        yield f"{section.code}/{row.key}", column.code, cell
