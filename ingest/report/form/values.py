"""How one value of a report is written in text: dates in both calendars, numbers with their decimals, or ―."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from schemas.japan import JST
from schemas.report_document import Cell, CellKind, Table, Value

NOTHING = "―"
"""In place of a value that cannot be computed, which must not look like 0."""

REFERENCE_ONLY = "参考値"

REFERENCE_NOTE = "( )の値は参考値です。"
"""Below a table that has such values."""

MOST_REASONS = 10

_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")

_ERAS = ((date(2019, 5, 1), "令和", 2018), (date(1989, 1, 8), "平成", 1988), (date(1926, 12, 25), "昭和", 1925))


def clean(text: str) -> str:
    """The text without characters that no page shows, or that turn the direction of what follows."""
    return _UNPRINTABLE.sub("", text)


def wareki(day: date) -> str:
    """令和8年4月1日; the first year of an era is 元年. Raises ValueError for a day before 昭和."""
    for begins, name, before in _ERAS:
        if day >= begins:
            year = day.year - before
            return f"{name}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    raise ValueError(f"{day} lies before the eras that are known here")


def both_calendars(day: date) -> str:
    """令和8年4月1日(2026-04-01)."""
    return f"{wareki(day)}({day.isoformat()})"


def text_of(cell: Cell, kind: CellKind, unit: str = "") -> str:
    """A cell as people read it, on paper: 12,345 / 93.4% / 2026-11-30 14:05 / ― / empty."""
    if cell.value is None:
        return NOTHING if cell.missing else ""
    shown = text_alone(cell, kind, unit)
    return f"{shown}({REFERENCE_ONLY})" if cell.reference_only else shown


def text_alone(cell: Cell, kind: CellKind, unit: str = "") -> str:
    """The same without the word that a value is only for reference, which a table says in another way."""
    if cell.value is None:
        return NOTHING if cell.missing else ""
    return _shown(cell.value, kind) + ("%" if kind is CellKind.PERCENT else unit)


def plain_number(value: int | Decimal) -> str:
    """All digits of a number, without exponent and separators."""
    return str(value) if isinstance(value, int) else f"{value:f}"


def text_and_reason(cell: Cell, kind: CellKind, unit: str = "") -> str:
    """The same, with the reason behind a ―."""
    why = f"({cell.missing.ja})" if cell.value is None and cell.missing else ""
    return text_of(cell, kind, unit) + why


def _shown(value: Value, kind: CellKind) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(JST):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return both_calendars(value) if kind is CellKind.DATE else value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, int):
        return str(value) if kind is CellKind.TEXT else f"{value:,}"
    return value


def missing_reasons(table: Table, columns: Sequence[int] | None = None) -> list[str]:
    """Why values of these columns (all) are missing: at most ten reasons, each with how often, the usual ones first."""
    cells = _cells_of(table, columns)
    found = Counter(cell.missing.ja for cell in cells if cell.value is None and cell.missing)
    return [f"{NOTHING}: {reason}({count}か所)" for reason, count in found.most_common(MOST_REASONS)]


def has_reference_values(table: Table, columns: Sequence[int] | None = None) -> bool:
    """Whether a value of these columns (all) is only for reference (参考値)."""
    return any(cell.reference_only for cell in _cells_of(table, columns))


def _cells_of(table: Table, columns: Sequence[int] | None) -> Iterator[Cell]:
    chosen = range(len(table.columns)) if columns is None else columns
    for row in (*table.rows, table.total) if table.total else table.rows:
        yield from (row.cells[column] for column in chosen)
