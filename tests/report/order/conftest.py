"""Orders for reports about the project of these tests, as somebody at the pages places them."""

from collections.abc import Callable, Iterator

import pytest

from ingest.access.authority import By
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.make import period_of
from ingest.report.order.model import NewOrder, Placed
from ingest.report.order.orders import place_order
from ingest.store.database import Database as Connection
from schemas.japan import FiscalYear
from schemas.report_document import Period, ReportKind
from tests.figures.field import jst
from tests.fixtures.database import Database

NOW = jst(2026, 12, 2, 9)
TEA = ProjectRef(1, "tea", "茶園見守り事業")
Order = Callable[..., Placed]


def wanted(
    kind: ReportKind = ReportKind.YEARLY, year: int = 2026, forms: tuple[ReportForm, ...] = (ReportForm.JSON,)
) -> NewOrder:
    """An order about a fiscal year."""
    period = Period.of_year(FiscalYear(year), NOW) if kind is ReportKind.SET else period_of(kind, FiscalYear(year), NOW)
    return NewOrder(kind, period, forms)


@pytest.fixture
def connection(project: Database) -> Iterator[Connection]:
    """A connection without orders and drafts, before and after."""
    with project.connect() as connection:
        yield connection
        connection.execute("delete from report_order; delete from report")


@pytest.fixture
def order(connection: Connection) -> Order:
    """Place an order by `sato`, or by another person."""
    return lambda new=None, person="sato": place_order(connection, By(person), TEA, new or wanted(), NOW)
