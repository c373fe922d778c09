"""The usage report as CSV, JSON and Excel workbook."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ingest.report.csv_file import usage_csv
from ingest.report.json_file import usage_json
from ingest.report.workbook import usage_workbook
from schemas.japan import to_cp932
from schemas.report import UsageReport


def rows_of(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content)))


def test_csv_is_utf8_with_bom_and_crlf(november: UsageReport) -> None:
    content = usage_csv(november)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 1 + len(november.devices)


def test_csv_has_one_line_for_each_device(november: UsageReport) -> None:
    rows = {row["機器コード"]: row for row in rows_of(usage_csv(november).decode("utf-8-sig"))}
    assert set(rows) == {"tea-1", "tea-2", "paddy", "cam", "old"}
    first = rows["tea-1"]
    assert (first["団体コード"], first["事業コード"], first["対象年月"]) == ("222160", "tea", "2026-11")
    assert (first["期待受信数"], first["受信数"], first["データ取得率 (%)"]) == ("30", "30", "100.0")
    assert (first["最初の測定"], first["最長欠測 (時間)"]) == ("2026-11-01T12:00:00+09:00", "24.0")
    assert (rows["paddy"]["データ取得率 (%)"], rows["paddy"]["備考"]) == ("―", "運用期間外・設置前")
    assert rows["cam"]["最初の測定"] == ""


def test_csv_disarms_a_name_that_looks_like_a_formula(november: UsageReport) -> None:
    names = [row["機器名"] for row in rows_of(usage_csv(november).decode("utf-8-sig"))]
    assert [name for name in names if name.startswith("=")] == []
    assert any(name.startswith("'=1+1") for name in names)


def test_cp932_keeps_what_it_can_and_marks_what_it_cannot(november: UsageReport) -> None:
    text = usage_csv(november, "cp932").decode("cp932")
    assert "茶畑" in text
    assert "第2区\uff5e北\u2015〓" in text  # wave dash and em dash as their twins; 㐂 does not exist there
    assert "―" in text


def test_cp932_twins_and_compatibility_forms() -> None:
    assert to_cp932("\u301c\u2212\u2014\u00b5\u00a0²㎥㈱Ⅲ①").decode("cp932") == "\uff5e\uff0d\u2015\u03bc 2m3㈱Ⅲ①"
    assert to_cp932("🦌").decode("cp932") == "〓"


def test_json_is_the_report_itself(november: UsageReport) -> None:
    content = usage_json(november)
    assert UsageReport.model_validate_json(content) == november
    document = json.loads(content)
    assert document["devices"][0]["completeness"] in (None, 0.0)
    assert "茶園見守り事業".encode() in content


def sheet(report: UsageReport, name: str) -> Worksheet:
    found = openpyxl.load_workbook(io.BytesIO(usage_workbook(report)))[name]
    assert isinstance(found, Worksheet)
    return found


def test_the_workbook_has_its_four_sheets_ready_for_a4(november: UsageReport) -> None:
    book = openpyxl.load_workbook(io.BytesIO(usage_workbook(november)))
    assert book.sheetnames == ["概要", "通信網別", "機器別", "算出方法"]
    for page in book.worksheets:
        assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "landscape")
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    devices = book["機器別"]
    assert (devices.freeze_panes, devices.print_title_rows) == ("A2", "$1:$1")


def test_the_sheet_of_devices_has_numbers_as_numbers(november: UsageReport) -> None:
    heads, *rows = sheet(november, "機器別").iter_rows()
    named = {
        row[2].value: {str(head.value).replace("\n", " "): cell for head, cell in zip(heads, row, strict=True)}
        for row in rows
    }
    tea = named["tea-2"]
    assert (tea["期待受信数"].value, tea["受信数"].value, tea["データ取得率 (%)"].value) == (30, 23, 76.6)
    assert tea["データ取得率 (%)"].number_format == '0.0"%"'
    assert tea["最初の測定"].value == datetime(2026, 11, 1, 12)  # noqa: DTZ001 -- Excel knows no zone: Japan
    assert tea["備考"].value == "参考値"
    assert named["paddy"]["データ取得率 (%)"].value == "―"


def test_a_name_that_begins_with_an_equals_sign_is_no_formula(november: UsageReport) -> None:
    cells = [cell for row in sheet(november, "機器別").iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert any(str(cell.value).startswith("=1+1") and "\x07" not in str(cell.value) for cell in cells)


def test_the_first_page_says_the_month_and_the_rate(november: UsageReport) -> None:
    values = [cell.value for row in sheet(november, "概要").iter_rows() for cell in row if cell.value is not None]
    assert any("令和8年(2026年)11月" in str(value) for value in values)
    assert 75.7 in values
    assert "取得率の低い機器(2台のうち2台)" in values


def test_the_workbook_holds_no_macro_link_or_external_part(november: UsageReport) -> None:
    with zipfile.ZipFile(io.BytesIO(usage_workbook(november))) as packed:
        names = packed.namelist()
        relations = b"".join(packed.read(name) for name in names if name.endswith(".rels"))
    assert [name for name in names if re.search("vba|macro|external|activeX", name)] == []
    assert b"TargetMode" not in relations


def test_the_same_report_gives_the_same_bytes(november: UsageReport) -> None:
    assert usage_workbook(november) == usage_workbook(november.model_copy())
    with zipfile.ZipFile(io.BytesIO(usage_workbook(november))) as packed:
        core = packed.read("docProps/core.xml").decode()
        moments = {entry.date_time for entry in packed.infolist()}
    assert core.count("2026-12-02T00:00:00Z") == 2  # created and modified: the moment of the report, in UTC
    assert moments == {(2026, 12, 2, 0, 0, 0)}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_an_office_program_opens_the_workbook(november: UsageReport, tmp_path: Path) -> None:
    (tmp_path / "usage.xlsx").write_bytes(usage_workbook(november))
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
            "--convert-to", "pdf", "usage.xlsx",
        ],
        cwd=tmp_path, check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    assert (tmp_path / "usage.pdf").read_bytes().startswith(b"%PDF")
