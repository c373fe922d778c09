"""`noroshi quarantine`: what was set aside, why, and another try."""

import click
import orjson

from ingest.cli.options import database_option, settings_for
from ingest.compose import build_judge
from ingest.errors import CallRefused
from ingest.receipts import FirstReceipts
from ingest.store import quarantine as store
from ingest.store.births import load_births
from ingest.store.database import connect, translated
from ingest.store.registry import load_directory
from schemas.rejection import RejectionReason

_REASONS = click.Choice([reason.value for reason in RejectionReason])


@click.group()
def quarantine() -> None:
    """Messages and readings that were set aside (隔離): list, look, send again."""


@quarantine.command("list")
@database_option
@click.option("--reason", type=_REASONS, help="Only this reason")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
def list_(database: str | None, reason: str | None, limit: int) -> None:
    """Open rows, newest first."""
    with connect(settings_for(database=database).database) as connection, translated():
        found = store.entries(connection, reason=reason, limit=limit)
    for row in found:
        part = f" {row.part_name}" if row.part_name else ""
        when = f"{row.received_at:%Y-%m-%dT%H:%M:%SZ}"
        click.echo(f"{row.quarantine_id:>8}  {when}  {row.reason:<22} {row.topic}{part}  {row.detail}")
    if not found:
        click.echo("nothing is set aside" + (f" for reason {reason}" if reason else ""))


@quarantine.command()
@click.argument("quarantine_id", metavar="ID", type=int)
@database_option
def show(quarantine_id: int, database: str | None) -> None:
    """One row with the bytes of its message."""
    with connect(settings_for(database=database).database) as connection, translated():
        row = store.entry(connection, quarantine_id)
    if row is None:
        raise CallRefused(f"there is no row {quarantine_id} in the quarantine; `noroshi quarantine list` shows them")
    reason = RejectionReason(row.reason)
    click.echo(f"id        {row.quarantine_id}")
    click.echo(f"received  {row.received_at.isoformat()}")
    click.echo(f"topic     {row.topic}{' (retained)' if row.retained else ''}")
    click.echo(f"reason    {reason} {reason.label_ja}")
    click.echo(f"detail    {row.detail}")
    if row.part_name is not None:
        click.echo(f"part      {row.part_name} = {orjson.dumps(row.part_value).decode()}")
    if row.replayed_at is not None:
        click.echo(f"replayed  {row.replayed_at.isoformat()}")
    payload = row.payload or b""
    click.echo(f"payload   {len(payload)} bytes")
    click.echo(_readable(payload))


def _readable(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return payload.hex(" ")
    return text if all(character.isprintable() or character in "\r\n\t" for character in text) else payload.hex(" ")


@quarantine.command()
@database_option
@click.option("--reason", type=_REASONS, help="Only what was set aside for this reason")
def replay(database: str | None, reason: str | None) -> None:
    """Send what is set aside through the path again, by the registry of today."""
    settings = settings_for(database=database)
    with connect(settings.database) as connection, translated():
        judge = build_judge(settings, load_directory(connection), FirstReceipts(), load_births(connection))
        result = store.replay(connection, judge, reason=reason)
    click.echo(
        f"tried {result.tried}: stored {result.stored}, stored before {result.duplicate}, "
        f"readings added to stored messages in {result.improved}, still refused {result.refused}; "
        f"readings gained {result.readings_stored}"
    )
