"""The PDF says what the document says, in print that people can read, and stays the same."""

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst

from ingest.report.form.pdf import report_pdf
from ingest.report.form.printed import count_lines, printed_report
from ingest.report.form.typeset import FONT_PATHS
from ingest.report.form.values import clean, text_of
from schemas.report_document import Cell, CellKind, Column, Fields, ReportDocument, Said, Table, Written
from tests.report.form.documents import NO_BASE, devices, make_document

LEAST_POINTS = 8.0


@pytest.fixture(scope="module")
def document() -> ReportDocument:
    return make_document(rows=40)


@pytest.fixture(scope="module")
def made(document: ReportDocument) -> bytes:
    return report_pdf(document)


def test_everything_of_the_document_stands_on_its_pages(document: ReportDocument, made: bytes) -> None:
    shown = squeezed("".join(texts_of(made)))
    for text in texts_in(document):
        assert squeezed(text) in shown, text


def test_the_same_document_gives_the_same_bytes(document: ReportDocument, made: bytes) -> None:
    assert report_pdf(document) == made


def test_it_is_kept_for_decades_and_read_aloud(made: bytes) -> None:
    assert b"<pdfaid:part>2" in made
    assert b"<pdfaid:conformance>A" in made
    assert b"<pdfuaid:part>1" in made


def test_nothing_is_printed_below_eight_points(made: bytes) -> None:
    sizes = {size for page in pypdfium2.PdfDocument(made) for size in sizes_of(page)}
    assert min(sizes) >= LEAST_POINTS - 0.01


def test_every_section_has_a_bookmark_and_every_page_its_number(made: bytes) -> None:
    titles = [title for title, _ in bookmarks(made)]
    assert titles[:4] == ["運用状況等報告書", "利用状況", "要因分析", "別紙4 算出方法"]
    assert titles[4:] == ["別紙1 機器一覧 (1/2)", "別紙1 機器一覧 (2/2)", "別紙2 停止一覧"]
    texts = texts_of(made)
    assert all(f"{number} / {len(texts)}" in text for number, text in enumerate(texts, start=1))


def test_no_text_is_read_as_markup_and_no_hidden_character_is_kept(made: bytes) -> None:
    shown = "".join(texts_of(made))
    assert 'read("/etc/passwd")' in shown.replace("\r\n", "")
    assert "root:" not in shown
    assert not set("\u202e\u202c\x07") & set(shown)


def test_why_a_value_is_missing_stands_below_narrow_fields_and_below_a_table(made: bytes) -> None:
    shown = squeezed("".join(texts_of(made)))
    assert f"―(削減時間):{NO_BASE.ja}" in shown
    assert f"―:{NO_BASE.ja}(40か所)" in shown


def test_wide_tables_that_follow_each_other_share_a_page() -> None:
    small = [devices(1).model_copy(update={"code": f"d{number}", "annex": number}) for number in (1, 2)]
    texts = texts_of(report_pdf(make_document(1, *small)))
    assert [text.count("別紙") for text in texts] == [0, 4]  # two tables of two groups of columns


def test_what_the_font_lacks_is_a_sign_of_its_own_and_no_failure() -> None:
    signs = Said(ja="水位計\U0001f600 葛\U000e0100城\ufe0f a\ufe0f", en="")
    document = make_document(3).model_copy(update={"marks": (signs,), "title": "報告\ufdfa書"})
    shown = squeezed("".join(texts_of(report_pdf(document))))
    assert "水位計〓葛" in shown
    assert "報告〓書" in shown


def test_drawn_tables_show_what_typeset_ones_do() -> None:
    document = make_document(220, *make_document(220).sections, devices(5), devices(230))
    whole, joined = report_pdf(document), report_pdf(document, most_cells=1500)
    assert report_pdf(document, most_cells=1500) == joined
    shown = squeezed("".join(texts_of(joined)))
    parts = [part for part in printed_report(document, draws=True)["sections"] if part["form"] == "drawn"]
    assert [len(part["rows"]) for part in parts] == [220, 220, 230, 230]
    for part in parts:
        for row in (*part["rows"], part["total"]):
            assert squeezed("".join(text for text, _, _ in row)) in shown
    assert [title for title, _ in bookmarks(joined)] == [title for title, _ in bookmarks(whole)]
    texts = texts_of(joined)
    assert all(f"{number} / {len(texts)}" in text for number, text in enumerate(texts, start=1))
    assert all(title.split(" (")[0] in texts[page] for title, page in bookmarks(joined))
    assert b"<pdfaid:conformance>B" in joined


MEASURE = """
#set page(width: auto, height: auto)
#set text(font: "Noto Sans CJK JP", size: 8pt, lang: "ja", region: "jp", cjk-latin-spacing: none)
#set par(leading: 3pt)
#context {
  for one in json("texts.json") {
    let one-line = measure(box(width: 500pt, "あ")).height
    let height = measure(box(width: one.at(1) * 1pt - 5pt, one.at(0))).height
    [#metadata(calc.round((height + 3pt) / (one-line + 3pt))) <lines>]
  }
}
"""


SIGNS = "あ漢字、。()「」ーァabcW019-_., %℃/"


def test_a_row_is_never_lower_than_its_text() -> None:
    chance = random.Random(20260401)
    cells = [("".join(chance.choices(SIGNS, k=chance.randint(0, 60))), chance.randint(40, 300)) for _ in range(2000)]
    inputs: Any = {"main.typ": MEASURE.encode(), "texts.json": json.dumps(cells).encode()}
    found = typst.query(inputs, "<lines>", field="value", font_paths=FONT_PATHS, ignore_system_fonts=True)
    counted = [count_lines(text, width) for text, width in cells]
    assert [cell for cell, ours, real in zip(cells, counted, json.loads(found), strict=True) if ours < real] == []


def texts_in(document: ReportDocument) -> Iterator[str]:
    """Every text and value of a document as a page shows it."""
    yield document.title
    yield from (mark.ja for mark in document.marks)
    for section in document.sections:
        yield section.title
        if isinstance(section, Fields):
            for one in section.fields:
                yield one.label
                yield clean(text_of(one.cell, one.kind, one.unit))
        elif isinstance(section, Table):
            yield section.note
            for row in (*section.rows, *([section.total] if section.total else [])):
                for column, cell in zip(section.columns, row.cells, strict=True):
                    yield cell_in(cell, column)
        elif isinstance(section, Written):
            for place in section.cells:  # a grid has its rows and columns in place of labels
                yield from (place.row, place.column) if section.is_grid else (place.label,)
                yield from (place.text, place.author)
        else:
            yield from section.lines


def cell_in(cell: Cell, column: Column) -> str:
    """A cell as a table shows it: a day in one calendar."""
    if column.kind is CellKind.DATE and cell.value is not None:
        return str(cell.value)
    return text_of(cell.model_copy(update={"reference_only": False}), column.kind)


def squeezed(text: str) -> str:
    """Without blanks and line ends, which belong to the page and not to the text."""
    return re.sub(r"[\s\u200b\ufffe\u0002]", "", unicodedata.normalize("NFKC", text))


def texts_of(content: bytes) -> list[str]:
    """The text of every page."""
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]


def bookmarks(content: bytes) -> list[tuple[str, int]]:
    """Titles and pages from 0."""
    found = pypdfium2.PdfDocument(content).get_toc()
    return [(mark.get_title(), mark.get_dest().get_index()) for mark in found]


def sizes_of(page: pypdfium2.PdfPage) -> Iterator[float]:
    """The size of every piece of text on a page, in points."""
    for one in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=5):
        size = pdfium.c_float()
        pdfium.FPDFTextObj_GetFontSize(one, size)
        yield abs(size.value * one.get_matrix().d)
