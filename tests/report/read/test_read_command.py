"""`noroshi report read` as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.access.authority import ChangeRefused
from ingest.cli.report import report
from ingest.report.form.forms import ReportForm, write_form
from tests.fixtures.database import Database
from tests.report.read.books import changed, write
from tests.report.read.conftest import document_of_tea


def call(written_to: Database, *words: str) -> str:
    done = CliRunner().invoke(
        report, ["read", *words, "--database", written_to.url], catch_exceptions=False, standalone_mode=False
    )
    return done.stdout


def test_words_of_a_file_are_taken_over_once(written_to: Database, tmp_path: Path) -> None:
    book = write_form(document_of_tea(2), ReportForm.XLSX)
    file = tmp_path / "返送.xlsx"
    file.write_bytes(changed(book, write({"factors/kpi1": "水が足りない。"})))
    words = (str(file), "--project", "tea", "--author", "田中")
    taken = json.loads(call(written_to, *words, "--json"))
    assert (taken["kind"], taken["first_day"], taken["taken"], taken["compared"]) == (
        "yearly", "2026-04-01", ["kpi1"], False,
    )  # fmt: skip
    assert "0" in call(written_to, *words)
    with written_to.connect() as connection:
        found = connection.execute("select text, author, source from report_text where key = 'kpi1'").fetchall()
        assert found == [("水が足りない。", "田中", "返送.xlsx")]
    file.write_text("no workbook")
    with pytest.raises(ChangeRefused, match="no Excel workbook"):
        call(written_to, *words)
