"""`noroshi report list | check | reopen | freeze | revise | orders | cancel`: from a draft to a submission (提出版)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import click

from ingest.access.authority import NotThere
from ingest.cli.account_texts import by_command
from ingest.cli.command import command, option
from ingest.cli.database import open_database
from ingest.cli.options import database_option, settings_for
from ingest.cli.plan_check import find_project, project_option
from ingest.cli.say import say
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef, project_refs
from ingest.report.order.database import project_of_order, project_of_report
from ingest.report.order.drafts import kept_report, list_kept
from ingest.report.order.model import KeptReport, Order, OrderState
from ingest.report.order.orders import ORDER, REPORT, cancel_order, open_and_recent_orders, order_of
from ingest.report.submission.review import check_report, order_freeze, reopen_report
from ingest.report.submission.revise import order_revision
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import now_jst, to_jst

LISTED = 100
MOST_NUMBER = 2**62
LOOK_EVERY_S = 0.5

STATES = {
    "draft": Bilingual("下書き", "draft"), "checked": Bilingual("確認済み", "checked"),
    "frozen": Bilingual("提出版", "frozen"),
}  # fmt: skip

report_argument = click.argument("report", type=click.IntRange(1, MOST_NUMBER))
wait_option = option(
    "--wait",
    type=click.FloatRange(0, 3600),
    default=120.0,
    show_default=True,
    metavar="S",
    help=Bilingual("できあがるまで待つ秒数。0 なら待ちません。", "Seconds to wait for the result; 0: do not wait"),
)


class _About(NamedTuple):
    """A report or an order, and where it is."""

    connection: Database
    project: ProjectRef


@contextmanager
def _about_report(number: int, database: str | None) -> Iterator[_About]:
    with open_database(settings_for(database=database), autocommit=True) as connection:
        yield _About(connection, _project(connection, project_of_report(connection, number), REPORT))


def _project(connection: Database, project_id: int | None, what: Bilingual) -> ProjectRef:
    found = next((each for each in project_refs(connection) if each.project_id == project_id), None)
    if found is None:
        raise NotThere(what)
    return found


@command(
    "list",
    help=Bilingual(
        "下書き、確認済み、提出版の一覧。番号は check や freeze に使います。",
        "List drafts, checked and frozen reports, with the numbers for check and freeze.",
    ),
)
@project_option
@database_option
def list_reports(project: str | None, database: str | None) -> None:
    """Say each report that is kept, the newest first."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        found = list_kept(connection, find_project(connection, project).project_id, limit=LISTED)
    for each in found:
        say(_line(each))
    if not found:
        say(Bilingual("報告書はまだありません", "there is no report yet"))


@command(help=Bilingual("下書きを読んで確かめ、確認済みにします。", "Mark a draft as checked, as whoever read it."))
@report_argument
@database_option
def check(report: int, database: str | None) -> None:
    """Note that somebody read the draft and answers for it."""
    with _about_report(report, database) as to:
        check_report(to.connection, by_command(), to.project, report, now_jst())
        say(_line(kept_report(to.connection, to.project.project_id, report)))


@command(help=Bilingual("確認を取り消して、下書きに戻します。", "Take a check back: the report is a draft again."))
@report_argument
@database_option
def reopen(report: int, database: str | None) -> None:
    """Take a check back."""
    with _about_report(report, database) as to:
        reopen_report(to.connection, by_command(), to.project, report)
        say(_line(kept_report(to.connection, to.project.project_id, report)))


@command(
    help=Bilingual(
        """確認済みの報告書を確定して、提出版にします。

        番号、版、電子署名が付きます。確定したものは、だれも変えられません。訂正するときは revise で作り直します。
        作るのは動いているサービスです。""",
        """Freeze a checked report as a submission.

        It gets a number, a revision and signatures. Nobody can change it then; `revise` makes a correction.
        The running service does it.""",
    )
)
@report_argument
@option(
    "--reason",
    default="",
    metavar="TEXT",
    help=Bilingual("訂正の理由(提出版がすでにあるとき)。", "Why there is a new revision, where one was frozen already"),
)
@wait_option
@database_option
def freeze(report: int, reason: str, wait: float, database: str | None) -> None:
    """Have a checked report frozen, and wait for it."""
    with _about_report(report, database) as to:
        placed = order_freeze(to.connection, by_command(), to.project, report, reason)
        _await(to, placed.number, wait)


@command(
    help=Bilingual(
        """提出版を訂正するために、同じ報告書を下書きとして作り直します。

        提出版はそのまま残ります。下書きを確かめ、check と freeze --reason で次の版になります。""",
        """Make the same report again as a draft, to correct a frozen one.

        The frozen one stays. The draft becomes the next revision by check and freeze --reason.""",
    )
)
@report_argument
@wait_option
@database_option
def revise(report: int, wait: float, database: str | None) -> None:
    """Have a frozen report made again, and wait for it."""
    with _about_report(report, database) as to:
        placed = order_revision(to.connection, by_command(), to.project, report, now_jst())
        _await(to, placed.number, wait)


@command(help=Bilingual("依頼の一覧。進み具合と、作れなかった理由。", "List the orders, and why one failed."))
@project_option
@database_option
def orders(project: str | None, database: str | None) -> None:
    """Say the open orders, and the newest of those that ended."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        found = open_and_recent_orders(connection, find_project(connection, project).project_id)
    for each in found:
        say(_order_line(each))
    if not found:
        say(Bilingual("依頼はありません", "nothing was ordered"))


@command(help=Bilingual("順番待ちか作成中の依頼を取り消します。", "Call an order off that waits or is being made."))
@click.argument("order", type=click.IntRange(1, MOST_NUMBER))
@database_option
def cancel(order: int, database: str | None) -> None:
    """Call an order off."""
    with open_database(settings_for(database=database), autocommit=True) as connection:
        project = _project(connection, project_of_order(connection, order), ORDER)
        say(_order_line(cancel_order(connection, by_command(), project, order)))


COMMANDS = (list_reports, check, reopen, freeze, revise, orders, cancel)


def _await(to: _About, number: int, wait_s: float) -> None:
    """Wait for the end of an order, and say what came of it. Raises CallRefused with the reason why it failed."""
    until_s = time.monotonic() + wait_s
    order = order_of(to.connection, to.project.project_id, number)
    while order.is_open and time.monotonic() < until_s:
        time.sleep(LOOK_EVERY_S)
        order = order_of(to.connection, to.project.project_id, number)
    if order.failed is not None:
        raise CallRefused(order.failed)
    if order.report is not None:
        say(_line(kept_report(to.connection, to.project.project_id, order.report)))
        return
    say(_order_line(order))
    if order.is_open:
        say(
            Bilingual(
                "まだできていません。サービスが動いていれば、まもなくできます: noroshi report orders",
                "it is not made yet. If the service runs, it soon will be: noroshi report orders",
            ),
            err=True,
        )


def _line(each: KeptReport) -> Bilingual:
    state, made = STATES[each.state], f"{to_jst(each.made_at):%Y-%m-%d %H:%M}"
    about = f"{each.title} {each.period}"
    if each.submission is None:
        return Bilingual(f"{each.number} [{state.ja}] {about} {made}", f"{each.number} [{state.en}] {about} {made}")
    return Bilingual(
        f"{each.number} [{state.ja}] {each.submission} 第{each.revision}版 {about} {made}",
        f"{each.number} [{state.en}] {each.submission} revision {each.revision} {about} {made}",
    )


def _order_line(order: Order) -> Bilingual:
    label, purpose, state = order.kind.label, order.purpose.label, order.state.label
    days = f"{order.first_day}" if order.first_day == order.last_day else f"{order.first_day}..{order.last_day}"
    far = f" {order.done}/{order.steps}" if order.state is OrderState.RUNNING and order.steps else ""
    why = Bilingual("", "") if order.failed is None else Bilingual(f": {order.failed.ja}", f": {order.failed.en}")
    return Bilingual(
        f"{order.number} [{state.ja}{far}] {purpose.ja} {label.ja} {days}{why.ja}",
        f"{order.number} [{state.en}{far}] {purpose.en} {label.en} {days}{why.en}",
    )
