"""`noroshi annul`: these values do not count."""

from datetime import datetime

import click

from ingest.cli.correct import carry_out, correction_options, signed_options
from ingest.cli.moments import Moment
from ingest.cli.options import database_option
from ingest.store.corrections import CorrectionKind, Wish


@click.command()
@correction_options
@click.option("--quantity", metavar="CODE", help="Only this quantity  [default: all]")
@click.option("--from", "starts", type=Moment(), required=True, help="First moment; a day begins at midnight in Japan")
@click.option("--to", "ends", type=Moment(end=True), help="End; a day belongs to it  [default: until it is revoked]")
@signed_options
@database_option
def annul(
    *,
    project: str,
    device: str,
    channel: int | None,
    quantity: str | None,
    starts: datetime,
    ends: datetime | None,
    who: str,
    why: str,
    dry_run: bool,
    database: str | None,
) -> None:
    """Let the readings of a device in a span not count (a sensor out of order). They stay stored as measured."""
    wish = Wish(CorrectionKind.ANNUL, project, device, quantity, channel, starts, ends)
    carry_out(wish, who, why, dry_run=dry_run, database=database)
