"""A project whose documents are small and made by hand: freezing asks for no figure."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.access.authority import By
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.order.database import Taken, take_next
from ingest.report.order.drafts import keep_draft
from ingest.report.order.work import make_order
from ingest.report.submission import review
from ingest.report.submission.review import check_report, order_freeze
from ingest.store.database import Database as Connection
from schemas.report_document import ReportDocument
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.report.form.documents import MADE_AT
from tests.report.submission.saying import said

SATO, ITO = By("sato"), By("ito", "農政課")
PADDY = ProjectRef(1, "paddy", "水管理 & 防災")
FROZEN_AT = MADE_AT + timedelta(days=1)
Freeze = Callable[..., int]


@pytest.fixture
def office(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with the project, whose submissions have two quick forms."""
    monkeypatch.setattr(review, "FORMS", (ReportForm.CSV, ReportForm.JSON))
    fresh = fresh_database(servers.get(FIRST))
    with fresh.connect() as connection:
        connection.execute("insert into project (code, name, organisation_code) values ('paddy', '水', '222160')")
    yield fresh
    fresh.drop()


@pytest.fixture
def connection(office: Database) -> Connection:
    return office.connect()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the key is made when the first report is frozen."""
    return tmp_path / "key.pem"


def checked(connection: Connection, document: ReportDocument) -> int:
    """The number of a draft that was kept and checked."""
    number = keep_draft(connection, 1, document, {"json": ("a.json", b"{}")})
    check_report(connection, SATO, PADDY, number, document.made_at)
    return number


def taken(connection: Connection) -> Taken:
    """The next order, as the job takes it."""
    found = take_next(connection)
    assert found is not None
    return found


@pytest.fixture
def freeze(connection: Connection, key_file: Path) -> Freeze:
    """Keep, check and freeze a report with this number in it; the number of the report."""

    def freeze(value: int, reason: str = "", at: datetime = FROZEN_AT) -> int:
        number = checked(connection, said(value, at - timedelta(days=1)))
        order_freeze(connection, ITO, PADDY, number, reason)
        make_order(connection, taken(connection).order.number, key_file, at)
        failed = one(connection, "select failed_en from report_order where of_report = %s", number)
        assert failed is None, failed
        return number

    return freeze


def one(connection: Connection, query: str, *values: object) -> Any:
    """The only value that a query answers."""
    found = connection.execute(query.encode(), values).fetchone()
    assert found is not None
    return found[0]
