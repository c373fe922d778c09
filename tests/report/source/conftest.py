"""A town for each test; and one whose fiscal year was filled once, only to be read."""

from collections.abc import Iterator

import pytest

from tests.figures.field import jst
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.plan.check.town import Town
from tests.report.source.year import add_measure, fill_year, know_outages


@pytest.fixture
def town(servers: Servers) -> Iterator[Town]:
    """A project without devices, data and plan."""
    fresh = fresh_database(servers.get(FIRST))
    yield Town(fresh)
    fresh.drop()


@pytest.fixture(scope="session")
def filled(servers: Servers) -> Iterator[Database]:
    """The database of the made fiscal year."""
    fresh = fresh_database(servers.get(FIRST))
    town = Town(fresh)
    fill_year(town)
    know_outages(town, jst(2027, 6, 30))
    add_measure(town, 1, "基地局を移す", "done", done_on="2026-10-10", kpis=["completeness"])
    add_measure(town, 2, "電池を替える", "decided")
    add_measure(town, 3, "予備を置く", "proposed", fiscal_year=2027, due="2027-09-30")
    yield fresh
    fresh.drop()
