"""What people do with e-mails: send one again, see to one that failed, and send one to try the settings out."""

from uuid import uuid4

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.report.mail import database
from ingest.report.mail.database import NewDelivery
from ingest.report.mail.message import message_id_of
from ingest.report.mail.model import Delivery
from ingest.report.order.database import codes_of_project
from ingest.report.schedule.model import Purpose
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import now_jst
from schemas.mail_address import checked_address
from schemas.misfit import said_by

DELIVERY = Bilingual("メール", "e-mail")
MOST_OPEN_TESTS = 3
_NOTHING_TO_DO = ChangeRefused(
    Bilingual("失敗したメールでも、届いたか不明のメールでもありません", "it neither failed nor is it in doubt")
)


def send_again(connection: Database, by: By, project: ProjectRef, number: int) -> None:
    """Send an e-mail that failed or is in doubt once more, as the same message. Raises NotThere, ChangeRefused."""
    with connection.transaction():
        delivery = _delivery(connection, project, number)
        database.set_open_again(connection, number)
        _note(connection, by, project, delivery, "again")


def settle_delivery(connection: Database, by: By, project: ProjectRef, number: int) -> None:
    """Somebody saw to an e-mail that failed or is in doubt. Raises NotThere, ChangeRefused."""
    with connection.transaction():
        delivery = _delivery(connection, project, number)
        database.set_settled(connection, number, by.actor)
        _note(connection, by, project, delivery, "settled")


def send_test(connection: Database, by: By, project: ProjectRef, address: str, sender: str) -> None:
    """Queue an e-mail that says nothing. Raises ChangeRefused for what is no address, and while some are waiting."""
    try:
        to = checked_address(address)
    except ValueError as error:
        raise ChangeRefused(said_by(error)) from None
    today = now_jst().date()
    with connection.transaction():
        waiting = database.count_open_tests(connection, project.project_id)
        if waiting >= MOST_OPEN_TESTS:
            raise ChangeRefused(
                Bilingual("試験のメールがまだ送られていません。お待ちください", "tests are still waiting to be sent")
            )
        new = NewDelivery(
            project.project_id, None, None, Purpose.TEST, "", today, today, to, message_id_of((uuid4(),), sender),
        )  # fmt: skip
        database.insert_delivery(connection, new)
        _, organisation = codes_of_project(connection, project.project_id)
        entry = by.entry(Action.REPORT_SCHEDULE_CHANGED, "test", organisation, project.code, after={"test": to})
        audit.append(connection, entry, by.address)


def _delivery(connection: Database, project: ProjectRef, number: int) -> Delivery:
    found = database.lock_delivery(connection, project.project_id, number)
    if found is None:
        raise NotThere(DELIVERY)
    if not found.needs_somebody:
        raise _NOTHING_TO_DO
    return found


def _note(connection: Database, by: By, project: ProjectRef, delivery: Delivery, deed: str) -> None:
    _, organisation = codes_of_project(connection, project.project_id)
    before = {"delivery": delivery.number, "address": delivery.address, "state": delivery.state.value}
    entry = by.entry(
        Action.REPORT_SCHEDULE_CHANGED, str(delivery.number), organisation, project.code, before=before,
        after={"delivery": deed},
    )  # fmt: skip
    audit.append(connection, entry, by.address)
