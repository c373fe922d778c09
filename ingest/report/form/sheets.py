"""Where everything of a report stands in a workbook: pure, so that whoever writes one and whoever reads one agree.

The sheets have the order of the sections. The first one has the title and what a reader has to know; fields, people's
words and sentences that follow each other share a sheet. Each table has one of its own, or several if it is too wide to
be printed at 8 points, and so has a grid of places for words.
"""

from ingest.report.form.facts import facts_of, number_of
from ingest.report.form.grid_sheet import author_of, grid_sheet, marker_of
from ingest.report.form.sheet import (
    MOST_ROW_POINTS,
    Placed,
    Sheet,
    Style,
    height_of,
    points_wide,
    printable_points,
    unique_name,
)
from ingest.report.form.stamp import stamp_of
from ingest.report.form.table_sheets import table_sheets
from ingest.report.form.values import clean, text_and_reason
from schemas.report_document import FieldOf, Fields, Lines, ReportDocument, Table, Value, Written

COLUMNS_ACROSS = 6
"""Columns of the first sheet: label and value, up to three pairs beside each other."""

_LABEL_WIDTH, _VALUE_WIDTH = 16, 14
_LEAST_WRITING_POINTS = 48.0
FIRST = "報告書"


def sheets_of(document: ReportDocument, paper: str = "A4") -> list[Sheet]:
    """Every sheet of the report, in the order of its sections. `paper`: A4 or A3, of the wide tables."""
    sheets = [first := _text_sheet(FIRST)]
    _head(first, document)
    texts: Sheet | None = first
    for section in document.sections:
        if isinstance(section, Table):
            sheets += table_sheets(section, paper)
            texts = None
        elif isinstance(section, Written) and section.is_grid:
            sheets.append(grid_sheet(section))
            texts = None
        else:
            if texts is None or (isinstance(section, Lines) and section.annex):
                sheets.append(texts := _text_sheet(_title(section)))
            _text(texts, section)
    names: set[str] = set()
    for sheet in sheets:
        sheet.name = unique_name(clean(sheet.name), names)
    _name_writing_sheets(sheets)
    _put(first, stamp_of(document, paper, sheets).text, Style.STAMP)
    return sheets


def _name_writing_sheets(sheets: list[Sheet]) -> None:
    """Say at the end of the first sheet which of the others have places for words."""
    others = [
        sheet.name for sheet in sheets[1:] if any(cell.style is Style.WRITING for cell in sheet.cells)
    ]  # fmt: skip
    if others:
        _put(sheets[0], f"記入欄は、ほかに次のシートにあります: {'、'.join(others)}", Style.NOTE)


def writing_places(sheets: list[Sheet]) -> dict[str, tuple[str, int, int]]:
    """Where people write: sheet, row and column by the key of the cell."""
    return {
        cell.key: (sheet.name, cell.row, cell.column)
        for sheet in sheets
        for cell in sheet.cells
        if cell.style is Style.WRITING
    }


def _text_sheet(name: str) -> Sheet:
    widths = [_LABEL_WIDTH, _VALUE_WIDTH] * (COLUMNS_ACROSS // 2)
    scale = min(100, int(100 * printable_points("A4", landscape=False) / points_wide(widths)))
    return Sheet(name, landscape=False, scale=scale, widths=widths)


def _head(sheet: Sheet, document: ReportDocument) -> None:
    _put(sheet, document.title, Style.TITLE)
    for fact in (number_of(document), *facts_of(document)):
        _put(sheet, fact, Style.NOTE)
    for mark in document.marks:
        _put(sheet, f"※ {mark.ja}", Style.NOTE)
    sheet.rows += 1


def _text(sheet: Sheet, section: Fields | Written | Lines) -> None:
    if isinstance(section, Fields):
        _fields(sheet, section)
    elif isinstance(section, Written):
        _written(sheet, section)
    else:
        _lines(sheet, section)


def _title(section: Fields | Written | Lines) -> str:
    annex = section.annex if isinstance(section, Lines) else None
    return f"別紙{annex} {section.title}" if annex else section.title


def _put(sheet: Sheet, text: str, style: Style, *, key: str = "", least: float = 0) -> None:
    """One cell over the whole width, in a row of its own, or in several if Excel makes no row as high."""
    text = clean(text)
    height = max(least, height_of(text, sum(sheet.widths)), 24.0 if style is Style.TITLE else 0)
    down = -int(-height // MOST_ROW_POINTS)
    sheet.cells.append(Placed(sheet.rows, 0, text, style, across=COLUMNS_ACROSS, down=down, key=key))
    sheet.heights |= dict.fromkeys(range(sheet.rows, sheet.rows + down), height / down)
    sheet.rows += down


def _fields(sheet: Sheet, section: Fields) -> None:
    _put(sheet, section.title, Style.HEADING)
    pairs = _pairs_across(section)
    each = COLUMNS_ACROSS // pairs
    for number, one in enumerate(section.fields):
        row, place = sheet.rows + number // pairs, (number % pairs) * each
        label = clean(f"{one.label}({one.unit})" if one.unit else one.label)
        shown = _shown(one)
        sheet.cells.append(Placed(row, place, label, Style.LABEL))
        style = Style.REFERENCE if one.cell.reference_only else Style.STRONG if one.strong else Style.VALUE
        sheet.cells.append(Placed(row, place + 1, shown, style, one.kind, one.decimals, each - 1, noted=True))
        wide = sum(sheet.widths[place + 1 : place + each])
        high = max(height_of(label, sheet.widths[place]), height_of(shown, wide) if isinstance(shown, str) else 0)
        sheet.heights[row] = min(MOST_ROW_POINTS, max(sheet.heights.get(row, 0), high))
    sheet.rows += -(-len(section.fields) // pairs) + 1


def _pairs_across(section: Fields) -> int:
    """As the layout says, or two where a number or day would not fit: programs show #### in place of it."""
    narrow = any(
        len(text_and_reason(one.cell, one.kind).encode("cp932", "replace")) + 1 > _VALUE_WIDTH
        for one in section.fields
        if not isinstance(one.cell.value, str | None)
    )
    return min(section.across, 2) if narrow else section.across


def _shown(one: FieldOf) -> Value | None:
    if one.cell.value is None or isinstance(one.cell.value, str):
        return clean(text_and_reason(one.cell, one.kind)) or None
    return one.cell.value


def _written(sheet: Sheet, section: Written) -> None:
    _put(sheet, section.title, Style.HEADING)
    if section.prompt:
        _put(sheet, section.prompt, Style.NOTE)
    for cell in section.cells:
        key = f"{section.code}/{cell.key}"
        _put(sheet, f"{cell.label}{author_of(cell)}  {marker_of(section, cell)}", Style.KEY)
        _put(sheet, cell.text, Style.WRITING, key=key, least=_LEAST_WRITING_POINTS)
    sheet.rows += 1


def _lines(sheet: Sheet, section: Lines) -> None:
    _put(sheet, _title(section), Style.HEADING)
    for number, line in enumerate(section.lines, start=1):
        _put(sheet, f"{number}. {line}", Style.NOTE)
    sheet.rows += 1
