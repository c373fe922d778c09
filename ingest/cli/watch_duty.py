"""`noroshi watch duty`: changes of the duty beside the rota."""

from datetime import datetime

import click

from ingest.cli.command import group, option
from ingest.cli.moments import Moment
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import ALREADY, clock, deed_in, end_of, minutes_option, said, until_option
from ingest.watch.deeds.duty import change_duty, duties_after, void_duty
from ingest.watch.deeds.model import NewDuty
from schemas.bilingual import Bilingual


@group(help=Bilingual("当番の交代。", "Changes of the duty."))
def duty() -> None:
    """The group of these commands."""


SET_HELP = Bilingual(
    """監視計画にある人を、ある時間の当番にします。同じ時間に二つあれば、後から入れたほうが有効です。

    \b
    noroshi watch duty set suzuki --project tea --until 2026-12-05T08:30""",
    """Put somebody of the watch document on duty. Of two at the same time the newer one counts.

    \b
    noroshi watch duty set suzuki --project tea --until 2026-12-05T08:30""",
)


@duty.command("set", help=SET_HELP)
@click.argument("person")
@option("--from", "starts", type=Moment(), metavar="TIME", help=Bilingual("開始。省略時はいま。", "From; else now"))
@until_option
@minutes_option
@project_option
@database_option
def set_(
    person: str, starts: datetime | None, until: datetime | None, minutes: float | None, project: str | None,
    database: str | None,
) -> None:  # fmt: skip
    """Enter the change."""
    begins = clock() if starts is None else starts
    new = NewDuty(person, begins, end_of(begins, until, minutes))
    with deed_in(project, database) as seen:
        done = change_duty(seen.connection, seen.doer, seen.project_id, new)
    entered = Bilingual(
        f"交代 {done.number}: {person} が {said(new.starts)} から {said(new.ends)} まで当番です。",
        f"Change {done.number}: {person} is on duty from {said(new.starts)} until {said(new.ends)}.",
    )
    say(ALREADY if done.already else entered)


@duty.command("void", help=Bilingual("当番の交代を取り消します。", "Let a change of the duty count no more."))
@click.argument("number", type=click.IntRange(1))
@project_option
@database_option
def void(number: int, project: str | None, database: str | None) -> None:
    """Void the change."""
    with deed_in(project, database) as seen:
        done = void_duty(seen.connection, seen.doer, seen.project_id, number)
    voided = Bilingual(f"交代 {number} を取り消しました。", f"Change {number} was voided.")
    say(ALREADY if done.already else voided)


@duty.command("list", help=Bilingual("続いている、またはこれからの交代。", "Changes that last or are to come."))
@project_option
@database_option
def list_(project: str | None, database: str | None) -> None:
    """List them."""
    with deed_in(project, database) as seen:
        rows = duties_after(seen.connection, [seen.project_id], clock())
    for row in rows:
        say(
            Bilingual(
                f"{row.duty_id:>4}  {said(row.starts)} 〜 {said(row.ends)}  {row.person}(記入 {row.entered_by})",
                f"{row.duty_id:>4}  {said(row.starts)} - {said(row.ends)}  {row.person} (by {row.entered_by})",
            )
        )
