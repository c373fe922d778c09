"""What stands in a workbook apart from people's words, written so that it can be compared with what comes back.

Programs write numbers, days and blanks differently; here the same value is the same text, whoever saved the file.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ingest.report.form.sheet import Placed, Sheet, Style
from ingest.report.form.values import clean
from schemas.japan import JST

MARKER = re.compile(r"\[記入欄 (?P<key>[a-z0-9_]+/[A-Za-z0-9_.-]+)(?:#(?P<before>[0-9a-f]{8}))?\]\s*$")
"""At the end of the line above each place where people write; with the digest of words that stand there already."""

_RETURNS = re.compile("_x000[dD]_|\r")
_SHOWN_DECIMALS = 6
"""The most decimals that a column of a report has."""


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A row that has something: its number from 1, as people count, and its cells by column up to the last one."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedSheet:
    """The rows of a sheet that have something, without people's words."""

    name: str
    rows: tuple[FixedRow, ...]


def fixed_sheet(sheet: Sheet) -> FixedSheet:
    """What a reader must find in this sheet again."""
    rows: dict[int, dict[int, str]] = {}
    for cell in sheet.cells:
        if cell.style not in (Style.WRITING, Style.STAMP):
            rows.setdefault(cell.row, {})[cell.column] = _comparable(cell)
    return FixedSheet(sheet.name, tuple(fixed_rows((row + 1, cells) for row, cells in sorted(rows.items()))))


def fixed_rows(rows: Iterable[tuple[int, Mapping[int, str]]]) -> Iterable[FixedRow]:
    """Rows by their numbers, of cells by their columns; those that are blank are left out."""
    for number, cells in rows:
        last = max((column for column, text in cells.items() if text), default=-1)
        if last >= 0:
            yield FixedRow(number, tuple(cells.get(column, "") for column in range(last + 1)))


def comparable(value: object) -> str:
    """A value as text, the same for every way in which a program stores it; empty for a blank cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return f"{float(value) + 0.0:.{_SHOWN_DECIMALS}f}"
    if isinstance(value, datetime):
        local = value.astimezone(JST) if value.tzinfo else value
        return local.replace(tzinfo=None, microsecond=0).isoformat(" ")
    if isinstance(value, date):
        return f"{value.isoformat()} 00:00:00"
    return clean(_RETURNS.sub("", str(value))).strip()


def _comparable(cell: Placed) -> str:
    return comparable(cell.value)
