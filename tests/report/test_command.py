"""`noroshi report usage` as it is called."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.cli.report import report
from ingest.errors import CallRefused
from tests.fixtures.database import Database


def call(*words: str | Path) -> str:
    done = CliRunner().invoke(report, ["usage", *map(str, words)], catch_exceptions=False, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (("--format", "xlsx"), b"PK\x03\x04"),
        ((), b"PK\x03\x04"),
        (("--format", "csv"), "\ufeff団体コード".encode()),
        (("--format", "csv", "--encoding", "cp932"), "団体コード".encode("cp932")),
        (("--format", "json"), b"{"),
    ],
)
def test_a_report_is_written_in_the_format_asked_for(
    project: Database, tmp_path: Path, words: tuple[str, ...], begins: bytes
) -> None:
    file = tmp_path / "usage"
    said = call("--project", "tea", "--month", "2026-11", *words, "-o", file, "--database", project.url)
    assert file.read_bytes().startswith(begins)
    assert "令和8年(2026年)11月" in said


def test_the_json_of_the_command_is_the_month_asked_for(project: Database, tmp_path: Path) -> None:
    file = tmp_path / "usage.json"
    call("--project", "tea", "--month", "2026-10", "--format", "json", "-o", file, "--database", project.url)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert (document["period"]["first_day"], document["total"]["readings"]) == ("2026-10-01", 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--project", "rice", "--month", "2026-11"), "Known projects: tea"),
        (("--project", "tea", "--month", "2026-13"), "YYYY-MM"),
        (("--project", "tea", "--month", "2199-01"), "not begun"),
        (("--project", "tea", "--month", "2026-11", "--encoding", "cp932"), "--format csv"),
    ],
)
def test_a_wrong_call_is_refused_and_writes_nothing(
    project: Database, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CallRefused, match=message):
        call(*words, "-o", tmp_path / "file", "--database", project.url)
    assert not (tmp_path / "file").exists()


def test_a_place_that_cannot_be_written_is_named(project: Database, tmp_path: Path) -> None:
    file = tmp_path / "no such folder" / "file"
    with pytest.raises(CallRefused, match="no such folder"):
        call("--project", "tea", "--month", "2026-11", "-o", file, "--database", project.url)


def test_a_report_goes_out_by_the_standard_output(project: Database) -> None:
    words = ["usage", "--project", "tea", "--month", "2026-11", "-o", "-", "--database", project.url]
    assert CliRunner().invoke(report, words).stdout_bytes.startswith(b"PK\x03\x04")
    assert CliRunner().invoke(report, [*words, "--format", "csv"]).stdout_bytes.startswith("\ufeff団体コード".encode())
