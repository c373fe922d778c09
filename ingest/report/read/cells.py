"""What stands in the sheets of a workbook from outside, as values: no formula is computed, and no link is followed."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from ingest.access.authority import ChangeRefused
from ingest.report.read.package import NO_WORKBOOK, check_package
from schemas.bilingual import Bilingual

_MOST_COLUMNS = 200
_MOST_CELLS = 6_000_000
"""Cells that are looked at, also blank ones: a small file may claim that its sheets are endless."""

_ENDLESS = Bilingual(
    "シートの行や列が多すぎます。使っていない行と列を消して保存し直してください",
    "the sheets have too many rows or columns: delete those that are not used",
)


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A sheet: its rows that have something, by number from 1, with values by column from 0.

    `formulas`: addresses of cells that have a formula in place of a value.
    """

    name: str
    rows: dict[int, dict[int, object]]
    formulas: tuple[str, ...]


def read_sheets(content: bytes) -> list[SheetRead]:
    """Every sheet, in order. Raises ChangeRefused for what is no workbook that is safe to open."""
    check_package(content)
    try:
        return list(_sheets(content))
    except ChangeRefused:
        raise
    except Exception as error:  # openpyxl raises whatever comes where a file is not as it expects
        raise ChangeRefused(NO_WORKBOOK) from error


def _sheets(content: bytes) -> Iterator[SheetRead]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    left = _MOST_CELLS
    for sheet in book.worksheets:
        rows: dict[int, dict[int, object]] = {}
        formulas: list[str] = []
        reset: Any = sheet
        reset.reset_dimensions()  # what the file says of its size need not be true
        for number, row in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), start=1):
            left -= 1 + len(row)
            if left < 0:
                raise ChangeRefused(_ENDLESS)
            found: dict[int, object] = {}
            for column, cell in enumerate(row):
                if cell.value is None or cell.value == "":
                    continue
                found[column] = cell.value
                if cell.data_type == "f":
                    formulas.append(f"{get_column_letter(column + 1)}{number}")
            if found:
                rows[number] = found
        yield SheetRead(sheet.title, rows, tuple(formulas))
