"""Faults of the database: killed, away, read-only, full, locked, without a connection to spare."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import pytest

from tests.torture.stage import Plan, Stage

# The server waits before it makes a COMMIT durable, and nobody else does it meanwhile: what is killed then
# has given its transaction a number that the log does not know.
SLOW_COMMIT = {"commit_delay": "100000", "commit_siblings": "0", "wal_writer_delay": "10000"}
SMALL_BATCHES = {"NOROSHI_INTAKE__BATCH_MESSAGES": "50"}
HASTY = {"NOROSHI_DATABASE__STATEMENT_TIMEOUT_S": "1"}
SHORT_KEEP_ALIVE = {"NOROSHI_BROKER__KEEP_ALIVE_S": "2", "NOROSHI_INTAKE__WINDOW_MESSAGES": "2000",
                    "NOROSHI_INTAKE__BATCH_MESSAGES": "500"}  # fmt: skip


def killed(stage: Stage) -> None:
    """kill -9 of PostgreSQL with all its children at random moments of a live load."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            stage.pause(0.2, 0.7)
            stage.postgres.kill()
            stage.pause(0, 0.3)
            stage.postgres.start()
            stage.done += 1
    stage.settle()
    stage.expect(stage.told.store_failures > 0, "store_failures counted it")
    stage.expect(stage.told.store_was_away, "store_available said 0")


def killed_in_commit(stage: Stage) -> None:
    """The same where the kill falls into a COMMIT nearly always, so that its fate is in doubt."""
    killed(stage)


KILLED_IN_COMMIT = Plan(postgres=SLOW_COMMIT, settings=SMALL_BATCHES)


READ_MESSAGES = 256 * 1024 // 80
"""As many of our smallest messages are in one read of the socket."""


def away(stage: Stage) -> None:
    """Stopped for longer than the keep-alive, a link to the broker that breaks meanwhile, a full window."""
    stage.publish(stage.size // 2)
    stage.settle()
    stage.postgres.stop()
    stage.publish(stage.size - stage.size // 2)
    for _ in range(stage.times):
        stage.pause(2.5, 4)
        stage.to_broker.cut()
        stage.pause(0, 0.3)
        stage.to_broker.heal()
        stage.done += 1
    held = stage.told.held
    stage.postgres.start()
    stage.settle()
    # One read of the socket may come on top of the window.
    stage.expect(held <= 2000 + READ_MESSAGES, f"what is held stays bounded: {held:.0f} with a window of 2000")
    stage.expect(stage.told.oldest_unacknowledged_s > 2, "oldest_unacknowledged_seconds grew")
    stage.expect(stage.told.reason("database.url", "no connection"), f"readyz named it: {stage.told.reasons}")


AWAY = Plan(settings=SHORT_KEEP_ALIVE)


def read_only(stage: Stage) -> None:
    """Restarted read-only, as after a failover that went wrong."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            stage.pause(0.1, 0.4)
            _restart(stage, "on")
            stage.until(lambda: stage.told.reason("25006"), "readyz says what the database said: read-only", 5)
            stage.pause(0, 0.3)
            _restart(stage, "off")
            stage.done += 1
    stage.settle()


def _restart(stage: Stage, read_only: str) -> None:
    stage.postgres.stop()
    stage.postgres.configure(default_transaction_read_only=read_only)
    stage.postgres.start()


def without_connections(stage: Stage) -> None:
    """Others hold every connection there is, and ours are gone."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            stage.pause(0.1, 0.4)
            with _all_connections(stage):
                stage.until(lambda: stage.told.reason("too many clients"), "readyz says: too many clients", 5)
                stage.pause(0, 0.5)
            stage.done += 1
    stage.settle()


@contextmanager
def _all_connections(stage: Stage) -> Iterator[None]:
    held = [stage.postgres.connect()]
    try:
        for _ in range(200):
            _take_the_rest(stage, held)
            held[0].execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'noroshi'")
        _take_the_rest(stage, held)
        yield
    finally:
        for connection in held:
            connection.close()


def _take_the_rest(stage: Stage, held: list[psycopg.Connection[Any]]) -> None:
    with suppress(psycopg.OperationalError):
        while True:
            held.append(stage.postgres.connect())


def locked(stage: Stage) -> None:
    """Somebody holds a lock for longer than a statement may take, on one table after the other."""
    with stage.feeding(stage.size):
        for _ in range(stage.times):
            table = stage.chance.choice(("tally", "uplink", "reading"))
            before = stage.service.metrics()["store_failures"]
            with psycopg.connect(stage.database.url) as blocker:
                blocker.execute(f"lock table {table} in access exclusive mode".encode())
                stage.until(
                    lambda known=before: stage.service.metrics()["store_failures"] > known,  # type: ignore[misc]
                    f"store_failures counts a lock on {table}",
                )
            stage.done += 1
    stage.settle()
    stage.expect(stage.told.reason("57014"), f"readyz says statement timeout: {stage.told.reasons}")


LOCKED = Plan(settings=HASTY)


def full(stage: Stage) -> None:
    """The disk under the tables is full: a small tmpfs, and somebody else's file that takes the rest of it."""
    disk = _small_disk(stage)
    name = f"small_{stage.database.name}"
    stage.service.terminate()
    with stage.postgres.connect() as connection:
        connection.execute(f"create tablespace {name} location '{disk / 'tables'}'".encode())
        connection.execute(f"alter database {stage.database.name} set tablespace {name}".encode())
    stage.afterwards.callback(_drop_tablespace, stage, name)
    stage.service.start()
    ballast = disk / "ballast"
    for _ in range(stage.times):
        stage.publish(stage.size // stage.times // 2)
        _fill(ballast)
        stage.publish(stage.size // stage.times // 2)
        stage.until(lambda: stage.told.reason("53100"), "readyz says: disk full")
        stage.pause(0, 0.5)
        ballast.unlink()
        stage.done += 1
        stage.settle()


def _drop_tablespace(stage: Stage, name: str) -> None:
    with stage.postgres.connect() as connection:
        connection.execute(f"drop tablespace {name}".encode())


def _small_disk(stage: Stage) -> Path:
    """A tmpfs of 96 MiB with a folder `tables` that PostgreSQL owns."""
    if os.geteuid() != 0 or stage.postgres.installation.root is not None:
        pytest.skip("a small disk needs root, and a server outside of a chroot")
    disk = Path(mkdtemp(prefix="noroshi-small-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=755", "none", str(disk)], capture_output=True, check=False
    )
    if done.returncode != 0:
        disk.rmdir()
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    stage.afterwards.callback(disk.rmdir)
    stage.afterwards.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=True)
    (disk / "tables").mkdir()
    os.chown(disk / "tables", *stage.postgres.installation.owner)
    return disk


def _fill(ballast: Path) -> None:
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65_536))
