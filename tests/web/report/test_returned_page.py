"""A workbook that came back is sent on the page: its words are taken over, or nothing of it with every reason."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any, NamedTuple

import httpx
import pytest
from openpyxl.workbook.workbook import Workbook

from ingest.access.roles import Role
from ingest.report.read.package import MOST_BYTES
from ingest.web import upload
from ingest.web.rules import REPORT_UPLOAD
from tests.report.read.books import FIRST, changed, first_place, repacked, write
from tests.web.report.conftest import Bureau
from tests.web.report.test_reports_pages import _number, _order
from tests.web.townhall import csrf_of

BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
SURPRISES = "①髙﨑 ㈱ ~ ―|ハンカク゛\u3099 🚰 が\r\n二行目"


class Desk(NamedTuple):
    """A reporter's browser, and the workbook of a report that they hand out."""

    client: httpx.Client
    book: bytes
    key: str

    def send(self, content: bytes, **other: Any) -> httpx.Response:
        """Send a file as the form does."""
        form = {"csrf": csrf_of(self.client), "project": "fukuroi", "author": "田中 委員"} | other
        return self.client.post("/reports/returned", data=form, files={"file": ("返送.xlsx", content)})


@pytest.fixture(scope="module")
def desk(bureau: Bureau) -> Iterator[Desk]:
    town = bureau.town
    with town.browser(town.person("kishi", town.in_city(Role.REPORTER))) as client:
        _order(client, fy="2023", forms="xlsx")
        bureau.make_all()
        book = client.get(f"/reports/{_number(client)}/files/xlsx").content
        yield Desk(client, book, first_place(book))


def _texts(bureau: Bureau) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = bureau.town.connection.execute(
        "select text, author, entered_by from report_text order by report_text_id"
    ).fetchall()
    return rows


def _change_a_figure(book: Workbook) -> None:
    sheet: Any = book.worksheets[1]
    sheet.cell(2, 2).value = "嘘"


def test_words_are_taken_over_once_and_shown_with_what_they_replace(bureau: Bureau, desk: Desk) -> None:
    first = changed(desk.book, write({desk.key: SURPRISES}))
    answer = desk.send(first)
    assert answer.status_code == 200, answer.text
    assert "取り込みました" in answer.text
    ((text, author, by),) = _texts(bureau)
    assert (author, by) == ("田中 委員", "kishi")
    assert "髙﨑" in text
    assert "🚰" in text
    assert text.splitlines()[-1] == "二行目"
    assert ("kishi", "yearly") in bureau.town.entries("report_words_taken")
    assert "新しい文はありませんでした" in desk.send(first).text
    again = desk.send(changed(desk.book, write({desk.key: "直した文"})), author="<b>鈴木</b>")
    assert "直した文" in again.text
    assert "髙﨑" in again.text, "the words before"
    assert "田中 委員" in again.text, "and who wrote them"
    assert "<b>鈴木" not in again.text
    assert len(_texts(bureau)) == 2


def test_nothing_is_taken_where_a_figure_was_changed(bureau: Bureau, desk: Desk) -> None:
    before = _texts(bureau)
    file = changed(changed(desk.book, write({desk.key: "これは取り込まれない"})), _change_a_figure)
    answer = desk.send(file)
    assert answer.status_code == 422
    assert "取り込みませんでした" in answer.text
    assert re.search(r"<code>[A-Z]+\d+</code>", answer.text), "the cell"
    assert "嘘" in answer.text
    assert "Nothing was taken over" in desk.client.post(
        "/reports/returned?lang=en", data={"csrf": csrf_of(desk.client), "project": "fukuroi", "author": "x"},
        files={"file": ("a.xlsx", file)},
    ).text  # fmt: skip
    desk.client.get("/reports?lang=ja")
    assert _texts(bureau) == before


def _without_a_sheet(book: Workbook) -> None:
    del book[book.sheetnames[-1]]


def _with_macros(book: bytes) -> bytes:
    return repacked(book, {"xl/vbaProject.bin": b"\0" * 100})


def _rename_project(book: Workbook) -> None:
    for row in book[FIRST].iter_rows():
        for cell in row:
            if "照合番号" in str(cell.value):
                cell.value = str(cell.value).replace("fukuroi/", "ina/")


def _swollen() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<x>" + b" " * (70 * 2**20) + b"</x>")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda book: changed(book, _without_a_sheet), "がありません"),
        (_with_macros, "マクロ"),
        (lambda book: changed(book, _rename_project), "別の事業(ina)"),
        (lambda book: repacked(book, {"xl/styles.xml": BOMB}), "DTD"),
        (lambda _: _swollen(), "展開して"), (lambda _: b"no zip at all", "Excel ブック"),
        (lambda book: book[: len(book) // 2], "Excel ブック"), (lambda _: b"P" * (MOST_BYTES + 1), "大きすぎます"),
    ],
    ids=["sheet", "macro", "project", "bomb", "swollen", "text", "half", "large"],
)  # fmt: skip
def test_what_is_no_such_workbook_is_refused_with_the_reason(bureau: Bureau, desk: Desk, make: Any, said: str) -> None:
    before = _texts(bureau)
    answer = desk.send(make(desk.book))
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert _texts(bureau) == before


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(bureau: Bureau, desk: Desk) -> None:
    head = {
        "Origin": bureau.town.address, "Content-Type": "multipart/form-data; boundary=b", "Accept": "text/html",
        "Content-Length": str(REPORT_UPLOAD.upload + 1),
        "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in desk.client.cookies.jar),
    }  # fmt: skip
    with closing(HTTPConnection(bureau.town.address.removeprefix("http://"), timeout=30)) as line:
        line.putrequest("POST", "/reports/returned?lang=ja")
        for name, value in head.items():
            line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        assert answer.status == 413
        assert "大きすぎます" in answer.read().decode()


def test_only_a_form_of_this_session_with_one_file_and_an_author_is_taken(bureau: Bureau, desk: Desk) -> None:
    before = _texts(bureau)
    assert desk.send(desk.book, csrf="wrong").status_code == 403
    assert desk.send(b"").status_code == 422
    nameless = desk.send(desk.book, author=" ")
    assert nameless.status_code == 422
    assert 'href="#author"' in nameless.text
    form = {"csrf": csrf_of(desk.client), "project": "fukuroi", "author": "x"}
    two = [("file", ("a.xlsx", desk.book)), ("file", ("b.xlsx", desk.book))]
    assert desk.client.post("/reports/returned", data=form, files=two).status_code == 422
    assert desk.client.post("/reports/returned", data=form).status_code == 415
    away = {"Origin": "https://evil.example"}
    sent = {"file": ("a.xlsx", desk.book)}
    assert desk.client.post("/reports/returned", data=form, files=sent, headers=away).status_code == 403
    assert _texts(bureau) == before


def test_who_may_not_write_the_project_takes_nothing_over(bureau: Bureau, desk: Desk) -> None:
    town, before = bureau.town, _texts(bureau)
    file = changed(desk.book, write({desk.key: "よそから"}))
    with town.browser(town.person("ueda", town.in_city(Role.VIEWER))) as client:
        assert 'action="/reports/returned"' not in client.get("/reports?project=fukuroi").text
        assert Desk(client, b"", "").send(file).status_code == 403
    with town.browser(town.person("mase", town.in_city(Role.ADMIN, "ina"))) as client:
        assert Desk(client, b"", "").send(file).status_code == 404
        assert Desk(client, b"", "").send(file, project="ina").status_code == 422
    assert _texts(bureau) == before


def test_files_are_read_a_few_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "AT_ONCE", 0)
    assert desk.send(desk.book).status_code == 503
