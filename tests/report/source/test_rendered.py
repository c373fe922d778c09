"""Every kind of report with 200 devices, as people open it: the PDF, the workbook in two programs, the JSON."""

import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from ingest.report.form.fixed import comparable
from ingest.report.form.forms import ReportForm, write_form
from ingest.report.make import kinds_offered
from schemas.report_document import ReportDocument, ReportKind
from schemas.report_json import document_of_json
from tests.figures.field import jst
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.plan.check.town import Town
from tests.report.form.test_pdf import LEAST_POINTS, bookmarks, sizes_of, squeezed, texts_in, texts_of
from tests.report.source.papers import of_kind
from tests.report.source.year import fill_year, know_outages

DEVICES = 200
OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")

MORE_DEVICES = """
    insert into device (project_id, code, network_id, gateway_id, name, interval_s, installed_on, enabled, area, use,
        published, latitude, longitude)
    select d.project_id, 'more-' || lpad(n::text, 4, '0'), d.network_id, d.gateway_id, '見守り' || n, 3600,
        date '2026-04-01' + n, true, '地区' || n %% 9, '農業', n %% 40 = 0, 36 + n / 1000.0, 138
    from device d cross join generate_series(1, %s) n where d.code = 'tea-1'
"""


@dataclass(frozen=True)
class Paper:
    """A report and its files."""

    document: ReportDocument
    book: bytes
    pages: bytes
    body: bytes


@pytest.fixture(scope="module")
def papers(servers: Servers) -> dict[ReportKind, Paper]:
    """Every kind of report about the made year."""
    fresh = fresh_database(servers.get(FIRST))
    town = Town(fresh)
    fill_year(town)
    know_outages(town, jst(2027, 6, 30))
    town.connection.execute(MORE_DEVICES, (DEVICES - 6,))
    made = {kind: of_kind(town, kind) for kind in kinds_offered()}
    fresh.drop()
    return {kind: _paper(document) for kind, document in made.items()}


def _paper(document: ReportDocument) -> Paper:
    forms = (ReportForm.XLSX, ReportForm.PDF, ReportForm.JSON)
    return Paper(document, *(write_form(document, form) for form in forms))


@pytest.fixture(scope="module")
def converted(papers: dict[ReportKind, Paper], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What LibreOffice makes of all workbooks, begun once for each form: KIND.pdf and KIND.xlsx."""
    folder = tmp_path_factory.mktemp("office")
    for kind, paper in papers.items():
        (folder / f"{kind}.xlsx").write_bytes(paper.book)
    for form in ("pdf", "xlsx"):
        subprocess.run(
            [
                str(OFFICE), f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", form,
                "--outdir", str(folder / "out"), *(f"{kind}.xlsx" for kind in papers),
            ],
            cwd=folder, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    return folder / "out"


@pytest.mark.parametrize("kind", kinds_offered())
def test_every_page_has_something_within_its_edges_at_eight_points(
    papers: dict[ReportKind, Paper], kind: ReportKind
) -> None:
    check_pages(papers[kind].pages, least_text=40)
    titles = [title for title, _ in bookmarks(papers[kind].pages)]
    assert titles[0] == papers[kind].document.title
    for section in papers[kind].document.sections:
        assert any(section.title in title for title in titles), section.title


@pytest.mark.parametrize("kind", kinds_offered())
def test_the_pages_say_what_the_json_says(papers: dict[ReportKind, Paper], kind: ReportKind) -> None:
    document = document_of_json(json.loads(papers[kind].body))
    assert document == papers[kind].document
    shown = squeezed("".join(texts_of(papers[kind].pages)))
    lost = {text for text in texts_in(document) if squeezed(text) not in shown}
    assert lost == set()


@needs_office
@pytest.mark.parametrize("kind", kinds_offered())
def test_two_programs_find_the_same_values(papers: dict[ReportKind, Paper], converted: Path, kind: ReportKind) -> None:
    ours, theirs = values_of(papers[kind].book), values_of((converted / f"{kind}.xlsx").read_bytes())
    assert ours.keys() == theirs.keys()
    assert {place: (ours[place], theirs[place]) for place in ours if ours[place] != theirs[place]} == {}


@needs_office
@pytest.mark.parametrize("kind", kinds_offered())
def test_the_printed_workbook_is_whole_and_readable(
    papers: dict[ReportKind, Paper], converted: Path, kind: ReportKind
) -> None:
    printed = (converted / f"{kind}.pdf").read_bytes()
    check_pages(printed, least_text=10)
    shown = squeezed("".join(texts_of(printed)))
    assert "###" not in shown
    lost = [section.title for section in papers[kind].document.sections if squeezed(section.title)[:20] not in shown]
    assert lost == []


def check_pages(content: bytes, least_text: int) -> None:
    """Every page is A4, has more than its running title and number, and no text that leaves it or is too small."""
    pages = list(pypdfium2.PdfDocument(content))
    assert pages
    for number, page in enumerate(pages, start=1):
        wide, high = page.get_size()
        assert tuple(sorted((round(wide), round(high)))) == (595, 842), number
        text = page.get_textpage()
        assert len(squeezed(text.get_text_range())) >= least_text, f"page {number} is empty"
        for one in range(text.count_rects()):
            left, bottom, right, top = text.get_rect(one)
            assert min(left, bottom, wide - right, high - top) >= 0, (number, text.get_text_bounded())
        assert min(sizes_of(page)) >= LEAST_POINTS - 0.02, number


def values_of(book: bytes) -> dict[tuple[str, str], str]:
    """The cells of a workbook that have something, in the way in which two programs can agree on it."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    return {
        (sheet.title, cell.coordinate): text
        for sheet in opened.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if (text := comparable(cell.value))
    }
