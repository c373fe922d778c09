"""Watchers that look at the clock: one that fails stops no other, and what they notice is kept."""

from collections.abc import Sequence
from datetime import datetime
from threading import Event as Stop
from threading import Thread

import pytest

from ingest.settings.model import DatabaseSettings
from ingest.store.database import Database as Connection
from ingest.watch.engine.clock import ClockLoop, ClockWatch
from ingest.watch.model import Event, Origin
from ingest.watch.rules import Rules
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.watch.engine.river import crossing, make_river, project_of


def _connected(connection: Connection) -> bool:
    return connection.execute(
        "select exists (select from pg_stat_activity where application_name = 'noroshi'"
        " and datname = current_database())"
    ).fetchone() == (True,)  # fmt: skip


def test_each_looks_for_itself_and_a_failure_is_shown_until_it_is_over(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.watch.engine.clock.RETRY_S", 0.2)
    (device_id,) = make_river(any_database)
    project_id = project_of(any_database.connect())
    broken = [True]
    rules: list[Rules | None] = [None]

    def notice(_connection: Connection, _rules: Rules, _now: datetime) -> Sequence[Event]:
        return [crossing(device_id, project_id, 0, (0, 1), Origin.LIVE)]

    def fail(connection: Connection, _rules: Rules, _now: datetime) -> Sequence[Event]:
        connection.execute("create table if not exists half_done ()")
        if broken:
            connection.execute("select 1 / 0")
        return ()

    watches = (ClockWatch("fails", 0.0, fail), ClockWatch("notices", 0.0, notice))
    loop = ClockLoop(DatabaseSettings(url=any_database.url), watches, lambda: rules[0])
    stop = Stop()
    thread = Thread(target=loop.run, args=(stop,))
    thread.start()
    try:
        connection = any_database.connect()
        rules[0] = Rules()
        eventually(lambda: connection.execute("select count(*) from watch_incident").fetchone() == (1,), within_s=20)
        eventually(lambda: "division by zero" in loop.failing.get("fails", ""), within_s=20)
        assert connection.execute("select to_regclass('half_done')").fetchone() == (None,)
        assert loop.events == 1
        broken.clear()
        eventually(lambda: not loop.failing, within_s=30)
        rules[0] = None
        eventually(lambda: not _connected(connection), within_s=20, what="it lets its connection go")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
