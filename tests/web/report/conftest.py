"""An installation with accounts, whose reports are made when a test says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from ingest.service.report_jobs import report_jobs
from ingest.settings.model import DatabaseSettings
from ingest.settings.report import ReportSettings
from ingest.web.dependencies import Door
from tests.fixtures.browser import browser_page, chromium
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.web.field import FieldSize, sow
from tests.web.townhall import Townhall, townhall

__all__ = ["browser_page", "chromium"]


@dataclass
class Bureau:
    """The running town, and the job that makes what was ordered."""

    town: Townhall
    key_file: Path

    def make_all(self) -> None:
        """Make every open order, as the service does."""
        (job,) = report_jobs(DatabaseSettings(url=self.town.database.url), ReportSettings(key_file=self.key_file))
        job.run(self.town.connection, Event())


@pytest.fixture(scope="module")
def bureau(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=12, hours=2))
    with townhall(database, Door(mail_sender="noroshi@city.example.jp")) as town:
        yield Bureau(town, tmp_path_factory.mktemp("keys") / "key.pem")
    database.drop()
