"""Workbooks as people and programs change them."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
from openpyxl.workbook.workbook import Workbook

from ingest.report.form.fixed import MARKER

FIRST = "報告書"


def changed(book: bytes, change: Callable[[Workbook], object]) -> bytes:
    """The workbook after somebody changed and saved it."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    change(opened)
    saved = io.BytesIO()
    opened.save(saved)
    return saved.getvalue()


def write(words: Mapping[str, Any]) -> Callable[[Workbook], None]:
    """Write into places, by their keys."""

    def change(book: Workbook) -> None:
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        places = {found["key"]: cell for cell in cells if (found := MARKER.search(str(cell.value)))}
        for key, text in words.items():
            place: Any = places[key]
            place.parent.cell(place.row + 1, place.column).value = text

    return change


def repacked(book: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The workbook with other parts, and new ones."""
    packed = zipfile.ZipFile(io.BytesIO(book))
    every = {**{name: packed.read(name) for name in packed.namelist()}, **parts}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in every.items():
            archive.writestr(name, content)
    return made.getvalue()


def first_place(book: bytes) -> str:
    """The key of the first place for words of a workbook."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    cells = (cell for sheet in opened.worksheets for row in sheet.iter_rows() for cell in row)
    return next(found["key"] for cell in cells if (found := MARKER.search(str(cell.value))))
