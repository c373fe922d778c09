"""A frozen report is to be corrected: the same is made again, as a draft that is checked and frozen in its turn."""

from datetime import datetime

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import ReportForm
from ingest.report.make import same_period
from ingest.report.order.drafts import kept_report
from ingest.report.order.model import NewOrder, Placed
from ingest.report.order.orders import REPORT, place_order
from ingest.report.submission import database
from ingest.report.submission.review import NOT_FROZEN
from ingest.store.database import Database
from schemas.bilingual import Bilingual


def order_revision(connection: Database, by: By, project: ProjectRef, number: int, now: datetime) -> Placed:
    """Have the same report made again, in the forms and options of the frozen one, which stays as it is.

    Raises NotThere, ChangeRefused for what is not the newest frozen revision, and what `place_order` raises.
    """
    row = database.read_row(connection, project.project_id, number)
    if row is None:
        raise NotThere(REPORT)
    if row.state != "frozen":
        raise NOT_FROZEN
    newest = database.newest_frozen(connection, project.project_id, row.kind, row.first_day, row.last_day)
    if newest is not None and newest.report_id != number:
        raise ChangeRefused(
            Bilingual(
                f"この期間には第{newest.revision}版(報告書 {newest.report_id})があります。そちらを訂正してください",
                f"the period has revision {newest.revision}, which is report {newest.report_id}: correct that one",
            )
        )
    known = {file.form for file in kept_report(connection, project.project_id, number).files}
    forms = tuple(form for form in ReportForm if form.value in known)
    period = same_period(row.document["period"]["span"], row.first_day, now)
    return place_order(connection, by, project, NewOrder(row.kind, period, forms, options=row.options), now)
