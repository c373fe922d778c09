"""A look at the database: what it says when the server is well, away, or has a registry that nobody can read."""

import asyncio

import pytest

from ingest.errors import StoreUnavailable
from ingest.pipeline.gateways_heard import HeardGateways
from ingest.registry.index import Directory
from ingest.service import database_look
from ingest.service.database_look import DatabaseLook
from ingest.settings.model import Settings, load
from schemas.bilingual import quoted
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port


def settings_of(url: str) -> Settings:
    return load({"database": {"url": url}, "registry": {"poll_s": 0.05}})


async def looked(
    url: str, version: int = 0, heard: HeardGateways | None = None, *, listens: bool = True
) -> tuple[DatabaseLook, list[Directory]]:
    """After a few looks."""
    used: list[Directory] = []
    looks: list[None] = []
    look = DatabaseLook(settings_of(url), heard or HeardGateways(), lambda: looks.append(None), lambda: listens)
    running = asyncio.create_task(look.run(version, used.append))
    try:
        async with asyncio.timeout(60):
            while len(looks) < 4:  # noqa: ASYNC110  a thread counts
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return look, used


async def test_a_registry_that_changed_is_taken_over_once(any_database: Database) -> None:
    look, used = await looked(any_database.url)
    assert [directory.version for directory in used] == [1]
    assert (look.trouble, look.refusal) == ("", "")
    assert look.apart_s < 1


@pytest.mark.parametrize("listens", [True, False])
async def test_it_is_noted_when_messages_are_taken(any_database: Database, listens: bool) -> None:  # noqa: FBT001
    await looked(any_database.url, listens=listens)
    query = "select count(*) from watch_progress where name = 'listening' and done_until > now() - interval '1 minute'"
    assert any_database.connect().execute(query).fetchone() == (int(listens),)


async def test_a_server_that_is_away_is_told() -> None:
    look, used = await looked(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    assert "no connection" in look.trouble
    assert used == []


async def test_a_registry_that_cannot_be_read_does_not_make_the_database_unreachable(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one in use goes on, and so do the pages."""

    def misfit(_connection: object) -> Directory:
        raise StoreUnavailable(quoted("profile 'x' in the database does not fit this version"))

    monkeypatch.setattr(database_look, "load_directory", misfit)
    look, used = await looked(any_database.url)
    assert (look.trouble, used) == ("", [])


async def test_gateways_that_cannot_be_noted_are_kept_for_the_next_time(any_database: Database) -> None:
    any_database.connect().execute("drop table gateway_heard cascade")
    heard = HeardGateways()
    heard.note(1, 20)
    look, _ = await looked(any_database.url, 1, heard)
    assert look.trouble == ""
    assert heard.take() == {1: 20}
