"""`noroshi correct`: another value counts than the one that was stored first."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from ingest.cli.moments import Moment, shown
from ingest.cli.options import database_option, settings_for
from ingest.store.corrections import CorrectionKind, Touched, Wish, touched
from ingest.store.corrections import correct as store_correction
from ingest.store.database import connect

_Command = TypeVar("_Command", bound=Callable[..., Any])

MEANS = {
    CorrectionKind.ANNUL: "annul: these values will not count",
    CorrectionKind.RECALIBRATE: "recalibrate: value * {scale:g} + {offset:g} will count",
    CorrectionKind.PREFER: "prefer: {value:g} will count instead of the other values of this moment",
}


def correction_options(command: _Command) -> _Command:
    """Whose readings."""
    for option in (
        click.option("--channel", type=click.IntRange(0), help="Only this channel  [default: all]"),
        click.option("--device", metavar="CODE", required=True),
        click.option("--project", metavar="CODE", required=True),
    ):
        command = option(command)
    return command


def signed_options(command: _Command) -> _Command:
    """Who says so and why, and whether it is only asked what would happen."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Only say what it would touch"),
        click.option("--why", required=True, metavar="TEXT", help="The reason, for whoever asks in five years"),
        click.option("--who", required=True, metavar="NAME", help="Who answers for it"),
    ):
        command = option(command)
    return command


@click.group()
def correct() -> None:
    """Let another value count (訂正): after a calibration, or of a conflict. What was measured stays stored."""


@correct.command()
@correction_options
@click.option("--quantity", metavar="CODE", required=True)
@click.option("--from", "starts", type=Moment(), required=True, help="First moment; a day begins at midnight in Japan")
@click.option("--to", "ends", type=Moment(end=True), help="End; a day belongs to it  [default: until it is revoked]")
@click.option("--scale", type=float, default=1.0, show_default=True, help="The measured value is multiplied by this")
@click.option("--offset", type=float, default=0.0, show_default=True, help="Then this is added")
@signed_options
@database_option
def recalibrate(
    *,
    project: str,
    device: str,
    channel: int | None,
    quantity: str,
    starts: datetime,
    ends: datetime | None,
    scale: float,
    offset: float,
    who: str,
    why: str,
    dry_run: bool,
    database: str | None,
) -> None:
    """Let value * SCALE + OFFSET count. A later recalibration of the same readings replaces an earlier one."""
    if (scale, offset) == (1.0, 0.0):
        raise click.UsageError("say --scale, --offset or both; with neither nothing would be different")
    wish = Wish(CorrectionKind.RECALIBRATE, project, device, quantity, channel, starts, ends, scale, offset)
    carry_out(wish, who, why, dry_run=dry_run, database=database)


@correct.command()
@correction_options
@click.option("--quantity", metavar="CODE", required=True)
@click.option("--at", type=Moment(), required=True, help="The time of the reading, to the microsecond")
@click.option("--value", type=float, required=True, help="One of the values on record for this time")
@signed_options
@database_option
def prefer(
    *,
    project: str,
    device: str,
    channel: int | None,
    quantity: str,
    at: datetime,
    value: float,
    who: str,
    why: str,
    dry_run: bool,
    database: str | None,
) -> None:
    """Of several values for one moment (reading_conflict), let this one count."""
    end = at + timedelta(microseconds=1)
    wish = Wish(CorrectionKind.PREFER, project, device, quantity, channel or 0, at, end, value=value)
    carry_out(wish, who, why, dry_run=dry_run, database=database)


def carry_out(wish: Wish, who: str, why: str, *, dry_run: bool, database: str | None) -> None:
    """Say what will be touched, then do it unless this is a dry run."""
    with connect(settings_for(database=database).database, autocommit=True) as connection:
        for line in lines(wish, touched(connection, wish)):
            click.echo(line)
        if dry_run:
            click.echo("dry run: nothing was written")
            return
        number = store_correction(connection, wish, who, why)
    click.echo(f"correction {number} is in force; `noroshi corrections revoke {number}` takes it back")


def lines(wish: Wish, found: list[Touched]) -> Iterator[str]:
    """What a correction is about and what it touches, for the eye."""
    yield f"device    {wish.project}/{wish.device}"
    yield f"quantity  {wish.quantity or 'all'}, channel {'all' if wish.channel is None else wish.channel}"
    yield f"from      {shown(wish.starts, 'the first reading')}"
    yield f"to        {shown(wish.ends, 'until it is revoked')}{' (not included)' if wish.ends else ''}"
    yield f"what      {MEANS[wish.kind].format(**wish._asdict())}"
    yield f"readings  {sum(each.readings for each in found):,}{'' if found else ': none is stored there yet'}"
    for each in found:
        span = f"{shown(each.first_at)} - {shown(each.last_at)}"
        apart = f"  {each.annulled:,} do not count already" if each.annulled else ""
        yield f"  {each.quantity:<24}{each.readings:>10,}  {span}{apart}"
