"""The wall as docker-compose.yml makes it: what the pages show of each organisation, and what a reader sees."""

from collections.abc import Iterator

import psycopg
import pytest

from ingest.store.schema.migrate import upgrade
from ingest.store.wall import Wall, take_pages_role
from tests.deploy.installation import prepare, url
from tests.figures.two_towns import SEED
from tests.fixtures.database import FIRST, installed
from tests.fixtures.postgres import Postgres

READER = "reader_of_here"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    postgres = Postgres(installed(FIRST))
    try:
        prepare(postgres)
        with psycopg.connect(url(postgres, "noroshi"), autocommit=True) as owner:
            owner.execute(SEED)
        yield postgres
    finally:
        postgres.discard()


@pytest.mark.parametrize(("projects", "seen"), [("*", ["here", "there"]), ("own", ["here"]), ("", [])])
def test_the_pages_show_what_their_caller_may_see(server: Postgres, projects: str, seen: list[str]) -> None:
    with psycopg.connect(url(server, "noroshi_writer"), autocommit=True) as writer:
        found = writer.execute("select project_id::text from project where code = 'here'").fetchone()
        assert found is not None
        take_pages_role(writer)
        Wall()(writer, found[0] if projects == "own" else projects, "")
        for query in (
            "select code from project order by 1",
            "select distinct project from figure_device_state order by 1",
            "select distinct project from figure_latest order by 1",
        ):
            assert [code for (code,) in writer.execute(query.encode())] == seen, query


def test_a_reader_of_one_organisation_sees_its_own(server: Postgres) -> None:
    with server.connect("noroshi") as superuser:
        superuser.execute(f"create role {READER} login")
        superuser.execute(f"grant connect on database noroshi to {READER}")
    with psycopg.connect(url(server, "noroshi"), autocommit=True) as owner:
        owner.execute(f"grant noroshi_walled to {READER}")
        owner.execute(
            "insert into access_reader select %s, organisation_id from organisation where code = '010006'", (READER,)
        )
    with psycopg.connect(url(server, READER), autocommit=True) as reader:
        reader.execute("set search_path = wall, public")
        for query in ("select code from project", "select distinct project from figure_device_state"):
            assert reader.execute(query.encode()).fetchall() == [("here",)]


def test_an_owner_who_may_make_roles_needs_no_superuser(server: Postgres) -> None:
    """Another owner in another database: it makes the roles of the wall, and the functions that run as the pages do."""
    with server.connect() as superuser:
        superuser.execute("alter role noroshi_pages rename to pages_elsewhere")
        superuser.execute("alter role noroshi_walled rename to walled_elsewhere")
        try:
            superuser.execute("create role another login createrole")
            superuser.execute("create database another owner another")
            with psycopg.connect(url(server, "another").replace("/noroshi", "/another"), autocommit=True) as owner:
                upgrade(owner)
                take_pages_role(owner)
                Wall()(owner, "", "")
                assert owner.execute("select current_user, count(*) from project").fetchall() == [("noroshi_pages", 0)]
            superuser.execute("drop database another")
            superuser.execute("drop role noroshi_pages, noroshi_walled")
        finally:
            superuser.execute("alter role pages_elsewhere rename to noroshi_pages")
            superuser.execute("alter role walled_elsewhere rename to noroshi_walled")
