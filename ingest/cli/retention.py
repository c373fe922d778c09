"""`noroshi retention`: how long what is kept, and letting go what may go."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from ingest.cli.moments import shown
from ingest.cli.options import database_option, settings_for
from ingest.errors import CallRefused
from ingest.store.database import connect
from ingest.store.retention import Retained, run_retention
from ingest.store.retention_policy import Policy, keep, policies
from schemas.retention import RetentionKind

MIB = 2**20


@click.group()
def retention() -> None:
    """Periods of retention (保存期間) by project and kind: raw, rollup, quarantine, link (messages), log (account)."""


@retention.command()
@database_option
def show(database: str | None) -> None:
    """What is kept how long, by whose word, and what holds it."""
    settings = settings_for(database=database)
    with connect(settings.database, autocommit=True) as connection:
        found = policies(connection, settings.retention, datetime.now(UTC))
    click.echo(f"{'project':<20}{'kind':<12}{'keep':<14}{'said by':<10}held by the subsidy")
    for policy in found:
        click.echo(described(policy).rstrip())


@retention.command("set")
@click.option("--project", metavar="CODE", required=True)
@click.option("--kind", type=click.Choice([kind.value for kind in RetentionKind]), required=True)
@click.option("--months", type=click.IntRange(1, 1200), required=True, help="Keep for so long")
@click.option("--force", is_flag=True, help="Shorter than the subsidy demands; --who and --why are recorded")
@click.option("--who", metavar="NAME", help="Who answers for it")
@click.option("--why", metavar="TEXT", help="The reason, for whoever asks in five years")
@database_option
def set_(
    *,
    project: str,
    kind: str,
    months: int,
    force: bool,
    who: str | None,
    why: str | None,
    database: str | None,
) -> None:
    """Set one period. The registry document says the same with `retention:` under a project."""
    if force and not ((who or "").strip() and (why or "").strip()):
        raise CallRefused("--force needs --who NAME and --why TEXT: whoever asks in five years reads them")
    with connect(settings_for(database=database).database, autocommit=True) as connection:
        keep(connection, project, RetentionKind(kind), months, (str(who), str(why)) if force else None)
    click.echo(f"{project}: {kind} is kept {months} months")


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go")
@database_option
def apply(
    *,
    dry_run: bool,
    database: str | None,
) -> None:
    """Let go what every policy lets go. What went is on record in the table retention_run."""
    settings = settings_for(database=database)
    with connect(settings.database, autocommit=True) as connection:
        found = run_retention(connection, settings.retention, datetime.now(UTC), dry_run=dry_run)
    for line in lines(found):
        click.echo(line)
    click.echo("dry run: nothing was let go" if dry_run else "done")


def described(policy: Policy) -> str:
    """One policy in a line."""
    months = "for ever" if policy.keep_months is None else f"{policy.keep_months} months"
    forced = f"forced by {policy.forced_by}: {policy.forced_why}" if policy.forced_by else policy.held or "-"
    return f"{policy.project:<20}{policy.kind:<12}{months:<14}{policy.source:<10}{forced}"


def lines(found: Retained) -> Iterator[str]:
    """What goes: by project, kind and table, then the chunks that go whole."""
    for each in found.going:
        policy = each.policy
        forced = f"  forced by {policy.forced_by}" if policy.forced_by else ""
        yield (
            f"{policy.project:<20}{policy.kind:<12}{each.part.table:<18}{each.rows:>14,} rows  "
            f"{shown(each.first_at)} - {shown(each.last_at)}  about {each.bytes / MIB:,.1f} MiB{forced}"
        )
    for table in dict.fromkeys(chunk.table for chunk in found.chunks):
        mine = [chunk for chunk in found.chunks if chunk.table == table]
        span = f"{shown(mine[0].start)} - {shown(mine[-1].end)}"
        yield f"{table}: {len(mine)} whole chunks  {span}  {sum(chunk.bytes for chunk in mine) / MIB:,.1f} MiB"
    if not found.going:
        yield "nothing may go"
