"""Reports of a town: made as the job makes them, and read cell by cell."""

from collections.abc import Iterator
from datetime import datetime

from ingest.report.make import make_report, period_of, span_of
from schemas.japan import FiscalYear, Month
from schemas.report_document import Cell, Fields, Period, ReportDocument, ReportKind, Row, Table, Written
from tests.figures.field import jst
from tests.plan.check.town import Town

LATER = jst(2027, 6, 30)
YEAR = FiscalYear(2026)
MAY = Month(2026, 5)


def made(town: Town, kind: ReportKind, period: Period, now: datetime = LATER) -> ReportDocument:
    """A report of the town."""
    return make_report(town.connection, town.project.project_id, kind, period, now, "clerk")


def monthly(town: Town, month: Month = MAY, now: datetime = LATER) -> ReportDocument:
    """The report of a month."""
    return made(town, ReportKind.MONTHLY, Period.of_month(month, now), now)


def yearly(
    town: Town, year: FiscalYear = YEAR, now: datetime = LATER, kind: ReportKind = ReportKind.YEARLY
) -> ReportDocument:
    """The report of a fiscal year."""
    return made(town, kind, Period.of_year(year, now), now)


def of_kind(
    town: Town, kind: ReportKind, year: FiscalYear = YEAR, now: datetime = LATER, month: Month | None = None
) -> ReportDocument:
    """A report of any kind about this fiscal year, or of a kind about months about the month, else about August."""
    span = span_of(kind)
    asked = (month or year.months[4]) if span == "month" else year
    return made(town, kind, period_of(kind, asked, now), now)


def field_of(report: ReportDocument, section: str, code: str) -> Cell:
    """The value of a labelled field."""
    found = next(each for each in report.sections if each.code == section)
    assert isinstance(found, Fields)
    return next(each.cell for each in found.fields if each.code == code)


def table_of(report: ReportDocument, section: str) -> Table:
    """A table."""
    found = next(each for each in report.sections if each.code == section)
    assert isinstance(found, Table)
    return found


def row_of(table: Table, key: str) -> dict[str, Cell]:
    """The cells of a row by the codes of their columns; `total`: of the last one."""
    row = table.total if key == "total" else next(each for each in table.rows if each.key == key)
    assert row is not None
    return cells_of(table, row)


def cells_of(table: Table, row: Row) -> dict[str, Cell]:
    """The cells of a row by the codes of their columns."""
    return {column.code: cell for column, cell in zip(table.columns, row.cells, strict=True)}


def words_of(report: ReportDocument, key: str) -> str:
    """What stands in a cell for words."""
    cells = [cell for each in report.sections if isinstance(each, Written) for cell in each.cells]
    return next(cell.text for cell in cells if cell.key == key)


def all_cells(report: ReportDocument) -> Iterator[tuple[str, Cell]]:
    """Every cell of fields and tables, with section, row and code."""
    for section in report.sections:
        if isinstance(section, Fields):
            yield from ((f"{section.code}/{field.code}", field.cell) for field in section.fields)
        elif isinstance(section, Table):
            for row in (*section.rows, *([section.total] if section.total else [])):
                yield from ((f"{section.code}/{row.key}/{code}", cell) for code, cell in cells_of(section, row).items())
