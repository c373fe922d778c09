"""An installation with accounts, where one city has a plan and the other has none."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from schemas.japan import FiscalYear, now_jst
from tests.fixtures.browser import browser_page, chromium
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.web.field import FieldSize, sow
from tests.web.plan import paper
from tests.web.townhall import Townhall, townhall

__all__ = ["browser_page", "chromium"]


@dataclass
class Planned:
    """The running town, the year that is looked at, and the number of the project with a plan."""

    town: Townhall
    year: FiscalYear
    project_id: int
    today: date


@pytest.fixture(scope="module")
def planned(servers: Servers) -> Iterator[Planned]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
    with townhall(database) as town:
        today = now_jst().date()
        year = FiscalYear.of(today)
        project_id = paper.plan(town.connection, year.year)
        paper.work(town.connection, project_id, year.start, 90)
        yield Planned(town, year, project_id, today)
    database.drop()
