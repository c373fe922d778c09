"""`noroshi watch try`: sends a test to a channel or a person, and says what came of it."""

import time
from datetime import UTC, datetime

import click

from ingest.cli.command import command, option
from ingest.cli.options import database_option
from ingest.cli.plan_check import project_option
from ingest.cli.say import say
from ingest.cli.watch_deed import deed_in
from ingest.errors import CallRefused
from ingest.watch.delivery.database.trials import Trial, read_trials
from ingest.watch.delivery.trial import queue_trial
from schemas.bilingual import Bilingual, quoted

LOOK_EVERY_S = 0.2

TRY_HELP = Bilingual(
    """通知先に試験の通知を送り、結果を示します。NAME は監視計画の channels か people の名前、duty、backup です。

    監視のサービスが動いている必要があります。""",
    """Send a test and say what came of it. NAME is one of channels or people of the document, duty, or backup.

    The service has to be running.""",
)


@command("try", help=TRY_HELP)
@click.argument("name")
@option(
    "--wait", "wait_s", type=click.FloatRange(0, 600), default=30.0,
    help=Bilingual("結果を待つ秒数。", "Seconds to wait for what comes of it"),
)  # fmt: skip
@project_option
@database_option
def try_command(name: str, wait_s: float, project: str | None, database: str | None) -> None:
    """Queue a test, wait, and print a line for each receiver. Fails unless all of them took it."""
    with deed_in(project, database) as seen:
        numbers = queue_trial(seen.connection, seen.project_id, name, datetime.now(UTC))
        seen.connection.commit()  # the watch is another process
        until_s = time.monotonic() + wait_s
        trials = read_trials(seen.connection, numbers)
        while time.monotonic() < until_s and not all(each.ended for each in trials):
            time.sleep(LOOK_EVERY_S)
            trials = read_trials(seen.connection, numbers)
    for each in trials:
        say(_line(each))
    if not all(each.delivered for each in trials):
        raise CallRefused(
            Bilingual("届いていないものがあります。理由は上の通りです", "not all of it arrived: see above")
        )


def _line(trial: Trial) -> Bilingual:
    where = f"{trial.channel} {trial.target}"
    if trial.delivered:
        return Bilingual(f"{where}: 届きました {trial.answer}", f"{where}: delivered {trial.answer}")
    if trial.tries == 0:
        return Bilingual(
            f"{where}: まだ送っていません(監視は動いていますか)", f"{where}: not sent yet (does the watch run?)"
        )
    why = Bilingual(trial.failed_ja, trial.failed_en or "") if trial.failed_ja else quoted("")
    return Bilingual(f"{where}: 届いていません {why.ja}", f"{where}: not delivered {why.en}")
