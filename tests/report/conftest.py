"""A small project over November 2026, read once: what the reports of these tests are made from."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from ingest.report.usage import usage_report
from schemas.japan import Month
from schemas.report import UsageReport
from tests.figures.field import Field, jst
from tests.fixtures.database import FIRST, Database, Servers, fresh_database

NOVEMBER = Month(2026, 11)
AFTERWARDS = jst(2026, 12, 2, 9)


@pytest.fixture(scope="session")
def project(servers: Servers) -> Iterator[Database]:
    """Five devices: complete, lossy, out of season, never heard, switched off."""
    fresh = fresh_database(servers.get(FIRST))
    with fresh.connect(autocommit=False) as connection:
        _write(Field(connection))
    yield fresh
    fresh.drop()


def _write(field: Field) -> None:
    field.gateway("roof", "halow", "庁舎屋上")
    daily = 86400
    field.uplinks(field.device("tea-1", interval_s=daily, gateway="hill", name="茶畑第1区"), _days(1, 30))
    field.uplinks(field.device("tea-2", interval_s=daily, name="=1+1 茶畑\x07第2区〜北—㐂"), _days(1, 23))
    field.device("paddy", interval_s=daily, season=("04-15", "09-30"), name="水田A")
    field.device("cam", interval_s=daily, network="halow", gateway="roof", installed_on=date(2026, 11, 21))
    field.device("old", interval_s=daily, network="halow", enabled=False)
    field.tally(
        jst(2026, 11, 3, 9), stored=53, duplicate=2, readings_offered=55, readings_stored=53, readings_duplicate=2
    )


def _days(first: int, last: int) -> list[datetime]:
    return [jst(2026, 11, first, 12) + timedelta(days=day) for day in range(last - first + 1)]


@pytest.fixture(scope="session")
def november(project: Database) -> UsageReport:
    with project.connect() as connection:
        return usage_report(connection, "tea", NOVEMBER, AFTERWARDS)
