"""A report as its printed pages want it: texts, widths and heights, ready for the template. Pure.

A table of many rows is drawn row by row in a height that is known before: a real table of 24,000 cells takes 480 MiB.
"""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Any, TypeAlias

from ingest.report.form import values
from ingest.report.form.face import in_print
from ingest.report.form.facts import facts_of, number_of
from ingest.report.form.sheet import column_groups
from ingest.report.form.values import (
    NOTHING,
    REFERENCE_NOTE,
    has_reference_values,
    missing_reasons,
    text_alone,
    text_and_reason,
    text_of,
)
from schemas.japan import JST
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    Fields,
    Lines,
    ReportDocument,
    Section,
    Table,
    Written,
    WrittenCell,
)

Printed: TypeAlias = dict[str, Any]
"""What the template reads: texts, numbers, and under `sections` the parts."""

Part: TypeAlias = dict[str, Any]
"""One part: `form` is fields, written, lines, table (a real one) or rows (drawn, of heights that are known before)."""

TABLE_POINTS = 8.0
"""The size of type in tables; nothing in a report is smaller."""

WRITING_POINTS = 48.0
"""The least height of a row of a grid, in which people write."""

MOST_TABLE_CELLS = 3_000
"""Cells of a table up to which it is a table for a screen reader too; a longer one is lines of text for it."""

PORTRAIT_POINTS, LANDSCAPE_POINTS = 510.0, 756.5
"""Printable width of A4 between margins of 15 mm."""

_FULL_WIDTH, _HALF_WIDTH = 8.0, 4.7
INSET = 2.5
LINE_POINTS, EDGES_POINTS = 10.0, 3.0
"""The height of a line of a table, and what a row has above and below its lines together."""

_CAREFUL = 3.0
"""Points that a line may lose because a 、 must not begin the next one."""

_WITH_REASONS = 2
"""Pairs beside each other that leave room for why a value is missing; of more, the reasons stand below."""

_MAY_BREAK = "\u200b"
_WIDTHS = {chr(code): 6.0 if chr(code).isupper() else _HALF_WIDTH for code in range(32, 127)}
_WIDTHS |= dict.fromkeys("mwMW@%&", _FULL_WIDTH) | {_MAY_BREAK: 0.0}
_LATIN_RUN = re.compile(r"[!-~]+|.", re.DOTALL)
_NOT_AT_THE_BEGIN = frozenset(
    "!%),-./:;?]}'\"、。,.・:;?!ー)」』】〕]}〉》%℃°′″…‥ゝゞヽヾ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
)
_NOT_AT_THE_END = frozenset("$([{'\"(「『【〔[{〈《¥+")
_RIGHT = {CellKind.COUNT, CellKind.NUMBER, CellKind.PERCENT, CellKind.YEN}


def clean(text: str) -> str:
    """The text as a page can show it: nothing that is not seen, and 〓 for what the font lacks."""
    return in_print(values.clean(text))


def long_cells(document: ReportDocument) -> int:
    """How many cells the long tables have, those of more than `MOST_TABLE_CELLS`, together."""
    tables = (each for each in document.sections if isinstance(each, Table))
    return sum(len(each.rows) * len(each.columns) for each in tables if _is_long(each))


def _is_long(table: Table) -> bool:
    return len(table.rows) * len(table.columns) > MOST_TABLE_CELLS


def printed_report(document: ReportDocument, *, draws: bool = False) -> Printed:
    """What the template reads as JSON. Numbers are texts already; lengths are in points.

    `draws`: long tables are parts of the form `drawn`, without the heights of their rows, for `drawn.py`.
    """
    return {
        "title": clean(document.title),
        "author": clean(document.project.organisation_name or document.project.name),
        "running": clean(f"{document.project.name} {document.title} {document.period.label}"),
        "number": clean(number_of(document)),
        "facts": [clean(fact) for fact in facts_of(document)],
        "marks": [clean(mark.ja) for mark in document.marks],
        "pages_after": 0,
        "signs": [],
        "sections": [part for section in document.sections for part in _section(section, draws=draws)],
    }


def _section(section: Section, *, draws: bool) -> Iterator[Part]:
    if isinstance(section, Fields):
        yield _fields(section)
    elif isinstance(section, Written):
        yield _grid(section) if section.is_grid else _written(section)
    elif isinstance(section, Lines):
        lines = [clean(line) for line in section.lines]
        yield {"form": "lines", "title": _title(section.title, section.annex), "lines": lines}
    else:
        yield from _table(section, draws=draws and _is_long(section))


def _title(title: str, annex: int | None) -> str:
    return clean(f"別紙{annex} {title}" if annex else title)


def _fields(section: Fields) -> Part:
    narrow = section.across > _WITH_REASONS
    pairs, notes = [], []
    for one in section.fields:
        shown = text_of if narrow else text_and_reason
        pairs.append(
            [clean(one.label), clean(shown(one.cell, one.kind, one.unit)), one.strong, one.cell.reference_only]
        )
        if narrow and one.cell.value is None and one.cell.missing:
            notes.append((clean(one.cell.missing.ja), clean(one.label)))
    said = [
        f"{NOTHING}({'、'.join(label for why, label in notes if why == each)}): {each}"
        for each in dict.fromkeys(why for why, _ in notes)
    ]
    return {"form": "fields", "title": clean(section.title), "across": section.across, "pairs": pairs, "notes": said}


def _author(cell: WrittenCell) -> str:
    at = cell.written_at
    return f"({cell.author} {at.astimezone(JST):%Y-%m-%d})" if cell.author and at else ""


def _signed(cell: WrittenCell) -> str:
    return f"{cell.text}\n{_author(cell)}".strip() if cell.text else ""


def _written(section: Written) -> Part:
    cells = [[clean(f"{cell.label}{_author(cell)}"), clean(cell.text)] for cell in section.cells]
    return {"form": "written", "title": clean(section.title), "prompt": clean(section.prompt), "cells": cells}


def _grid(section: Written) -> Part:
    """Places for words with rows and columns: a table whose rows have room to write in."""
    columns = list(dict.fromkeys(cell.column for cell in section.cells))
    widths = [round(LANDSCAPE_POINTS / (len(columns) + 1), 2)] * (len(columns) + 1)
    rows = []
    for label in dict.fromkeys(cell.row for cell in section.cells):
        own = {cell.column: _signed(cell) for cell in section.cells if cell.row == label}
        texts = [_broken(clean(text), widths[0]) for text in (label, *(own.get(column, "") for column in columns))]
        rows.append([max(WRITING_POINTS, _height(texts, widths)), [[text, False, False] for text in texts]])
    head = ["", *(clean(column) for column in columns)]
    return {
        "form": "table", "grid": True, "title": clean(section.title), "landscape": True, "widths": widths, "head": head,
        "head_height": _height(head, widths), "rows": rows, "total": None, "empty": "",
        "notes": [clean(section.prompt)] if section.prompt else [],
    }  # fmt: skip


def _table(table: Table, *, draws: bool) -> Iterator[Part]:
    """One part, or one for each group of columns that fits the page, with the first column in front of each."""
    widths = [_column_points(column) for column in table.columns]
    landscape = table.wide or sum(widths) > PORTRAIT_POINTS
    page = LANDSCAPE_POINTS if landscape else PORTRAIT_POINTS
    groups = list(column_groups(widths, page))
    for number, group in enumerate(groups, start=1):
        part = f" ({number}/{len(groups)})" if len(groups) > 1 else ""
        own = _filled([widths[index] for index in group], page)
        columns = [table.columns[index] for index in group]
        form = "drawn" if draws else "table" if len(table.rows) * len(group) <= MOST_TABLE_CELLS else "rows"
        make = _cells if form == "drawn" else _row
        yield {
            "form": form,
            "title": _title(table.title, table.annex) + part,
            "landscape": landscape,
            "widths": own,
            "head": [_heading(column) for column in columns],
            "head_height": _height([_heading(column) for column in columns], own),
            "rows": [make([row.cells[index] for index in group], columns, own) for row in table.rows],
            "total": make([table.total.cells[index] for index in group], columns, own) if table.total else None,
            "empty": clean(table.empty),
            "notes": _notes(table, group if number == 1 else group[1:], last=number == len(groups)),
        }


def _notes(table: Table, columns: Sequence[int], *, last: bool) -> list[str]:
    """What stands below a group of columns: why values of it are missing; below the last one, what is said of all."""
    reference = [REFERENCE_NOTE] if has_reference_values(table, columns) else []
    own = [table.note] if last else []
    return [clean(note) for note in (*own, *missing_reasons(table, columns), *reference) if note]


def _row(cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[float]) -> list[object]:
    """Height in points, then for each cell its text, whether it stands right, whether it is only for reference."""
    texts = [_broken(_text(cell, column), width) for cell, column, width in zip(cells, columns, widths, strict=True)]
    sides = [column.kind in _RIGHT for column in columns]
    return [
        _height(texts, widths),
        [[text, side, cell.reference_only] for text, side, cell in zip(texts, sides, cells, strict=True)],
    ]


def _cells(cells: Sequence[Cell], columns: Sequence[Column], _widths: Sequence[float]) -> list[object]:
    """For each cell its text, whether it stands right, whether it is only for reference."""
    return [
        (_text(cell, column), column.kind in _RIGHT, cell.reference_only)
        for cell, column in zip(cells, columns, strict=True)
    ]


def _text(cell: Cell, column: Column) -> str:
    if column.kind is CellKind.DATE and cell.value is not None:
        return clean(str(cell.value))  # one calendar in a table: both do not fit its columns
    shown = clean(text_alone(cell, column.kind))
    return f"({shown})" if cell.reference_only else shown


def _heading(column: Column) -> str:
    return clean(f"{column.heading}({column.unit})" if column.unit else column.heading)


def _column_points(column: Column) -> float:
    """Wide enough for so many half-width characters, and for the longest word of the heading."""
    return column.width * _HALF_WIDTH + 2 * INSET


def _filled(widths: Sequence[float], page: float) -> list[float]:
    """The widths, made wider in proportion until they fill the page, but no more than by a half."""
    factor = min(1.5, page / sum(widths))
    return [round(width * factor, 2) for width in widths] if factor > 1 else list(widths)


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    lines = max(count_lines(text, width) for text, width in zip(texts, widths, strict=True))
    return lines * LINE_POINTS + EDGES_POINTS


def count_lines(text: str, width: float) -> int:
    """Lines that a text takes at most in a column of so many points."""
    room, lines = width - 2 * INSET - _CAREFUL, 0
    for paragraph in text.split("\n"):
        lines, used = lines + 1, 0.0
        for part in unbreakable(paragraph):
            wide = _points(part)
            if used and used + wide > room:
                lines, used = lines + 1, 0.0
            used += wide
            if used > room:  # it is broken somewhere, and not where it would fill its lines
                lines, used = lines + ceil(used / room * 1.3), room
    return lines


def unbreakable(paragraph: str) -> Iterator[str]:
    """What stays on one line: a Latin run, or a Japanese character with the punctuation that belongs to it (禁則)."""
    held = ""
    for part in _LATIN_RUN.findall(paragraph):
        if held and held[-1] not in _NOT_AT_THE_END and part[0] not in _NOT_AT_THE_BEGIN:
            yield held
            held = ""
        held += part
    yield held


def _points(text: str) -> float:
    return sum(_WIDTHS.get(character, _FULL_WIDTH) for character in text)


def _broken(text: str, width: float) -> str:
    """The text with places to break in Latin runs that are wider than their column, as long codes are."""
    most = max(1, int((width - 2 * INSET - _CAREFUL) / _HALF_WIDTH))
    return re.sub(rf"[!-~]{{{most}}}(?=[!-~])", lambda found: found[0] + _MAY_BREAK, text)
