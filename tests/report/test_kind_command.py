"""`noroshi report KIND` as it is called: the form follows from the name, and no file is overwritten by mistake."""

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.report import report
from ingest.errors import CallRefused
from tests.fixtures.database import Database


def call(project: Database, *words: str | Path, code: str = "tea") -> bytes:
    given = [*map(str, words), "--project", code, "--database", project.url]
    done = CliRunner().invoke(report, given, catch_exceptions=False, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout_bytes


@pytest.mark.parametrize(
    ("name", "words", "begins"),
    [
        ("y.xlsx", (), b"PK\x03\x04"), ("y.CSV", (), b"\xef\xbb\xbf"), ("y.json", (), b"{"),
        ("y", ("--format", "json"), b"{"), ("y.dat", ("--format", "json"), b"{"),
        ("y.csv", ("--encoding", "cp932"), "※ シフトJIS".encode("cp932")),
    ],
)  # fmt: skip
def test_the_form_follows_from_the_name(
    project: Database, tmp_path: Path, name: str, words: tuple[str, ...], begins: bytes
) -> None:
    file = tmp_path / name
    said = call(project, "yearly", "--fy", "2026", *words, "-o", file)
    assert file.read_bytes().startswith(begins)
    assert "2026年度" in said.decode()
    assert [each.name for each in tmp_path.iterdir()] == [name], "no draft of it stays"
    assert stat.S_IMODE(file.stat().st_mode) & 0o600 == 0o600


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("yearly", "--fy", "2026", "--format", "json", "-o", "y.xlsx"), "contradicts"),
        (("yearly", "--fy", "2026", "-o", "y.dat"), "say --format"),
        (("yearly", "--fy", "2026", "-o", "-"), "say --format"),
        (("yearly", "--fy", "2026", "-o", "y.json", "--encoding", "cp932"), "for CSV"),
        (("yearly", "--fy", "2026", "-o", "y.json", "--times", "excel"), "for CSV"),
        (("yearly", "--fy", "2026", "-o", "y.xlsx", "--table", "devices"), "for CSV"),
        (("yearly", "--fy", "2026", "-o", "y.pdf", "--paper", "A3"), "for Excel"),
        (("yearly", "--fy", "2026", "-o", "y.csv", "--table", "nothing"), "no table nothing; it has"),
        (("yearly", "--fy", "2026", "-o", "y.csv", "--table", "devices", "--keep"), "no draft"),
        (("yearly", "--month", "2026-11", "-o", "y.json"), "about a fiscal year"),
        (("yearly", "-o", "y.json"), "about a fiscal year"),
        (("monthly", "--fy", "2026", "-o", "y.json"), "about a month"),
        (("yearly", "--fy", "2026", "--month", "2026-11", "-o", "y.json"), "either"),
        (("yearly", "--fy", "R8", "-o", "y.json"), "YYYY"),
        (("yearly", "--fy", "2099", "-o", "y.json"), "has not begun"),
        (("set", "--fy", "2026", "-o", "y.json"), "a ZIP"),
        (("set", "--month", "2026-11", "-o", "y.zip"), "--fy"),
        (("yearly", "--fy", "2026", "-o", "nowhere/y.json"), "no such folder"),
        (("yearly", "--fy", "2026", "-o", "/dev/null", "--format", "json", "--force"), "no file"),
    ],
)
def test_a_wrong_call_is_refused_and_writes_nothing(
    project: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CallRefused, match=message):
        call(project, *words)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_unless_it_is_said_otherwise(project: Database, tmp_path: Path) -> None:
    file = tmp_path / "y.json"
    file.write_text("mine")
    with pytest.raises(CallRefused, match="--force"):
        call(project, "yearly", "--fy", "2026", "-o", file)
    assert file.read_text() == "mine"
    call(project, "yearly", "--fy", "2026", "-o", file, "--force")
    assert json.loads(file.read_text())["kind"] == "yearly"


def test_standard_output_has_the_file_and_nothing_else(project: Database) -> None:
    out = call(project, "yearly", "--fy", "2026", "--format", "json", "-o", "-")
    assert json.loads(out)["project"]["code"] == "tea"
    with zipfile.ZipFile(io.BytesIO(call(project, "yearly", "--fy", "2026", "--format", "all", "-o", "-"))) as packed:
        assert "運用状況等報告書_2026年度_tea.xlsx" in packed.namelist()
        assert "運用状況等報告書_2026年度_tea_sjis.csv" in packed.namelist()


def test_an_unknown_project_is_refused(project: Database, tmp_path: Path) -> None:
    with pytest.raises(CallRefused, match="no project rice"):
        call(project, "yearly", "--fy", "2026", "-o", tmp_path / "y.json", code="rice")


def test_the_set_of_a_year_is_one_file(project: Database, tmp_path: Path) -> None:
    file = tmp_path / "set.zip"
    call(project, "set", "--fy", "2026", "-o", file)
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        assert "送付状_2026年度_tea.xlsx" in packed.namelist()


def test_one_table_and_times_for_excel(project: Database, tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    call(project, "yearly", "--fy", "2026", "-o", file, "--table", "devices", "--times", "excel")
    first, *rows = file.read_text("utf-8-sig").splitlines()
    assert "運用状況等報告書" not in first
    assert len(rows) >= 5
    assert not any("T" in word and word[:4].isdigit() for row in rows for word in row.split(","))
    on_a3 = tmp_path / "a3.xlsx"
    call(project, "yearly", "--fy", "2026", "-o", on_a3, "--paper", "A3")
    with zipfile.ZipFile(on_a3) as packed:
        assert b'paperSize="8"' in packed.read("xl/worksheets/sheet2.xml")
