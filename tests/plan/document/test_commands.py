"""`noroshi plan apply`, `show` and `export` as a clerk calls them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from ingest.cli.plan import plan
from ingest.errors import CallRefused, StoreUnavailable
from ingest.plan.document.write import as_yaml
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.plan.document.example import body, document, kpi

SECOND = document(kpis=[kpi(targets={"2026": 190, "2027": 150}), body()["kpis"][1]])


def call(database: Database | str, *arguments: str | Path, given: bytes | None = None) -> Result:
    url = database if isinstance(database, str) else database.url
    return CliRunner().invoke(plan, [*map(str, arguments), "--database", url], input=given)


def done(database: Database, *arguments: str | Path, given: bytes | None = None) -> Result:
    result = call(database, *arguments, given=given)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def refused(database: Database | str, *arguments: str | Path) -> list[str]:
    result = call(database, *arguments)
    assert isinstance(result.exception, CallRefused), (result.output, result.exception)
    return str(result.exception).split("\n")


@pytest.fixture
def tea(database: Database) -> Database:
    field = Field(database.connect())
    field.device("a")
    field.device("b")
    field.connection.execute("insert into project (code, name) values ('rice', '水田')")
    return database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(as_yaml(document()), encoding="utf-8")
    return path


def count(database: Database, table: str) -> int:
    row = database.connect().execute(f"select count(*) from {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_plan_goes_in_changes_and_comes_out(tea: Database, file: Path, tmp_path: Path) -> None:
    assert "it is the first plan. Nothing was written." in done(tea, "apply", file, "--dry-run").stdout
    assert count(tea, "plan_version") == 0
    assert "project tea: stored as version 1 of the plan." in done(tea, "apply", file).stdout
    assert "nothing changes" in done(tea, "apply", file).stdout

    (tmp_path / "kpis.csv").write_bytes("指標コード,R8目標\npatrol_hours,190\n".encode("cp932"))
    dry = done(tea, "apply", file, tmp_path / "kpis.csv", "--dry-run").stdout
    assert dry == (
        "  KPI patrol_hours (見回り時間) target fiscal year 2026: 200 → 190\n"
        "project tea: 1 changes. Nothing was written.\n"
    )
    assert refused(tea, "apply", file, tmp_path / "kpis.csv") == ["say why it is changed: an auditor will ask"]
    done(tea, "apply", file, tmp_path / "kpis.csv", "--reason", "猛暑")

    assert done(tea, "show", "--project", "tea").stdout == as_yaml(SECOND)
    assert done(tea, "show", "--project", "tea", "--version", "1").stdout == as_yaml(document())
    assert json.loads(done(tea, "show", "--project", "tea", "--format", "json").stdout)["project"] == "tea"
    listed = done(tea, "show", "--project", "tea", "--versions").stdout.splitlines()
    assert [line.split("  ")[0] for line in listed] == ["version 2", "version 1"]
    assert listed[0].endswith("猛暑")


def test_the_table_for_excel_goes_in_again(tea: Database, file: Path, tmp_path: Path) -> None:
    done(tea, "apply", file)
    table = tmp_path / "kpis.csv"
    table.write_bytes(done(tea, "show", "--project", "tea", "--format", "csv").stdout_bytes)
    assert "nothing changes" in done(tea, "apply", table).stdout
    assert "nothing changes" in done(tea, "apply", "-", given=table.read_bytes()).stdout


def test_all_plans_are_stored_or_none(tea: Database, file: Path, tmp_path: Path) -> None:
    rice = tmp_path / "rice.yaml"
    rice.write_text(as_yaml(document(project="rice")), encoding="utf-8")
    nobody = tmp_path / "nobody.yaml"
    nobody.write_text(as_yaml(document(project="nobody", kpis=[kpi(box="none")])), encoding="utf-8")
    said = refused(tea, "apply", file, rice, nobody)
    assert [line.split(":", 1)[1].strip() if ":" in line else line for line in said] == [
        "the registry of this project has no device a",
        "the registry of this project has no device b",
        "the registry has no project nobody",
        "3 mistakes. Nothing was written.",
    ]
    assert said[2].startswith("nobody.yaml line 2 ")
    assert count(tea, "plan_version") == 0


def test_mistakes_are_told_even_if_the_database_is_down(tmp_path: Path) -> None:
    wrong = tmp_path / "plan.txt"
    wrong.write_text("指標コード,ばこ\nx,y\n", encoding="utf-8")
    nowhere = "postgresql://127.0.0.1:1/none"
    assert refused(nowhere, "apply", wrong)[-1] == "2 mistakes. Nothing was written."
    right = tmp_path / "plan.yaml"
    right.write_text(as_yaml(document()), encoding="utf-8")
    assert isinstance(call(nowhere, "apply", right).exception, StoreUnavailable)


def test_what_is_not_there_is_said(tea: Database) -> None:
    assert refused(tea, "show", "--project", "none") == ["the registry has no project none"]
    assert refused(tea, "show", "--project", "tea")[0].startswith("the project tea has no plan yet")
    assert refused(tea, "export", "--project", "tea", "--format", "csv")[0].startswith("csv needs --output DIR")


def test_an_export_has_every_table_of_the_plan(tea: Database, file: Path, tmp_path: Path) -> None:
    done(tea, "apply", file)
    fill(tea)
    found = json.loads(done(tea, "export", "--project", "tea", "--format", "json").stdout)
    assert [*found] == [
        "project", "plan_version", "work_entry", "planned_stop", "observation", "outage", "outage_change",
        "plan_snapshot", "plan_review", "measure", "measure_event", "plan_cycle",
    ]  # fmt: skip
    assert found["plan_version"][0]["document"]["title"] == "茶園見守り 運用計画"
    assert len(found["plan_version"][0]["digest"]) == 64
    assert (found["work_entry"][0]["device"], found["work_entry"][0]["note"]) == ("a", "=1+1")
    assert found["measure"][0]["devices"] == ["a", "b"]
    assert yaml.safe_load(done(tea, "export", "--project", "tea").stdout) == found
    done(tea, "export", "--project", "tea", "--format", "csv", "-o", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{name}.csv" for name in [*found][1:])
    assert rows(tmp_path / "out" / "work_entry.csv")[0]["note"] == "'=1+1"
    assert done(tea, "export", "--project", "rice", "--format", "json").stdout.count("[]") == 11
    entries = tea.connect().execute("select count(*) from audit_entry where action = 'export_made'").fetchone()
    assert entries == (4,)


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(database: Database) -> None:
    connection = database.connect()
    connection.execute(
        "insert into work_entry (project_id, kind, starts, minutes, device_id, note, entered_by)"
        " select project_id, 'patrol', '2026-05-01 09:00+09', 30, device_id, '=1+1', 'suzuki'"
        " from device where code = 'a'"
    )
    connection.execute(
        "insert into measure (project_id, number, fiscal_year, kind, title, owner, due, devices, state, entered_by)"
        " select project_id, 1, 2026, 'improvement', '電池交換', '係', '2026-09-30', array_agg(device_id), 'proposed',"
        " 'suzuki' from device group by project_id"
    )
