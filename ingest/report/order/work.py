"""Makes what was ordered: the document, its files, and the draft that is kept of them. Runs in a process of its own."""

from datetime import datetime
from functools import partial
from pathlib import Path

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By
from ingest.errors import NoroshiError, StoreUnavailable
from ingest.report.form.apart import form_writer
from ingest.report.form.forms import file_name
from ingest.report.make import make_report, period_of
from ingest.report.order import database
from ingest.report.order.database import Taken
from ingest.report.order.drafts import keep_draft
from ingest.report.order.model import Order, Purpose
from ingest.report.order.whole_set import Files, SetWanted, make_set
from ingest.report.submission.compare import compare_report
from ingest.report.submission.freeze import freeze_report
from ingest.store.database import Database
from schemas.japan import FiscalYear, Month
from schemas.report_document import Period, ReportDocument, ReportKind

GATHERING = "数値を集めています"


def make_order(connection: Database, number: int, key_file: Path, now: datetime) -> None:
    """Make an open order, keep what came of it, and note it; of one that is not open nothing is made.

    `connection` in autocommit mode. `key_file`: of the key that signs what is frozen.
    What cannot be made is noted as the reason why the order failed. Raises
    StoreUnavailable while the database does not answer: the order stays open.
    """
    taken = database.read_taken(connection, number)
    if taken is None:
        return
    try:
        match taken.order.purpose:
            case Purpose.FREEZE:
                freeze_report(connection, taken, key_file, now)
            case Purpose.COMPARE:
                _compare(connection, taken, now)
            case _:
                _make(connection, taken, now)
    except StoreUnavailable:
        raise
    except NoroshiError as error:
        database.fail_order(connection, number, error.said)


def _compare(connection: Database, taken: Taken, now: datetime) -> None:
    assert taken.order.of_report is not None  # the table sees to it
    compare_report(connection, taken.project_id, taken.order.of_report, now)
    database.end_order(connection, taken.order.number, taken.order.of_report)


def _make(connection: Database, taken: Taken, now: datetime) -> None:
    order = taken.order
    make = _make_whole if order.kind is ReportKind.SET else _make_one
    document, files = make(connection, taken, now)
    with connection.transaction():
        if database.read_taken(connection, order.number) is None:  # called off meanwhile
            return
        report = keep_draft(connection, taken.project_id, document, files, order.options)
        database.end_order(connection, order.number, report)
        _note(connection, taken, document, report, sorted(files))


def _make_whole(connection: Database, taken: Taken, now: datetime) -> tuple[ReportDocument, Files]:
    order = taken.order

    def keep(document: ReportDocument, files: Files) -> None:
        with connection.transaction():
            keep_draft(connection, taken.project_id, document, files, order.options)

    return make_set(
        connection,
        SetWanted(
            taken.project_id, FiscalYear.of(order.first_day), order.forms, order.ordered_by, now,
            partial(database.note_progress, connection, order.number), keep, order.options,
        ),
    )  # fmt: skip


def _make_one(connection: Database, taken: Taken, now: datetime) -> tuple[ReportDocument, Files]:
    order = taken.order
    steps = 1 + len(order.forms)
    database.note_progress(connection, order.number, 0, steps, GATHERING)
    document = make_report(connection, taken.project_id, order.kind, period_of_order(order, now), now, order.ordered_by)
    files: dict[str, tuple[str, bytes]] = {}
    with form_writer(document, order.options) as write:
        for done, form in enumerate(order.forms, 1):
            database.note_progress(connection, order.number, done, steps, form.label.ja)
            files[form] = file_name(document, form), write(form)
    return document, files


def period_of_order(order: Order, now: datetime) -> Period:
    """The period that was ordered, as of now. What is about a day is that day, and not the present one."""
    if order.first_day == order.last_day:
        return Period.of_day(order.first_day, now)
    month = Month.of(order.first_day)
    asked = month if month.last_day == order.last_day else FiscalYear.of(order.first_day)
    return period_of(order.kind, asked, now)


def _note(connection: Database, taken: Taken, document: ReportDocument, report: int, forms: list[str]) -> None:
    project, organisation = database.codes_of_project(connection, taken.project_id)
    after = {"report": report, "period": document.period.label, "forms": forms}
    by = By(taken.order.ordered_by)
    audit.append(connection, by.entry(Action.REPORT_MADE, document.kind.value, organisation, project, after=after))
