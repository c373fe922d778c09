"""`noroshi annul`: declares stored values invalid, so that they no longer count."""

from datetime import datetime

from ingest.cli.command import command, option
from ingest.cli.correct import FROM, TO, carry_out, correction_options, signed_options
from ingest.cli.moments import Moment
from ingest.cli.options import database_option
from ingest.store.corrections import CorrectionKind, Wish
from schemas.bilingual import Bilingual

ONLY_QUANTITY = Bilingual("この測定項目だけ。省略時はすべて。", "Only this quantity  [default: all]")


@command(
    help=Bilingual(
        """機器のある期間の測定値を、数えないことにします(センサーの故障など)。

        測定したままの値は残ります。""",
        "Let the readings of a device in a span not count (a sensor out of order). They stay stored as measured.",
    )
)
@correction_options
@option("--quantity", metavar="CODE", help=ONLY_QUANTITY)
@option("--from", "starts", type=Moment(), required=True, help=FROM)
@option("--to", "ends", type=Moment(end=True), help=TO)
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
    """Build the correction from the options, and carry it out."""
    wish = Wish(CorrectionKind.ANNUL, project, device, quantity, channel, starts, ends)
    carry_out(wish, who, why, dry_run=dry_run, database=database)
