"""Where a table of a report stands in a workbook: a sheet of its own, or several if it is too wide for its paper."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from ingest.report.form.sheet import (
    LEAST_SCALE,
    MOST_ROW_POINTS,
    Placed,
    Sheet,
    Style,
    column_groups,
    count_lines,
    height_of,
    points_wide,
    printable_points,
)
from ingest.report.form.values import NOTHING, REFERENCE_NOTE, clean, has_reference_values, missing_reasons, text_alone
from schemas.report_document import Cell, Column, Row, Table, Value

_BLANKS_OF_A_NUMBER = 2
_DATE_CHARACTERS, _MOMENT_CHARACTERS = 10, 16


def table_sheets(table: Table, paper: str) -> Iterator[Sheet]:
    """One sheet, or one for each group of columns that fits the paper, with the first column in front of each."""
    title = f"別紙{table.annex} {table.title}" if table.annex else table.title
    every = [_width(table, place) for place in range(len(table.columns))]
    landscape = table.wide or points_wide(every) > printable_points("A4", landscape=False)
    page = printable_points(paper if landscape else "A4", landscape=landscape)
    groups = list(column_groups([points_wide([width]) for width in every], page * 100 / LEAST_SCALE))
    for number, group in enumerate(groups, start=1):
        part = f" ({number}/{len(groups)})" if len(groups) > 1 else ""
        widths = [every[place] for place in group]
        scale = max(LEAST_SCALE, min(100, int(100 * page / points_wide(widths))))
        sheet = Sheet(f"{title}{part}", landscape, scale, widths)
        _fill(sheet, table, group, clean(f"{title}{part}"))
        yield sheet


def _width(table: Table, place: int) -> int:
    """The width of a column, but never so narrow that a program shows #### in place of a number."""
    column = table.columns[place]
    rows = (*table.rows, table.total) if table.total else table.rows
    return max(column.width, max((_number_width(row.cells[place], column) for row in rows), default=0))


def _number_width(cell: Cell, column: Column) -> int:
    value = cell.value
    if value is None or isinstance(value, str):
        return 0
    if isinstance(value, date):
        return (_MOMENT_CHARACTERS if isinstance(value, datetime) else _DATE_CHARACTERS) + _BLANKS_OF_A_NUMBER
    return len(text_alone(cell, column.kind)) + _BLANKS_OF_A_NUMBER


def _fill(sheet: Sheet, table: Table, group: Sequence[int], title: str) -> None:
    columns = [table.columns[index] for index in group]
    sheet.cells.append(Placed(0, 0, title, Style.HEADING))
    heights = []
    for place, column in enumerate(columns):
        heading = clean(f"{column.heading}\n({column.unit})" if column.unit else column.heading)
        sheet.cells.append(Placed(1, place, heading, Style.HEAD))
        heights.append(height_of(heading, sheet.widths[place]))
    sheet.heights[1] = max(heights)
    sheet.repeat, sheet.rows = (0, 1), 2
    for row in table.rows:
        _row(sheet, columns, row, group, Style.BODY)
    if not table.rows:
        _note(sheet, table.empty)
    if table.total:
        _row(sheet, columns, table.total, group, Style.TOTAL)
    reference = [REFERENCE_NOTE] if has_reference_values(table) else []
    for note in (table.note, *missing_reasons(table), *reference):
        _note(sheet, note)


def _note(sheet: Sheet, text: str) -> None:
    if not text:
        return
    sheet.cells.append(Placed(sheet.rows, 0, clean(text), Style.NOTE, across=len(sheet.widths)))
    sheet.heights[sheet.rows] = min(MOST_ROW_POINTS, height_of(text, sum(sheet.widths)))
    sheet.rows += 1


def _row(sheet: Sheet, columns: Sequence[Column], row: Row, group: Sequence[int], style: Style) -> None:
    lines = 1
    for place, (index, column) in enumerate(zip(group, columns, strict=True)):
        cell = row.cells[index]
        shown = _shown(cell)
        own = _REFERENCES.get(style, style) if cell.reference_only else style
        sheet.cells.append(Placed(sheet.rows, place, shown, own, column.kind, column.decimals))
        if isinstance(shown, str):
            lines = max(lines, count_lines(shown, sheet.widths[place]))
    sheet.heights[sheet.rows] = min(MOST_ROW_POINTS, 5 + 13.5 * lines)
    sheet.rows += 1


_REFERENCES = {Style.BODY: Style.REFERENCE, Style.TOTAL: Style.REFERENCE_TOTAL}


def _shown(cell: Cell) -> Value | None:
    if cell.value is None:
        return NOTHING if cell.missing else None
    return clean(cell.value) if isinstance(cell.value, str) else cell.value
