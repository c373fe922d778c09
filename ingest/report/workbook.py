"""A usage report as an Excel workbook: plain cells, no macros, no links, ready to be printed on A4."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ingest.report.column import DEVICE_COLUMNS, NETWORK_COLUMNS, TEXT, Column, Line_contra
from ingest.report.column import Cell as Value
from ingest.report.summary import TITLE, Section, sections
from schemas.japan import JST
from schemas.report import UsageReport

FONT = "游ゴシック"
"""A font of every Windows and macOS office machine. Elsewhere the program uses another Japanese font."""

_TITLE = Font(name=FONT, size=16, bold=True)
_HEADING = Font(name=FONT, size=11, bold=True)
_BODY = Font(name=FONT, size=10)
_BOLD = Font(name=FONT, size=10, bold=True)
_HEAD_FILL = PatternFill("solid", fgColor="DCE6F1")
_MARK_FILL = PatternFill("solid", fgColor="FFF2CC")
_THIN = Side(style="thin", color="A6A6A6")
_LEFT = Alignment(horizontal="left", vertical="center", indent=1)
_RIGHT = Alignment(horizontal="right", vertical="center", indent=1)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_TOP = Alignment(vertical="top", wrap_text=True)
_ROW_HEIGHT = 18
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


def usage_workbook(report: UsageReport) -> bytes:
    """The bytes of the .xlsx file: 概要, 通信網別, 機器別, 算出方法. The same report gives the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _summary(book.create_sheet("概要"), report)
    _table(book.create_sheet("通信網別"), report, NETWORK_COLUMNS, report.networks)
    _table(book.create_sheet("機器別"), report, DEVICE_COLUMNS, report.devices)
    _method(book.create_sheet("算出方法"), report)
    book.properties.title = f"{TITLE} {report.period.label} {report.project.name}"
    book.properties.creator = report.software
    book.properties.created = _utc(report.generated_at)
    packed = io.BytesIO()
    book.save(packed)
    return _settled(packed.getvalue(), report.generated_at)


def _summary(sheet: Worksheet, report: UsageReport) -> None:
    _print_setup(sheet, report)
    for letter, width in zip("ABCDEF", (26, 20, 26, 20, 26, 20), strict=True):
        sheet.column_dimensions[letter].width = width
    _put(sheet, 1, 1, TITLE, _TITLE)
    row = 3
    for section in sections(report):
        row = _section(sheet, row, section)


def _section(sheet: Worksheet, row: int, section: Section) -> int:
    """Write one titled block of label/value pairs, `section.across` pairs to a row; returns the next free row."""
    _put(sheet, row, 1, section.title, _HEADING)
    row += 1
    for first in range(0, len(section.items), section.across):
        for place, item in enumerate(section.items[first : first + section.across]):
            label = _put(sheet, row, 2 * place + 1, item.label, _BODY)
            label.fill, label.border, label.alignment = _HEAD_FILL, _BOX, _LEFT
            value = _put(sheet, row, 2 * place + 2, item.value, _BOLD if item.strong else _BODY, item.form)
            value.border = _BOX
            value.alignment = _LEFT if section.across == 1 else _RIGHT
            if section.across == 1:
                _merge(sheet, row, 2, 6)
        sheet.row_dimensions[row].height = _ROW_HEIGHT
        row += 1
    return row + 1


def _table(
    sheet: Worksheet, report: UsageReport, columns: Sequence[Column[Line_contra]], lines: Iterable[Line_contra]
) -> None:
    _print_setup(sheet, report)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
        head = _put(sheet, 1, number, column.heading.replace(" (", "\n("), _BOLD)
        head.fill, head.border = _HEAD_FILL, _BOX
        head.alignment = _CENTRE
    sheet.row_dimensions[1].height = 32
    row = 1
    for row, line in enumerate(lines, start=2):
        for number, column in enumerate(columns, start=1):
            cell = _put(sheet, row, number, column.value(line), _BODY, column.form)
            cell.border = _BOX
            cell.alignment = _LEFT if column.form == TEXT else _RIGHT
            if line.reference_only:
                cell.fill = _MARK_FILL
        sheet.row_dimensions[row].height = _ROW_HEIGHT
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{row}"


def _method(sheet: Worksheet, report: UsageReport) -> None:
    _print_setup(sheet, report)
    sheet.column_dimensions["A"].width = 5
    sheet.column_dimensions["B"].width = 130
    _put(sheet, 1, 1, "算出方法", _HEADING)
    for number, text in enumerate(report.method, start=1):
        _put(sheet, number + 2, 1, number, _BODY).alignment = _TOP
        _put(sheet, number + 2, 2, text, _BODY).alignment = _TOP
        # LibreOffice and Excel fit a wrapped row only when it is edited, so its height is set here.
        sheet.row_dimensions[number + 2].height = 16 * (1 + _width(text) // 140)
    _put(sheet, len(report.method) + 4, 2, f"作成: {report.software}", _BODY)


def _print_setup(sheet: Worksheet, report: UsageReport) -> None:
    """A4, one page wide and as many high as it takes, with project, period and page number on each."""
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.8
    sheet.page_margins.header = sheet.page_margins.footer = 0.4
    sheet.print_options.horizontalCentered = True
    sheet.sheet_view.showGridLines = False
    sheet.HeaderFooter.oddHeader = _line(_escaped(f"{report.project.name} {TITLE}"), _escaped(report.period.label))
    sheet.HeaderFooter.oddFooter = _line("&A", "&P / &N")


def _line(left: str, right: str) -> HeaderFooterItem:
    return HeaderFooterItem(left=_HeaderFooterPart(text=left), right=_HeaderFooterPart(text=right))


def _put(sheet: Worksheet, row: int, column: int, value: Value, font: Font, form: str = TEXT) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # cells of a range are written before it is merged
    cell.font = font
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"  # a name that begins with = is a name, never a formula
    elif isinstance(value, datetime):
        cell.value = value.astimezone(JST).replace(tzinfo=None)
        cell.number_format = form
    elif value is not None:
        cell.value = value
        cell.number_format = "General" if form == TEXT else form
    return cell


def _merge(sheet: Worksheet, row: int, first: int, last: int) -> None:
    for column in range(first, last + 1):
        sheet.cell(row, column).border = _BOX
    sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def _width(text: str) -> int:
    """Columns the text takes where a Japanese character takes two."""
    return sum(1 if character.isascii() else 2 for character in text)


def _escaped(text: str) -> str:
    """The text with & doubled: in headers and footers a single & begins a code."""
    return text.replace("&", "&&")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def _settled(packed: bytes, moment: datetime) -> bytes:
    """The file with the time of the report wherever openpyxl wrote the time of saving."""
    stamp = f"{_utc(moment).isoformat()}Z".encode()
    settled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as source, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, _utc(moment).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return settled.getvalue()
