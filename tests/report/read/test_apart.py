"""A workbook is read in a process of its own, a few at a time, with bounded memory and time."""

import tempfile
from threading import BoundedSemaphore

import pytest

from ingest.access.authority import By, ChangeRefused
from ingest.errors import ReaderBusy, StoreUnavailable
from ingest.report.read import apart
from ingest.report.read.apart import Taker
from ingest.report.read.taken import TakenOver
from ingest.report.read.wrong import WorkbookRefused
from ingest.runtime.bounded_child import Bounds
from ingest.settings.model import DatabaseSettings
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.report.order.conftest import TEA
from tests.report.read.books import FIRST, changed, write


def _take(taker: Taker, content: bytes) -> TakenOver:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return taker.take(By("sato"), TEA, file, "田中", "返送.xlsx")


def test_what_the_process_says_comes_back(written_to: Database, book: bytes) -> None:
    taker = Taker(DatabaseSettings(url=written_to.url))
    taken = _take(taker, changed(book, write({"factors/whole": "停電が三回。"})))
    assert (taken.taken, taken.texts[0].now, taken.author, taken.compared) == (
        ("whole",), "停電が三回。", "田中", False,
    )  # fmt: skip
    with pytest.raises(WorkbookRefused) as refused:
        _take(taker, changed(book, lambda opened: setattr(opened[FIRST].cell(1, 1), "value", "嘘")))
    assert "書き換えられています" in refused.value.said.ja
    with pytest.raises(ChangeRefused, match="no Excel workbook"):
        _take(taker, b"rubbish")


def test_what_takes_too_much_is_ended_and_takes_nothing_over(
    written_to: Database, book: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = Taker(DatabaseSettings(url=written_to.url))
    for bounds in (Bounds(most_mib=1, most_s=60), Bounds(most_mib=500, most_s=0)):
        monkeypatch.setattr(apart, "BOUNDS", bounds)
        with pytest.raises(ChangeRefused, match="too much time or memory"):
            _take(taker, book)


def test_others_wait_outside_and_a_database_that_is_away_is_no_fault_of_the_file(book: bytes) -> None:
    away = DatabaseSettings(url=f"postgresql://127.0.0.1:{free_port()}/x", connect_timeout_s=2)
    with pytest.raises(ReaderBusy):
        _take(Taker(away, BoundedSemaphore(0)), book)
    with pytest.raises(StoreUnavailable):
        _take(Taker(away), book)
