"""`noroshi watch maintenance`: times in which nobody is told of a thing."""

from datetime import datetime

import click

from ingest.cli.command import group, option
from ingest.cli.moments import Moment
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import ALREADY, clock, deed_in, end_of, minutes_option, said, until_option
from ingest.errors import CallRefused
from ingest.watch.deeds.maintenance import begin_maintenance, end_maintenance, maintenance_after
from ingest.watch.deeds.model import Maintenance, NewMaintenance
from schemas.bilingual import Bilingual

BEGIN_HELP = Bilingual(
    """保守の時間帯を入れます。その間、対象について誰にも知らせません。気付いたことは記録されます。

    対象は --device、--gateway、--network、--everything のどれか一つです。14日までです。

    \b
    noroshi watch maintenance begin --project tea --device tea-level-1 --minutes 90 --reason 清掃""",
    """Enter a maintenance window: nobody is told of its thing. What is noticed is recorded all the same.

    Its thing is one of --device, --gateway, --network and --everything. It lasts 14 days at most.

    \b
    noroshi watch maintenance begin --project tea --device tea-level-1 --minutes 90 --reason cleaning""",
)


@group(help=Bilingual("保守の時間帯。", "Maintenance windows."))
def maintenance() -> None:
    """The group of these commands."""


@maintenance.command("begin", help=BEGIN_HELP)
@option("--device", metavar="CODE", help=Bilingual("この機器。", "This device"))
@option("--gateway", metavar="CODE", help=Bilingual("この基地局とその配下。", "This gateway and what is behind it"))
@option("--network", metavar="CODE", help=Bilingual("この通信網。", "This network"))
@option("--everything", is_flag=True, help=Bilingual("事業の全体。", "The whole project"))
@option("--from", "starts", type=Moment(), metavar="TIME", help=Bilingual("開始。省略時はいま。", "From; else now"))
@until_option
@minutes_option
@option("--reason", required=True, help=Bilingual("理由。", "Why"))
@project_option
@database_option
def begin(
    *, device: str | None, gateway: str | None, network: str | None, everything: bool, starts: datetime | None,
    until: datetime | None, minutes: float | None, reason: str, project: str | None, database: str | None,
) -> None:  # fmt: skip
    """Enter the window."""
    if sum(each is not None for each in (device, gateway, network)) + everything != 1:
        raise CallRefused(
            Bilingual(
                "--device、--gateway、--network、--everything のどれか一つを書いてください",
                "give one of --device, --gateway, --network and --everything",
            )
        )
    begins = clock() if starts is None else starts
    new = NewMaintenance(begins, end_of(begins, until, minutes), reason, device, gateway, network)
    with deed_in(project, database) as seen:
        done = begin_maintenance(seen.connection, seen.doer, seen.project_id, new)
    entered = Bilingual(
        f"保守の時間帯 {done.number}: {said(new.starts)} から {said(new.ends)} まで知らせません。",
        f"Maintenance window {done.number}: nobody is told from {said(new.starts)} until {said(new.ends)}.",
    )
    say(ALREADY if done.already else entered)


@maintenance.command("end", help=Bilingual("保守の時間帯を、いま終えます。", "End a maintenance window now."))
@click.argument("number", type=click.IntRange(1))
@project_option
@database_option
def end(number: int, project: str | None, database: str | None) -> None:
    """End the window."""
    with deed_in(project, database) as seen:
        done = end_maintenance(seen.connection, seen.doer, seen.project_id, number)
    ended = Bilingual(f"保守の時間帯 {number} を終えました。", f"Maintenance window {number} has ended.")
    say(ALREADY if done.already else ended)


@maintenance.command(
    "list", help=Bilingual("続いている、またはこれからの時間帯。", "Windows that last or are to come.")
)
@project_option
@database_option
def list_(project: str | None, database: str | None) -> None:
    """List them."""
    with deed_in(project, database) as seen:
        rows = maintenance_after(seen.connection, [seen.project_id], clock())
    for row in rows:
        thing = _thing(row)
        say(
            Bilingual(
                f"{row.maintenance_id:>4}  {said(row.starts)} 〜 {said(row.ends)}  {thing.ja}  {row.reason}",
                f"{row.maintenance_id:>4}  {said(row.starts)} - {said(row.ends)}  {thing.en}  {row.reason}",
            )
        )


def _thing(row: Maintenance) -> Bilingual:
    named = (("機器", "device", row.device), ("基地局", "gateway", row.gateway), ("通信網", "network", row.network))
    found = next((each for each in named if each[2] is not None), None)
    if found is None:
        return Bilingual("事業全体", "whole project")
    return Bilingual(f"{found[0]} {found[2]}", f"{found[1]} {found[2]}")
