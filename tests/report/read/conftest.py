"""A kept report of the project of these tests, and the workbook that people write into."""

from collections.abc import Iterator

import pytest

from ingest.report.form.xlsx import report_workbook
from ingest.report.order.drafts import keep_draft
from ingest.store.database import Database as Connection
from schemas.report_document import ReportDocument
from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.report.form.documents import make_document


def document_of_tea(rows: int = 3) -> ReportDocument:
    """A yearly report of the project `tea`."""
    made = make_document(rows)
    return made.model_copy(update={"project": made.project.model_copy(update={"code": "tea"})})


@pytest.fixture(scope="session")
def document() -> ReportDocument:
    """The report."""
    return document_of_tea()


@pytest.fixture(scope="session")
def book(document: ReportDocument) -> bytes:
    """Its workbook, as people get it."""
    return report_workbook(document)


@pytest.fixture(scope="session")
def written_to(servers: Servers) -> Iterator[Database]:
    """A database of its own with the same project: what is kept of words can never be taken away again."""
    fresh = fresh_database(servers.get(FIRST))
    with fresh.connect(autocommit=False) as connection:
        Field(connection)
    yield fresh
    fresh.drop()


@pytest.fixture
def connection(project: Database, document: ReportDocument) -> Iterator[Connection]:
    """A connection to a database in which the report is kept as a draft; what tests wrote is not there afterwards."""
    with project.connect() as connection, connection.transaction(force_rollback=True):
        keep_draft(connection, 1, document, {})
        yield connection
