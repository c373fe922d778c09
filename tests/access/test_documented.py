"""The guides say what works: their files are read, their tables too, and the roles for older databases are made."""

import re
from pathlib import Path

import psycopg
import pytest

from ingest.access.document.changes import compare
from ingest.access.document.entry import add
from ingest.access.document.model import Document, Known
from ingest.access.document.read import read_content
from ingest.access.document.state import SQL_OF_PAGES_ROLE
from tests.fixtures.database import OwnPostgres

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs/access.ja.md", ROOT / "docs/access.md"]
KNOWN = Known(projects={"sato-bosai": "990001"}, networks=frozenset({"nogyo-lpwa"}))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def document_of(content: str, *, table: bool) -> Document:
    document = Document()
    for written in read_content("example", content.encode(), document.problems, table=table):
        add(document, written)
    return document


def example(page: Path) -> Document:
    (text,) = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return document_of(text, table=False)


@each_page
def test_the_file_of_the_guide_can_be_applied(page: Path) -> None:
    changes = compare(example(page), KNOWN)
    assert changes.problems == []
    assert (len(changes.organisations), len(changes.people)) == (2, 3)
    assert (len(changes.shares), len(changes.readers)) == (1, 1)


@each_page
def test_the_table_of_the_guide_says_the_same_of_its_people_as_the_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    (table,) = re.findall(r"^\| (?:ログイン名|login) \|.*?\n\n", text, re.MULTILINE | re.DOTALL)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()]
    people = document_of("\n".join(",".join(row) for row in rows if "---" not in row), table=True)
    assert people.problems == []
    assert set(people.people) == {"suzuki", "sato"}
    for login, person in people.people.items():
        expected = example(page).people[login]
        assert person.name == expected.name
        assert set(person.grants or {}) == set(expected.grants or {})


def test_both_guides_say_the_same_of_who_may_do_what() -> None:
    assert compare(example(PAGES[0]), KNOWN).people[0].given == compare(example(PAGES[1]), KNOWN).people[0].given


def test_an_older_database_gets_the_roles_and_a_second_time_changes_nothing(own_postgres: OwnPostgres) -> None:
    server = own_postgres(fsync=False)
    server.start()
    file = (ROOT / "deploy/timescaledb/wall-roles.sql").read_text(encoding="utf-8")
    with server.connect() as connection:
        connection.execute("create role noroshi login")
        connection.execute("create role noroshi_writer login")
        for _ in range(2):
            connection.execute(file.encode())
        by_file = memberships(connection)
        connection.execute("drop role noroshi_pages, noroshi_walled")
        for line in SQL_OF_PAGES_ROLE:
            connection.execute(line.encode())
        assert memberships(connection) == by_file, "what the program prints does the same as the file"
        assert ("noroshi_pages", "noroshi_writer", False, False, True) in by_file


def memberships(connection: psycopg.Connection[tuple[object, ...]]) -> set[tuple[object, ...]]:
    rows = connection.execute(
        "select roleid::regrole::text, member::regrole::text, admin_option, inherit_option, set_option"
        " from pg_auth_members where roleid::regrole::text like 'noroshi%'"
    )
    return set(rows.fetchall())
