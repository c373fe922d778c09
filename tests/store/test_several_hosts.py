"""A URL may name several servers; it may not name a pooler."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import StoreUnavailable
from ingest.receive.subscription import WorkerSlot
from ingest.service.beginning import read_beginning
from ingest.settings.model import DatabaseSettings, load
from ingest.store.database import connect, describe, hosts_of, open_pool
from ingest.store.doctor.roles import has_pooler_between
from tests.doctor.call import doctor
from tests.fixtures.database import Database
from tests.fixtures.need import need
from tests.fixtures.ports import free_port


def two_hosts(database: Database, query: str = "") -> str:
    """The first of them is away."""
    return f"postgresql://postgres@127.0.0.1:{free_port()},127.0.0.1:{database.postgres.port}/{database.name}{query}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@a:5432,b:5433/db", "postgresql://u@a:5432,b:5433/db"),
        ("postgresql://u:secret@[::1]:5432/db?sslmode=require", "postgresql://u@[::1]:5432/db?sslmode=require"),
        ("postgresql://a/db?password=secret", "postgresql://a/db"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=/run/postgresql"),
    ],
)
def test_a_url_is_shown_with_all_its_hosts_and_no_password(url: str, shown: str) -> None:
    assert describe(url) == shown


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://u@a:5432,b:5433/db", [("a", 5432), ("b", 5433)]),
        ("postgresql://u@a,b/db", [("a", 5432), ("b", 5432)]),
        ("postgresql:///db", [("", 5432)]),
    ],
)
def test_every_host_of_a_url_is_found(url: str, hosts: list[tuple[str, int]]) -> None:
    assert hosts_of(url) == hosts


@pytest.mark.parametrize("query", ["", "?target_session_attrs=read-write", "?target_session_attrs=primary"])
def test_writer_and_pages_find_the_server_that_is_there(any_database: Database, query: str) -> None:
    settings = DatabaseSettings(url=two_hosts(any_database, query))
    with connect(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    pool = open_pool(settings, max_size=1)
    try:
        with pool.connection(timeout=20) as reader:
            assert reader.execute("show transaction_read_only").fetchone() == ("on",)
    finally:
        pool.close()


def test_the_doctor_examines_a_database_of_several_hosts(any_database: Database) -> None:
    found = doctor("database", "roles", database=two_hosts(any_database, "?target_session_attrs=read-write"))
    assert found.of("unknown") == []


@pytest.fixture
def pooled(any_database: Database, tmp_path: Path) -> Iterator[str]:
    """The database behind a PgBouncer that gives out connections by the transaction."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        need("PgBouncer", "Debian's pgbouncer")
    port = free_port()
    (tmp_path / "users").write_text('"postgres" ""\n')
    (tmp_path / "pgbouncer.ini").write_text(
        f"[databases]\n* = user=postgres host=127.0.0.1 port={any_database.postgres.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"auth_file = {tmp_path}/users\npool_mode = transaction\nignore_startup_parameters = options\n"
    )
    nobody = pwd.getpwnam("nobody")
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o755)
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    process = subprocess.Popen(  # type: ignore[call-overload]
        [program, "-q", str(tmp_path / "pgbouncer.ini")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user
    )
    try:
        wait_for(port)
        yield f"postgresql://postgres@127.0.0.1:{port}/{any_database.name}"
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("PgBouncer does not listen")


def test_a_pooler_in_between_is_found_by_the_doctor_and_refused_at_the_start(
    pooled: str, any_database: Database
) -> None:
    with any_database.connect() as direct:
        assert not has_pooler_between(direct)
    settings = load({"database": {"url": pooled}})
    with pytest.raises(StoreUnavailable, match=r"a pooler .* name PostgreSQL itself"):
        read_beginning(settings, WorkerSlot(1, 1))
    assert "a pooler (PgBouncer or the like) is in between" in doctor("database", database=pooled).of("bad")
