"""A report as an Excel workbook: real numbers and dates, no macros, no links, no formulas, ready to be printed."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ingest.report.form.facts import number_of
from ingest.report.form.sheet import Placed, Sheet, Style
from ingest.report.form.sheets import sheets_of
from ingest.report.form.values import REFERENCE_ONLY, clean, plain_number, wareki
from schemas.japan import JST
from schemas.report_document import CellKind, ReportDocument, Value

FONT = "游ゴシック"
"""A font of every Windows and macOS office machine. Elsewhere the program uses another Japanese font."""

_PAPER_NUMBERS = {"A4": 9, "A3": 8}
_DATE, _MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
_MOST_DIGITS = 15
"""A cell keeps no more digits of a number; one that has more is written as text."""

_MOST_UNITS = 32_767
"""The longest text of a cell, in units of UTF-16."""

_BOXED: Mapping[str, object] = {"border": 1, "border_color": "#A6A6A6", "valign": "vcenter"}
_LOOKS: Mapping[Style, Mapping[str, object]] = {
    Style.TITLE: {"font_size": 16, "bold": True},
    Style.HEADING: {"font_size": 11, "bold": True},
    Style.LABEL: {**_BOXED, "bg_color": "#DCE6F1", "text_wrap": True},
    # Beside its label, also a number: at the right it stands far from it, and close to the next one.
    Style.VALUE: {**_BOXED, "text_wrap": True, "align": "left"},
    Style.STRONG: {**_BOXED, "bold": True, "text_wrap": True, "align": "left"},
    Style.HEAD: {**_BOXED, "bold": True, "bg_color": "#DCE6F1", "text_wrap": True, "align": "center"},
    Style.BODY: {**_BOXED, "text_wrap": True},
    Style.REFERENCE: {**_BOXED, "bg_color": "#FFF2CC", "text_wrap": True},
    Style.TOTAL: {**_BOXED, "bold": True, "top": 2, "text_wrap": True},
    Style.REFERENCE_TOTAL: {**_BOXED, "bold": True, "top": 2, "bg_color": "#FFF2CC", "text_wrap": True},
    Style.NOTE: {"text_wrap": True, "valign": "top"},
    Style.WRITING: {
        **_BOXED,
        "bg_color": "#FFFFE0",
        "text_wrap": True,
        "valign": "top",
        "locked": False,
        "num_format": "@",
    },
    Style.KEY: {"font_color": "#595959", "text_wrap": True},
    Style.STAMP: {"font_color": "#595959", "text_wrap": True},
}

_RIGHT = frozenset({CellKind.COUNT, CellKind.NUMBER, CellKind.PERCENT, CellKind.YEN})
_TABLE_STYLES = frozenset({Style.BODY, Style.REFERENCE, Style.TOTAL, Style.REFERENCE_TOTAL})


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
        self._made: dict[tuple[Style, str, bool], Format] = {}

    def of(self, cell: Placed) -> Format:
        """The format of a cell: its style and the number format of its value."""
        form, right = number_format(cell), cell.kind in _RIGHT and cell.style in _TABLE_STYLES
        known = self._made.get((cell.style, form, right))
        if known is None:
            look: dict[str, Any] = {"font_name": FONT, "font_size": 10, **_LOOKS[cell.style]}
            if form:
                look["num_format"] = form
            if form or right:
                look["align"] = "right"
            known = self._made[cell.style, form, right] = self._book.add_format(look)
        return known


def number_format(cell: Placed) -> str:
    """The Excel number format of a cell; empty for text. A decimal number keeps the decimals it was rounded to."""
    form = _plain_format(cell.value, cell.kind, cell.decimals, both=cell.noted)
    if not form or cell.style not in (Style.REFERENCE, Style.REFERENCE_TOTAL):
        return form
    return f'{form}"({REFERENCE_ONLY})"' if cell.noted else f'"("{form}")"'


def _plain_format(value: Value | None, kind: CellKind, decimals: int, *, both: bool) -> str:
    if isinstance(value, datetime):
        return _MOMENT
    if isinstance(value, date):
        # The era is a text of the format: other programs than Excel do not know its codes.
        return f'{_DATE}"({wareki(value)})"' if both else _DATE
    if isinstance(value, str) or value is None or _is_long(value):
        return ""
    if isinstance(value, Decimal):
        decimals = max(0, -int(value.as_tuple().exponent))
    places = f".{'0' * decimals}" if decimals else ""
    whole = "0" if kind is CellKind.TEXT else "#,##0"
    return f'0{places}"%"' if kind is CellKind.PERCENT else whole + places


def _is_long(value: int | Decimal) -> bool:
    """Whether a cell cannot keep all digits of a number."""
    return len(plain_number(value).lstrip("-0.").replace(".", "").rstrip("0")) > _MOST_DIGITS


def _write(into: Worksheet, sheet: Sheet, looks: _Looks, document: ReportDocument, paper: str) -> None:
    for column, width in enumerate(sheet.widths):
        into.set_column(column, column, width)
    for row, height in sheet.heights.items():
        into.set_row(row, height)
    for cell in sheet.cells:
        look = looks.of(cell)
        if cell.across > 1 or cell.down > 1:
            last_row, last_column = cell.row + cell.down - 1, cell.column + cell.across - 1
            into.merge_range(cell.row, cell.column, last_row, last_column, "", look)
        _write_value(into, cell, look)
    _set_up_print(into, sheet, document, paper)
    into.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})


def _write_value(into: Worksheet, cell: Placed, look: Format) -> None:
    value = cell.value
    if isinstance(value, datetime):
        into.write_datetime(cell.row, cell.column, value.astimezone(JST).replace(tzinfo=None, microsecond=0), look)
    elif isinstance(value, date):
        into.write_datetime(cell.row, cell.column, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
    elif isinstance(value, int | Decimal) and not _is_long(value):
        into.write_number(cell.row, cell.column, float(value), look)
    elif value is not None and value != "":
        shown = value if isinstance(value, str) else plain_number(value)
        into.write_string(cell.row, cell.column, _fitting(clean(shown)), look)  # never a formula, never a link
    else:
        into.write_blank(cell.row, cell.column, None, look)


def _fitting(text: str) -> str:
    """The text, cut with … where a cell could not hold it."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * _MOST_UNITS:
        return text
    return units[: 2 * (_MOST_UNITS - 1)].decode("utf-16-le", "ignore") + "…"


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
    into.set_footer(f"&L{_escaped(number_of(document))}&C&A&R&P / &N")


def _escaped(text: str) -> str:
    """The text with & doubled: in headers and footers a single & begins a code."""
    return clean(text).replace("&", "&&")
