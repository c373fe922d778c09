"""`noroshi corrections`: what was corrected, by whom and why; and taking it back."""

from collections.abc import Iterator

import click

from ingest.cli.correct import lines
from ingest.cli.moments import shown
from ingest.cli.options import database_option, settings_for
from ingest.store import corrections as store
from ingest.store.corrections import Correction, CorrectionKind, Wish
from ingest.store.database import connect


@click.group()
def corrections() -> None:
    """Corrections on record (訂正): list them, revoke one."""


@corrections.command("list")
@click.option("--project", metavar="CODE", help="Only of this project")
@click.option("--device", metavar="CODE", help="Only of this device")
@click.option("--revoked", is_flag=True, help="Those that were revoked too")
@database_option
def list_(
    *,
    project: str | None,
    device: str | None,
    revoked: bool,
    database: str | None,
) -> None:
    """What is in force, the oldest first."""
    with connect(settings_for(database=database).database, autocommit=True) as connection:
        found = store.corrections(connection, project=project, device=device, revoked=revoked)
    for row in found:
        for line in described(row):
            click.echo(line)
    if not found:
        click.echo("there are no corrections")


@corrections.command()
@click.argument("correction_id", metavar="ID", type=int)
@click.option("--who", required=True, metavar="NAME", help="Who answers for it")
@click.option("--why", required=True, metavar="TEXT", help="The reason, for whoever asks in five years")
@click.option("--dry-run", is_flag=True, help="Only say what it would touch")
@database_option
def revoke(
    correction_id: int,
    *,
    who: str,
    why: str,
    dry_run: bool,
    database: str | None,
) -> None:
    """Take a correction back: what it covered counts as if it had never been made. It stays on record."""
    with connect(settings_for(database=database).database, autocommit=True) as connection:
        row = store.correction(connection, correction_id)
        for line in lines(_wish(row), store.touched(connection, _wish(row))):
            click.echo(line)
        if dry_run:
            click.echo("dry run: nothing was written")
            return
        store.revoke(connection, correction_id, who, why)
    click.echo(f"correction {correction_id} is revoked")


def _wish(row: Correction) -> Wish:
    kind = CorrectionKind(row.kind)
    return Wish(
        kind, row.project, row.device, row.quantity, row.channel, row.starts, row.ends, row.scale, row.offset, row.value
    )


def described(row: Correction) -> Iterator[str]:
    """One correction in two lines, a third where it was revoked."""
    quantity = row.quantity or "all quantities"
    channel = "" if row.channel is None else f" channel {row.channel}"
    span = f"{shown(row.starts, 'the beginning')} - {shown(row.ends, 'until revoked')}"
    yield f"{row.correction_id:>6}  {_what(row)}  {row.project}/{row.device} {quantity}{channel}  {span}"
    yield f"        {shown(row.made_at)}  {row.who}: {row.why}"
    if row.revoked_at is not None:
        yield f"        revoked {shown(row.revoked_at)}  {row.revoked_by}: {row.revoked_why}"


def _what(row: Correction) -> str:
    match row.kind:
        case CorrectionKind.RECALIBRATE:
            return f"recalibrate * {row.scale:g} + {row.offset:g}"
        case CorrectionKind.PREFER:
            return f"prefer {row.value:g}"
        case _:
            return "annul"
