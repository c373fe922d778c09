"""A report as an Excel workbook: real numbers and dates, no macros, no links, no formulas, ready to be printed."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ingest.report.form.sheets import Placed, Sheet, Style, sheets_of
from schemas.japan import JST
from schemas.report_document import CellKind, ReportDocument, Value

FONT = "游ゴシック"
"""A font of every Windows and macOS office machine. Elsewhere the program uses another Japanese font."""

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PAPER_NUMBERS = {"A4": 9, "A3": 8}
_DATE, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"

_BOXED: Mapping[str, object] = {"border": 1, "border_color": "#A6A6A6", "valign": "vcenter"}
_LOOKS: Mapping[Style, Mapping[str, object]] = {
    Style.TITLE: {"font_size": 16, "bold": True},
    Style.HEADING: {"font_size": 11, "bold": True},
    Style.LABEL: {**_BOXED, "bg_color": "#DCE6F1", "text_wrap": True},
    Style.VALUE: {**_BOXED, "text_wrap": True},
    Style.STRONG: {**_BOXED, "bold": True, "text_wrap": True},
    Style.HEAD: {**_BOXED, "bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "align": "center"},
    Style.BODY: {**_BOXED, "text_wrap": True},
    Style.REFERENCE: {**_BOXED, "bg_color": "#FFF2CC", "text_wrap": True},
    Style.TOTAL: {**_BOXED, "bold": True, "top": 2},
    Style.NOTE: {"text_wrap": True, "valign": "top"},
    Style.WRITING: {**_BOXED, "bg_color": "#FFFFE0", "text_wrap": True, "valign": "top", "locked": False},
    Style.KEY: {"font_size": 9, "font_color": "#595959"},
}


def report_workbook(document: ReportDocument, paper: str = "A4") -> bytes:
    """The bytes of the .xlsx file. The same document gives the same bytes. `paper`: A4 or A3, of the wide tables."""
    packed = io.BytesIO()
    book = xlsxwriter.Workbook(packed, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({
        "title": f"{document.title} {document.period.label} {document.project.name}",
        "author": document.software,
        "created": document.made_at.astimezone(UTC).replace(tzinfo=None, microsecond=0),
    })  # fmt: skip
    looks = _Looks(book)
    for sheet in sheets_of(document, paper):
        _write(book.add_worksheet(sheet.name), sheet, looks, document, paper)
    book.close()
    return packed.getvalue()


class _Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[Style, str], Format] = {}

    def of(self, cell: Placed) -> Format:
        """The format of a cell: its style and the number format of its value."""
        form = number_format(cell.value, cell.kind, cell.decimals)
        known = self._made.get((cell.style, form))
        if known is None:
            look: dict[str, Any] = {"font_name": FONT, "font_size": 10, **_LOOKS[cell.style]}
            if form:
                look |= {"num_format": form, "align": "right"}
            known = self._made[cell.style, form] = self._book.add_format(look)
        return known


def number_format(value: Value | None, kind: CellKind, decimals: int) -> str:
    """The Excel number format of a value; empty for text. A decimal number keeps the decimals it was rounded to."""
    if isinstance(value, datetime):
        return _MOMENT
    if isinstance(value, date):
        return _DATE
    if isinstance(value, str) or value is None:
        return ""
    if isinstance(value, Decimal):
        decimals = max(0, -int(value.as_tuple().exponent))
    places = f".{'0' * decimals}" if decimals else ""
    whole = "0" if kind is CellKind.TEXT else "#,##0"
    return f'0{places}"%"' if kind is CellKind.PERCENT else whole + places


def _write(into: Worksheet, sheet: Sheet, looks: _Looks, document: ReportDocument, paper: str) -> None:
    for column, width in enumerate(sheet.widths):
        into.set_column(column, column, width)
    for row, height in sheet.heights.items():
        into.set_row(row, height)
    for cell in sheet.cells:
        look = looks.of(cell)
        if cell.across > 1:
            into.merge_range(cell.row, cell.column, cell.row, cell.column + cell.across - 1, "", look)
        _write_value(into, cell, look)
    _set_up_print(into, sheet, document, paper)
    into.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _write_value(into: Worksheet, cell: Placed, look: Format) -> None:
    value = cell.value
    if isinstance(value, datetime):
        into.write_datetime(cell.row, cell.column, value.astimezone(JST).replace(tzinfo=None, microsecond=0), look)
    elif isinstance(value, date):
        into.write_datetime(cell.row, cell.column, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
    elif isinstance(value, int | Decimal):
        into.write_number(cell.row, cell.column, float(value), look)
    elif value:
        into.write_string(cell.row, cell.column, _NOT_IN_XML.sub("", value), look)  # never a formula, never a link
    else:
        into.write_blank(cell.row, cell.column, None, look)


def _set_up_print(into: Worksheet, sheet: Sheet, document: ReportDocument, paper: str) -> None:
    into.set_paper(_PAPER_NUMBERS[paper if sheet.landscape else "A4"])
    if sheet.landscape:
        into.set_landscape()
    into.set_margins(left=0.394, right=0.394, top=0.75, bottom=0.75)
    into.fit_to_pages(1, 0)  # one page wide; `sheets_of` saw to it that this is never below 8 points
    into.print_area(0, 0, max(0, sheet.rows - 1), len(sheet.widths) - 1)
    into.hide_gridlines(2)
    if sheet.repeat:
        into.repeat_rows(*sheet.repeat)
        into.freeze_panes(sheet.repeat[1] + 1, 1)
    into.set_header(
        f"&L{_escaped(document.project.name)} {_escaped(document.title)}&R{_escaped(document.period.label)}"
    )
    number = f"{document.number} 第{document.revision}版" if document.number else "案(未確定)"
    into.set_footer(f"&L{_escaped(number)}&C&A&R&P / &N")


def _escaped(text: str) -> str:
    """The text with & doubled: in headers and footers a single & begins a code."""
    return text.replace("&", "&&")
