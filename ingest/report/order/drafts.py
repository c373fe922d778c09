"""The reports that are kept: drafts as they were made, and what was checked and frozen of them."""

from collections.abc import Mapping

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.report.canonical import digest_of_document
from ingest.report.form.options import PLAIN, FormOptions
from ingest.report.order import database
from ingest.report.order.database import NewDraft
from ingest.report.order.model import KeptReport
from ingest.report.order.orders import REPORT
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_document import ReportDocument
from schemas.report_json import document_of_json

_NO_DRAFT = ChangeRefused(
    Bilingual("下書きではないので削除できません", "it is no draft any more, so it cannot be deleted")
)


def keep_draft(
    connection: Database,
    project_id: int,
    document: ReportDocument,
    files: Mapping[str, tuple[str, bytes]],
    options: FormOptions = PLAIN,
) -> int:
    """Keep a report with its files (by form: name and bytes); the number it has. Within the caller's transaction.

    Drafts of the same kind and period that nobody checked yet are replaced by it. `options`: how the files are written.
    """
    new = NewDraft(
        document.kind, document.period.first_day, document.period.last_day, document.model_dump(mode="json"),
        digest_of_document(document), document.plan_number, document.software, document.made_at, document.made_by,
        options,
    )  # fmt: skip
    number = database.insert_draft(connection, project_id, new)
    for form, (name, content) in files.items():
        database.insert_file(connection, project_id, number, form, name, content)
    return number


def list_kept(
    connection: Database, project_id: int, *, limit: int, below: int | None = None, kind: str | None = None
) -> list[KeptReport]:
    """The reports of a project, the newest first. `below`: only those with a smaller number."""
    return database.list_reports(connection, project_id, limit=limit, below=below, kind=kind)


def kept_report(connection: Database, project_id: int, number: int) -> KeptReport:
    """The report of this number. Raises NotThere if the project has none."""
    for report in database.list_reports(connection, project_id, number=number, limit=1):
        return report
    raise NotThere(REPORT)


def kept_document(connection: Database, project_id: int, number: int) -> ReportDocument:
    """What stands in a report. Raises NotThere if the project has no such report."""
    body = database.read_document(connection, project_id, number)
    if body is None:
        raise NotThere(REPORT)
    return document_of_json(body)


def kept_file(connection: Database, project_id: int, number: int, form: str) -> bytes:
    """The bytes of a file of a report, as they were made. Raises NotThere if there is none."""
    content = database.read_file(connection, project_id, number, form)
    if content is None:
        raise NotThere(REPORT)
    return content


def discard_draft(connection: Database, by: By, project: ProjectRef, number: int) -> None:
    """Throw a draft away, with an entry in the audit log. Raises NotThere, and ChangeRefused for what is no draft."""
    with connection.transaction():
        report = kept_report(connection, project.project_id, number)
        if not database.delete_draft(connection, project.project_id, number):
            raise _NO_DRAFT
        _, organisation = database.codes_of_project(connection, project.project_id)
        before = {"report": number, "period": report.period, "sha256": report.digest.hex()}
        entry = by.entry(Action.REPORT_DISCARDED, report.kind.value, organisation, project.code, before=before)
        audit.append(connection, entry, by.address)
