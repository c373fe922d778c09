"""Frozen reports of a project that is handed over: two revisions, a draft that stays behind, and people's words."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg import Connection

from ingest.access.authority import By
from ingest.figures.project import ProjectRef
from ingest.report.order.database import take_next
from ingest.report.order.drafts import keep_draft
from ingest.report.order.work import make_order
from ingest.report.submission.review import check_report, order_freeze
from schemas.report_document import ReportDocument
from tests.report.form.documents import MADE_AT
from tests.report.submission.saying import said

NUMBER = "tea-2026-yearly"
BY = By("係")


def freeze_papers(connection: Connection[Any], projects: dict[str, int]) -> None:
    """Of each project two revisions in two forms and one draft, all signed by one key that is thrown away."""
    connection.commit()
    connection.autocommit = True
    with TemporaryDirectory() as folder:
        key_file = Path(folder, "key.pem")
        for code, project in projects.items():
            for revision, reason in enumerate(("", "遅れて届いたデータ"), 1):
                _freeze(connection, ProjectRef(project, code, code), revision, reason, key_file)
            keep_draft(connection, project, _document(code, 9), {"json": ("案.json", b"{}")})
            connection.execute(
                "insert into report_text (project_id, kind, first_day, key, text, author, entered_by)"
                " values (%s, 'yearly', '2026-04-01', 'kpi1', '雨が\n多かった', '委員長', '係')",
                (project,),
            )


def _document(code: str, value: int) -> ReportDocument:
    plain = said(value, MADE_AT + timedelta(days=value))
    return plain.model_copy(update={"project": plain.project.model_copy(update={"code": code})})


def _freeze(connection: Connection[Any], project: ProjectRef, value: int, reason: str, key_file: Path) -> None:
    document = _document(project.code, value)
    number = keep_draft(connection, project.project_id, document, {})
    check_report(connection, BY, project, number, document.made_at)
    order = order_freeze(connection, BY, project, number, reason).number
    connection.execute("update report_order set forms = '{csv,json}' where report_order_id = %s", (order,))
    assert take_next(connection) is not None
    make_order(connection, order, key_file, document.made_at + timedelta(hours=1))
    failed = connection.execute("select failed_en from report_order where report_order_id = %s", (order,)).fetchone()
    assert failed == (None,), failed
