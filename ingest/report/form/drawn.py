"""Very long tables divided into lines, rows and pages, before anything is written: so their pages can be counted. Pure.

To set 150,000 cells takes the typesetter half a minute; to divide and draw them takes a few seconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ingest.report.form.face import Face, bold, regular, without_selectors
from ingest.report.form.printed import EDGES_POINTS, INSET, LINE_POINTS, TABLE_POINTS, Part, unbreakable

_MM = 72 / 25.4
_SHORT, _LONG = 210 * _MM, 297 * _MM
SIDE, BOTTOM, ABOVE_HEADS = 15 * _MM, 16 * _MM, 12 * _MM + 42
"""The margins of such a page in points; the heads of the columns come below the upper one. As in `report.typ`."""

_FIRST_BASELINE, _NOTE_GAP = 8.6, 5.0

Line: TypeAlias = tuple[float, float, str]
"""A text with its left end and its baseline, down from the top of its row."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row that is ready to be drawn. `fills`: left end and width of the cells that are only for reference."""

    height: float
    lines: tuple[Line, ...]
    fills: tuple[tuple[float, float], ...] = ()
    bold: bool = False
    ruled: bool = True


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A long table, divided into pages. `head`: the row on top of each page."""

    title: str
    landscape: bool
    head: Drawn
    pages: tuple[tuple[Drawn, ...], ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of a page in points."""
        return (_LONG, _SHORT) if self.landscape else (_SHORT, _LONG)

    @property
    def signs(self) -> tuple[set[str], set[str]]:
        """The characters in the usual weight, and those in bold."""
        plain: set[str] = set()
        strong = set(self.title)
        for row in (self.head, *(row for page in self.pages for row in page)):
            (strong if row.bold else plain).update(*(text for _, _, text in row.lines))
        return plain, strong


def draw_table(part: Part) -> DrawnTable:
    """Divide a part of the form `drawn` into pages: how many there are is known before anything is written."""
    widths: Sequence[float] = part["widths"]
    wide, high = (_LONG, _SHORT) if part["landscape"] else (_SHORT, _LONG)
    plain, strong = _Breaker(regular()), _Breaker(bold())
    head = _row([(text, False, False) for text in part["head"]], widths, strong, bold=True)
    rows = [_row(cells, widths, plain) for cells in part["rows"]]
    if part["total"]:
        rows.append(_row(part["total"], widths, strong, bold=True))
    rows += [_note(note, plain, wide - 2 * SIDE) for note in part["notes"]]
    room = high - ABOVE_HEADS - head.height - BOTTOM
    return DrawnTable(part["title"], part["landscape"], head, tuple(_pages(rows, room)))


def _pages(rows: Iterable[Drawn], room: float) -> Iterator[tuple[Drawn, ...]]:
    page: list[Drawn] = []
    left = room
    for row in rows:
        if page and row.height > left:
            yield tuple(page)
            page, left = [], room
        page.append(row)
        left -= row.height
    yield tuple(page)


class _Breaker:
    """Breaks texts into lines by the widths of a face; the same text in the same room is worked out once."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._widths: dict[str, float] = {}
        self._known: dict[tuple[str, float], list[tuple[str, float]]] = {}

    def lines(self, text: str, room: float) -> list[tuple[str, float]]:
        """The lines that fit the room, each with its width in points."""
        found = self._known.get((text, room))
        if found is None:
            found = self._known[text, room] = list(self._broken(without_selectors(text), room))
        return found

    def _width(self, text: str) -> float:
        known, total = self._widths, 0.0
        for sign in text:
            wide = known.get(sign)
            if wide is None:
                wide = known[sign] = self._face.width_of(sign) * TABLE_POINTS
            total += wide
        return total

    def _broken(self, text: str, room: float) -> Iterator[tuple[str, float]]:
        for paragraph in text.split("\n"):
            whole = self._width(paragraph)
            if whole <= room:
                yield paragraph, whole
                continue
            held, used = "", 0.0
            for piece in self._pieces(paragraph, room):
                wide = self._width(piece)
                if held and used + wide > room:
                    yield held, used
                    held, used = "", 0.0
                held, used = held + piece, used + wide
            yield held, used

    def _pieces(self, paragraph: str, room: float) -> Iterator[str]:
        """What stays on one line; what is wider than the room falls into its characters."""
        for piece in unbreakable(paragraph):
            if self._width(piece) <= room:
                yield piece
            else:
                yield from piece


def _row(cells: Iterable[Sequence[object]], widths: Sequence[float], breaker: _Breaker, *, bold: bool = False) -> Drawn:
    lines: list[Line] = []
    fills: list[tuple[float, float]] = []
    left, most = 0.0, 1
    for width, (text, right, doubtful) in zip(widths, cells, strict=True):
        room = width - 2 * INSET
        broken = breaker.lines(str(text), room) if text else ()
        most = max(most, len(broken))
        for number, (line, wide) in enumerate(broken):
            start = left + INSET + (room - wide if right else 0)
            lines.append((start, _FIRST_BASELINE + number * LINE_POINTS, line))
        if doubtful:
            fills.append((left, width))
        left += width
    return Drawn(most * LINE_POINTS + EDGES_POINTS, tuple(lines), tuple(fills), bold)


def _note(text: str, breaker: _Breaker, room: float) -> Drawn:
    broken = breaker.lines(text, room)
    first = _NOTE_GAP + _FIRST_BASELINE
    lines = tuple((0.0, first + number * LINE_POINTS, line) for number, (line, _) in enumerate(broken))
    return Drawn(_NOTE_GAP + len(broken) * LINE_POINTS, lines, ruled=False)
