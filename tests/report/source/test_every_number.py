"""Every number of a report is found again where its evidence says, by asking the database once more."""

from decimal import Decimal

import pytest

from ingest.report.make import kinds_offered
from ingest.report.rounding import cut, round_half_up
from schemas.report_document import Cell, Fields, ReportDocument, ReportKind, Table
from tests.fixtures.database import Database
from tests.report.source.papers import LATER, of_kind
from tests.report.source.repeat import answers, groups, numbers, of_row, sums
from tests.report.source.year import reader_of

NO_FIGURES = {
    "plan_number", "number", "revision", "baseline", "target", "before_target", "rows",
    "weight", "share", "percent", "least_devices", "service_months",  # of the comparison, as schemas/ has them
    "not_timed", "unknown",  # how many transmitters the report could not judge
    "single_ms", "hour_s",  # limits of the law, as schemas/airtime.yaml has them
}  # fmt: skip
"""Numbers that are entered or counted by people or the report itself, and stand in no figure."""

LEAST = {ReportKind.OPEN_DATA: 1, ReportKind.CHRONOLOGY: 7}
"""So many numbers are checked at least, else more than ten: no device is published, and there was one flood."""


@pytest.mark.parametrize("kind", kinds_offered())
def test_every_number_is_found_again(filled: Database, kind: ReportKind) -> None:
    town = reader_of(filled)
    report = of_kind(town, kind)
    known = {each.id: answers(town, each, LATER) for each in report.evidence}
    checked, wrong = 0, []
    for where, key, code, cell, decimals in _numbers(report):
        if code in NO_FIGURES:
            continue
        rows = known.get(cell.evidence or "")
        if rows is None:
            wrong.append(f"{where} {code} = {cell.value} has no evidence")
            continue
        own = of_row(rows, key)
        candidates = numbers(own) | sums(own)
        candidates |= sums(rows) | groups(rows) if key in ("", "total") or own is rows else set()
        value = Decimal(cell.value)  # type: ignore[arg-type]  # a number
        if value not in {step(each, decimals) for each in candidates for step in (cut, round_half_up)}:
            wrong.append(f"{where} {code} = {value} is not in {cell.evidence}")
        checked += 1
    assert not wrong, "\n".join(wrong)
    assert checked >= LEAST.get(kind, 11)


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
