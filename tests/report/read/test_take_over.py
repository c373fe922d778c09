"""Words of a workbook that comes back are kept with their author; a file with a changed figure is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.workbook.workbook import Workbook

from ingest.access.authority import By, ChangeRefused
from ingest.figures.project import ProjectRef
from ingest.report.form.words import clean_words
from ingest.report.form.xlsx import report_workbook
from ingest.report.read.cells import read_sheets
from ingest.report.read.content import take_apart
from ingest.report.read.take_over import take_over
from ingest.report.read.taken import TakenOver
from ingest.report.source.database import texts_of
from ingest.store.database import Database
from tests.report.form.test_xlsx import convert, needs_office
from tests.report.order.conftest import TEA
from tests.report.read.books import FIRST, changed, write
from tests.report.read.conftest import document_of_tea

FROZEN = """
insert into report (project_id, kind, first_day, last_day, state, document, digest, software, made_at, made_by,
    checked_at, checked_by, number, revision, frozen_at, frozen_by, key_id, sealed)
values (1, 'yearly', '2026-04-01', '2027-03-31', 'frozen', '{}', '', '1', now(), 'sato', now(), 'sato',
    'tea-2026-yearly', 2, '2030-01-01', 'sato', '0', '{}')
"""
DEVICES = "別紙1 機器一覧 (1・2)"


def take(connection: Database, book: bytes, author: str = "田中") -> TakenOver:
    return take_over(connection, By("sato"), TEA, book, author, "返送.xlsx")


def kept(connection: Database) -> dict[str, tuple[str, str]]:
    rows = connection.execute("select key, text, author from report_text order by report_text_id").fetchall()
    return {key: (text, author) for key, text, author in rows}


def refused(connection: Database, book: bytes) -> str:
    with pytest.raises(ChangeRefused) as caught:
        take(connection, book)
    assert kept(connection) == {}
    return caught.value.said.ja


def test_what_was_written_is_kept_with_its_author(connection: Database, book: bytes) -> None:
    words = {"factors/kpi1": " 水が\r\n足りない。\u200b ", "factors/whole": "停電が三回。"}
    taken = take(connection, changed(book, write(words)))
    assert (taken.taken, taken.unchanged, taken.compared, taken.notes) == (("whole", "kpi1"), 0, True, ())
    assert kept(connection) == {"whole": ("停電が三回。", "田中"), "kpi1": ("水が\n足りない。", "田中")}
    row = connection.execute("select entered_by, source, kind, first_day::text from report_text").fetchone()
    assert row == ("sato", "返送.xlsx", "yearly", "2026-04-01")
    entry = connection.execute(
        "select actor, project, after::jsonb ->> 'author' from audit_entry where action = 'report_words_taken'"
    ).fetchall()
    assert entry[-1] == ("sato", "tea", "田中")


def test_words_that_look_like_a_place_or_a_number_of_a_report_are_words(connection: Database, book: bytes) -> None:
    text = "[記入欄 factors/kpi1] [照合番号 rice/yearly/2026-04-01/0/A4/4/" + "0" * 32 + "/" + "0" * 32 + "]"
    assert take(connection, changed(book, write({"factors/whole": f"{text} [記入欄 factors/kpi1]"}))).taken == (
        "whole",
    )


def test_a_file_in_which_nobody_wrote_changes_nothing(connection: Database, book: bytes) -> None:
    taken = take(connection, book)
    assert (taken.taken, taken.unchanged) == ((), 2)
    assert kept(connection) == {}


def test_the_same_file_again_changes_nothing_and_words_may_be_emptied(connection: Database, book: bytes) -> None:
    file = changed(book, write({"factors/whole": None}))
    assert take(connection, file).taken == ("whole",)
    assert take(connection, file).taken == ()
    assert kept(connection) == {"whole": ("", "田中")}


def test_whoever_wrote_in_between_is_named(connection: Database, book: bytes) -> None:
    take(connection, changed(book, write({"factors/kpi1": "先"})), "鈴木")
    taken = take(connection, changed(book, write({"factors/kpi1": "後"})))
    assert "鈴木" in taken.notes[0].ja
    assert texts_of(connection, 1, "yearly", document_of_tea().period.first_day)["kpi1"].text == "後"


def set_cell(sheet: str, address: str, value: object) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        into: Any = book[sheet]
        into[address] = value

    return change


def test_a_changed_figure_is_refused_with_what_it_was(connection: Database, book: bytes) -> None:
    file = changed(book, write({"factors/kpi1": "水"}))
    file = changed(file, set_cell(DEVICES, "D3", 5))
    file = changed(file, set_cell(FIRST, "B10", 80.0))
    said = refused(connection, file)
    assert f"{FIRST} B10: 「79.9」が「80」に書き換えられています" in said
    assert f"{DEVICES} D3: 「1」が「5」に書き換えられています" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_cell(DEVICES, "D3", "=1"), "数式"),
        (set_cell(DEVICES, "B4", "別の名"), "B4"),
        (set_cell(DEVICES, "C5", None), "「2000」が「」"),
        (set_cell(FIRST, "A1", "別の報告書"), "運用状況等報告書"),
        (lambda book: book.remove(book[DEVICES]), f"シート「{DEVICES}」がありません"),
        (lambda book: book[DEVICES].delete_rows(4), "行がありません"),
        (set_cell(DEVICES, "A30", "メモ"), "30行目: 記入欄の外"),
        (write({"factors/kpi1": "=1+1"}), "数式"),
        (write({"factors/kpi1": "長" * 10_001}), "長すぎます"),
    ],
)  # fmt: skip
def test_what_is_no_words_is_refused(
    connection: Database, book: bytes, change: Callable[[Workbook], object], said: str
) -> None:
    assert said in refused(connection, changed(book, change))


def test_everything_wrong_is_said_at_once_but_not_without_end(connection: Database) -> None:
    book = report_workbook(document_of_tea(40))
    with pytest.raises(ChangeRefused):
        take(connection, changed(book, set_cell(DEVICES, "C3", 9)))  # its own report is not kept
    wide = changed(report_workbook(document_of_tea()), lambda opened: [
        set_cell(DEVICES, f"{column}{row}", 7777)(opened) for column in "CDEFGHIJ" for row in (3, 4, 5)
    ])  # fmt: skip
    said = refused(connection, wide).split("\n")
    assert (len(said), said[-1]) == (21, "ほかに 4 か所")


def test_rows_that_were_inserted_above_or_below_a_place_do_no_harm(connection: Database, book: bytes) -> None:
    def insert(opened: Workbook) -> None:
        sheet: Any = opened[FIRST]
        for merged in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(merged))
        sheet.insert_rows(2, 2)
        row = next(row for row in range(1, 60) if "factors/kpi1" in str(sheet.cell(row, 1).value))
        sheet.insert_rows(row + 1, 2)
        sheet.cell(row + 2, 1).value = "下の行に書いた"

    taken = take(connection, changed(book, insert))
    assert taken.taken == ("kpi1",)
    assert kept(connection)["kpi1"] == ("下の行に書いた", "田中")


def test_a_report_that_is_not_kept_is_checked_by_its_own_number(connection: Database) -> None:
    book = report_workbook(document_of_tea(5))
    taken = take(connection, changed(book, write({"factors/kpi1": "水"})))
    assert (taken.taken, taken.compared) == (("kpi1",), False)
    assert "残っていない" in taken.notes[0].ja
    with pytest.raises(ChangeRefused, match="cannot be said"):
        take(connection, changed(book, set_cell(DEVICES, "C4", 8)))
    with pytest.raises(ChangeRefused, match="1 sheets are missing"):
        take(connection, changed(book, lambda opened: opened.remove(opened[DEVICES])))


def test_a_file_of_another_project_of_nobody_or_without_number_is_refused(connection: Database, book: bytes) -> None:
    with pytest.raises(ChangeRefused, match="another project, tea; the project here is rice"):
        take_over(connection, By("sato"), ProjectRef(1, "rice", "水田"), book, "田中")
    with pytest.raises(ChangeRefused, match="who wrote it"):
        take(connection, book, " \u200b")
    rows = read_sheets(book)[0].rows
    stamp = max(rows)
    with pytest.raises(ChangeRefused, match="check number"):
        take(connection, changed(book, set_cell(FIRST, f"A{stamp}", None)))


def test_a_file_that_is_older_than_the_frozen_report_is_refused(connection: Database, book: bytes) -> None:
    connection.execute(FROZEN)
    assert "第2版が確定しています" in refused(connection, changed(book, write({"factors/kpi1": "水"})))


def test_a_sheet_of_ones_own_is_told_and_not_read(connection: Database, book: bytes) -> None:
    def add(opened: Workbook) -> None:
        sheet: Any = opened.create_sheet("メモ")
        sheet["A1"] = "覚え"

    assert "メモ" in take(connection, changed(book, add)).notes[0].ja


@needs_office
def test_a_file_that_an_office_program_saved_is_the_same(connection: Database, book: bytes, tmp_path: Path) -> None:
    words = {"factors/kpi1": "水が\n足りない。", "factors/whole": "停電が三回。"}
    saved = convert(changed(book, write(words)), "xlsx", tmp_path)
    assert saved != book
    taken = take(connection, saved)
    assert (taken.taken, taken.compared, taken.notes) == (("whole", "kpi1"), True, ())
    assert kept(connection)["kpi1"] == ("水が\n足りない。", "田中")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_words_are_read_as_they_were_written(book: bytes, text: str) -> None:
    words = clean_words(text)
    file = changed(book, write({"factors/kpi1": f"'{words}" if words.startswith("=") else words}))
    read = take_apart(read_sheets(file)).words["factors/kpi1"].text
    assert read.removeprefix("'" if words.startswith("=") else "") == words
