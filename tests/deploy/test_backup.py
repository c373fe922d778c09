"""A dump, a copy of the files and its log: what each brings back is counted, and the service goes on with it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from ingest.cli.main import cli
from ingest.handover.database.rows import identity
from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.timescale import Tier
from tests.deploy.installation import DATABASE, DEPLOY, prepare, url
from tests.fixtures.database import NAMES, Database, OwnPostgres, fresh_database
from tests.fixtures.postgres import Postgres
from tests.handover.valley import MIDNIGHT, fill, rows, us
from tests.store.rows import message, reading
from tests.store.test_compressed import compress

TABLES = (
    "project",
    "network",
    "gateway",
    "profile",
    "device",
    "uplink",
    "reading",
    "reading_conflict",
    "quarantine",
    "tally",
)


@pytest.fixture(params=NAMES)
def filled(request: pytest.FixtureRequest, own_postgres: OwnPostgres) -> Database:
    """A database with every kind of row; on community its older chunks are in the columnstore."""
    database = fresh_database(own_postgres(request.param, fsync=False))
    fill(database)
    if database.tier is Tier.COMMUNITY:
        compress(database)
    database.close()
    return database


@pytest.fixture
def empty(filled: Database, own_postgres: OwnPostgres) -> Postgres:
    """A second server of the same installation, with nothing in it."""
    return own_postgres(filled.postgres.name, fsync=False)


def script(
    name: str, server: Postgres, database: str, *words: str | Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a script with the programs of the server's own installation."""
    installation = server.installation
    *begin, program = installation.command("psql")
    ours = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGDATABASE": database}
    where = {"PG_CLIENT": " ".join(begin), "PG_CLIENT_BIN": str(Path(program).parent)}
    return subprocess.run(
        [DEPLOY / "backup" / name, *words], env={**installation.environment, **ours, **where, **more},
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip


def backup(database: Database, directory: Path, **more: str) -> Path:
    done = script("backup.sh", database.postgres, database.name, directory, **more)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def counts(database: Database) -> dict[str, Any]:
    found: dict[str, Any] = {table: rows(database, f"select count(*) from {table}") for table in TABLES}
    found["values"] = rows(database, "select value, time from reading order by 1, 2")
    with database.connect() as connection:
        found["identity"] = identity(connection, "tea")
    database.close()
    return found


def in_columnstore(database: Database) -> int:
    query = "select count(*) from timescaledb_information.chunks where is_compressed"
    found = int(rows(database, query)[0][0]) if database.tier is Tier.COMMUNITY else 0
    database.close()
    return found


def goes_on(database: Database) -> None:
    """What was stored is a duplicate, what is new is stored, between what lies in the columnstore too."""
    query = "select device_id, project_id from device d join project p using (project_id)"
    ((device, project),) = rows(database, f"{query} where (d.code, p.code) = ('a', 'tea')")
    at = us(MIDNIGHT)
    old = message(reading(at + 9, 1.5, device), at_us=at + 9, device_id=device, project_id=project)
    new = message(reading(at + 99, 2.5, device), at_us=at + 99, device_id=device, project_id=project)
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    total = writer.write([old, new]).total
    writer.close()
    database.close()
    assert (total.readings_stored, total.readings_duplicate) == (1, 1)


def test_a_dump_brings_everything_back_and_the_service_goes_on(
    filled: Database, empty: Postgres, tmp_path: Path
) -> None:
    dump = backup(filled, tmp_path)
    done = script("restore.sh", empty, "restored", dump)
    assert done.returncode == 0, done.stderr
    restored = Database(empty, "restored")
    assert counts(restored) == counts(filled)
    assert in_columnstore(restored) == in_columnstore(filled)
    assert (in_columnstore(restored) > 0) == (filled.tier is Tier.COMMUNITY)
    assert CliRunner().invoke(cli, ["db", "upgrade", "--database", restored.url]).exit_code == 0
    status = CliRunner().invoke(cli, ["db", "status", "--database", restored.url]).output
    assert "migrations   up to date" in status
    assert f"tier         {filled.tier}" in status
    goes_on(restored)
    if restored.tier is Tier.COMMUNITY:
        compress(restored)
        assert in_columnstore(restored) >= in_columnstore(filled)
    restored.close()


def test_a_damaged_dump_is_refused_before_anything_is_made(any_dump: Path, any_server: Postgres) -> None:
    content = bytearray(any_dump.read_bytes())
    content[len(content) // 2] ^= 1
    any_dump.write_bytes(content)
    done = script("restore.sh", any_server, "never", any_dump)
    assert (done.returncode, "nothing was done" in done.stderr) == (2, True)
    with any_server.connect() as connection:
        assert connection.execute("select 1 from pg_database where datname = 'never'").fetchone() is None


def test_a_database_with_tables_is_left_alone(any_dump: Path, any_server: Postgres) -> None:
    done = script("restore.sh", any_server, "postgres", any_dump)
    assert done.returncode == 0, done.stderr
    again = script("restore.sh", any_server, "postgres", any_dump)
    assert (again.returncode, "has tables already" in again.stderr) == (2, True)


@pytest.mark.parametrize("name", NAMES)
def test_a_database_that_was_dropped_comes_back_to_its_owner_and_may_be_upgraded(
    name: str, own_postgres: OwnPostgres, tmp_path: Path
) -> None:
    server = own_postgres(name, fsync=False)
    prepare(server)
    dump = backup(Database(server, DATABASE), tmp_path)
    rights = "select datdba::regrole::text, datacl::text from pg_database where datname = 'noroshi'"
    with server.connect() as connection:
        before = connection.execute(rights).fetchone()
        connection.execute("drop database noroshi with (force)")
    done = script("restore.sh", server, DATABASE, dump)
    assert done.returncode == 0, done.stderr
    with server.connect() as connection:
        assert connection.execute(rights).fetchone() == before
    assert CliRunner().invoke(cli, ["db", "upgrade", "--database", url(server, "noroshi")]).exit_code == 0
    assert CliRunner().invoke(cli, ["db", "status", "--database", url(server, "noroshi_writer")]).exit_code == 0


def test_the_version_of_timescaledb_must_be_there(any_dump: Path, any_server: Postgres) -> None:
    about = Path(f"{any_dump}.about")
    about.write_text(
        about.read_text(encoding="utf-8").replace("timescaledb none", "timescaledb 1.7.0"), encoding="utf-8"
    )
    sums = subprocess.run(
        ["sha256sum", any_dump.name, about.name], cwd=any_dump.parent, capture_output=True, check=True
    )
    Path(f"{any_dump}.sha256").write_bytes(sums.stdout)
    done = script("restore.sh", any_server, "never", any_dump)
    assert (done.returncode, "install 1.7.0" in done.stderr) == (2, True)


@pytest.fixture
def any_server(own_postgres: OwnPostgres) -> Postgres:
    return own_postgres(fsync=False)


@pytest.fixture
def any_dump(any_database: Database, tmp_path: Path) -> Path:
    return backup(any_database, tmp_path)


def test_old_dumps_go_but_the_first_of_each_month_stays(any_database: Database, tmp_path: Path) -> None:
    made = [f"noroshi-2025{month}{day}T000000Z.dump" for month in ("08", "09", "10") for day in ("01", "15", "28")]
    for name in made:
        for suffix in ("", ".about", ".sha256"):
            (tmp_path / f"{name}{suffix}").touch()
    newest = backup(any_database, tmp_path, KEEP="2", KEEP_MONTHS="3").name
    left = sorted(path.name for path in tmp_path.glob("*.dump"))
    assert left == [made[3], made[6], made[8], newest]
    assert len(list(tmp_path.glob("noroshi-*"))) == 3 * len(left)


def test_a_dump_that_failed_leaves_nothing_and_lets_nothing_go(any_database: Database, tmp_path: Path) -> None:
    old = [tmp_path / f"noroshi-2020{month}01T000000Z.dump" for month in ("01", "02")]
    for dump in old:
        dump.touch()
    done = script("backup.sh", any_database.postgres, "no such database", tmp_path, KEEP="1", KEEP_MONTHS="1")
    assert done.returncode != 0
    assert sorted(path for path in tmp_path.iterdir() if path.name != ".lock") == old


def test_a_copy_of_the_files_brings_everything_back(filled: Database, empty: Postgres) -> None:
    expected = counts(filled)
    copy_files(filled.postgres, empty)
    empty.start()
    restored = Database(empty, filled.name)
    assert counts(restored) == expected
    assert in_columnstore(restored) == in_columnstore(filled)
    goes_on(restored)
    restored.close()


def copy_files(source: Postgres, target: Postgres, prepare: Callable[[Path], None] = lambda _: None) -> None:
    """pg_basebackup and pg_verifybackup of the source's own installation, in place of the target's data."""
    installation = target.installation
    target.stop()
    shutil.rmtree(target._data)
    target._data.mkdir(mode=0o700)
    os.chown(target._data, *installation.owner)
    place = str(installation.seen_from_inside(target._data))
    address = f"--dbname=host=127.0.0.1 port={source.port} user=postgres"
    user, group = installation.run_as or (None, None)
    verify = [*installation.command("pg_verifybackup"), place]
    for words in (
        [*installation.command("pg_basebackup"), "--pgdata", place, "--checkpoint=fast", address],
        verify if installation.libraries is None else ["true"],  # the one that comes with pip crashes by itself
    ):
        done = subprocess.run(
            words, user=user, group=group, extra_groups=None if user is None else [], env=installation.environment,
            cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    prepare(target._data)


@pytest.mark.parametrize("name", NAMES)
def test_the_log_brings_back_what_came_after_the_copy(own_postgres: OwnPostgres, name: str) -> None:
    """Point-in-time recovery: base copy, archived log, a server that dies; up to the last segment nothing is lost."""
    source = own_postgres(name, fsync=True)
    archive = source._directory / "archive"
    archive.mkdir()
    os.chown(archive, *source.installation.owner)
    inside = source.installation.seen_from_inside(archive)
    source.stop()
    source.configure(archive_mode="on", archive_command=f"test ! -f {inside}/%f && cp %p {inside}/%f")
    source.start()
    database = fresh_database(source)
    target = own_postgres(name, fsync=True)
    copy_files(source, target, lambda data: wanted(data, target, str(inside)))
    fill(database)  # after the copy
    expected = counts(database)
    with source.connect() as connection:
        connection.execute("select pg_switch_wal()")
        archived(connection)
    source.kill()
    target.start()
    restored = Database(target, database.name)
    writable(restored)
    assert counts(restored) == expected
    goes_on(restored)
    restored.close()


def wanted(data: Path, target: Postgres, archive: str) -> None:
    signal = data / "recovery.signal"
    signal.touch()
    os.chown(signal, *target.installation.owner)
    target.configure(restore_command=f"cp {archive}/%f %p")


def archived(connection: psycopg.Connection[Any]) -> None:
    """Wait until every finished segment is in the archive."""
    (last,) = connection.execute("select pg_walfile_name(pg_current_wal_lsn() - 1)").fetchone() or ("",)
    for _ in range(300):
        row = connection.execute("select last_archived_wal from pg_stat_archiver").fetchone()
        if row and (row[0] or "") >= last:
            return
        connection.execute("select pg_sleep(0.1)")
    pytest.fail(f"segment {last} was not archived")


def writable(database: Database) -> None:
    """Wait until recovery has ended."""
    with database.connect() as connection:
        for _ in range(300):
            if connection.execute("select pg_is_in_recovery()").fetchone() == (False,):
                return
            connection.execute("select pg_sleep(0.1)")
    pytest.fail("still in recovery")
