"""`noroshi watch note`, `mark` and `missed`: what people write about incidents."""

from datetime import datetime

import click

from ingest.cli.command import command, option
from ingest.cli.moments import Moment
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import ALREADY, clock, deed_in
from ingest.watch.deeds.model import Mark, NewMissed
from ingest.watch.deeds.noting import enter_missed, mark_incident, note_action, take_back_missed
from schemas.bilingual import Bilingual

at_option = option(
    "--at", type=Moment(), metavar="TIME", help=Bilingual("いつ。省略時はいま。", "When; else now")
)  # fmt: skip

MISSED_HELP = Bilingual(
    """監視が気付かなかったこと(見逃し)を記録します。

    --device(機器コード)か --place(場所)を書いてください。誤って記録したものは --take-back 番号 で取り消せます。""",
    """Enter something that the watch did not notice.

    Give --device (a code) or --place. One that was entered by mistake is taken back by --take-back NUMBER.""",
)


@command("note", help=Bilingual("事象に、対応などを書き足します。", "Write what was done about an incident."))
@click.argument("incident", type=click.IntRange(1))
@click.argument("text")
@at_option
@project_option
@database_option
def note(incident: int, text: str, at: datetime | None, project: str | None, database: str | None) -> None:
    """Add the note."""
    with deed_in(project, database) as seen:
        note_action(seen.connection, seen.doer, seen.project_id, incident, text, at)
    say(Bilingual(f"事象 {incident} に書き足しました。", f"The note on incident {incident} was entered."))


@command("mark", help=Bilingual("事象が的中か空振りかを記録します。", "Say whether an incident was true or false."))
@click.argument("incident", type=click.IntRange(1))
@click.argument("verdict", type=click.Choice([each.value for each in Mark]))
@option("--note", "text", default="", help=Bilingual("メモ。", "Note"))
@project_option
@database_option
def mark(incident: int, verdict: str, text: str, project: str | None, database: str | None) -> None:
    """Mark the incident."""
    said = Mark(verdict)
    with deed_in(project, database) as seen:
        done = mark_incident(seen.connection, seen.doer, seen.project_id, incident, said, text)
    marked = Bilingual(f"事象 {incident}: {said.label.ja}と記録しました。", f"Incident {incident}: {said.label.en}.")
    say(ALREADY if done.already else marked)


@command("missed", help=MISSED_HELP)
@click.argument("text")
@at_option
@option("--device", metavar="CODE", help=Bilingual("そこにある機器。", "The station there"))
@option("--place", default="", help=Bilingual("場所。", "Where"))
@option(
    "--take-back", type=click.IntRange(1), metavar="NUMBER",
    help=Bilingual("この番号の見逃しを取り消します。本文は理由です。", "Take back this one; the text is the reason"),
)  # fmt: skip
@project_option
@database_option
def missed(
    text: str, at: datetime | None, device: str | None, place: str, take_back: int | None, project: str | None,
    database: str | None,
) -> None:  # fmt: skip
    """Enter it, or take it back."""
    with deed_in(project, database) as seen:
        if take_back is not None:
            done = take_back_missed(seen.connection, seen.doer, seen.project_id, take_back, text)
        else:
            new = NewMissed(clock() if at is None else at, text, device, place)
            done = enter_missed(seen.connection, seen.doer, seen.project_id, new)
    entered = Bilingual(f"見逃し {done.number} を記録しました。", f"Missed event {done.number} was entered.")
    gone = Bilingual(f"見逃し {done.number} を取り消しました。", f"Missed event {done.number} was taken back.")
    say(ALREADY if done.already else entered if take_back is None else gone)
