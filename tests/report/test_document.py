"""A report that was kept as JSON is the same report when it is read again."""

import json
from datetime import date
from decimal import Decimal

import pytest

from ingest.report.make import make_report
from schemas.japan import FiscalYear
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    FieldOf,
    Fields,
    Period,
    ReportDocument,
    ReportKind,
    Row,
    Table,
    Value,
)
from schemas.report_json import document_of_json
from tests.figures.field import jst
from tests.fixtures.database import Database

NOW = jst(2026, 12, 2, 9)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (CellKind.TEXT, "222160"), (CellKind.TEXT, "2026-04-01"), (CellKind.COUNT, 5), (CellKind.NUMBER, "対象外"),
        (CellKind.PERCENT, Decimal("93.40")), (CellKind.YEN, Decimal(500000)), (CellKind.DATE, date(2026, 4, 1)),
        (CellKind.MOMENT, jst(2026, 4, 1, 9, 30)), (CellKind.DATE, "不明"),
    ],
)  # fmt: skip
def test_a_value_is_what_it_was_whatever_it_looks_like(project: Database, kind: CellKind, value: Value) -> None:
    cell = Cell(value=value)
    row = Row(key="a", cells=(cell,))
    column = Column(code="a", heading="甲", kind=kind)
    sections = (
        Fields(code="f", title="欄", fields=(FieldOf(code="a", label="甲", kind=kind, cell=cell),)),
        Table(code="t", title="表", columns=(column,), rows=(row,), total=row),
    )
    document = _yearly(project).model_copy(update={"sections": sections})
    again = document_of_json(json.loads(document.model_dump_json()))
    assert again == document
    assert again.sections[0].fields[0].cell.value.__class__ is value.__class__  # type: ignore[union-attr]


def _yearly(project: Database) -> ReportDocument:
    with project.connect() as connection:
        return make_report(connection, 1, ReportKind.YEARLY, Period.of_year(FiscalYear(2026), NOW), NOW, "test")


def test_a_whole_report_comes_back_from_the_database_as_it_was(project: Database) -> None:
    document = _yearly(project)
    with project.connect() as connection:
        kept = connection.execute("select %s::jsonb", (document.model_dump_json(),)).fetchone()
    assert kept is not None
    assert document_of_json(kept[0]) == document
