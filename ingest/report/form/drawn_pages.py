"""Writes the pages of long tables that were divided by `drawn.py`, to look as `report.typ` makes them.

On top the running title, the title of the table and the heads of its columns; at the foot number, page and title.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ingest.report.form.drawn import ABOVE_HEADS, BOTTOM, SIDE, Drawn, DrawnTable
from ingest.report.form.face import regular
from ingest.report.form.printed import TABLE_POINTS, Printed

_TITLE_POINTS = 11.0
_RUNNING_UP, _TITLE_UP = 27.5, 7.5
"""Baselines above the heads of the columns, in points."""

_GREY, _LABELLED, _DOUBTFUL = "0.651 0.651 0.651", "0.863 0.902 0.945", "1 0.949 0.8"
_BLACK = "0 0 0 rg"

Codes: TypeAlias = Mapping[str, Callable[[str], str]]
"""By font (`R` usual, `B` bold): a text as hexadecimal digits of the codes that the font has in the file."""


@dataclass(frozen=True, slots=True)
class Foot:
    """What stands on every page: the running title on top; number and title of the report at the foot."""

    running: str
    number: str
    title: str

    @classmethod
    def of(cls, report: Printed) -> "Foot":
        """Of a report."""
        return cls(report["running"], report["number"], report["title"])

    @property
    def signs(self) -> set[str]:
        """Its characters."""
        return set(f"{self.running}{self.number}{self.title}0123456789 /")


def page_content(
    table: DrawnTable, rows: Sequence[Drawn], number: tuple[int, int], foot: Foot, codes: Codes
) -> bytes:  # fmt: skip
    """The content of a page with these rows. `number`: of the page, and how many the report has."""
    wide, high = table.size
    top = high - ABOVE_HEADS
    out = [f"{_GREY} RG 0.4 w {_BLACK}"]
    out.append(_text(codes, "R", TABLE_POINTS, (SIDE, top + _RUNNING_UP), foot.running))
    out.append(_text(codes, "B", _TITLE_POINTS, (SIDE, top + _TITLE_UP), table.title))
    for row in (table.head, *rows):
        out += _drawn(row, top, wide - 2 * SIDE, codes, _LABELLED if row is table.head else "")
        top -= row.height
    out += _foot(foot, number, wide, codes)
    return "\n".join(out).encode("ascii")


def _drawn(row: Drawn, top: float, width: float, codes: Codes, background: str) -> list[str]:
    out: list[str] = []
    fills = [(0.0, width, background)] if background else [(left, wide, _DOUBTFUL) for left, wide in row.fills]
    for left, wide, colour in fills:
        out.append(f"{colour} rg {SIDE + left:.2f} {top - row.height:.2f} {wide:.2f} {row.height:.2f} re f {_BLACK}")
    if row.ruled:
        out.append(f"{SIDE:.2f} {top - row.height:.2f} m {SIDE + width:.2f} {top - row.height:.2f} l S")
    font = "B" if row.bold else "R"
    encode = codes[font]
    if row.lines:
        out.append(f"BT /{font} {TABLE_POINTS:g} Tf")
        out += [
            f"1 0 0 1 {SIDE + left:.2f} {top - down:.2f} Tm<{encode(text)}>Tj" for left, down, text in row.lines if text
        ]
        out.append("ET")
    return out


def _foot(foot: Foot, number: tuple[int, int], wide: float, codes: Codes) -> list[str]:
    pages, base = f"{number[0]} / {number[1]}", BOTTOM * 0.7 - TABLE_POINTS * 0.75
    places = (
        (SIDE, foot.number), ((wide - _points(pages)) / 2, pages), (wide - SIDE - _points(foot.title), foot.title),
    )  # fmt: skip
    return [_text(codes, "R", TABLE_POINTS, (left, base), text) for left, text in places]


def _text(codes: Codes, font: str, size: float, place: tuple[float, float], text: str) -> str:
    return f"BT /{font} {size:g} Tf 1 0 0 1 {place[0]:.2f} {place[1]:.2f} Tm<{codes[font](text)}>Tj ET"


def _points(text: str) -> float:
    return sum(map(regular().width_of, text)) * TABLE_POINTS
