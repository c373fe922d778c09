"""An order is taken once, and nobody has too many open."""

from dataclasses import replace
from uuid import uuid4

import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.errors import CallRefused
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.form.options import FormOptions, Paper, Times
from ingest.report.order.model import OrderState
from ingest.report.order.orders import MOST_OPEN_OF_PERSON, MOST_OPEN_OF_PROJECT, TooManyOpen, cancel_order, order_of
from ingest.store.database import Database
from schemas.japan import FiscalYear, Month
from schemas.report_document import Period, ReportKind
from tests.report.order.conftest import NOW, TEA, Order, wanted


def _noted(connection: Database, action: str) -> int:
    """Entries of the audit log with this action; those of other tests stay in it."""
    found = connection.execute("select count(*) from audit_entry where action = %s", (action,)).fetchone()
    assert found is not None
    return int(found[0])


def test_the_same_order_is_taken_once(connection: Database, order: Order) -> None:
    before = _noted(connection, "report_ordered")
    keyed = replace(wanted(), client_key=uuid4())
    first, again = order(keyed), order(keyed)
    assert (first.already, again.already, again.number) == (False, True, first.number)
    assert order().number == first.number, "a second press of the button"
    with pytest.raises(ChangeRefused, match="client_key"):
        order(replace(wanted(year=2025), client_key=keyed.client_key))
    assert order_of(connection, 1, first.number).state is OrderState.WAITING
    assert _noted(connection, "report_ordered") == before + 1


def test_a_person_and_a_project_have_so_many_open_orders(order: Order) -> None:
    for year in range(MOST_OPEN_OF_PERSON):
        order(wanted(year=2026 - year))
    with pytest.raises(TooManyOpen, match="you have"):
        order(wanted(year=2020))
    for year in range(MOST_OPEN_OF_PROJECT - MOST_OPEN_OF_PERSON):
        order(wanted(year=2019 - year), person="ito")
    with pytest.raises(TooManyOpen, match="the project has"):
        order(wanted(year=2020), person="kato")


def test_what_cannot_be_made_is_refused_before_it_is_ordered(connection: Database, order: Order) -> None:
    month = Period.of_month(Month(2026, 11), NOW)
    for wrong in (
        replace(wanted(), forms=()),
        replace(wanted(), period=month),
        replace(wanted(), period=Period.of_year(FiscalYear(2027), NOW)),
        replace(wanted(), kind=ReportKind.SET, period=month),
    ):
        with pytest.raises(CallRefused):
            order(wrong)
    with pytest.raises(NotThere):
        order_of(connection, 1, 99)


def test_another_form_is_another_order(order: Order) -> None:
    assert order(wanted(forms=(ReportForm.CSV,))).number != order(wanted()).number


def test_an_open_order_is_called_off_once_and_frees_its_place(connection: Database, order: Order) -> None:
    before = _noted(connection, "report_cancelled")
    number = order(wanted()).number
    gone = cancel_order(connection, By("ito"), TEA, number)
    assert (gone.state, gone.cancelled_by, gone.is_open) == (OrderState.CANCELLED, "ito", False)
    with pytest.raises(ChangeRefused, match="ended already"):
        cancel_order(connection, By("ito"), TEA, number)
    with pytest.raises(NotThere):
        cancel_order(connection, By("ito"), ProjectRef(2, "rice", "稲"), number)
    assert order(wanted()).number != number, "nothing is made of the first, so the same is a new order"
    assert _noted(connection, "report_cancelled") == before + 1


def test_other_options_are_another_order_and_are_kept(connection: Database, order: Order) -> None:
    on_a3 = FormOptions(Paper.A3, Times.EXCEL)
    first = order(wanted()).number
    second = order(replace(wanted(), options=on_a3)).number
    assert second != first
    assert order_of(connection, 1, second).options == on_a3
