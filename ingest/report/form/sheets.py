"""Where everything of a report stands in a workbook: pure, so that whoever writes one and whoever reads one agree.

The first sheet has the title, what a reader has to know, the fields, people's words and sentences; each table has a
sheet of its own, or several if it is too wide to be printed at 8 points.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    FieldOf,
    Fields,
    Lines,
    ReportDocument,
    Row,
    Table,
    Value,
    Written,
)

COLUMNS_ACROSS = 6
"""Columns of the first sheet: label and value, up to three pairs beside each other."""

BODY_POINTS, LEAST_POINTS = 10, 8
LEAST_SCALE = 100 * LEAST_POINTS // BODY_POINTS

_MM = 72 / 25.4
_MARGINS_MM = 2 * 10
_PAPERS_MM = {"A4": (210, 297), "A3": (297, 420)}
_POINTS_A_CHARACTER, _POINTS_A_COLUMN = 7.2, 3.75
"""The widest that a column of n characters gets. Excel makes n * 7 + 5 pixels of it (5.25 points a character), but
LibreOffice on a machine without the usual fonts takes 7.2 points."""

LONGEST_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", "・"))


class Style(Enum):
    """What a cell is, for whoever chooses fonts and fills."""

    TITLE = auto()
    HEADING = auto()
    LABEL = auto()
    VALUE = auto()
    STRONG = auto()
    HEAD = auto()
    BODY = auto()
    REFERENCE = auto()
    TOTAL = auto()
    NOTE = auto()
    WRITING = auto()
    KEY = auto()


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell of a sheet. Rows and columns count from 0; `across` columns are merged into one. `decimals` of numbers."""

    row: int
    column: int
    value: Value | None
    style: Style
    kind: CellKind = CellKind.TEXT
    decimals: int = 0
    across: int = 1
    key: str = ""


@dataclass(slots=True)
class Sheet:
    """A sheet: its cells, widths in characters, heights in points where they are not the usual ones.

    `repeat`: the rows (first, last) at the head of each printed page. `scale` in percent.
    """

    name: str
    landscape: bool
    scale: int
    widths: list[int]
    cells: list[Placed] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    repeat: tuple[int, int] | None = None
    rows: int = 0


def sheets_of(document: ReportDocument, paper: str = "A4") -> list[Sheet]:
    """Every sheet of the report, in order. `paper`: A4 or A3, of the wide tables."""
    sheets = [_first_sheet(document)]
    for section in document.sections:
        if isinstance(section, Table):
            sheets += _table_sheets(section, paper)
    names: set[str] = set()
    for sheet in sheets:
        sheet.name = _unique(sheet.name, names)
    return sheets


def writing_places(sheets: Sequence[Sheet]) -> dict[str, tuple[str, int, int]]:
    """Where people write: sheet, row and column by the key of the cell."""
    return {
        cell.key: (sheet.name, cell.row, cell.column)
        for sheet in sheets
        for cell in sheet.cells
        if cell.style is Style.WRITING
    }


def points_wide(widths: Sequence[int]) -> float:
    """How wide so many columns are on paper at 100 percent, in points."""
    return sum(_POINTS_A_CHARACTER * width + _POINTS_A_COLUMN for width in widths)


def printable_points(paper: str, *, landscape: bool) -> float:
    """How wide a page may be printed, in points."""
    short, long = _PAPERS_MM[paper]
    return ((long if landscape else short) - _MARGINS_MM) * _MM


def _first_sheet(document: ReportDocument) -> Sheet:
    widths = [16, 15, 16, 15, 16, 15]
    scale = min(100, int(100 * printable_points("A4", landscape=False) / points_wide(widths)))
    sheet = Sheet("報告書", landscape=False, scale=scale, widths=widths)
    _put(sheet, document.title, Style.TITLE)
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


def _put(sheet: Sheet, value: Value, style: Style, *, column: int = 0, key: str = "") -> None:
    """One cell over the whole width, in a row of its own."""
    sheet.cells.append(Placed(sheet.rows, column, value, style, across=COLUMNS_ACROSS - column, key=key))
    sheet.heights[sheet.rows] = _height(str(value), sum(sheet.widths[column:]))
    sheet.rows += 1


def _fields(sheet: Sheet, section: Fields) -> None:
    _put(sheet, section.title, Style.HEADING)
    each = COLUMNS_ACROSS // section.across
    for number, one in enumerate(section.fields):
        row, place = sheet.rows + number // section.across, (number % section.across) * each
        label = f"{one.label}({one.unit})" if one.unit else one.label
        sheet.cells.append(Placed(row, place, label, Style.LABEL))
        sheet.cells.append(_value(row, place + 1, one, each - 1))
    sheet.rows += -(-len(section.fields) // section.across) + 1


def _value(row: int, column: int, one: FieldOf, across: int) -> Placed:
    style = Style.REFERENCE if one.cell.reference_only else Style.STRONG if one.strong else Style.VALUE
    return Placed(row, column, _shown(one.cell), style, one.kind, one.decimals, across)


def _written(sheet: Sheet, section: Written) -> None:
    _put(sheet, section.title, Style.HEADING)
    if section.prompt:
        _put(sheet, section.prompt, Style.NOTE)
    for cell in section.cells:
        who = f"({cell.author} {cell.written_at:%Y-%m-%d})" if cell.author and cell.written_at else ""
        _put(sheet, f"{cell.label}{who}  [記入欄 {section.code}/{cell.key}]", Style.KEY)
        _put(sheet, cell.text, Style.WRITING, key=f"{section.code}/{cell.key}")
        sheet.heights[sheet.rows - 1] = max(48.0, sheet.heights[sheet.rows - 1])
    sheet.rows += 1


def _lines(sheet: Sheet, section: Lines) -> None:
    _put(sheet, f"別紙{section.annex} {section.title}" if section.annex else section.title, Style.HEADING)
    for number, line in enumerate(section.lines, start=1):
        _put(sheet, f"{number}. {line}", Style.NOTE)
    sheet.rows += 1


def _table_sheets(table: Table, paper: str) -> Iterator[Sheet]:
    """One sheet, or one for each group of columns that fits the paper, with the first column in front of each."""
    title = f"別紙{table.annex} {table.title}" if table.annex else table.title
    landscape = table.wide or points_wide([c.width for c in table.columns]) > printable_points("A4", landscape=False)
    chosen = paper if landscape else "A4"
    most_points = printable_points(chosen, landscape=landscape) * 100 / LEAST_SCALE
    groups = list(column_groups([points_wide([column.width]) for column in table.columns], most_points))
    for number, group in enumerate(groups, start=1):
        part = f" ({number}/{len(groups)})" if len(groups) > 1 else ""
        widths = [table.columns[index].width for index in group]
        fits = 100 * printable_points(chosen, landscape=landscape) / points_wide(widths)
        sheet = Sheet(f"{title}{part}", landscape, max(LEAST_SCALE, min(100, int(fits))), widths)
        _fill(sheet, table, group, f"{title}{part}")
        yield sheet


def column_groups(widths: Sequence[float], most: float) -> Iterator[list[int]]:
    """Columns by their places, the first one in every group, so that no group is wider than `most` if it can be."""
    group = [0]
    for index in range(1, len(widths)):
        if len(group) > 1 and sum(widths[place] for place in (*group, index)) > most:
            yield group
            group = [0]
        group.append(index)
    yield group


def _fill(sheet: Sheet, table: Table, group: Sequence[int], title: str) -> None:
    columns = [table.columns[index] for index in group]
    sheet.cells.append(Placed(0, 0, title, Style.HEADING))
    sheet.rows = 1
    for place, column in enumerate(columns):
        heading = f"{column.heading}\n({column.unit})" if column.unit else column.heading
        sheet.cells.append(Placed(1, place, heading, Style.HEAD))
    sheet.heights[1] = max(_height(column.heading, column.width) + (13 if column.unit else 0) for column in columns)
    sheet.repeat, sheet.rows = (0, 1), 2
    for row in table.rows:
        _row(sheet, columns, row, group, Style.BODY)
    if not table.rows:
        sheet.cells.append(Placed(sheet.rows, 0, table.empty, Style.NOTE))
        sheet.rows += 1
    if table.total:
        _row(sheet, columns, table.total, group, Style.TOTAL)
    if table.note:
        sheet.cells.append(Placed(sheet.rows, 0, table.note, Style.NOTE, across=len(columns)))
        sheet.heights[sheet.rows] = _height(table.note, sum(sheet.widths))
        sheet.rows += 1


def _row(sheet: Sheet, columns: Sequence[Column], row: Row, group: Sequence[int], style: Style) -> None:
    lines = 1.0
    for place, (index, column) in enumerate(zip(group, columns, strict=True)):
        cell = row.cells[index]
        shown = _shown(cell)
        own = Style.REFERENCE if cell.reference_only and style is Style.BODY else style
        sheet.cells.append(Placed(sheet.rows, place, shown, own, column.kind, column.decimals))
        if isinstance(shown, str):
            lines = max(lines, -(-characters_wide(shown) // column.width))
    sheet.heights[sheet.rows] = 4 + 13.0 * lines
    sheet.rows += 1


def _shown(cell: Cell) -> Value | None:
    return "―" if cell.value is None and cell.missing else cell.value


def characters_wide(text: str) -> int:
    """Columns a text takes where a Japanese character takes two."""
    return sum(1 if character.isascii() else 2 for character in text)


def _height(text: str, width: int) -> float:
    """The height of wrapped text in points: programs fit a row only when it is edited."""
    lines = sum(max(1, -(-characters_wide(line) // max(1, width))) for line in text.split("\n"))
    return 5 + 13.5 * lines


def _unique(name: str, taken: set[str]) -> str:
    """A name that Excel takes: 31 characters, none that it forbids, not used yet."""
    plain = name.translate(_NOT_IN_SHEET_NAMES)[:LONGEST_SHEET_NAME]
    number = 2
    while plain.casefold() in taken:
        ending = f"~{number}"
        plain, number = plain[: LONGEST_SHEET_NAME - len(ending)] + ending, number + 1
    taken.add(plain.casefold())
    return plain
