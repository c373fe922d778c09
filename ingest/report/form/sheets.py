"""Where everything of a report stands in a workbook: pure, so that whoever writes one and whoever reads one agree.

The first sheet has the title, what a reader has to know, the fields, people's words and sentences; each table has a
sheet of its own, or several if it is too wide to be printed at 8 points.
"""

from ingest.report.form.facts import facts_of, number_of
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
from ingest.report.form.words import digest_of_words
from schemas.japan import JST
from schemas.report_document import FieldOf, Fields, Lines, ReportDocument, Table, Value, Written

COLUMNS_ACROSS = 6
"""Columns of the first sheet: label and value, up to three pairs beside each other."""

_LABEL_WIDTH, _VALUE_WIDTH = 16, 14
_LEAST_WRITING_POINTS = 48.0
FIRST = "報告書"


def sheets_of(document: ReportDocument, paper: str = "A4") -> list[Sheet]:
    """Every sheet of the report, in order. `paper`: A4 or A3, of the wide tables."""
    tables = [sheet for section in document.sections if isinstance(section, Table)
              for sheet in table_sheets(section, paper)]  # fmt: skip
    sheets = [_first_sheet(document), *tables]
    names: set[str] = set()
    for sheet in sheets:
        sheet.name = unique_name(clean(sheet.name), names)
    _put(sheets[0], stamp_of(document, paper, sheets).text, Style.STAMP)
    return sheets


def writing_places(sheets: list[Sheet]) -> dict[str, tuple[str, int, int]]:
    """Where people write: sheet, row and column by the key of the cell."""
    return {
        cell.key: (sheet.name, cell.row, cell.column)
        for sheet in sheets
        for cell in sheet.cells
        if cell.style is Style.WRITING
    }


def _first_sheet(document: ReportDocument) -> Sheet:
    widths = [_LABEL_WIDTH, _VALUE_WIDTH] * (COLUMNS_ACROSS // 2)
    scale = min(100, int(100 * printable_points("A4", landscape=False) / points_wide(widths)))
    sheet = Sheet(FIRST, landscape=False, scale=scale, widths=widths)
    _put(sheet, document.title, Style.TITLE)
    for fact in (number_of(document), *facts_of(document)):
        _put(sheet, fact, Style.NOTE)
    for mark in document.marks:
        _put(sheet, f"※ {mark.ja}", Style.NOTE)
    sheet.rows += 1
    for section in document.sections:
        if isinstance(section, Fields):
            _fields(sheet, section)
        elif isinstance(section, Written):
            _written(sheet, section)
        elif isinstance(section, Lines):
            _lines(sheet, section)
    return sheet


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
        at = cell.written_at
        who = f"({cell.author} {at.astimezone(JST):%Y-%m-%d})" if cell.author and at else ""
        key = f"{section.code}/{cell.key}"
        before = digest_of_words(cell.text)
        _put(sheet, f"{cell.label}{who}  [記入欄 {key}{'#' if before else ''}{before}]", Style.KEY)
        _put(sheet, cell.text, Style.WRITING, key=key, least=_LEAST_WRITING_POINTS)
    sheet.rows += 1


def _lines(sheet: Sheet, section: Lines) -> None:
    _put(sheet, f"別紙{section.annex} {section.title}" if section.annex else section.title, Style.HEADING)
    for number, line in enumerate(section.lines, start=1):
        _put(sheet, f"{number}. {line}", Style.NOTE)
    sheet.rows += 1
