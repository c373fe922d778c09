"""The workbook has the values of the document as values, is safe to open, and prints in letters of a fair size."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell as Found

from ingest.report.form.sheet import Placed, Sheet, Style, unique_name
from ingest.report.form.sheets import sheets_of, writing_places
from ingest.report.form.values import clean
from ingest.report.form.xlsx import number_format, report_workbook
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    FieldOf,
    Fields,
    ReportDocument,
    Row,
    Table,
    Written,
    WrittenCell,
)
from tests.report.form.documents import HOSTILE, MADE_AT, NO_BASE, make_document
from tests.report.form.test_pdf import LEAST_POINTS, sizes_of, squeezed, texts_of

A4, A3 = 9, 8
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")


@pytest.fixture(scope="module")
def document() -> ReportDocument:
    return make_document(rows=40)


@pytest.fixture(scope="module")
def made(document: ReportDocument) -> bytes:
    return report_workbook(document)


def cells_of(content: bytes) -> Iterator[tuple[str, Found]]:
    """Every cell that has something, with the name of its sheet."""
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        for row in sheet.iter_rows():
            yield from ((sheet.title, cell) for cell in row if isinstance(cell, Found) and cell.value is not None)


def only(document: ReportDocument, text: str) -> Found:
    """The cell to the right of the one with this text."""
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(document)))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == text:
                    found = sheet.cell(cell.row, cell.column + 1)
                    assert isinstance(found, Found)
                    return found
    raise AssertionError(text)


def test_every_value_of_the_document_is_a_cell_of_its_kind(document: ReportDocument, made: bytes) -> None:
    found = [cell.value for _, cell in cells_of(made)]
    for sheet in sheets_of(document):
        for placed in sheet.cells:
            value = placed.value
            if isinstance(value, Decimal):
                assert float(value) in found
            elif isinstance(value, date) and not isinstance(value, datetime):
                assert datetime(value.year, value.month, value.day) in found  # noqa: DTZ001  Excel knows no zones
            elif value not in (None, ""):
                assert value in found


def test_a_number_shows_the_digits_of_the_document(document: ReportDocument) -> None:
    rate = only(document, "データ取得率")
    assert (rate.value, rate.number_format) == (79.9, '0.0"%""(参考値)"')
    assert only(document, "期待受信数(件)").number_format == "#,##0"
    day = only(document, "交付決定日")
    assert (day.value, day.number_format) == (datetime(2025, 6, 1), 'yyyy-mm-dd"(令和7年6月1日)"')  # noqa: DTZ001


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12))
@settings(max_examples=100, deadline=None)
def test_a_number_as_a_cell_has_the_same_digits(value: Decimal) -> None:
    form = number_format(Placed(0, 0, value, Style.BODY, CellKind.NUMBER, 3))
    assert not form or f"{float(value):.3f}" == f"{value:.3f}".replace("-0.000", f"{float(value):.3f}")


def test_what_has_more_digits_than_a_cell_keeps_is_text() -> None:
    column = Column(code="n", heading="数", kind=CellKind.NUMBER)
    for long in (Decimal("12345678901234.567"), 2**60 + 1):
        table = Table(code="t", title="表", columns=(column,), rows=(Row(key="1", cells=(Cell(value=long),)),))
        assert [cell.value for _, cell in cells_of(report_workbook(make_document(0, table)))][-1] == str(long)


def test_why_a_value_is_missing_and_what_is_only_for_reference_is_said(made: bytes) -> None:
    found = [cell.value for _, cell in cells_of(made)]
    assert f"―({NO_BASE.ja})" in found
    assert f"―: {NO_BASE.ja}(40か所)" in found
    assert "( )の値は参考値です。" in found
    forms = {cell.number_format for _, cell in cells_of(made)}
    assert '"("#,##0")"' in forms


def test_the_head_says_what_the_report_is_about_in_both_calendars(made: bytes) -> None:
    head = [str(cell.value) for name, cell in cells_of(made) if name == "報告書"][:6]
    assert head[:2] == ["運用状況等報告書", "下書き(未確定)"]
    assert "令和8年4月1日(2026-04-01)から令和9年3月31日(2027-03-31)まで" in head[3]
    assert "Noroshi" in head[5]


def test_no_text_is_a_formula_a_link_or_hidden(made: bytes) -> None:
    cells = [cell for _, cell in cells_of(made)]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert not any(cell.hyperlink or cell.comment for cell in cells)
    assert clean(HOSTILE) in [cell.value for cell in cells]
    assert not set("\u202e\u202c\x07") & set("".join(str(cell.value) for cell in cells))


def test_it_is_readable_after_it_was_made_harmless(made: bytes) -> None:
    packed = zipfile.ZipFile(io.BytesIO(made))
    wrong = re.compile("vba|macro|externalLink|comments|drawing|activeX|embeddings|printerSettings|calcChain")
    assert not [name for name in packed.namelist() if wrong.search(name)]
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert b'TargetMode="External"' not in everything
    assert b"<f>" not in everything


def test_the_same_document_gives_the_same_bytes(document: ReportDocument, made: bytes) -> None:
    assert report_workbook(document) == made


def test_sheets_are_ready_to_be_printed(made: bytes) -> None:
    first, annex, *tables = openpyxl.load_workbook(io.BytesIO(made)).worksheets
    for sheet in (first, annex, *tables):
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (A4, 0)
        set_up = sheet.sheet_properties.pageSetUpPr
        assert set_up is not None
        assert set_up.fitToPage
        assert sheet.print_area
        assert sheet.protection.sheet
    assert [sheet.print_title_rows for sheet in tables] == ["$1:$2"] * 3
    assert [sheet.page_setup.orientation for sheet in tables] == ["landscape", "landscape", "portrait"]
    assert [sheet["A2"].value for sheet in tables[:2]] == ["機器コード", "機器コード"]


def test_a_wide_table_may_be_printed_on_a3(document: ReportDocument) -> None:
    first, _, devices, stops = openpyxl.load_workbook(io.BytesIO(report_workbook(document, "A3"))).worksheets
    assert [sheet.page_setup.paperSize for sheet in (first, devices, stops)] == [A4, A3, A4]


def test_the_total_stands_below_every_part_of_a_table(made: bytes) -> None:
    totals = [(name, cell.row) for name, cell in cells_of(made) if cell.value == "合計"]
    assert totals == [("別紙1 機器一覧 (1・2)", 43), ("別紙1 機器一覧 (2・2)", 43)]


def test_only_places_for_words_can_be_written_into(document: ReportDocument, made: bytes) -> None:
    places = writing_places(sheets_of(document))
    assert set(places) == {"factors/whole", "factors/kpi1"}
    book = openpyxl.load_workbook(io.BytesIO(made))
    cells = [(each.title, cell) for each in book.worksheets for row in each.iter_rows() for cell in row]
    unlocked = {(name, (cell.row or 0) - 1) for name, cell in cells if not cell.protection.locked}
    assert unlocked == {(sheet, row) for sheet, row, _ in places.values()}
    for sheet, row, column in places.values():
        assert book[sheet].cell(row + 1, column + 1).number_format == "@", "what looks like a formula or day stays text"


def test_no_row_is_higher_than_excel_makes_one() -> None:
    words = Written(code="w", title="所見", cells=(WrittenCell(key="long", label="全体", text="長い文。" * 2000),))
    sheets = sheets_of(make_document(0, words))
    assert max(sheets[0].heights.values()) <= 409
    assert sum(sheets[0].heights.values()) > 2000


def test_names_of_sheets_are_short_and_differ() -> None:
    taken: set[str] = set()
    names = [unique_name("別紙1 " + "長" * 40 + "/[x]", taken) for _ in range(3)]
    assert len({name.casefold() for name in names}) == 3
    assert max(map(len, names)) <= 31


def test_a_number_is_never_wider_than_its_column() -> None:
    column = Column(code="n", heading="数", kind=CellKind.COUNT, width=3)
    table = Table(code="t", title="表", columns=(column,), rows=(Row(key="1", cells=(Cell(value=1_234_567),)),))
    assert [sheet.widths for sheet in sheets_of(make_document(0, table))][1] == [11]
    cells = [
        FieldOf(code="n", label="数", kind=CellKind.YEN, cell=Cell(value=10**9, reference_only=True)) for _ in range(3)
    ]
    sheet = sheets_of(make_document(0, Fields(code="f", title="値", across=3, fields=tuple(cells))))[0]
    assert [cell.column for cell in sheet.cells if cell.style is Style.REFERENCE] == [1, 4, 1]


def convert(content: bytes, to: str, folder: Path) -> bytes:
    """What LibreOffice makes of a workbook."""
    (folder / "report.xlsx").write_bytes(content)
    (folder / "out").mkdir(exist_ok=True)
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", to,
            "--outdir", str(folder / "out"), "report.xlsx",
        ],
        cwd=folder, check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    return (folder / "out" / f"report.{to}").read_bytes()


@needs_office
def test_the_pages_of_an_office_program_say_everything_at_eight_points(
    document: ReportDocument, made: bytes, tmp_path: Path
) -> None:
    printed = convert(made, "pdf", tmp_path)
    pages = list(pypdfium2.PdfDocument(printed))
    assert min(size for page in pages for size in sizes_of(page)) >= LEAST_POINTS - 0.02
    shown = squeezed("".join(texts_of(printed)))
    assert "###" not in shown
    for sheet in sheets_of(document):
        for text in texts_in(sheet):
            assert squeezed(text) in shown, text
    sides = {tuple(sorted(round(side) for side in page.get_size())) for page in pages}
    assert sides == {(595, 842)}


def texts_in(sheet: Sheet) -> Iterator[str]:
    """Texts and whole numbers of a sheet, as a page shows them."""
    for cell in sheet.cells:
        if isinstance(cell.value, str) and cell.style is not Style.BODY:
            yield cell.value
        elif isinstance(cell.value, int):
            yield f"{cell.value:,}"


def test_it_was_made_when_the_report_was(made: bytes) -> None:
    assert openpyxl.load_workbook(io.BytesIO(made)).properties.created == MADE_AT.astimezone(None).replace(tzinfo=None)
