"""`noroshi watch ack`: takes an incident."""

import click

from ingest.cli.command import command, option
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import ALREADY, deed_in
from ingest.watch.deeds.acknowledge import acknowledge
from schemas.bilingual import Bilingual

ACK_HELP = Bilingual(
    """事象を確認済みにします。

    その段階までの順次連絡(エスカレーション)が止まります。さらに上の段階に達したときは、もう一度確認が要ります。""",
    """Acknowledge an incident: somebody has taken it.

    Nobody else is called for the ranks up to this one. If it rises further, it has to be acknowledged again.""",
)


@command("ack", help=ACK_HELP)
@click.argument("incident", type=click.IntRange(1))
@option("--rank", type=int, help=Bilingual("この段階まで。省略時はいまの段階。", "Up to this rank; else as it stands"))
@option("--note", default="", help=Bilingual("メモ。", "Note"))
@project_option
@database_option
def ack(incident: int, rank: int | None, note: str, project: str | None, database: str | None) -> None:
    """Take the incident."""
    with deed_in(project, database) as seen:
        done = acknowledge(seen.connection, seen.doer, seen.project_id, incident, rank, note)
    if done.already:
        say(ALREADY)
    else:
        say(
            Bilingual(
                f"事象 {incident} を段階{done.rank}まで確認済みにしました。",
                f"Incident {incident} is acknowledged up to rank {done.rank}.",
            )
        )
    if done.needs_more:
        say(
            Bilingual(
                "事象はさらに上の段階にあります。もう一度確認してください。",
                "The incident stands at a higher rank: acknowledge it again.",
            )
        )
