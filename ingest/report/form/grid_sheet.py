"""Where a grid of places for words stands in a workbook: a sheet of its own, a row a subject, a column a topic."""

from ingest.report.form.sheet import (
    LEAST_SCALE,
    MOST_ROW_POINTS,
    Placed,
    Sheet,
    Style,
    height_of,
    points_wide,
    printable_points,
)
from ingest.report.form.values import clean
from ingest.report.form.words import digest_of_words
from schemas.japan import JST
from schemas.report_document import Written, WrittenCell

_LABEL_WIDTH = 18
_NARROWEST, _WIDEST = 12, 40
_LEAST_POINTS = 48.0


def author_of(cell: WrittenCell) -> str:
    """Who wrote the words that stand in a place, and when; empty for nobody."""
    at = cell.written_at
    return f"({cell.author} {at.astimezone(JST):%Y-%m-%d})" if cell.author and at else ""


def marker_of(section: Written, cell: WrittenCell) -> str:
    """By what a place for words is found again in a file that comes back (`fixed.MARKER`)."""
    before = digest_of_words(cell.text)
    return f"[記入欄 {section.code}/{cell.key}{'#' if before else ''}{before}]"


def grid_sheet(section: Written) -> Sheet:
    """The sheet of a section whose cells have rows and columns, on landscape A4.

    Each row of the grid takes a row for the markers of its places, and the places below it.
    """
    columns = list(dict.fromkeys(cell.column for cell in section.cells))
    widths = [_LABEL_WIDTH, *[_column_width(len(columns))] * len(columns)]
    page = printable_points("A4", landscape=True)
    scale = max(LEAST_SCALE, min(100, int(100 * page / points_wide(widths))))
    sheet = Sheet(section.title, landscape=True, scale=scale, widths=widths)
    _across(sheet, section.title, Style.HEADING)
    if section.prompt:
        _across(sheet, section.prompt, Style.NOTE)
    head = sheet.rows
    for place, heading in enumerate(["", *columns]):
        sheet.cells.append(Placed(head, place, clean(heading), Style.HEAD))
    sheet.heights[head] = max(height_of(clean(heading), sheet.widths[-1]) for heading in columns)
    sheet.repeat, sheet.rows = (head, head), head + 1
    for label in dict.fromkeys(cell.row for cell in section.cells):
        _row(sheet, section, columns, [cell for cell in section.cells if cell.row == label])
    return sheet


def _column_width(columns: int) -> int:
    """As wide as the paper allows at 8 points, for so many columns beside that of the labels."""
    room = printable_points("A4", landscape=True) * 100 / LEAST_SCALE
    width = _WIDEST
    while width > _NARROWEST and points_wide([_LABEL_WIDTH, *[width] * columns]) > room:
        width -= 1
    return width


def _across(sheet: Sheet, text: str, style: Style) -> None:
    text = clean(text)
    sheet.cells.append(Placed(sheet.rows, 0, text, style, across=len(sheet.widths)))
    sheet.heights[sheet.rows] = min(MOST_ROW_POINTS, height_of(text, sum(sheet.widths)))
    sheet.rows += 1


def _row(sheet: Sheet, section: Written, columns: list[str], cells: list[WrittenCell]) -> None:
    markers, places = sheet.rows, sheet.rows + 1
    below = max(_LEAST_POINTS, *(height_of(clean(cell.text), sheet.widths[-1]) for cell in cells))
    down = -int(-below // MOST_ROW_POINTS)
    sheet.cells.append(Placed(markers, 0, clean(cells[0].row), Style.LABEL, down=1 + down))
    own = 0.0
    for cell in cells:
        place = 1 + columns.index(cell.column)
        text, key = clean(cell.text), f"{section.code}/{cell.key}"
        marker = clean(f"{author_of(cell)}{marker_of(section, cell)}")
        sheet.cells.append(Placed(markers, place, marker, Style.KEY))
        sheet.cells.append(Placed(places, place, text, Style.WRITING, down=down, key=key))
        own = max(own, height_of(marker.replace(" ", "\n"), sheet.widths[place]))  # a long code breaks before it
    sheet.heights[markers] = min(MOST_ROW_POINTS, own)
    sheet.heights |= dict.fromkeys(range(places, places + down), below / down)
    sheet.rows = places + down
