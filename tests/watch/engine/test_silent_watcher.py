"""A watcher whose connection is dead holds the lock of the watch no longer than it takes to notice."""

import psycopg
import pytest

from ingest.watch.engine.database import watcher
from tests.fixtures.database import Database


def test_the_lock_of_a_watcher_that_says_nothing_any_more_is_taken_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, ours = database.connect(), database.connect()
    assert watcher.take_watch(dead)
    watcher.note_alive(dead, 0.0)
    assert not watcher.take_watch(ours)
    assert not watcher.end_silent_watcher(ours), "it said a moment ago that it watches"
    monkeypatch.setattr(watcher, "SILENT_S", 0.0)
    assert watcher.end_silent_watcher(ours)
    with pytest.raises(psycopg.OperationalError):
        dead.execute("select 1")
    assert watcher.take_watch(ours)


def test_a_watcher_that_connects_again_ends_what_it_left_behind(database: Database) -> None:
    lost, again = database.connect(), database.connect()
    assert watcher.take_watch(lost)
    left = watcher.own_backend(lost)
    assert left is not None
    watcher.end_backend(again, left)
    assert watcher.take_watch(again)
