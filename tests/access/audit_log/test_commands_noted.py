"""Commands that change or hand out something leave an entry; where none can be written, they work all the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ingest.access.audit import read_entries
from ingest.access.audit_log.entry import AuditEntry, Wanted
from ingest.cli.audited import system_user
from ingest.cli.main import cli
from tests.access.audit_log.log import forge, wrong
from tests.fixtures.database import Database

REGISTRY = """
projects: [{code: tea, name: 茶園, organisation_code: "222160"}, {code: rain, name: 雨量}]
networks: [{code: lora, project: tea, kind: lpwa, name: LoRa}]
gateways: [{code: hill, network: lora, name: 丘}]
devices:
- {code: soil-1, project: tea, network: lora, name: 甲}
- {code: soil-2, project: tea, network: lora, name: 乙}
"""


def run(database: Database, *words: str) -> Result:
    """A command that works."""
    done = CliRunner().invoke(cli, [*words, "--database", database.url], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def apply(database: Database, folder: Path, text: str = REGISTRY) -> None:
    file = folder / "registry.yaml"
    file.write_text(text, encoding="utf-8")
    run(database, "registry", "apply", str(file))


def entries(database: Database) -> list[AuditEntry]:
    return read_entries(database.connect(), Wanted())[::-1]


def what(entry: AuditEntry) -> tuple[str, str, str | None, str | None]:
    return entry.action, entry.subject, entry.project, entry.organisation


def after(entry: AuditEntry) -> Any:
    return json.loads(entry.after or "null")


def test_each_project_whose_registry_changes_has_an_entry(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, tmp_path)
    tea, rain, *rest = entries(any_database)
    assert what(tea) == ("registry_changed", "tea", "tea", "222160")
    assert what(rain) == ("registry_changed", "rain", "rain", None)
    assert [what(each) for each in rest] in ([], [("registry_changed", "registry", None, None)])
    assert tea.actor == f"command:{system_user()}"
    assert after(tea)["devices"] == {
        "created": 2, "created_first": ["tea/soil-1", "tea/soil-2"], "changed": 0, "changed_first": {},
    }  # fmt: skip
    assert after(tea)["gateways"]["created"] == 1
    count = len(entries(any_database))
    apply(any_database, tmp_path)
    assert len(entries(any_database)) == count, "nothing changed, nothing is written down"
    run(any_database, "registry", "set", "device", "tea/soil-1", "name=丙")
    last = entries(any_database)[-1]
    assert after(last)["devices"]["changed_first"] == {"tea/soil-1": ["name"]}
    assert wrong(any_database) == []


def test_a_dry_run_and_a_refused_call_leave_none(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, tmp_path)
    count = len(entries(any_database))
    run(any_database, "registry", "set", "device", "tea/soil-1", "name=丙", "--dry-run")
    annul = (
        "annul",
        "--project",
        "tea",
        "--device",
        "soil-1",
        "--from",
        "2026-04-01",
        "--who",
        "佐藤",
        "--why",
        "故障",
    )
    run(any_database, *annul, "--dry-run")
    refused = ("retention", "set", "--project", "none", "--kind", "raw", "--months", "120")
    assert CliRunner().invoke(cli, [*refused, "--database", any_database.url]).exit_code == 1
    assert len(entries(any_database)) == count


def test_corrections_and_retention_leave_what_was_before_and_after(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, tmp_path)
    count = len(entries(any_database))
    at = ("--project", "tea", "--device", "soil-1", "--from", "2026-04-01", "--who", "佐藤", "--why", "故障")
    run(any_database, "annul", *at)
    run(any_database, "corrections", "revoke", "1", "--who", "鈴木", "--why", "誤り")
    run(any_database, "retention", "set", "--project", "tea", "--kind", "log", "--months", "120")
    run(any_database, "retention", "set", "--project", "tea", "--kind", "log", "--months", "121")
    made, revoked, first, second = entries(any_database)[count:]
    assert what(made) == ("correction_made", "tea/soil-1", "tea", "222160")
    assert (after(made)["number"], after(made)["kind"], after(made)["who"]) == (1, "annul", "佐藤")
    assert what(revoked) == ("correction_revoked", "tea/soil-1", "tea", "222160")
    assert json.loads(revoked.before or "")["starts"] == "2026-03-31 15:00:00+00:00"
    assert after(revoked) == {"who": "鈴木", "why": "誤り"}
    assert what(first) == ("retention_changed", "tea log", "tea", "222160")
    assert (json.loads(second.before or ""), after(second)) == ({"months": 120}, {"months": 121})


def test_a_replay_is_on_record_from_its_beginning(any_database: Database) -> None:
    run(any_database, "quarantine", "replay")
    begun, ended = entries(any_database)
    assert (what(begun), after(begun)) == (("quarantine_replayed", "all", None, None), {"begun": True})
    assert after(ended)["tried"] == 0


def test_reports_and_exports_are_on_record(
    any_database: Database, new_database: Callable[[], Database], tmp_path: Path
) -> None:
    apply(any_database, tmp_path)
    count = len(entries(any_database))
    report = tmp_path / "report.json"
    run(
        any_database, "report", "usage", "--project", "tea", "--month", "2026-04", "--format", "json", "-o", str(report)
    )
    run(any_database, "export", "--project", "tea", "-o", str(tmp_path / "out"))
    other = new_database()
    run(other, "import", str(tmp_path / "out"))
    made, exported = entries(any_database)[count:]
    assert what(made) == ("report_made", "usage 2026-04 json", "tea", "222160")
    assert what(exported) == ("export_made", "tea", "tea", "222160")
    assert after(exported)["to"] == str(tmp_path / "out")
    (imported,) = entries(other)
    assert what(imported) == ("import_made", "tea", "tea", "222160")
    assert after(imported)["rows"] > 0


OBSTACLES = {
    "drop function audit_append": "its tables are not there yet",
    "alter database {} set default_transaction_read_only = on": "this database is read-only",
}


@pytest.mark.parametrize("statement", OBSTACLES)
def test_where_none_can_be_written_a_report_is_made_all_the_same(
    any_database: Database, tmp_path: Path, statement: str
) -> None:
    apply(any_database, tmp_path)
    forge(any_database, statement.format(any_database.name))
    words = ("report", "usage", "--project", "tea", "--month", "2026-04", "--format", "json", "-o", str(tmp_path / "r"))
    done = run(any_database, *words, "--lang", "en")
    assert f"not in the audit log: {OBSTACLES[statement]}" in done.stderr
    assert (tmp_path / "r").exists()


NO_AUDIT = """
drop role if exists no_audit;
create role no_audit login;
grant all on all tables in schema public to no_audit;
grant usage on all sequences in schema public to no_audit;
"""


def test_a_correction_is_made_where_the_role_may_not_write_entries(any_database: Database, tmp_path: Path) -> None:
    apply(any_database, tmp_path)
    forge(any_database, NO_AUDIT)
    count = len(entries(any_database))
    at = ("--project", "tea", "--device", "soil-1", "--from", "2026-04-01", "--who", "佐藤", "--why", "故障")
    url = any_database.url.replace("postgres@", "no_audit@")
    done = CliRunner().invoke(cli, ["annul", *at, "--lang", "en", "--database", url], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "this database role has no right to add to it" in done.stderr
    assert any_database.connect().execute("select count(*) from correction").fetchone() == (1,)
    assert len(entries(any_database)) == count


def test_a_user_without_a_name_is_known_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert system_user().isdigit()
