"""What was ordered is made by a process of its own: kept as a draft, or failed with a reason, and begun again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from ingest.access.authority import By, NotThere
from ingest.errors import StoreUnavailable
from ingest.report.form.forms import FORMS, ReportForm
from ingest.report.form.options import FormOptions, Paper
from ingest.report.order import child
from ingest.report.order.drafts import discard_draft, kept_document, kept_file, kept_report, list_kept
from ingest.report.order.model import ZIP, OrderState
from ingest.report.order.orders import cancel_order, order_of
from ingest.report.order.whole_set import SUMS, kinds_of_set
from ingest.service.report_jobs import MOST_TRIES, report_jobs
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from ingest.store.database import Database as Connection
from schemas.report_document import ReportKind
from schemas.report_json import document_of_json
from tests.fixtures.database import Database
from tests.report.order.conftest import TEA, Order, wanted


def _run(project: Database, connection: Connection, stop: Event | None = None, url: str | None = None) -> str:
    (job,) = report_jobs(
        DatabaseSettings(url=url or project.url), ReportSettings(key_file=Path("/nonexistent/key.pem"))
    )
    return job.run(connection, stop or Event())


def test_an_order_becomes_a_draft_with_its_files(project: Database, connection: Connection, order: Order) -> None:
    first = order(wanted(forms=FORMS)).number
    assert _run(project, connection) == "1 orders"
    made = order_of(connection, 1, first)
    assert (made.state, made.done, made.failed) == (OrderState.MADE, 1 + len(FORMS), None)
    assert made.report is not None
    report = kept_report(connection, 1, made.report)
    assert (report.state, report.title, report.made_by) == ("draft", "運用状況等報告書", "sato")
    assert {file.form for file in report.files} == set(FORMS)
    for file in report.files:
        content = kept_file(connection, 1, made.report, file.form)
        assert (len(content), hashlib.sha256(content).digest()) == (file.size, file.sha256)
    as_json = document_of_json(json.loads(kept_file(connection, 1, made.report, "json")))
    assert kept_document(connection, 1, made.report) == as_json

    second = order(wanted()).number
    _run(project, connection)
    again = order_of(connection, 1, second).report
    assert [each.number for each in list_kept(connection, 1, limit=9)] == [again], "a draft replaces the one before"
    assert again is not None
    discard_draft(connection, By("sato"), TEA, again)
    with pytest.raises(NotThere):
        kept_report(connection, 1, again)


def test_the_set_of_a_year_has_every_report_and_a_cover_letter(
    project: Database, connection: Connection, order: Order
) -> None:
    number = order(wanted(ReportKind.SET, forms=(ReportForm.CSV,))).number
    _run(project, connection)
    made = order_of(connection, 1, number)
    assert made.failed is None
    assert made.report is not None
    packed = zipfile.ZipFile(io.BytesIO(kept_file(connection, 1, made.report, ZIP)))
    names = packed.namelist()
    assert len(names) == len(kinds_of_set()) + 2
    assert names[-2:] == ["送付状_2026年度_tea.csv", SUMS]
    letter = packed.read(names[-2]).decode("utf-8-sig")
    for line in packed.read(SUMS).decode().splitlines()[:-1]:
        digest, _, name = line.partition("  ")
        assert hashlib.sha256(packed.read(name)).hexdigest() == digest
        assert digest in letter
    kinds = {each.kind for each in list_kept(connection, 1, limit=99)}
    assert kinds == {*kinds_of_set(), ReportKind.SET}


def test_one_that_takes_too_much_memory_fails_with_the_reason(
    project: Database, connection: Connection, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "MOST_MIB", 1)
    number = order().number
    _run(project, connection)
    failed = order_of(connection, 1, number)
    assert failed.state is OrderState.FAILED
    assert failed.failed is not None
    assert "1 MiB" in failed.failed.en


def test_what_was_cut_off_is_begun_again_but_not_for_ever(
    project: Database, connection: Connection, order: Order
) -> None:
    number = order().number
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    for tries in range(1, MOST_TRIES + 1):
        with pytest.raises(StoreUnavailable, match=f"order {number}"):
            _run(project, connection, url=nowhere)
        waiting = order_of(connection, 1, number)
        assert (waiting.state, waiting.tries) == (OrderState.WAITING, tries)
    _run(project, connection, url=nowhere)
    assert order_of(connection, 1, number).state is OrderState.FAILED


def test_a_service_that_ends_leaves_the_order_for_the_next_one(
    project: Database, connection: Connection, order: Order
) -> None:
    number = order().number
    with project.connect() as other:
        stop = _StopsAtOnce()
        _run(project, other, stop)
    waiting = order_of(connection, 1, number)
    assert (waiting.state, waiting.tries) == (OrderState.WAITING, 0)
    _run(project, connection)
    assert order_of(connection, 1, number).state is OrderState.MADE


class _StopsAtOnce(Event):
    """Not set while an order is taken, and set as soon as its process is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def is_set(self) -> bool:
        self._looks += 1
        return self._looks > 1


def test_what_is_called_off_while_it_is_made_ends_and_is_not_kept(
    project: Database, connection: Connection, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "ASK_EVERY_S", 0.0)
    number = order(wanted(forms=FORMS)).number
    with project.connect() as other:
        _run(project, connection, _CallsOff(lambda: cancel_order(other, By("ito"), TEA, number)))
    assert order_of(connection, 1, number).state is OrderState.CANCELLED
    assert list_kept(connection, 1, limit=9) == []


class _CallsOff(Event):
    """Never set; the second look at it is when somebody calls the order off."""

    def __init__(self, call_off: Callable[[], object]) -> None:
        super().__init__()
        self._call_off, self._looks = call_off, 0

    def is_set(self) -> bool:
        self._looks += 1
        if self._looks == 2:
            self._call_off()
        return False


def test_the_workbook_has_the_paper_that_was_ordered(project: Database, connection: Connection, order: Order) -> None:
    number = order(replace(wanted(forms=(ReportForm.XLSX,)), options=FormOptions(Paper.A3))).number
    _run(project, connection)
    made = order_of(connection, 1, number).report
    assert made is not None
    assert b'paperSize="8"' in zipfile.ZipFile(io.BytesIO(kept_file(connection, 1, made, "xlsx"))).read(
        "xl/worksheets/sheet2.xml"
    )
