"""An order is taken once, and nobody has too many open."""

from dataclasses import replace
from uuid import uuid4

import pytest

from ingest.access.authority import ChangeRefused, NotThere
from ingest.errors import CallRefused
from ingest.report.form.forms import ReportForm
from ingest.report.order.model import OrderState
from ingest.report.order.orders import MOST_OPEN_OF_PERSON, MOST_OPEN_OF_PROJECT, TooManyOpen, order_of
from ingest.store.database import Database
from schemas.japan import FiscalYear, Month
from schemas.report_document import Period, ReportKind
from tests.report.order.conftest import NOW, Order, wanted


def test_the_same_order_is_taken_once(connection: Database, order: Order) -> None:
    keyed = replace(wanted(), client_key=uuid4())
    first, again = order(keyed), order(keyed)
    assert (first.already, again.already, again.number) == (False, True, first.number)
    assert order().number == first.number, "a second press of the button"
    with pytest.raises(ChangeRefused, match="client_key"):
        order(replace(wanted(year=2025), client_key=keyed.client_key))
    assert order_of(connection, 1, first.number).state is OrderState.WAITING
    entries = connection.execute("select count(*) from audit_entry where action = 'report_ordered'").fetchone()
    assert entries == (1,)


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
