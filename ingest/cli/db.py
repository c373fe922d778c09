"""`noroshi db`: migrations, and what the database can do."""

import click

from ingest.cli.options import database_option, settings_for
from ingest.store import migrate, timescale
from ingest.store.database import connect, describe, translated
from ingest.store.sizes import sizes


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
@database_option
def status(database: str | None) -> None:
    """Versions, tier, migrations and sizes."""
    settings = settings_for(database=database)
    with connect(settings.database) as connection, translated():
        server = timescale.ask(connection)
        waiting = migrate.pending(connection)
        click.echo(f"database     {describe(settings.database.url)}")
        click.echo(f"postgresql   {server.postgresql}")
        click.echo(f"timescaledb  {server.timescaledb_text or 'none'}")
        click.echo(f"tier         {server.tier}")
        if waiting:
            click.echo(f"migrations   {len(waiting)} waiting: run `noroshi db upgrade`")
            return
        click.echo("migrations   up to date")
        for table in sizes(connection):
            click.echo(f"{table.name:<18}{table.rows:>14,} rows {table.bytes / 2**20:>12,.1f} MiB")
