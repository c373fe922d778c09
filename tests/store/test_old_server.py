"""A server that is too old is refused with a sentence, wherever it is met, before anything is asked of it."""

import asyncio

import pytest

from ingest.cli.main import main
from ingest.errors import StoreUnfit
from ingest.receive.subscription import WorkerSlot
from ingest.service.beginning import begin
from ingest.settings.model import DatabaseSettings, Settings
from ingest.store import database as store
from tests.fixtures.database import Database


@pytest.mark.parametrize(("number", "found"), [(150_019, "15.19"), (130_000, "13.0"), (90_624, "9.6.24")])
def test_the_version_found_and_the_way_out_are_named(number: int, found: str) -> None:
    said = store.too_old(number)
    assert said is not None
    assert f"PostgreSQL {found} は古すぎます(16 以上が必要)" in said.ja
    assert f"PostgreSQL {found} is too old, 16 or newer is needed: upgrade the server" in said.en


@pytest.mark.parametrize("number", [160_000, 170_006, 180_004])
def test_from_sixteen_on_it_will_do(number: int) -> None:
    assert store.too_old(number) is None


@pytest.fixture
def old(any_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The real server, which says its version; only what is old is older than it."""
    monkeypatch.setattr(store, "OLDEST_POSTGRESQL", 99)
    return any_database


@pytest.mark.parametrize("command", ["db upgrade", "db status", "registry export", "quarantine list"])
def test_a_command_ends_with_the_sentence(command: str, old: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([*command.split(), "--database", old.url])
    assert left.value.code == 1
    said = capsys.readouterr().err
    assert "noroshi: database.url: postgresql://" in said
    assert "is too old, 99 or newer is needed" in said


@pytest.mark.japanese
def test_the_doctor_calls_it_bad(old: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["doctor", "--only", "database", "--database", old.url])
    assert left.value.code == 1
    out = capsys.readouterr().out
    assert "データベース [database]: 使えません: database.url" in out
    assert "古すぎます" in out


def test_the_service_does_not_wait_for_it_to_become_younger(old: Database) -> None:
    settings = Settings(database=DatabaseSettings(url=old.url))
    waited: list[str] = []
    with pytest.raises(StoreUnfit, match="is too old"):
        asyncio.run(asyncio.wait_for(begin(settings, WorkerSlot(), waited.append), 20))
    assert waited == []
