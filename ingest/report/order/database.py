"""The SQL of orders and of the drafts that come of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from ingest.report.form.forms import ReportForm
from ingest.report.form.options import PLAIN, FormOptions, options_of
from ingest.report.order.model import KeptFile, KeptReport, NewOrder, Order, Purpose
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.report_document import ReportKind

_LOCK = 20_261_201
"""Orders of a project are counted one after the other: the lock of this space and the id of the project."""

_ORDER = """report_order_id, kind, first_day, last_day, forms, options, purpose, of_report, reason, ordered_at,
    ordered_by, tries, started_at, ended_at, done, steps, doing, report_id, cancelled_by, failed_ja, failed_en"""


def lock_orders(connection: Database, project_id: int) -> None:
    """Until the end of the transaction nobody else places an order in the project."""
    connection.execute("select pg_advisory_xact_lock(%s, %s)", (_LOCK, project_id))


def count_open(connection: Database, project_id: int, person: str) -> tuple[int, int]:
    """(open orders of the project, open orders of a person wherever)."""
    found = connection.execute(
        "select count(*) filter (where project_id = %s), count(*) filter (where ordered_by = %s)"
        " from report_order where ended_at is null",
        (project_id, person),
    ).fetchone()
    assert found is not None  # a sum has a row
    return found[0], found[1]


def insert_order(connection: Database, project_id: int, by: str, new: NewOrder) -> int:
    """The number of the new order."""
    found = connection.execute(
        "insert into report_order (project_id, kind, first_day, last_day, forms, ordered_by, client_key, options)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s) returning report_order_id",
        (
            project_id, new.kind.value, new.period.first_day, new.period.last_day, [form.value for form in new.forms],
            by, new.client_key, Jsonb(new.options.kept),
        ),
    ).fetchone()  # fmt: skip
    assert found is not None  # it returns what it inserted
    return int(found[0])


def list_orders(
    connection: Database, project_id: int, *, limit: int, number: int | None = None, key: UUID | None = None
) -> list[Order]:
    """The orders of a project: those that are open first, then the newest."""
    return _orders(
        connection.execute(
            f"select {_ORDER} from report_order where project_id = %(project)s"  # noqa: S608  made of constants
            " and (%(number)s::bigint is null or report_order_id = %(number)s)"
            " and (%(key)s::uuid is null or client_key = %(key)s)"
            " order by ended_at is not null, report_order_id desc limit %(limit)s",
            {"project": project_id, "number": number, "key": key, "limit": limit},
        )
    )


def open_order_about(connection: Database, report_id: int, purpose: Purpose) -> int | None:
    """The open order about a report with this purpose; None if there is none."""
    found = connection.execute(
        "select report_order_id from report_order where of_report = %s and purpose = %s and ended_at is null",
        (report_id, purpose.value),
    ).fetchone()
    return None if found is None else int(found[0])


def last_order_about(connection: Database, report_id: int, purpose: Purpose) -> int | None:
    """The newest order about a report with this purpose, open or not; None if there was none."""
    found = connection.execute(
        "select max(report_order_id) from report_order where of_report = %s and purpose = %s",
        (report_id, purpose.value),
    ).fetchone()
    return None if found is None or found[0] is None else int(found[0])


class Taken(NamedTuple):
    """An order that is to be made, and the project it is about."""

    order: Order
    project_id: int


def take_next(connection: Database) -> Taken | None:
    """The oldest open order, noted as begun once more; None if there is none. The caller alone makes orders."""
    row = connection.execute(
        "update report_order set started_at = now(), tries = tries + 1, done = 0, steps = 0, doing = ''"  # noqa: S608
        " where report_order_id = (select report_order_id from report_order where ended_at is null"
        f" order by ordered_at, report_order_id limit 1) returning {_ORDER}, project_id"
    ).fetchone()
    return None if row is None else Taken(_order(row[:-1]), row[-1])


def read_taken(connection: Database, number: int) -> Taken | None:
    """The order of this number, if it is open."""
    row = connection.execute(
        f"select {_ORDER}, project_id from report_order where report_order_id = %s and ended_at is null",  # noqa: S608
        (number,),
    ).fetchone()
    return None if row is None else Taken(_order(row[:-1]), row[-1])


def give_back(connection: Database, number: int, *, counts: bool) -> None:
    """Have an order made again later. `counts`: whether this attempt counts as one of its tries."""
    connection.execute(
        "update report_order set started_at = null, tries = tries - %s, done = 0, doing = ''"
        " where report_order_id = %s and ended_at is null",
        (0 if counts else 1, number),
    )


def note_progress(connection: Database, number: int, done: int, steps: int, doing: str) -> None:
    """Say how far an order is."""
    connection.execute(
        "update report_order set done = %s, steps = %s, doing = %s where report_order_id = %s",
        (done, steps, doing, number),
    )


def end_order(connection: Database, number: int, report_id: int) -> None:
    """An order was made."""
    connection.execute(
        "update report_order set ended_at = now(), done = steps, doing = '', report_id = %s where report_order_id = %s",
        (report_id, number),
    )


def fail_order(connection: Database, number: int, why: Bilingual) -> bool:
    """Nothing came of an order that was open; False if it was not."""
    done = connection.execute(
        "update report_order set ended_at = now(), doing = '', failed_ja = %s, failed_en = %s"
        " where report_order_id = %s and ended_at is null",
        (why.ja, why.en, number),
    )
    return done.rowcount == 1


def cancel_order(connection: Database, number: int, by: str) -> bool:
    """Somebody called an open order off; False if it was not open. Whoever makes it finds it closed."""
    done = connection.execute(
        "update report_order set ended_at = now(), doing = '', cancelled_by = %s"
        " where report_order_id = %s and ended_at is null",
        (by, number),
    )
    return done.rowcount == 1


def _orders(rows: Iterable[Sequence[Any]]) -> list[Order]:
    return [_order(row) for row in rows]


def _order(row: Sequence[Any]) -> Order:
    number, kind, first_day, last_day, forms, options, purpose, *rest, failed_ja, failed_en = row
    failed = None if failed_ja is None else Bilingual(failed_ja, failed_en)
    known = tuple(ReportForm(form) for form in forms)
    values: tuple[Any, ...] = (
        number, ReportKind(kind), first_day, last_day, known, options_of(options), Purpose(purpose), *rest, failed,
    )  # fmt: skip
    return Order(*values)


class NewDraft(NamedTuple):
    """A report to be kept. `files`: by form, name and bytes; the SHA-256 is that of the bytes."""

    kind: ReportKind
    first_day: date
    last_day: date
    document: Any
    digest: bytes
    plan_number: int | None
    software: str
    made_at: datetime
    made_by: str
    options: FormOptions = PLAIN


def insert_draft(connection: Database, project_id: int, new: NewDraft) -> int:
    """The number of the new draft. Drafts of the same kind and period that nobody checked yet are replaced by it."""
    connection.execute(
        "delete from report where project_id = %s and kind = %s and first_day = %s and last_day = %s"
        " and state = 'draft'",
        (project_id, new.kind.value, new.first_day, new.last_day),
    )
    found = connection.execute(
        "insert into report (project_id, kind, first_day, last_day, state, document, digest, plan_number, software,"
        " made_at, made_by, options) values (%s, %s, %s, %s, 'draft', %s, %s, %s, %s, %s, %s, %s) returning report_id",
        (
            project_id, new.kind.value, new.first_day, new.last_day, Jsonb(new.document), new.digest, new.plan_number,
            new.software, new.made_at, new.made_by, Jsonb(new.options.kept),
        ),
    ).fetchone()  # fmt: skip
    assert found is not None  # it returns what it inserted
    return int(found[0])


def insert_file(connection: Database, project_id: int, report_id: int, form: str, name: str, content: bytes) -> None:
    """Keep a file of a report, with the SHA-256 that the database computes over the bytes it has."""
    connection.execute(
        "insert into report_file (report_id, project_id, form, name, content, sha256)"
        " select %(report)s, %(project)s, %(form)s, %(name)s, c.content, sha256(c.content)"
        " from (select %(content)s::bytea as content) c",
        {"report": report_id, "project": project_id, "form": form, "name": name, "content": content},
    )


_REPORTS = """
select r.report_id, r.kind, r.first_day, r.last_day, r.state, r.document ->> 'title',
    r.document -> 'period' ->> 'label', r.number, r.revision, r.made_at, r.made_by, r.plan_number, r.software, r.digest,
    coalesce((
        select jsonb_agg(jsonb_build_array(f.form, f.name, octet_length(f.content), encode(f.sha256, 'hex'))
            order by f.form)
        from report_file f where f.report_id = r.report_id
    ), '[]')
from report r
where r.project_id = %(project)s and (%(number)s::bigint is null or r.report_id = %(number)s)
  and (%(below)s::bigint is null or r.report_id < %(below)s)
  and (%(kind)s::text is null or r.kind = %(kind)s)
order by r.report_id desc limit %(limit)s
"""


def list_reports(
    connection: Database,
    project_id: int,
    *,
    limit: int,
    number: int | None = None,
    below: int | None = None,
    kind: str | None = None,
) -> list[KeptReport]:
    """The kept reports of a project, the newest first, without their bytes."""
    values: Mapping[str, object] = {
        "project": project_id, "number": number, "below": below, "kind": kind, "limit": limit,
    }  # fmt: skip
    return [_report(row) for row in connection.execute(_REPORTS, values)]


def _report(row: Sequence[Any]) -> KeptReport:
    number, kind, *rest, files = row
    kept = tuple(KeptFile(form, name, size, bytes.fromhex(digest)) for form, name, size, digest in files)
    values: tuple[Any, ...] = (number, ReportKind(kind), *rest, kept)
    return KeptReport(*values)


def project_of_order(connection: Database, number: int) -> int | None:
    """The id of the project of an order; None if this connection sees no such order."""
    found = connection.execute("select project_id from report_order where report_order_id = %s", (number,)).fetchone()
    return None if found is None else int(found[0])


def project_of_report(connection: Database, number: int) -> int | None:
    """The id of the project of a report; None if this connection sees no such report."""
    found = connection.execute("select project_id from report where report_id = %s", (number,)).fetchone()
    return None if found is None else int(found[0])


def read_document(connection: Database, project_id: int, number: int) -> Any:
    """The document of a report as JSON; None if the project has no such report."""
    found = connection.execute(
        "select document from report where project_id = %s and report_id = %s", (project_id, number)
    ).fetchone()
    return None if found is None else found[0]


def read_file(connection: Database, project_id: int, number: int, form: str) -> bytes | None:
    """The bytes of a file; None if there is none."""
    found = connection.execute(
        "select content from report_file where project_id = %s and report_id = %s and form = %s",
        (project_id, number, form),
    ).fetchone()
    return None if found is None else bytes(found[0])


def delete_draft(connection: Database, project_id: int, number: int) -> bool:
    """Whether a draft of this number was there; now it is not."""
    done = connection.execute(
        "delete from report where project_id = %s and report_id = %s and state = 'draft'", (project_id, number)
    )
    return done.rowcount == 1


def codes_of_project(connection: Database, project_id: int) -> tuple[str, str | None]:
    """Code of the project, and of the organisation it belongs to."""
    found = connection.execute(
        "select code, organisation_code from project where project_id = %s", (project_id,)
    ).fetchone()
    assert found is not None  # rows of other tables refer to it
    return found[0], found[1]
