"""A report as CSV: all its sections one below the other, or one table alone for a program that reads it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias

from ingest.errors import CallRefused
from ingest.report.form.facts import facts_of, number_of
from ingest.report.form.options import Times
from ingest.report.form.values import NOTHING, REFERENCE_ONLY, clean, plain_number
from schemas.bilingual import Bilingual
from schemas.foreign import plain_cell
from schemas.japan import JST, not_in_cp932, to_cp932
from schemas.report_document import Cell, Column, Fields, Lines, ReportDocument, ReportKind, Row, Section, Table

Encoding: TypeAlias = Literal["utf-8", "cp932"]
NOTE = "注記"
"""The head of the column that says which values of a row are only for reference, and why others are missing."""


def report_csv(document: ReportDocument, encoding: Encoding = "utf-8", times: Times = Times.ISO) -> bytes:
    """The bytes of the .csv file, CRLF. utf-8 begins with a BOM, by which Excel knows it.

    Every section stands under its title. What a program is to read, open data with one table, is that table alone.
    In CP932 a character that it lacks is 〓, and a line says which were lost.
    """
    tables = [section for section in document.sections if isinstance(section, Table)]
    if document.kind is ReportKind.OPEN_DATA and len(tables) == 1:
        return _encoded(_table(tables[0], times), encoding)
    rows = list(_rows(document, times))
    lost = not_in_cp932("".join(clean(text) for row in rows for text in row)) if encoding == "cp932" else ()
    return _encoded([*_said(lost), *rows], encoding)


def table_csv(
    document: ReportDocument, code: str, encoding: Encoding = "utf-8", times: Times = Times.ISO
) -> bytes:  # fmt: skip
    """One table of a report: a row of headings, then its rows and its total, nothing else.

    Raises CallRefused, which names the tables there are, where the report has no such table.
    """
    tables = {section.code: section for section in document.sections if isinstance(section, Table)}
    if code not in tables:
        known = ", ".join(tables) or "-"
        raise CallRefused(
            Bilingual(
                f"この報告書に表 {code} はありません。あるのは {known} です",
                f"the report has no table {code}; it has {known}",
            )
        )
    return _encoded(_table(tables[code], times), encoding)


def _encoded(rows: Iterable[Sequence[str]], encoding: Encoding) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_as_kept(cell, encoding) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig" if encoding == "utf-8" else "cp932")


class _Number(str):
    """What a spreadsheet is to take for a number, a day or a time: nothing that it could compute stands in it."""

    __slots__ = ()


def _as_kept(text: str, encoding: Encoding) -> str:
    """A cell as the file has it. In CP932 another character may stand for one of a text, so that is looked at."""
    if isinstance(text, _Number):
        return text
    shown = clean(text)
    return plain_cell(shown if encoding == "utf-8" else to_cp932(shown).decode("cp932"))


def _said(lost: Sequence[str]) -> Iterator[Sequence[str]]:
    if lost:
        signs = " ".join(f"U+{ord(sign):04X}" for sign in lost)
        yield (f"※ シフトJIS(CP932)にない文字を〓にしました: {signs}",)


def _rows(document: ReportDocument, times: Times) -> Iterator[Sequence[str]]:
    yield document.title, document.period.label, document.project.name
    yield from ((fact,) for fact in (number_of(document), *facts_of(document)))
    yield from ((f"※ {mark.ja}",) for mark in document.marks)
    for section in document.sections:
        yield ()
        annex = f"別紙{section.annex} " if isinstance(section, Table | Lines) and section.annex else ""
        yield (annex + section.title,)
        yield from _section(section, times)


def _section(section: Section, times: Times) -> Iterator[Sequence[str]]:
    match section:
        case Fields():
            for field in section.fields:
                label = f"{field.label}({field.unit})" if field.unit else field.label
                yield label, _text(field.cell, times), _note(field.cell)
        case Table():
            yield from _table(section, times)
            if not section.rows:
                yield (section.empty,)
            if section.note:
                yield (section.note,)
        case Lines():
            yield from ((line,) for line in section.lines)
        case _:
            yield from ((cell.label, cell.text, cell.author) for cell in section.cells)


def _table(table: Table, times: Times) -> Iterator[Sequence[str]]:
    rows = (*table.rows, table.total) if table.total else table.rows
    noted = any(_note(cell) for row in rows for cell in row.cells)
    more = (NOTE,) if noted else ()
    yield (*(f"{each.heading}({each.unit})" if each.unit else each.heading for each in table.columns), *more)
    for row in rows:
        notes = (_row_note(row, table.columns),) if noted else ()
        yield (*(_text(cell, times) for cell in row.cells), *notes)


def _row_note(row: Row, columns: Sequence[Column]) -> str:
    notes = ((column.heading, _note(cell)) for column, cell in zip(columns, row.cells, strict=True))
    return "、".join(f"{heading}: {note}" for heading, note in notes if note)


def _note(cell: Cell) -> str:
    if cell.value is None:
        return cell.missing.ja if cell.missing else ""
    return REFERENCE_ONLY if cell.reference_only else ""


def _text(cell: Cell, times: Times) -> str:
    value = cell.value
    if value is None:
        return NOTHING if cell.missing else ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        local = value.astimezone(JST)
        return _Number(local.isoformat(timespec="seconds") if times is Times.ISO else f"{local:%Y/%m/%d %H:%M:%S}")
    if isinstance(value, date):
        return _Number(value.isoformat() if times is Times.ISO else f"{value:%Y/%m/%d}")
    return _Number(plain_number(value))
