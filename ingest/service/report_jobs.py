"""The background job that makes the reports that people ordered, one after the other, each in a process of its own."""

from functools import partial
from threading import Event

import structlog

from ingest.errors import StoreUnavailable
from ingest.jobs.schedule import Job, Lane
from ingest.report.order.child import Ended, run_child
from ingest.report.order.database import Taken, fail_order, give_back, read_taken, take_next
from ingest.settings.model import DatabaseSettings
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted

log = structlog.get_logger()

LOOK_EVERY_S = 5
MOST_TRIES = 3


def report_jobs(settings: DatabaseSettings) -> tuple[Job, ...]:
    """Make what was ordered. An order whose process was cut off is made again, a few times."""
    return (
        Job(
            "reports", Lane.REPORTS, LOOK_EVERY_S, partial(_make_orders, settings),
            Bilingual("報告書の作成", "Making of reports"),
            Bilingual("依頼された報告書を、一つずつ別のプロセスで作ります。",
                      "Makes the reports that were ordered, one after the other, each in a process of its own."),
        ),
    )  # fmt: skip


def _make_orders(settings: DatabaseSettings, connection: Database, stop: Event) -> str:
    made = 0
    while not stop.is_set():
        taken = take_next(connection)
        if taken is None:
            break
        _make(settings, connection, taken, stop)
        made += 1
    return f"{made} orders"


def _make(settings: DatabaseSettings, connection: Database, taken: Taken, stop: Event) -> None:
    order = taken.order
    if order.tries > MOST_TRIES:
        fail_order(connection, order.number, _CUT_OFF)
        return
    ended = run_child(settings, order.number, stop)
    if read_taken(connection, order.number) is None:
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
