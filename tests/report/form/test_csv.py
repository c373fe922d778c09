"""CSV shows the document to a spreadsheet: numbers as numbers, no formula, in the characters that there are."""

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import CallRefused
from ingest.report.form.csv import Encoding, report_csv, table_csv
from ingest.report.form.json import report_json
from ingest.report.form.options import Times
from schemas.japan import JST
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    ReportDocument,
    ReportKind,
    Row,
    Table,
    Written,
    WrittenCell,
)
from schemas.report_json import document_of_json
from tests.report.form.documents import NO_BASE, make_document

FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=1", " =1", "﬩1", "⩵1", "\u200b=1")


def table_of(kind: CellKind, *values: Cell) -> Table:
    rows = tuple(Row(key=str(number), cells=(cell,)) for number, cell in enumerate(values))
    return Table(code="t", title="表", columns=(Column(code="c", heading="値", kind=kind, unit="m"),), rows=rows)


def read(content: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))


def test_one_table_is_a_head_and_rows_and_nothing_else() -> None:
    document = make_document(3)
    content = table_csv(document, "devices")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 5
    head, first, second, _, total = read(content)
    assert (head[0], head[2], head[-1]) == ("機器コード", "数0", "注記")
    assert first[-1] == f"数0: 参考値、数12: {NO_BASE.ja}"
    assert second[2:4] == ["1000", "1001"]
    assert total[0] == "合計"
    with pytest.raises(CallRefused, match="it has devices, stops"):
        table_csv(document, "nothing")


def test_the_whole_report_stands_below_each_other() -> None:
    rows = read(report_csv(make_document(1)))
    assert rows[0] == ["運用状況等報告書", "令和8年度(2026年度)", "水管理 & 防災"]
    assert ["データ取得率", "79.9", "参考値"] in rows
    assert ["削減時間(時間)", "―", NO_BASE.ja] in rows
    assert ["別紙1 機器一覧"] in rows
    assert ["全体", "基地局の停電が二回。", "鈴木"] in rows
    assert ["該当なし"] in rows


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_no_text_is_a_formula(encoding: Encoding) -> None:
    written = Written(code="w", title="=t", cells=(WrittenCell(key="k", label="+l", text="@x"),))
    table = table_of(CellKind.TEXT, *(Cell(value=text) for text in FORMULAS))
    table = table.model_copy(update={"note": "=n", "empty": "=e", "title": "-t"})
    rows = read(report_csv(make_document(0, written, table), encoding), "cp932" if encoding == "cp932" else "utf-8-sig")
    texts = [text for row in rows for text in row]
    assert [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert texts.count("'=1") >= 1


def test_a_negative_number_stays_a_number() -> None:
    cells = (Cell(value=Decimal("-1.50")), Cell(value=-3), Cell(value=Decimal("1E+3")))
    assert read(table_csv(make_document(0, table_of(CellKind.NUMBER, *cells)), "t")) == [
        ["値(m)"], ["-1.50"], ["-3"], ["1000"],
    ]  # fmt: skip


def test_times_are_written_as_excel_reads_them_if_wanted() -> None:
    at = datetime(2026, 11, 30, 14, 5, tzinfo=JST)
    document = make_document(0, table_of(CellKind.MOMENT, Cell(value=at), Cell(value=date(2026, 4, 1))))
    assert read(table_csv(document, "t"))[1:] == [["2026-11-30T14:05:00+09:00"], ["2026-04-01"]]
    assert read(table_csv(document, "t", times=Times.EXCEL))[1:] == [["2026/11/30 14:05:00"], ["2026/04/01"]]


def test_what_cp932_lacks_is_said() -> None:
    document = make_document(0, table_of(CellKind.TEXT, Cell(value="㐂〜−①髙㈱🦌㐂")))
    rows = read(report_csv(document, "cp932"), "cp932")
    assert rows[0] == ["※ シフトJIS(CP932)にない文字を〓にしました: U+3402 U+1F98C"]
    assert ["〓\uff5e\uff0d①髙㈱〓〓"] in rows
    assert read(report_csv(make_document(1), "cp932"), "cp932")[0][0] == "運用状況等報告書"


def test_open_data_of_one_table_is_that_table() -> None:
    table = table_of(CellKind.COUNT, Cell(value=1))
    document = make_document(0, table).model_copy(update={"kind": ReportKind.OPEN_DATA})
    assert read(report_csv(document)) == [["値(m)"], ["1"]]


@settings(max_examples=30, deadline=None)
@given(st.text(), st.decimals(allow_nan=False, allow_infinity=False, places=2), st.datetimes(), st.booleans())
def test_json_is_the_document(text: str, number: Decimal, at: datetime, reference: bool) -> None:  # noqa: FBT001
    document = make_document(
        2, table_of(CellKind.TEXT, Cell(value=text)), table_of(CellKind.NUMBER, Cell(value=number), Cell(value=7)),
        table_of(CellKind.MOMENT, Cell(value=at.replace(tzinfo=JST), reference_only=reference)),
    )  # fmt: skip
    assert read_json(document) == document
    assert read_json(make_document(2)) == make_document(2)


def read_json(document: ReportDocument) -> ReportDocument:
    return document_of_json(json.loads(report_json(document)))
