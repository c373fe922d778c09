"""A number of a report is rounded once; one that is held against a target is cut."""

from decimal import Decimal

from ingest.report.compose import compose_row
from ingest.report.source.base import RowRead
from schemas.report_document import Cell, CellKind
from schemas.report_layout import ColumnLayout


def test_what_is_held_against_a_target_is_never_rounded_up() -> None:
    columns = tuple(
        ColumnLayout(code=code, heading=code, kind=kind, decimals=1)
        for code, kind in (("hours", CellKind.NUMBER), ("rate", CellKind.PERCENT), ("actual", CellKind.NUMBER))
    )
    cells = {column.code: Cell(value=Decimal("90.55")) for column in columns}
    row = compose_row(columns, RowRead("completeness", cells, {"actual": 1}))  # the actual is in the unit of its KPI
    assert [str(cell.value) for cell in row.cells] == ["90.6", "90.5", "90.5"]
