"""Applying documents to a real database: all or nothing, twice is once, and all of it in the audit log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingest.access.audit import Action, read_entries
from ingest.access.audit_log.entry import Wanted
from ingest.access.document import document
from ingest.access.document.changes import AccessChanges
from ingest.access.document.model import Grant, Where
from ingest.access.document.read import read
from ingest.access.document.write import as_yaml, people_csv
from ingest.access.readers.apply import apply_readers
from ingest.access.roles import Role
from ingest.errors import CallRefused
from tests.fixtures.database import Database

Connection = psycopg.Connection[Any]

FUKUROI, IWATA = "222160", "222119"

WHOLE = f"""
organisations:
  - {{code: "{FUKUROI}", name: 袋井市}}
  - {{code: "{IWATA}", name: 磐田市}}
people:
  - {{login: sato, name: 佐藤, memberships: [{{role: admin, organisation: everywhere}}]}}
  - login: suzuki
    name: 鈴木
    department: 農政課
    memberships:
      - {{role: operator, organisation: "{FUKUROI}"}}
      - {{role: viewer, project: river}}
      - {{role: installer, network: lora}}
shares:
  - {{project: tea, organisation: "{IWATA}", role: viewer}}
readers:
  - {{role: grafana_iwata, organisation: "{IWATA}"}}
"""


@pytest.fixture
def connection(any_database: Database) -> Iterator[Connection]:
    opened = any_database.connect(autocommit=False)
    opened.execute(
        "insert into project (code, name, organisation_code) values ('tea', '茶', %s), ('river', '川', %s)",
        (FUKUROI, IWATA),
    )
    opened.execute(
        "insert into network (code, project_id, kind, name) select 'lora', project_id, 'lpwa', 'LoRa' from project"
        " where code = 'tea'"
    )
    opened.commit()
    yield opened
    any_database.close()
    with any_database.postgres.connect(any_database.name) as last:
        if last.execute("select to_regrole('grafana_iwata')").fetchone() != (None,):
            last.execute("drop owned by grafana_iwata")
            last.execute("drop role grafana_iwata")


def applied(connection: Connection, tmp_path: Path, text: str, name: str = "people.yaml") -> AccessChanges:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    changes, left = document.apply(connection, read([path]), "command:test", apply_readers)
    assert all("grafana_iwata" in line for line in left), "a new reader has a password to show"
    return changes


def counts(connection: Connection) -> list[int]:
    tables = ("organisation", "person", "membership", "project_share", "access_reader", "audit_entry")
    rows = [connection.execute(f"select count(*) from {table}".encode()).fetchone() for table in tables]
    return [row[0] for row in rows if row]


def test_what_is_applied_is_known_afterwards_and_a_second_time_changes_nothing(
    connection: Connection, tmp_path: Path
) -> None:
    applied(connection, tmp_path, WHOLE)
    known = document.known(connection)
    assert known.organisations == {FUKUROI: "袋井市", IWATA: "磐田市"}
    assert known.people["sato"].grants == {Grant(Role.ADMIN, Where.EVERYWHERE)}
    assert known.people["suzuki"].grants == {
        Grant(Role.OPERATOR, Where.ORGANISATION, FUKUROI),
        Grant(Role.VIEWER, Where.PROJECT, "river"),
        Grant(Role.INSTALLER, Where.NETWORK, "lora"),
    }
    assert known.shares == {("tea", IWATA): Role.VIEWER}
    assert known.readers == {"grafana_iwata": IWATA}
    before = counts(connection)
    assert before == [2, 2, 4, 1, 1, 10]
    for name, text in (("a.yaml", WHOLE), ("b.yaml", as_yaml(known)), ("c.csv", people_csv(known))):
        assert not applied(connection, tmp_path, text, name).changes_something, name
    assert counts(connection) == before


def test_one_mistake_and_nothing_is_written(connection: Connection, tmp_path: Path) -> None:
    with pytest.raises(CallRefused, match="no project nowhere"):
        applied(connection, tmp_path, WHOLE.replace("project: river", "project: nowhere"))
    assert counts(connection) == [0] * 6


def test_changes_are_made_and_nothing_else_is_touched(connection: Connection, tmp_path: Path) -> None:
    applied(connection, tmp_path, WHOLE)
    changed = f"""
people:
  - login: suzuki
    department: 防災課
    enabled: no
    memberships: [{{role: viewer, organisation: "{FUKUROI}"}}]
shares: [{{project: tea, organisation: "{IWATA}", role: none}}]
readers: [{{role: grafana_iwata, organisation: "{FUKUROI}"}}]
"""
    connection.execute(
        "insert into web_session (digest, person_id, csrf)"
        " select 'x', person_id, 'c' from person where login = 'suzuki'"
    )
    applied(connection, tmp_path, changed)
    known = document.known(connection)
    suzuki = known.people["suzuki"]
    assert (suzuki.name, suzuki.department, suzuki.enabled) == ("鈴木", "防災課", False)
    assert suzuki.grants == {Grant(Role.VIEWER, Where.ORGANISATION, FUKUROI)}
    assert (known.shares, known.readers) == ({}, {"grafana_iwata": FUKUROI})
    assert known.people["sato"].grants == {Grant(Role.ADMIN, Where.EVERYWHERE)}
    assert connection.execute("select count(*) from web_session").fetchone() == (0,), "disabled people are signed out"


def test_every_change_is_in_the_audit_log_under_the_organisation_it_is_about(
    connection: Connection, tmp_path: Path
) -> None:
    applied(connection, tmp_path, WHOLE)
    applied(connection, tmp_path, "people: [{login: suzuki, enabled: no}]")
    entries = [*reversed(read_entries(connection, Wanted()))]
    assert {entry.actor for entry in entries} == {"command:test"}
    said = [(entry.action, entry.subject, entry.organisation, entry.project) for entry in entries]
    assert (Action.SHARE_CHANGED, f"tea / {IWATA}", FUKUROI, "tea") in said
    assert (Action.MEMBERSHIP_CHANGED, "suzuki", IWATA, "river") in said
    assert (Action.MEMBERSHIP_CHANGED, "suzuki", FUKUROI, None) in said
    assert (Action.MEMBERSHIP_CHANGED, "sato", None, None) in said
    assert said[-1] == (Action.PERSON_DISABLED, "suzuki", FUKUROI, None)


def test_the_last_admin_cannot_be_taken_away(connection: Connection, tmp_path: Path) -> None:
    applied(connection, tmp_path, WHOLE)
    before = counts(connection)
    with pytest.raises(CallRefused, match="nobody could administer"):
        applied(connection, tmp_path, "people: [{login: sato, enabled: no}]")
    assert counts(connection) == before


def test_a_role_of_the_provider_stays_its_own(connection: Connection, tmp_path: Path) -> None:
    applied(connection, tmp_path, WHOLE)
    connection.execute(
        "insert into membership (person_id, role, organisation_id, source)"
        " select person_id, 'viewer', organisation_id, 'oidc' from person, organisation"
        " where login = 'suzuki' and code = %s",
        (FUKUROI,),
    )
    applied(connection, tmp_path, "people: [{login: suzuki, memberships: []}]")
    suzuki = document.known(connection).people["suzuki"]
    assert not suzuki.grants
    assert suzuki.provided == {Grant(Role.VIEWER, Where.ORGANISATION, FUKUROI)}


def test_the_first_admin_is_made_once(connection: Connection, tmp_path: Path) -> None:
    applied(
        connection,
        tmp_path,
        f"""
organisations: [{{code: "{FUKUROI}", name: 袋井市}}]
people: [{{login: sato, name: 佐藤, enabled: no, memberships: [{{role: viewer, organisation: "{FUKUROI}"}}]}}]
""",
    )
    assert document.make_first_admin(connection, "sato", "other", "command:test") is None
    sato = document.known(connection).people["sato"]
    assert (sato.name, sato.enabled, len(sato.grants), bool(sato.administers)) == ("佐藤", True, 2, True)
    assert document.make_first_admin(connection, "ito", "伊藤", "command:test") == "sato"
    assert "ito" not in document.known(connection).people
