"""A sheet of a workbook before it is written: what stands where, and how much room text needs on paper. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from schemas.report_document import CellKind, Value

BODY_POINTS, LEAST_POINTS = 10, 8
LEAST_SCALE = 100 * LEAST_POINTS // BODY_POINTS

_MM = 72 / 25.4
_MARGINS_MM = 2 * 10
_PAPERS_MM = {"A4": (210, 297), "A3": (297, 420)}
PAPERS = tuple(_PAPERS_MM)

_POINTS_A_CHARACTER, _POINTS_A_COLUMN = 7.2, 3.75
"""The widest that a column of n characters gets. Excel makes n * 7 + 5 pixels of it (5.25 points a character), but
LibreOffice on a machine without the usual fonts takes 7.2 points."""

_LINE_POINTS, _PADDING_POINTS = 13.5, 5.0
MOST_ROW_POINTS = 400
"""Excel makes no row higher than 409 points: a longer text takes several rows, merged into one."""

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
    REFERENCE_TOTAL = auto()
    NOTE = auto()
    WRITING = auto()
    KEY = auto()
    STAMP = auto()


class Placed(NamedTuple):
    """A cell of a sheet. Rows and columns count from 0; `decimals` of numbers.

    `across` columns and `down` rows are merged into one cell. `key` of a place where people write.
    `noted`: that a value is only for reference, and both calendars of a day, are written in full.
    """

    row: int
    column: int
    value: Value | None
    style: Style
    kind: CellKind = CellKind.TEXT
    decimals: int = 0
    across: int = 1
    down: int = 1
    key: str = ""
    noted: bool = False


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


def points_wide(widths: Sequence[int]) -> float:
    """How wide so many columns are on paper at 100 percent, in points."""
    return sum(_POINTS_A_CHARACTER * width + _POINTS_A_COLUMN for width in widths)


def printable_points(paper: str, *, landscape: bool) -> float:
    """How wide a page may be printed, in points."""
    short, long = _PAPERS_MM[paper]
    return ((long if landscape else short) - _MARGINS_MM) * _MM


def height_of(text: str, width: int) -> float:
    """The height of text wrapped in so many half-width characters, in points: programs fit a row only when edited."""
    return _PADDING_POINTS + _LINE_POINTS * count_lines(text, width)


def count_lines(text: str, width: int) -> int:
    """Lines that a text takes; a word that does not fit its line leaves a part of it empty."""
    if 2 * len(text) < width and "\n" not in text:
        return 1
    return sum(max(1, -(-_characters_wide(line) // max(1, width - 1))) for line in text.split("\n"))


def _characters_wide(text: str) -> int:
    """Columns a text takes where a Japanese character takes two."""
    return sum(1 if character.isascii() else 2 for character in text)


def column_groups(widths: Sequence[float], most: float) -> Iterator[list[int]]:
    """Columns by their places, the first one in every group, so that no group is wider than `most` if it can be."""
    group = [0]
    for index in range(1, len(widths)):
        if len(group) > 1 and sum(widths[place] for place in (*group, index)) > most:
            yield group
            group = [0]
        group.append(index)
    yield group


def unique_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes: 31 characters, none that it forbids, not used yet. `taken` learns it."""
    plain = name.translate(_NOT_IN_SHEET_NAMES)[:LONGEST_SHEET_NAME]
    number = 2
    while plain.casefold() in taken:
        ending = f"~{number}"
        plain, number = plain[: LONGEST_SHEET_NAME - len(ending)] + ending, number + 1
    taken.add(plain.casefold())
    return plain
