"""`noroshi watch drill`: drills, in which events that nobody measured go the whole way."""

from datetime import datetime, timedelta
from functools import partial

import click

from ingest.cli.command import group
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import ALREADY, clock, deed_in, end_of, minutes_option, said, until_option
from ingest.errors import CallRefused
from ingest.watch.deeds.drill import Injected, begin_drill, drills_since, end_drill, inject
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.keep import keep_events
from schemas.bilingual import Bilingual

SHOWN = timedelta(days=366)


@group(help=Bilingual("訓練。通知も画面も【訓練】と示します。", "Drills: every message and page says so."))
def drill() -> None:
    """The group of these commands."""


BEGIN_HELP = Bilingual(
    """訓練を始めます。終わりの時刻(24時間まで)になると、自動で終わります。

    \b
    noroshi watch drill begin 秋の水防訓練 --project tea --minutes 90""",
    """Begin a drill. It ends by itself, after 24 hours at most.

    \b
    noroshi watch drill begin "Autumn drill" --project tea --minutes 90""",
)
INJECT_HELP = Bilingual(
    """訓練中に、選んだ局を選んだ段階に達したことにします。0 は解消です。

    \b
    noroshi watch drill inject tea-level-1=2 tea-rain-1=1 --project tea""",
    """Within a drill, let stations reach ranks. 0: it is well again.

    \b
    noroshi watch drill inject tea-level-1=2 tea-rain-1=1 --project tea""",
)


@drill.command("begin", help=BEGIN_HELP)
@click.argument("title")
@until_option
@minutes_option
@project_option
@database_option
def begin(title: str, until: datetime | None, minutes: float | None, project: str | None, database: str | None) -> None:
    """Begin it."""
    ends = end_of(clock(), until, minutes)
    with deed_in(project, database) as seen:
        done = begin_drill(seen.connection, seen.doer, seen.project_id, title, ends)
    begun = Bilingual(
        f"訓練 {done.number} を始めました。{said(ends)} に自動で終わります。",
        f"Drill {done.number} has begun. It ends by itself at {said(ends)}.",
    )
    say(ALREADY if done.already else begun)


@drill.command("inject", help=INJECT_HELP)
@click.argument("stations", nargs=-1, required=True, metavar="CODE=RANK...")
@project_option
@database_option
def inject_(stations: tuple[str, ...], project: str | None, database: str | None) -> None:
    """Let them reach their ranks."""
    injected = [_injected(each) for each in stations]
    with deed_in(project, database) as seen:
        keep = partial(keep_events, queue=queue_deliveries)
        events = inject(seen.connection, seen.doer, seen.project_id, injected, keep)
    say(
        Bilingual(f"【訓練】{len(events)} 件の事象を起こしました。", f"[DRILL] {len(events)} events were injected.")
        if events
        else ALREADY
    )


@drill.command("end", help=Bilingual("訓練を、いま終えます。", "End the drill now."))
@project_option
@database_option
def end(project: str | None, database: str | None) -> None:
    """End it."""
    with deed_in(project, database) as seen:
        done = end_drill(seen.connection, seen.doer, seen.project_id)
    say(
        Bilingual(
            f"訓練 {done.number} を終えました。訓練の事象は数秒のうちに閉じられます。",
            f"Drill {done.number} has ended. Its incidents are closed within seconds.",
        )
    )


@drill.command("list", help=Bilingual("この1年の訓練。", "Drills of the last year."))
@project_option
@database_option
def list_(project: str | None, database: str | None) -> None:
    """List them."""
    now = clock()
    with deed_in(project, database) as seen:
        rows = drills_since(seen.connection, [seen.project_id], now - SHOWN)
    for row in rows:
        lasts = Bilingual("実施中", "under way") if row.ended_at is None else Bilingual("終了", "ended")
        ends = said(row.ended_at or row.ends)
        say(
            Bilingual(
                f"{row.drill_id:>4}  {said(row.starts)} 〜 {ends}  {lasts.ja}  {row.title}",
                f"{row.drill_id:>4}  {said(row.starts)} - {ends}  {lasts.en}  {row.title}",
            )
        )


def _injected(text: str) -> Injected:
    code, _, rank = text.rpartition("=")
    if not code or not (rank.isascii() and rank.isdigit()) or len(rank) > 3:
        raise CallRefused(
            Bilingual(f"{text!r} は 機器コード=段階 の形で書いてください", f"write {text!r} as CODE=RANK")
        )
    return Injected(code, int(rank))
