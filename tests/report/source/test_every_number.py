"""Every number of a report is found again where its evidence says, by asking the database once more."""

from decimal import Decimal

import pytest

from ingest.report.rounding import cut, round_half_up
from schemas.report_document import Cell, Fields, ReportDocument, ReportKind, Table
from tests.fixtures.database import Database
from tests.report.source.papers import LATER, monthly, yearly
from tests.report.source.repeat import answers, numbers, of_row, sums
from tests.report.source.year import AUGUST, reader_of

NO_FIGURES = {"plan_number", "number", "revision", "baseline", "target", "before_target", "rows"}
"""Numbers that are entered or counted by people or the report itself, and stand in no figure."""


@pytest.mark.parametrize("kind", [ReportKind.MONTHLY, ReportKind.YEARLY, ReportKind.EFFECT])
def test_every_number_is_found_again(filled: Database, kind: ReportKind) -> None:
    town = reader_of(filled)
    report = monthly(town, AUGUST) if kind is ReportKind.MONTHLY else yearly(town, kind=kind)
    known = {each.id: answers(town, each, LATER) for each in report.evidence}
    checked = 0
    for where, key, code, cell, decimals in _numbers(report):
        if code in NO_FIGURES:
            continue
        assert cell.evidence in known, f"{where} {code} = {cell.value} has no evidence"
        rows = known[cell.evidence]
        candidates = numbers(of_row(rows, key)) | (sums(rows) if key in ("", "total") else set())
        value = Decimal(cell.value)  # type: ignore[arg-type]  # a number
        shown = {cut(each, decimals) for each in candidates} | {round_half_up(each, decimals) for each in candidates}
        assert value in shown, f"{where} {code} = {value} is not in {cell.evidence}"
        checked += 1
    assert checked > 10


def _numbers(report: ReportDocument) -> list[tuple[str, str, str, Cell, int]]:
    """Section, key of the row, code, cell and decimals of every cell with a number."""
    found = []
    for section in report.sections:
        if isinstance(section, Fields):
            found += [(section.code, "", field.code, field.cell, field.decimals) for field in section.fields]
        elif isinstance(section, Table):
            for row in (*section.rows, *([section.total] if section.total else [])):
                found += [
                    (f"{section.code}/{row.key}", row.key, column.code, cell, _decimals(cell, column.decimals))
                    for column, cell in zip(section.columns, row.cells, strict=True)
                ]  # fmt: skip
    return [each for each in found if isinstance(each[3].value, int | Decimal)]


def _decimals(cell: Cell, of_column: int) -> int:
    return max(0, -int(cell.value.as_tuple().exponent)) if isinstance(cell.value, Decimal) else of_column
