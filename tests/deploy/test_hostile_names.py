"""A name that is SQL, an option, a shell command or the address of another server is refused, and nothing is done."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.deploy.installation import DEPLOY
from tests.fixtures.database import FIRST, Servers, installed
from tests.fixtures.postgres import Postgres

HOSTILE = [
    "'; create database owned; --",
    '"; create database owned; --',
    "noroshi'; select pg_sleep(60) --",
    "host=203.0.113.1 dbname=noroshi",
    "postgresql://203.0.113.1/noroshi",
    "--command=create database owned",
    "$(touch owned)",
    "`touch owned`",
    "a\nb",
]


def run(words: list[str], server: Postgres, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    client = installed("plain")
    environment: Mapping[str, str] = {
        **client.environment,
        "PATH": f"{client.bin}:{os.environ['PATH']}",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
        "PGCONNECT_TIMEOUT": "5",
        **variables,
    }
    return subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def server(servers: Servers) -> Postgres:
    return servers.get(FIRST)


def databases(server: Postgres) -> set[str]:
    with server.connect() as connection:
        return {name for (name,) in connection.execute("select datname from pg_database")}


def dump_in(folder: Path, timescaledb: str = "none") -> Path:
    dump = folder / "noroshi-1.dump"
    dump.write_bytes(b"no dump")
    (folder / "noroshi-1.dump.about").write_text(f"timescaledb {timescaledb}\n", encoding="utf-8")
    names = [dump.name, f"{dump.name}.about"]
    sums = subprocess.run(["sha256sum", *names], cwd=folder, capture_output=True, check=True).stdout
    (folder / "noroshi-1.dump.sha256").write_bytes(sums)
    return dump


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_a_database_is_refused_and_never_run(
    server: Postgres, tmp_path: Path, script: str, name: str
) -> None:
    before = databases(server)
    target = dump_in(tmp_path) if script == "restore.sh" else tmp_path / "backups"
    done = run(["bash", str(DEPLOY / "backup" / script), str(target)], server, tmp_path, PGDATABASE=name)
    assert done.returncode == 2, done.stderr
    assert "PGDATABASE" in done.stderr
    assert databases(server) == before
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize("version", ["'; create database owned; --", "$(touch owned)", "2.29.2 none"])
def test_a_hostile_version_beside_a_dump_is_refused_before_anything_is_made(
    server: Postgres, tmp_path: Path, version: str
) -> None:
    before = databases(server)
    dump = dump_in(tmp_path, version)
    done = run(["bash", str(DEPLOY / "backup/restore.sh"), str(dump)], server, tmp_path, PGDATABASE="never_made")
    assert done.returncode == 2, done.stderr
    assert databases(server) == before
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize("words", [["server", "a.example,DNS:*"], ["server", "a\nb"], ["server", "$(touch owned)"],
                                   ["device", "../../etc/x"], ["device", "p/$(x)"], ["revoke", "../server/x"],
                                   ["revoke", "p/../x/y"]])  # fmt: skip
def test_the_authority_signs_for_no_name_that_is_more_than_a_name(
    server: Postgres, tmp_path: Path, words: list[str]
) -> None:
    done = run(["sh", str(DEPLOY / "tls/authority.sh"), *words], server, tmp_path, NOROSHI_TLS=str(tmp_path / "tls"))
    assert done.returncode == 2, done.stderr
    assert not list(tmp_path.rglob("*.crt")) or words[0] == "server"
    assert not list(tmp_path.rglob("server.crt"))
    assert not list(tmp_path.rglob("owned"))
