"""A synchronous standby stops answering, and the primary dies: what is in doubt is neither lost nor doubled."""

import subprocess
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from ingest.errors import StoreUnavailable
from ingest.settings.model import DatabaseSettings
from ingest.store.batch import statements
from ingest.store.batch.writer import Writer
from ingest.store.database import connect
from tests.fixtures.database import FIRST, Database, OwnPostgres, fresh_database
from tests.fixtures.postgres import Postgres
from tests.fixtures.proxy import Proxy, ProxyTo
from tests.store.rows import SECOND_US, T0_US, message, reading

WITHIN_S = 60.0
BATCH = [message(reading(T0_US + n * SECOND_US), at_us=T0_US + n * SECOND_US, payload=b"n%d" % n) for n in range(20)]


class Standby(Postgres):
    """A copy of `primary` that follows it through the port `through`."""

    def __init__(self, primary: Postgres, through: int) -> None:
        self._primary = primary
        self._through = through
        super().__init__(primary.installation, settings={"hot_standby": "on"})

    def _initdb(self) -> None:
        where = f"host=127.0.0.1 port={self._through} user=postgres"
        user, group = self.installation.run_as or (None, None)
        done = subprocess.run(
            [*self.installation.command("pg_basebackup"), f"--dbname={where}", f"--pgdata={self._data}",
             "--checkpoint=fast", "--no-sync"],
            user=user, group=group, extra_groups=None if user is None else [],
            env=self.installation.environment, cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (self._data / "standby.signal").touch()
        self._settings |= {"primary_conninfo": f"{where} application_name=standby"}


class Pair:
    """A primary whose COMMITs wait for its standby; the line between them."""

    def __init__(self, primary: Postgres, database: Database, line: Proxy) -> None:
        self.primary, self.database, self.line = primary, database, line
        self.standby = Standby(primary, line.port)
        with primary.connect() as connection:
            connection.execute("alter system set synchronous_standby_names = 'standby'")
            connection.execute("select pg_reload_conf()")
        self.wait_for("sync")

    @property
    def url(self) -> str:
        """Both, in the way a driver finds the one that is written to."""
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgresql://postgres@{hosts}/{self.database.name}?target_session_attrs=read-write"

    def wait_for(self, state: str) -> None:
        query = "select 1 from pg_stat_replication where sync_state = %s"
        with self.primary.connect() as connection:
            eventually(lambda: connection.execute(query, (state,)).fetchone() is not None)

    def fail_over(self) -> None:
        self.primary.kill()
        with self.standby.connect() as connection:
            connection.execute("select pg_promote()")


def eventually(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def pair(own_postgres: OwnPostgres, proxy_to: ProxyTo) -> Iterator[Pair]:
    primary = own_postgres(FIRST, fsync=False)  # it is killed, and never started again
    both = Pair(primary, fresh_database(primary), proxy_to(primary.port))
    yield both
    both.standby.discard()


@pytest.fixture
def writer(pair: Pair) -> Iterator[Writer]:
    """It has stored something before; nobody answers it for longer than a second."""
    hasty = DatabaseSettings(url=pair.url, statement_timeout_s=1, silence_margin_s=0.2)
    writer = Writer(hasty, "test/1", "test")
    eventually(lambda: stores(writer))
    yield writer
    writer.close()


def stores(writer: Writer) -> bool:
    try:
        writer.write([message(reading(device_id=9), device_id=9)])
    except StoreUnavailable:
        return False
    return True


def leave_in_doubt(pair: Pair, writer: Writer) -> None:
    """The primary has committed, everybody sees it, and the standby has nothing of it."""
    pair.line.strand()
    with pytest.raises(StoreUnavailable, match="no sign of life"):
        writer.write(BATCH)


def seen(server: Postgres, database: Database) -> tuple[int, int, int]:
    with server.connect(database.name) as connection:
        row = connection.execute(
            "select (select count(*) from uplink where device_id = 1)::int,"
            " (select sum(stored) from tally)::int - 1, (select sum(duplicate) from tally)::int"
        ).fetchone()
    assert row is not None
    uplinks, stored, duplicate = row
    return int(uplinks), int(stored), int(duplicate)


def test_what_no_standby_has_is_in_doubt_until_the_primary_dies_and_is_stored_once_on_the_other(
    pair: Pair, writer: Writer
) -> None:
    leave_in_doubt(pair, writer)
    pair.line.freeze()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):  # it is there to be seen, and not to be believed
            writer.write(BATCH)
    assert seen(pair.primary, pair.database)[0] == len(BATCH)
    pair.fail_over()
    assert seen(pair.standby, pair.database)[0] == 0
    eventually(lambda: stores_batch(writer))
    assert seen(pair.standby, pair.database) == (len(BATCH), len(BATCH), 0)


def test_what_the_standby_hears_of_after_all_was_stored_once(pair: Pair, writer: Writer) -> None:
    leave_in_doubt(pair, writer)
    pair.line.heal()
    pair.line.cut()
    pair.line.heal()
    eventually(lambda: stores_batch(writer))
    assert seen(pair.primary, pair.database) == (len(BATCH), len(BATCH), 0)
    pair.fail_over()
    assert seen(pair.standby, pair.database) == (len(BATCH), len(BATCH), 0)


def stores_batch(writer: Writer) -> bool:
    try:
        return writer.write(BATCH).total.stored == len(BATCH)
    except StoreUnavailable:
        return False


def test_the_barrier_waits_for_the_standby_and_the_temporary_tables_do_not(pair: Pair) -> None:
    pair.line.strand()
    hasty = DatabaseSettings(url=pair.url, statement_timeout_s=1, silence_margin_s=0.2)
    with connect(hasty, watched=True) as connection:
        connection.execute(statements.NEED_NO_STANDBY)
        connection.execute(statements.TEMPORARY_TABLES)
        connection.commit()
        connection.execute(statements.BARRIER)
        with pytest.raises(psycopg.OperationalError, match="no sign of life"):
            connection.commit()


def test_a_batch_in_doubt_is_asked_for_behind_the_barrier_only(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(DatabaseSettings(url=any_database.url), "test/1", "test")
    assert stores(writer)
    connection = writer._connection
    assert connection is not None
    commit = connection.commit

    def commit_unheard() -> None:
        commit()
        connection.close()
        raise psycopg.OperationalError("the connection was lost")

    connection.commit = commit_unheard  # type: ignore[method-assign]
    barrier = statements.BARRIER
    monkeypatch.setattr(statements, "BARRIER", "select 1 / 0")
    for _ in range(2):  # the COMMIT without an answer; then no answer at the barrier
        with pytest.raises(StoreUnavailable):
            writer.write(BATCH)
    monkeypatch.setattr(statements, "BARRIER", barrier)
    total = writer.write(BATCH).total
    assert (total.stored, total.duplicate) == (len(BATCH), 0)
    writer.close()
