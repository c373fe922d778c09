"""The background job that makes the reports that people ordered, one after the other, each in a process of its own."""

from functools import partial
from pathlib import Path
from threading import Event

import structlog

from ingest.errors import SettingsRefused, StoreUnavailable
from ingest.jobs.schedule import Job, Lane
from ingest.report.order.child import Ended, Handed, run_child
from ingest.report.order.database import Taken, fail_order, give_back, read_taken, take_next
from ingest.report.submission.database import due_comparison, note_comparison
from ingest.report.submission.keys import is_there, read_key
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted

log = structlog.get_logger()

LOOK_EVERY_S = 5
MOST_TRIES = 3


def report_jobs(settings: DatabaseSettings, report: ReportSettings) -> tuple[Job, ...]:
    """Make what was ordered. An order whose process was cut off is made again, a few times.

    A key that cannot be read stops no intake: it is said in the log, and whoever has a report frozen is told.
    """
    _look_at_key(report.key_file)
    handed = Handed(database=settings, report=report)
    return (
        Job(
            "reports", Lane.REPORTS, LOOK_EVERY_S, partial(_make_orders, handed),
            Bilingual("報告書の作成", "Making of reports"),
            Bilingual("依頼された報告書を、一つずつ別のプロセスで作ります。",
                      "Makes the reports that were ordered, one after the other, each in a process of its own."),
        ),
    )  # fmt: skip


def _look_at_key(path: Path) -> None:
    try:
        if is_there(path):
            read_key(path)
    except SettingsRefused as error:
        log.warning("report_key_unusable", why=str(error))


def _make_orders(handed: Handed, connection: Database, stop: Event) -> str:
    made = 0
    while not stop.is_set():
        taken = take_next(connection)
        if taken is None:
            break
        _make(handed, connection, taken, stop)
        made += 1
    if not made and not stop.is_set():
        _compare_next(handed, connection, stop)
    return f"{made} orders"


def _compare_next(handed: Handed, connection: Database, stop: Event) -> None:
    """Hold one frozen report that was not looked at for long against what would be computed now, while nobody waits."""
    due = due_comparison(connection)
    if due is None:
        return
    ended = run_child(handed.model_copy(update={"compare": due}), stop)
    if ended.code != 0 and not ended.may_succeed_later:
        log.error("report_comparison_defect", report=due[1], exit_code=ended.code, said=ended.said)
        note_comparison(connection, *due, None, ended.why or _defect(ended))


def _make(handed: Handed, connection: Database, taken: Taken, stop: Event) -> None:
    order = taken.order
    if order.tries > MOST_TRIES:
        fail_order(connection, order.number, _CUT_OFF)
        return
    ended = run_child(
        handed.model_copy(update={"order": order.number}), stop, lambda: read_taken(connection, order.number) is None
    )
    if read_taken(connection, order.number) is None:  # made, failed, or called off
        log.info("report_made", order=order.number, kind=order.kind.value, peak_mib=round(ended.peak_mib))
        return
    if ended.may_succeed_later:
        give_back(connection, order.number, counts=not ended.stopped)
        if not ended.stopped:
            raise StoreUnavailable(quoted(f"order {order.number}: {ended.said or 'no answer of the database'}"))
        return
    log.error("report_defect", order=order.number, exit_code=ended.code, said=ended.said)
    fail_order(connection, order.number, ended.why or _defect(ended))


_CUT_OFF = Bilingual(
    f"作成の途中で{MOST_TRIES}回止まったため、やめました。管理者に知らせてください",
    f"it was cut off {MOST_TRIES} times; tell the administrator",
)


def _defect(ended: Ended) -> Bilingual:
    return Bilingual(
        f"作成の途中で処理が止まりました(終了コード {ended.code})。くわしくはサービスのログにあります",
        f"the process ended with code {ended.code}; the log of the service has more",
    )
