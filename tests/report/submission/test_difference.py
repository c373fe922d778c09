"""A revision says each value that it changed, by a code and never by a position."""

from decimal import Decimal

from ingest.report.form.xlsx import report_workbook
from ingest.report.submission.difference import Change, changes_between, difference_document
from schemas.report_document import Cell, Fields, ReportDocument, Row, Said, Table
from tests.report.form.documents import devices, fields, make_document, written


def with_rows(table: Table, *rows: Row) -> Table:
    return table.model_copy(update={"rows": rows})


def with_cell(row: Row, place: int, cell: Cell) -> Row:
    return row.model_copy(update={"cells": (*row.cells[:place], cell, *row.cells[place + 1 :])})


def changed(old: Table, new: Table) -> list[Change]:
    return changes_between(make_document(0, old), make_document(0, new))


def test_the_same_document_has_no_change() -> None:
    assert changes_between(make_document(5), make_document(5)) == []


def test_a_value_that_changed_is_named_with_old_and_new() -> None:
    table = devices(3)
    new = with_rows(table, table.rows[0], with_cell(table.rows[1], 2, Cell(value=1_234_567)), table.rows[2])
    assert changed(table, new) == [
        Change("devices", table.rows[1].key, "n0", f"機器一覧 {table.rows[1].key} 数0", "1,000", "1,234,567")
    ]


def test_another_order_of_rows_changes_nothing() -> None:
    table = devices(3)
    assert changed(table, with_rows(table, *reversed(table.rows))) == []


def test_a_row_that_came_or_went_is_told_with_every_cell() -> None:
    table = devices(3)
    fewer = with_rows(table, *table.rows[:2])
    came = changed(fewer, table)
    assert {(change.row, change.old) for change in came} == {(table.rows[2].key, None)}
    assert len(came) == len(table.columns)
    assert {change.new for change in changed(table, fewer)} == {None}


def test_another_reason_for_a_missing_value_and_a_value_that_became_one_for_reference_are_changes() -> None:
    old, use = make_document(0, fields()), fields()
    other = Cell(missing=Said(ja="集計がまだ終わっていません", en="not summed up yet"))
    cells = [use.fields[0].cell.model_copy(update={"reference_only": False}), *[f.cell for f in use.fields[1:3]], other]
    new_fields = tuple(one.model_copy(update={"cell": cell}) for one, cell in zip(use.fields, cells, strict=False))
    new = make_document(0, Fields(code="use", title="利用状況", fields=(*new_fields, *use.fields[4:])))
    assert [(change.column, change.old, change.new) for change in changes_between(old, new)] == [
        ("rate", "79.9%(参考値)", "79.9%"),
        ("saved", "―(基準値がありません)", "―(集計がまだ終わっていません)"),
    ]


def test_when_a_figure_was_computed_is_no_change_and_what_it_was_asked_for_is() -> None:
    """The list of evidence has the moment of each reading: without this no revision would ever say the same."""

    def listed(at: str, first_day: str) -> Table:
        table = devices(1)
        columns = tuple(
            column.model_copy(update={"code": code})
            for column, code in zip(table.columns, ("arguments", "computed_at"), strict=False)
        )
        cells = (Cell(value=f"first_day => {first_day}, now_ => {at}, step => 1"), Cell(value=at))
        row = table.rows[0].model_copy(update={"cells": cells})
        return table.model_copy(update={"code": "evidence", "columns": columns, "rows": (row,), "total": None})

    old = listed("2027-04-10T09:00:00+09:00", "2026-04-01")
    assert changed(old, listed("2027-05-01T10:00:00+09:00", "2026-04-01")) == []
    (other,) = changed(old, listed("2027-04-10T09:00:00+09:00", "2026-05-01"))
    assert (other.old, other.new) == ("first_day => 2026-04-01, step => 1", "first_day => 2026-05-01, step => 1")


def test_peoples_words_count_and_the_time_of_making_does_not() -> None:
    old, words = make_document(0, written()), written()
    answered = words.cells[1].model_copy(update={"text": "雨が多かった。", "author": "委員長"})
    new = make_document(0, words.model_copy(update={"cells": (words.cells[0], answered)}))
    later = new.model_copy(update={"made_at": new.made_at.replace(hour=11), "software": "Noroshi 9.9.9"})
    assert [(change.row, change.old, change.new) for change in changes_between(old, later)] == [
        ("kpi1", "", "雨が多かった。(委員長)")
    ]


def test_the_sheet_of_a_revision_says_why_and_is_a_workbook() -> None:
    old = frozen(make_document(3), 1)
    new = frozen(make_document(3), 2).model_copy(update={"plan_number": 4})
    changes = changes_between(old, new)
    sheet = difference_document(old, new, changes, "計画の改定のため")
    table = sheet.sections[1]
    assert isinstance(table, Table)
    assert [[cell.value for cell in row.cells] for row in table.rows] == [["計画の版", "3", "4", "計画の改定のため"]]
    assert report_workbook(sheet)[:2] == b"PK"


def frozen(document: ReportDocument, revision: int) -> ReportDocument:
    return document.model_copy(update={"number": "paddy-2026-yearly", "revision": revision})


def test_a_decimal_that_is_written_otherwise_is_a_change_because_people_see_it() -> None:
    use = fields()
    one = use.fields[0].model_copy(update={"cell": Cell(value=Decimal("79.90"), reference_only=True)})
    new = make_document(0, use.model_copy(update={"fields": (one, *use.fields[1:])}))
    assert [change.new for change in changes_between(make_document(0, use), new)] == ["79.90%(参考値)"]
