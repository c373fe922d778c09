"""`noroshi corrections`: lists corrections with their author and reason, and revokes them."""

from collections.abc import Iterator

import click

from ingest.access.audit import Action, Entry
from ingest.cli.audited import note
from ingest.cli.command import group, option
from ingest.cli.correct import DEVICE, DRY_RUN, NOTHING_WRITTEN, PROJECT, UNTIL_REVOKED, WHO, WHY, lines
from ingest.cli.database import open_database
from ingest.cli.moments import shown
from ingest.cli.options import database_option, settings_for
from ingest.cli.say import say
from ingest.store import corrections as store
from ingest.store.corrections import Correction, CorrectionKind, Wish
from schemas.bilingual import Bilingual, quoted


@group(help=Bilingual("記録された訂正の一覧と、その取り消し。", "Corrections on record: list them, revoke one."))
def corrections() -> None:
    """The group of these commands."""


@corrections.command("list", help=Bilingual("有効な訂正を、古い順に示します。", "What is in force, the oldest first."))
@option("--project", metavar="CODE", help=PROJECT)
@option("--device", metavar="CODE", help=DEVICE)
@option("--revoked", is_flag=True, help=Bilingual("取り消されたものも示します。", "Those that were revoked too"))
@database_option
def list_(
    *,
    project: str | None,
    device: str | None,
    revoked: bool,
    database: str | None,
) -> None:
    """List corrections, the oldest first."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        rows = store.corrections(connection, project=project, device=device, revoked=revoked)
    for row in rows:
        say(*described(row))
    if not rows:
        say(Bilingual("訂正はありません。", "there are no corrections"))


@corrections.command(
    help=Bilingual(
        "訂正を取り消します。訂正がなかったように数えます。記録は残ります。",
        "Take a correction back: what it covered counts as if it had never been made. It stays on record.",
    )
)
@click.argument("correction_id", metavar="ID", type=int)
@option("--who", required=True, metavar="NAME", help=WHO)
@option("--why", required=True, metavar="TEXT", help=WHY)
@option("--dry-run", is_flag=True, help=DRY_RUN)
@database_option
def revoke(
    correction_id: int,
    *,
    who: str,
    why: str,
    dry_run: bool,
    database: str | None,
) -> None:
    """Print what a correction touches, then revoke it."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        row = store.correction(connection, correction_id)
        say(*lines(_wish(row), store.touched(connection, _wish(row))))
        if dry_run:
            say(NOTHING_WRITTEN)
            return
        with connection.transaction():
            store.revoke(connection, correction_id, who, why)
            before, subject = {"number": correction_id, **_wish(row)._asdict()}, f"{row.project}/{row.device}"
            after = {"who": who, "why": why}
            note(connection, Entry(Action.CORRECTION_REVOKED, subject, project=row.project, before=before, after=after))
    say(Bilingual(f"訂正 {correction_id} を取り消しました。", f"correction {correction_id} is revoked"))


def _wish(row: Correction) -> Wish:
    kind = CorrectionKind(row.kind)
    return Wish(
        kind, row.project, row.device, row.quantity, row.channel, row.starts, row.ends, row.scale, row.offset, row.value
    )


def described(row: Correction) -> Iterator[Bilingual]:
    """One correction in two lines, and a third if it was revoked."""
    what = f"{row.correction_id:>6}  {_what(row)}  {row.project}/{row.device}"
    start, end = shown(row.starts, Bilingual("最初", "the beginning")), shown(row.ends, UNTIL_REVOKED)
    channel = Bilingual("", "")
    if row.channel is not None:
        channel = Bilingual(f" チャンネル {row.channel}", f" channel {row.channel}")
    yield Bilingual(
        f"{what} {row.quantity or '全項目'}{channel.ja}  {start.ja} - {end.ja}",
        f"{what} {row.quantity or 'all quantities'}{channel.en}  {start.en} - {end.en}",
    )
    yield quoted(f"        {shown(row.made_at)}  {row.who}: {row.why}")
    if row.revoked_at is not None:
        by = f"{shown(row.revoked_at)}  {row.revoked_by}: {row.revoked_why}"
        yield Bilingual(f"        取り消し {by}", f"        revoked {by}")


def _what(row: Correction) -> str:
    match row.kind:
        case CorrectionKind.RECALIBRATE:
            return f"recalibrate * {row.scale:g} + {row.offset:g}"
        case CorrectionKind.PREFER:
            return f"prefer {row.value:g}"
        case _:
            return "annul"
