"""A grid of places for words, as the committee gets it: a row a KPI, a column a topic, and the words come back."""

from collections.abc import Iterator

import pytest

from ingest.access.authority import By
from ingest.report.form.sheet import MOST_ROW_POINTS
from ingest.report.form.sheets import sheets_of, writing_places
from ingest.report.form.xlsx import report_workbook
from ingest.report.order.drafts import keep_draft
from ingest.report.read.take_over import take_over
from ingest.store.database import Database as Connection
from schemas.report_document import ReportDocument, Table, Written, WrittenCell
from tests.fixtures.database import Database
from tests.report.order.conftest import TEA
from tests.report.read.books import changed, write
from tests.report.read.conftest import document_of_tea
from tests.report.read.test_take_over import kept, refused, set_cell, take

TITLE = "検証"


def document_with_grid(text: str = "") -> ReportDocument:
    cells = tuple(
        WrittenCell(key=f"{topic}.{kpi}", label=f"{row}: {column}", row=row, column=column, text=text)
        for kpi, row in (("rate", "取得率"), ("patrol", "見回り時間"))
        for topic, column in (("factors", "要因分析"), ("opinion", "外部有識者の意見"), ("direction", "今後の方針"))
    )
    made = document_of_tea()
    grid = Written(code="verification", title=TITLE, prompt="指標ごとに書いてください。", cells=cells)
    return made.model_copy(update={"sections": (*made.sections[:-1], grid, made.sections[-1])})


@pytest.fixture
def connection(project: Database) -> Iterator[Connection]:
    with project.connect() as connection, connection.transaction(force_rollback=True):
        keep_draft(connection, 1, document_with_grid(), {})
        yield connection


def test_each_place_of_a_grid_comes_back_under_its_own_key(connection: Connection) -> None:
    book = report_workbook(document_with_grid())
    words = {
        "verification/opinion.rate": "妥当である。\n継続を。", "verification/direction.rate": "継続",
        "verification/factors.patrol": "[記入欄 verification/opinion.patrol]",
    }  # fmt: skip
    taken = take(connection, changed(book, write(words)))
    assert (taken.compared, taken.notes) == (True, ())
    assert kept(connection) == {
        "opinion.rate": ("妥当である。\n継続を。", "田中"), "direction.rate": ("継続", "田中"),
        "factors.patrol": ("[記入欄 verification/opinion.patrol]", "田中"),
    }  # fmt: skip


def test_the_places_of_a_subject_stand_beside_each_other_on_a_sheet_of_their_own() -> None:
    places = writing_places(sheets_of(document_with_grid()))
    own = {key: place for key, place in places.items() if key.startswith("verification/")}
    rows = {key.rpartition(".")[2]: set[int]() for key in own}
    for key, (sheet, row, _) in own.items():
        assert sheet == TITLE
        rows[key.rpartition(".")[2]].add(row)
    assert [len(each) for each in rows.values()] == [1, 1]
    assert rows["rate"] != rows["patrol"]


def test_a_changed_label_of_a_grid_is_refused(connection: Connection) -> None:
    book = report_workbook(document_with_grid())
    label = next(cell for sheet in sheets_of(document_with_grid()) for cell in sheet.cells if cell.value == "取得率"
                 and sheet.name == TITLE)  # fmt: skip
    said = refused(connection, changed(book, set_cell(TITLE, f"A{label.row + 1}", "到達率")))
    assert "「取得率」が「到達率」" in said


def test_long_words_of_a_grid_take_several_rows_and_come_back_as_they_were(project: Database) -> None:
    text = "停電が続いた。" * 200
    document = document_with_grid(text)
    sheet = next(each for each in sheets_of(document) if each.name == TITLE)
    assert max(sheet.heights.values()) <= MOST_ROW_POINTS
    with project.connect() as connection, connection.transaction(force_rollback=True):
        keep_draft(connection, 1, document, {})
        file = changed(report_workbook(document), write({"verification/opinion.patrol": "短い"}))
        assert take_over(connection, By("sato"), TEA, file, "田中").taken == ("opinion.patrol",)


def test_sheets_have_the_order_of_the_sections() -> None:
    document = document_with_grid()
    names = [sheet.name for sheet in sheets_of(document)]
    wanted = [f"別紙{each.annex} {each.title}" if each.annex else each.title for each in document.sections
              if isinstance(each, Table)]  # fmt: skip
    assert names[0] == "報告書"
    places = [next(place for place, name in enumerate(names) if name.startswith(title[:20])) for title in wanted]
    assert places == sorted(places)
    last = document.sections[-1]
    assert names[-1].startswith(f"別紙{getattr(last, 'annex', None)} {last.title}"[:20]) or last.title in names[-1]
