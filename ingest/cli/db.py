"""`noroshi db`: migrations, and what the database can do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from ingest.cli import db_status
from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused
from ingest.store import migrate, rollup, timescale
from ingest.store import status as store
from ingest.store.database import connect, describe, translated
from ingest.store.outlook import warnings
from ingest.store.rollup_spans import JST

SERVICE_CONNECTIONS = 7
"""Beside its writers: four for the pages, one that follows the registry, two that keep house."""


@click.group()
def db() -> None:
    """The database: bring it up to date, see what it can do and how large it is."""


@db.command()
@database_option
def upgrade(database: str | None) -> None:
    """Bring the database to what this version of the program needs."""
    settings = settings_for(database=database)
    with connect(settings.database) as connection, translated():
        applied = migrate.upgrade(connection)
        server = timescale.ask(connection)
    for name in applied:
        click.echo(f"applied {name}")
    click.echo(f"{describe(settings.database.url)} is up to date (tier: {server.tier})")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for programs")
@click.option("--disk", type=click.Path(exists=True, path_type=Path), help="A path on the disk of the database")
@database_option
def status(
    *,
    as_json: bool,
    disk: Path | None,
    database: str | None,
) -> None:
    """Versions, tier, migrations, sizes, jobs, and what will hurt."""
    settings = settings_for(database=database)
    with connect(settings.database, autocommit=True) as connection, translated():
        server = timescale.ask(connection)
        waiting = migrate.pending(connection)
        found = None if waiting else store.status(connection)
    about = {
        "database": describe(settings.database.url),
        "postgresql": server.postgresql,
        "timescaledb": server.timescaledb_text,
        "tier": str(server.tier),
        "migrations_waiting": len(waiting),
    }
    free = None if found is None else store.free_bytes(found, disk or settings.database.disk)
    needed = settings.intake.writers + SERVICE_CONNECTIONS
    warned = [] if found is None else list(warnings(found, disk_free=free, connections=needed, now=datetime.now(UTC)))
    if as_json:
        more = {} if found is None else db_status.as_json(found, free, warned)
        click.echo(json.dumps(about | more, ensure_ascii=False, default=db_status.plain))
        return
    for name in ("database", "postgresql", "timescaledb", "tier"):
        click.echo(f"{name:<13}{about[name] or 'none'}")
    click.echo(f"migrations   {f'{len(waiting)} waiting: run `noroshi db upgrade`' if waiting else 'up to date'}")
    if found is not None:
        for line in db_status.lines(found, free, warned):
            click.echo(line)


@db.command("rollup")
@click.option("--from", "since", metavar="YYYY-MM-DD", help="Compute everything since this day in Japan again")
@click.option("--project", metavar="CODE", help="Only devices of this project (事業)")
@click.option("--device", "devices", metavar="CODE", multiple=True, help="Only this device; may be given several times")
@database_option
def rollup_command(since: str | None, project: str | None, devices: tuple[str, ...], database: str | None) -> None:
    """Bring the sums by hour and day up to date, as the running service does by itself.

    Safe beside a running service, to interrupt and to repeat.
    """
    if since is None and (project is not None or devices):
        raise CallRefused("--project and --device say what --from means: give --from as well")
    start = None if since is None else _midnight(since)
    with connect(settings_for(database=database).database, autocommit=True) as connection, translated():
        connection.execute("set statement_timeout = 0; set jit = off")
        if start is not None:
            chosen = rollup.devices_of(connection, project, devices)
            unknown = sorted(set(devices) - set(chosen.values()))
            if unknown:
                raise CallRefused(f"--device {unknown[0]}: there is no such device in the registry")
            click.echo(f"{rollup.touch(connection, list(chosen), start):,} hours noted")
        kept = rollup.keep(connection)
        click.echo(f"{kept.refreshed:,} hours computed again, closed until {_text(kept.until)}")


def _midnight(day: str) -> datetime:
    try:
        return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=JST)
    except ValueError:
        raise CallRefused(f"--from {day}: write a day as 2026-04-01") from None


def _text(at: datetime | None) -> str:
    return (at or datetime.now(UTC)).astimezone(JST).isoformat(sep=" ", timespec="minutes")
