"""`noroshi audit`: what it says, its exit codes, and the forms in which it lists."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from ingest.access.audit import Action, Entry, append, read_entries
from ingest.access.audit_log.entry import Wanted
from ingest.cli.main import cli
from ingest.errors import AuditLogWrong
from tests.access.audit_log.log import filled, forge
from tests.fixtures.database import Database


def call(database: Database, *words: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *words, "--database", database.url])


def listed(database: Database, *words: str) -> list[int]:
    """The numbers of the listed entries."""
    done = call(database, "list", "--format", "json", *words)
    assert done.exit_code == 0, done.output
    return [json.loads(line)["entry"] for line in done.output.splitlines()]


def test_a_whole_log_is_told_with_what_to_note(any_database: Database) -> None:
    filled(any_database)
    done = call(any_database, "verify")
    assert done.exit_code == 0
    newest = read_entries(any_database.connect(), Wanted(limit=1))[0]
    link = f"5:{newest.hash.hex()}"
    assert "The 5 entries are as they were written." in done.output
    assert f"last entry: {link} " in done.output
    assert call(any_database, "verify", "--expect", link, "--expect", link).exit_code == 0
    forge(any_database, "delete from audit_entry where entry_id > 3")
    assert call(any_database, "verify").exit_code == 0
    cut = call(any_database, "verify", "--expect", link)
    assert isinstance(cut.exception, AuditLogWrong)
    assert "entry 5: it was noted, but the log ends with entry 3" in cut.output


def test_what_is_wrong_is_told_and_ends_with_an_error(any_database: Database) -> None:
    filled(any_database)
    forge(any_database, "update audit_entry set actor = 'somebody' where entry_id = 2")
    done = call(any_database, "verify", "--lang", "ja")
    assert isinstance(done.exception, AuditLogWrong)
    assert "番号 2: 内容がハッシュと合いません" in done.output
    assert done.exception.args[0].ja == "監査ログに 1 件の誤りがあります(5 件を検査)"


def test_many_faults_are_counted(any_database: Database) -> None:
    filled(any_database, 103)
    forge(any_database, "update audit_entry set actor = 'somebody'")
    done = call(any_database, "verify")
    assert done.output.count("it was changed") == 100
    assert "3 more things are wrong." in done.output


def test_what_was_noted_must_be_written_as_it_was(any_database: Database) -> None:
    done = call(any_database, "verify", "--expect", "5")
    assert done.exit_code == 2
    assert "write ENTRY:HASH exactly as audit verify printed it" in done.output


@pytest.fixture
def several(any_database: Database) -> Database:
    """Entries 1 to 4 on 31 March and 1 April of Japan."""
    connection = any_database.connect()
    append(connection, Entry(Action.SIGNED_IN, "sato", "sato", "農林課"))
    append(
        connection, Entry(Action.DATA_DOWNLOADED, "=1+1", "sato", "農林課", "222160", "tea", after={"rows": 3}), "::1"
    )
    append(connection, Entry(Action.DATA_DOWNLOADED, "x", "suzuki", "", "222135", "rain"))
    append(connection, Entry(Action.SIGNED_OUT, "sato", "sato"))
    midnight = datetime(2026, 3, 31, 15, tzinfo=UTC)
    for number, at in enumerate((-2, -1, 0, 1), 1):
        forge(
            any_database,
            f"update audit_entry set at = '{midnight + timedelta(microseconds=at)}' where entry_id = {number}",
        )
    return any_database


def test_entries_are_listed_newest_first_and_filtered(several: Database) -> None:
    assert listed(several) == [4, 3, 2, 1]
    assert listed(several, "--to", "2026-03-31") == [2, 1]
    assert listed(several, "--from", "2026-04-01") == [4, 3]
    assert listed(several, "--actor", "sato") == [4, 2, 1]
    assert listed(several, "--action", "data_downloaded") == [3, 2]
    assert listed(several, "--organisation", "222135") == [3]
    assert listed(several, "--limit", "3") == [4, 3, 2]


def test_pages_follow_each_other(several: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.cli.audit.AT_ONCE", 2)
    assert listed(several) == [4, 3, 2, 1]
    assert listed(several, "--limit", "3") == [4, 3, 2]
    assert listed(several, "--actor", "sato") == [4, 2, 1]


def test_entries_about_some_organisations_alone(several: Database) -> None:
    connection = several.connect()
    assert [each.entry_id for each in read_entries(connection, Wanted(organisations=["222160", "222135"]))] == [3, 2]
    assert read_entries(connection, Wanted(organisations=[])) == []
    assert len(read_entries(connection, Wanted())) == 4


def test_the_table_is_for_excel(several: Database) -> None:
    done = call(several, "list", "--format", "csv", "--lang", "ja")
    assert done.output.startswith("\ufeff番号,日時,利用者,所属,団体コード")
    rows = list(csv.reader(io.StringIO(done.output)))
    assert rows[3][:12] == [
        "2", "2026-03-31T23:59:59.999+09:00", "sato", "農林課", "222160", "tea", "data_downloaded",
        "データのダウンロード", "'=1+1", "", '{"rows": 3}', "::1",
    ]  # fmt: skip
    assert done.stdout_bytes.count(b"\r\n") == 5


def test_what_is_invisible_in_an_entry_is_shown_in_the_table(any_database: Database) -> None:
    append(any_database.connect(), Entry(Action.SIGN_IN_REFUSED, "\u202e\x1b[2J\n=1"))
    row = list(csv.reader(io.StringIO(call(any_database, "list", "--format", "csv").output)))[1]
    assert row[8] == "\\u202e\\u001b[2J\\n=1"


def test_a_line_for_people_names_the_action_in_their_language(several: Database) -> None:
    assert (
        '       2  2026-03-31 23:59:59  sato  データのダウンロード  =1+1  222160/tea  {"rows": 3}'
        in call(several, "list", "--lang", "ja").output.splitlines()
    )
    assert "signed out" in call(several, "list", "--lang", "en").output


def test_an_action_of_a_newer_version_is_listed_by_its_name(several: Database) -> None:
    forge(several, "update audit_entry set action = 'thing_done' where entry_id = 4")
    assert "thing_done" in call(several, "list").output
