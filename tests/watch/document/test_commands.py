"""`noroshi watch apply`, `show` and `template` in a real database."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.cli.watch import watch
from ingest.cli.watch_document import TEMPLATES
from ingest.errors import CallRefused
from ingest.watch.document.read import document_of, read_text
from ingest.watch.rules import load_rules
from tests.figures.field import Field
from tests.fixtures.database import Database

TEXT = """\
project: tea   # 田川
rules:
- code: rise
  hazard: river
  devices: [a]
  quantity: river_level
  measure: {kind: rise}
  stages:
  - {rank: 1, name: 市設定基準1, value: 0.5}
"""


def call(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(watch, [*map(str, arguments)], input=given)


def done(*arguments: object, given: str | None = None) -> str:
    result = call(*arguments, given=given)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture
def tea(database: Database) -> Database:
    field = Field(database.connect())
    field.reading(field.device("a"), datetime.now(UTC), "river_level", 1.0)
    return database


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    return database.connect().execute(query.encode()).fetchall()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "watch.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_document_is_tried_stored_once_and_written_down(tea: Database, file: Path) -> None:
    at = ("--database", tea.url)
    assert "Nothing was written" in done("apply", file, "--check", *at)
    assert rows(tea, "select count(*) from watch_document") == [(0,)]
    assert "stored as version 1" in done("apply", file, "--reason", "出水期", *at)
    file.write_text(TEXT.replace("# 田川", "# 田川(上流)"), encoding="utf-8")
    assert "nothing changes" in done("apply", file, *at)
    file.write_text(TEXT.replace("0.5", "0.8"), encoding="utf-8")
    said = done("apply", file, *at)
    assert "rules rise stages rank 1 value: 0.5 -> 0.8" in said
    assert "stored as version 2" in said
    assert rows(tea, "select number, reason, source from watch_document order by number") == [
        (1, "出水期", TEXT), (2, "", TEXT.replace("0.5", "0.8")),
    ]  # fmt: skip
    (first, _) = rows(tea, "select subject, project, after from audit_entry where action = 'watch_changed' order by 1")
    assert (first[0], first[1], json.loads(first[2])["reason"]) == ("tea #1", "tea", "出水期")
    (rule,) = next(iter(load_rules(tea.connect()).by_series.values()))
    assert rule.thresholds[0].value == 0.8


def test_show_writes_what_was_written_and_apply_reads_it_from_standard_input(tea: Database, file: Path) -> None:
    at = ("--database", tea.url)
    done("apply", file, *at)
    assert done("show", *at) == TEXT
    assert "nothing changes" in done("apply", "-", *at, given=TEXT)
    assert json.loads(done("show", "--json", *at))["rules"][0]["hold_min"] == 0
    assert done("show", "--versions", *at).startswith("1  ")
    with pytest.raises(CallRefused):
        raise call("show", "--version", "9", *at).exception or AssertionError


def test_what_does_not_fit_is_refused_with_its_line_and_nothing_is_stored(tea: Database, file: Path) -> None:
    file.write_text(TEXT.replace("[a]", "[b]"), encoding="utf-8")
    refused = call("apply", file, "--database", tea.url).exception
    assert isinstance(refused, CallRefused)
    assert "watch.yaml line 5 rules rise devices no. 1: the registry of this project has no device b" in str(refused)
    assert rows(tea, "select count(*) from watch_document") == [(0,)]
    file.write_text(TEXT.replace("project: tea", "project: rice"), encoding="utf-8")
    refused = call("apply", file, "--database", tea.url).exception
    assert "line 1 project: the registry has no project rice" in str(refused)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_is_a_document(name: str) -> None:
    text = done("template", name)
    document = document_of(read_text("t.yaml", text.encode()))
    assert document.rules
    assert all(stage.name_en for rule in document.rules for stage in rule.stages)
