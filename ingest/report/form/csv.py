"""A report as CSV: all its sections one below the other, each under its title."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from schemas.foreign import plain_cell
from schemas.japan import JST, to_cp932
from schemas.report_document import Cell, Fields, Lines, ReportDocument, Section, Table

NOTHING = "―"


def report_csv(document: ReportDocument, encoding: Literal["utf-8", "cp932"] = "utf-8") -> bytes:
    """The bytes of the .csv file, CRLF. utf-8 begins with a BOM, by which Excel knows it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(plain_cell, (document.title, document.period.label, document.project.name)))
    for mark in document.marks:
        writer.writerow([plain_cell(mark.ja)])
    for section in document.sections:
        writer.writerow([])
        writer.writerow([plain_cell(section.title)])
        writer.writerows(map(plain_cell, row) for row in _rows(section))
    return text.getvalue().encode("utf-8-sig") if encoding == "utf-8" else to_cp932(text.getvalue())


def _rows(section: Section) -> Iterator[Sequence[str]]:
    match section:
        case Fields():
            yield from ((field.label, _text(field.cell)) for field in section.fields)
        case Table():
            yield tuple(column.heading for column in section.columns)
            yield from (tuple(map(_text, row.cells)) for row in section.rows)
            if section.total is not None:
                yield tuple(map(_text, section.total.cells))
        case Lines():
            yield from ((line,) for line in section.lines)
        case _:
            yield from ((cell.label, cell.text) for cell in section.cells)


def _text(cell: Cell) -> str:
    if cell.value is None:
        return NOTHING if cell.missing else ""
    if isinstance(cell.value, datetime):
        return cell.value.astimezone(JST).isoformat(timespec="seconds")
    return str(cell.value)
