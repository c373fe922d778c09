"""Places orders for reports: each is taken once, and nobody has too many open."""

from datetime import datetime

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.figures.project import ProjectRef
from ingest.report.form.forms import FORMS
from ingest.report.make import kinds_offered, refuse_future, spans_of
from ingest.report.order import database
from ingest.report.order.model import NewOrder, Order, Placed, Purpose
from ingest.store.database import Database
from schemas.bilingual import Bilingual, quoted
from schemas.report_document import ReportKind

MOST_OPEN_OF_PROJECT = 6
MOST_OPEN_OF_PERSON = 3
MOST_LISTED = 20

ORDER = Bilingual("報告書の依頼", "order of a report")
REPORT = Bilingual("報告書", "report")


class TooManyOpen(ChangeRefused):
    """So many orders are open already that this one has to wait outside."""


_PERSON_HAS_MANY = TooManyOpen(
    Bilingual(
        f"依頼中の報告書が{MOST_OPEN_OF_PERSON}件あります。できあがってから、次を依頼してください",
        f"you have {MOST_OPEN_OF_PERSON} open orders: wait until one of them is made",
    )
)
PROJECT_HAS_MANY = TooManyOpen(
    Bilingual(
        f"この事業には依頼中の報告書が{MOST_OPEN_OF_PROJECT}件あります。できあがってから、次を依頼してください",
        f"the project has {MOST_OPEN_OF_PROJECT} open orders: wait until one of them is made",
    )
)
_OTHER_KEY = ChangeRefused(
    Bilingual(
        "同じ client_key で、別の報告書がすでに依頼されています", "another report was ordered with this client_key"
    )
)
_HAS_ENDED = ChangeRefused(
    Bilingual("もう終わっているので、取り消せません", "the order has ended already, so it cannot be called off")
)
_NO_FORM = ChangeRefused(Bilingual("形式を一つ以上選んでください", "choose at least one form"))


def place_order(connection: Database, by: By, project: ProjectRef, new: NewOrder, now: datetime) -> Placed:
    """Have a report made soon, with an entry in the audit log.

    The same order again, by its client key or while it is still open, is answered with the number it has. Raises
    ChangeRefused for what cannot be made, TooManyOpen, and CallRefused for a period that has not begun.
    """
    _check(new, now)
    with connection.transaction():
        database.lock_orders(connection, project.project_id)
        before = _placed_before(connection, project.project_id, new)
        if before is not None:
            return Placed(before.number, already=True)
        of_project, of_person = database.count_open(connection, project.project_id, by.actor)
        if of_person >= MOST_OPEN_OF_PERSON:
            raise _PERSON_HAS_MANY
        if of_project >= MOST_OPEN_OF_PROJECT:
            raise PROJECT_HAS_MANY
        number = database.insert_order(connection, project.project_id, by.actor, new)
        _, organisation = database.codes_of_project(connection, project.project_id)
        after = {"order": number, "period": new.period.label, "forms": [form.value for form in new.forms]}
        entry = by.entry(Action.REPORT_ORDERED, new.kind.value, organisation, project.code, after=after)
        audit.append(connection, entry, by.address)
    return Placed(number, already=False)


def _check(new: NewOrder, now: datetime) -> None:
    offered = (*kinds_offered(), ReportKind.SET)
    if new.kind not in offered:
        raise ChangeRefused(quoted(f"{new.kind}: {', '.join(offered)}"))
    if not new.forms:
        raise _NO_FORM
    absent = [form for form in new.forms if form not in FORMS]
    if absent:
        raise ChangeRefused(quoted(f"{', '.join(absent)}: {', '.join(FORMS)}"))
    wanted = ("year",) if new.kind is ReportKind.SET else spans_of(new.kind)
    if new.period.span not in wanted:
        raise ChangeRefused(quoted(f"{new.kind}: {', '.join(wanted)}"))
    refuse_future(new.period, now)


def _placed_before(connection: Database, project_id: int, new: NewOrder) -> Order | None:
    """The order that this one repeats. Raises ChangeRefused for a client key that stands for another report."""
    if new.client_key is not None:
        for order in database.list_orders(connection, project_id, key=new.client_key, limit=1):
            if not _is_the_same(order, new):
                raise _OTHER_KEY
            return order
    every = database.list_orders(connection, project_id, limit=MOST_OPEN_OF_PROJECT)
    return next((order for order in every if order.is_open and _is_the_same(order, new)), None)


def _is_the_same(order: Order, new: NewOrder) -> bool:
    wanted = (Purpose.MAKE, new.kind, new.period.first_day, new.period.last_day, set(new.forms), new.options)
    is_ = (order.purpose, order.kind, order.first_day, order.last_day, set(order.forms), order.options)
    return is_ == wanted


def open_and_recent_orders(connection: Database, project_id: int) -> list[Order]:
    """The open orders of a project, and the newest of those that ended."""
    return database.list_orders(connection, project_id, limit=MOST_LISTED)


def order_of(connection: Database, project_id: int, number: int) -> Order:
    """The order of this number. Raises NotThere if the project has none."""
    for order in database.list_orders(connection, project_id, number=number, limit=1):
        return order
    raise NotThere(ORDER)


def cancel_order(connection: Database, by: By, project: ProjectRef, number: int) -> Order:
    """Call an order off that waits or is being made; nothing comes of it, and of a set what was made already stays.

    With an entry in the audit log. Raises NotThere, and ChangeRefused for an order that has ended.
    """
    with connection.transaction():
        order = order_of(connection, project.project_id, number)
        if not database.cancel_order(connection, number, by.actor):
            raise _HAS_ENDED
        _, organisation = database.codes_of_project(connection, project.project_id)
        before = {"order": number, "purpose": order.purpose.value, "state": order.state.value}
        entry = by.entry(Action.REPORT_CANCELLED, order.kind.value, organisation, project.code, before=before)
        audit.append(connection, entry, by.address)
    return order_of(connection, project.project_id, number)
