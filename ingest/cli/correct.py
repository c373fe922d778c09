"""`noroshi correct`: lets another value count than the stored one."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import group, option
from ingest.cli.database import open_database
from ingest.cli.moments import Moment, shown
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say
from ingest.cli.table import row
from ingest.errors import CallRefused
from ingest.store.corrections import CorrectionKind, Touched, Wish, touched
from ingest.store.corrections import correct as store_correction
from schemas.bilingual import Bilingual, quoted

_Command = TypeVar("_Command", bound=Callable[..., Any])

MEANS = {
    CorrectionKind.ANNUL: Bilingual("annul: この値は数えません", "annul: these values will not count"),
    CorrectionKind.RECALIBRATE: Bilingual(
        "recalibrate: 値 * {scale:g} + {offset:g} を数えます", "recalibrate: value * {scale:g} + {offset:g} will count"
    ),
    CorrectionKind.PREFER: Bilingual(
        "prefer: この時刻のほかの値の代わりに {value:g} を数えます",
        "prefer: {value:g} will count instead of the other values of this moment",
    ),
}

PROJECT, DEVICE = Bilingual("事業コード。", "Code of the project"), Bilingual("機器コード。", "Code of the device")
QUANTITY = Bilingual("測定項目コード。", "Code of the quantity")
FROM = Bilingual("始まりの時刻。日だけなら日本時間の0時から。", "First moment; a day begins at midnight in Japan")
TO = Bilingual(
    "終わりの時刻。日だけならその日を含みます。省略時は取り消すまで。",
    "End; a day belongs to it  [default: until it is revoked]",
)
WHO = Bilingual("責任者の名前。", "Who answers for it")
WHY = Bilingual("理由。五年後に尋ねる人が読みます。", "The reason, for whoever asks in five years")
DRY_RUN = Bilingual("何に及ぶかだけを示します。", "Only say what it would touch")
NOTHING_WRITTEN = Bilingual("確認だけを行いました。書き込みはしていません。", "dry run: nothing was written")


def correction_options(command_: _Command) -> _Command:
    """Add the options that select the readings."""
    for add in (
        option(
            "--channel",
            type=click.IntRange(0),
            help=Bilingual("このチャンネルだけ。省略時はすべて。", "Only this channel  [default: all]"),
        ),
        option("--device", metavar="CODE", required=True, help=DEVICE),
        option("--project", metavar="CODE", required=True, help=PROJECT),
    ):
        command_ = add(command_)
    return command_


def signed_options(command_: _Command) -> _Command:
    """Add the options for who corrects, for the reason, and for a dry run."""
    for add in (
        option("--dry-run", is_flag=True, help=DRY_RUN),
        option("--why", required=True, metavar="TEXT", help=WHY),
        option("--who", required=True, metavar="NAME", help=WHO),
    ):
        command_ = add(command_)
    return command_


@group(
    help=Bilingual(
        "別の値を数えることにします(訂正)。校正の後や、値が食い違うときに使います。測定した値は残ります。",
        "Let another value count: after a calibration, or of a conflict. What was measured stays stored.",
    )
)
def correct() -> None:
    """The group of both kinds of correction."""


@correct.command(
    help=Bilingual(
        "値 * SCALE + OFFSET を数えます。同じ測定値への後の訂正が、前のものに代わります。",
        "Let value * SCALE + OFFSET count. A later recalibration of the same readings replaces an earlier one.",
    )
)
@correction_options
@option("--quantity", metavar="CODE", required=True, help=QUANTITY)
@option("--from", "starts", type=Moment(), required=True, help=FROM)
@option("--to", "ends", type=Moment(end=True), help=TO)
@option(
    "--scale",
    type=float,
    default=1.0,
    show_default=True,
    help=Bilingual("測定値に掛ける数。", "The measured value is multiplied by this"),
)
@option("--offset", type=float, default=0.0, show_default=True, help=Bilingual("次に足す数。", "Then this is added"))
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
    """Recalibrate readings by a factor and an offset."""
    if (scale, offset) == (1.0, 0.0):
        raise CallRefused(
            Bilingual(
                "--scale か --offset を書いてください。どちらもなければ何も変わりません",
                "say --scale, --offset or both; with neither nothing would be different",
            )
        )
    wish = Wish(CorrectionKind.RECALIBRATE, project, device, quantity, channel, starts, ends, scale, offset)
    carry_out(wish, who, why, dry_run=dry_run, database=database)


@correct.command(
    help=Bilingual(
        "同じ時刻にいくつも値があるとき(reading_conflict)、この値を数えます。",
        "Of several values for one moment (reading_conflict), let this one count.",
    )
)
@correction_options
@option("--quantity", metavar="CODE", required=True, help=QUANTITY)
@option(
    "--at",
    type=Moment(),
    required=True,
    help=Bilingual("測定値の時刻(マイクロ秒まで)。", "The time of the reading, to the microsecond"),
)
@option(
    "--value",
    type=float,
    required=True,
    help=Bilingual("その時刻に記録のある値の一つ。", "One of the values on record for this time"),
)
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
    """Choose the value that counts in a conflict."""
    end = at + timedelta(microseconds=1)
    wish = Wish(CorrectionKind.PREFER, project, device, quantity, channel or 0, at, end, value=value)
    carry_out(wish, who, why, dry_run=dry_run, database=database)


def carry_out(wish: Wish, who: str, why: str, *, dry_run: bool, database: str | None) -> None:
    """Print what a correction touches, then carry it out unless this is a dry run."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        say(*lines(wish, touched(connection, wish)))
        if dry_run:
            say(NOTHING_WRITTEN)
            return
        with connection.transaction():
            number = store_correction(connection, wish, who, why)
            after = {"number": number, **wish._asdict(), "who": who, "why": why}
            subject = f"{wish.project}/{wish.device}"
            note(connection, Entry(Action.CORRECTION_MADE, subject, project=wish.project, after=after))
    say(
        Bilingual(
            f"訂正 {number} を有効にしました。noroshi corrections revoke {number} で取り消せます。",
            f"correction {number} is in force; `noroshi corrections revoke {number}` takes it back",
        )
    )


def lines(wish: Wish, touched: list[Touched]) -> Iterator[Bilingual]:
    """The lines about a correction and the readings it touches."""
    yield row("機器", "device", quoted(f"{wish.project}/{wish.device}"))
    yield row("測定項目", "quantity", _about(wish))
    yield row("始まり", "from", shown(wish.starts, Bilingual("最初の測定値から", "the first reading")))
    end = shown(wish.ends, UNTIL_REVOKED)
    yield row(
        "終わり", "to", Bilingual(f"{end.ja}(その時刻は含まない)", f"{end.en} (not included)") if wish.ends else end
    )
    means = MEANS[wish.kind]
    yield row("内容", "what", Bilingual(means.ja.format(**wish._asdict()), means.en.format(**wish._asdict())))
    count = f"{sum(each.readings for each in touched):,}"
    none = Bilingual(f"{count} 件(まだ一つもありません)", f"{count}: none is stored there yet")
    yield row("測定値", "readings", Bilingual(f"{count} 件", count) if touched else none)
    for each in touched:
        span = f"{shown(each.first_at)} - {shown(each.last_at)}"
        apart = Bilingual("", "")
        if each.annulled:
            apart = Bilingual(
                f"  うち {each.annulled:,} 件はすでに数えていません", f"  {each.annulled:,} do not count already"
            )
        line = f"  {each.quantity:<24}{each.readings:>10,}  {span}"
        yield Bilingual(line + apart.ja, line + apart.en)


UNTIL_REVOKED = Bilingual("取り消すまで", "until it is revoked")


def _about(wish: Wish) -> Bilingual:
    every = Bilingual("すべて", "all")
    quantity = quoted(wish.quantity) if wish.quantity else every
    channel = every if wish.channel is None else quoted(wish.channel)
    return Bilingual(f"{quantity.ja}、チャンネル {channel.ja}", f"{quantity.en}, channel {channel.en}")
