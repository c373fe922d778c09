"""The SQL of deliveries: what is to be sent, who sends it now, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from ingest.report.mail.model import Delivery
from ingest.report.schedule.model import Purpose
from ingest.store.database import Database
from schemas.bilingual import Bilingual

LOST_AFTER_S = 1_200
"""Longer than any delivery may take: who began to send and said nothing since is not there any more."""

_DELIVERY = """report_delivery_id, project_id, report_schedule_id, report_id, purpose, kind, first_day, last_day,
    address, message_id, queued_at, tries, next_try_at, sending_since, sent_at, doubt_at, given_up_at,
    settled_at, failed_ja, failed_en"""

_OPEN = "sent_at is null and doubt_at is null and given_up_at is null"

_CLAIM = f"""
update report_delivery set sending_since = now(), tries = tries + 1
where report_delivery_id = (
    select report_delivery_id from report_delivery
    where {_OPEN} and sending_since is null and next_try_at <= now()
    order by next_try_at, report_delivery_id limit 1 for update skip locked
) and sending_since is null
returning {_DELIVERY}
"""  # noqa: S608  made of constants


class NewDelivery(NamedTuple):
    """An e-mail that is to be sent. `given_up`: why there is nothing to send."""

    project_id: int
    schedule: int | None
    report: int | None
    purpose: Purpose
    kind: str
    first_day: date
    last_day: date
    address: str
    message_id: str
    given_up: Bilingual | None = None


def insert_delivery(connection: Database, new: NewDelivery) -> bool:
    """Note that an e-mail is to be sent; False if it was noted before."""
    failed = new.given_up
    done = connection.execute(
        "insert into report_delivery (project_id, report_schedule_id, report_id, purpose, kind, first_day, last_day,"
        " address, message_id, given_up_at, failed_ja, failed_en)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, case when %s then now() end, %s, %s)"
        " on conflict do nothing",
        (
            *new[:3], new.purpose.value, *new[4:9], failed is not None,
            None if failed is None else failed.ja, None if failed is None else failed.en,
        ),
    )  # fmt: skip
    return done.rowcount == 1


def is_queued(connection: Database, schedule: int, kind: str, first_day: date) -> bool:
    """Whether e-mails of a schedule about a period were noted before."""
    found = connection.execute(
        "select exists (select from report_delivery where report_schedule_id = %s and kind = %s and first_day = %s)",
        (schedule, kind, first_day),
    ).fetchone()
    return found is not None and bool(found[0])


def claim_next(connection: Database) -> Delivery | None:
    """The next e-mail that is due, noted as being sent by the caller alone; None if there is none.

    It is committed at once (`connection` in autocommit mode): the intent is on record before anything is sent.
    """
    row = connection.execute(_CLAIM).fetchone()
    return None if row is None else _delivery(row)


def note_sent(connection: Database, number: int) -> None:
    """The server took it."""
    _end(connection, number, "sent_at = now(), failed_ja = null, failed_en = null")


def note_doubt(connection: Database, number: int, why: Bilingual) -> None:
    """Nobody knows whether the server took it."""
    _end(connection, number, "doubt_at = now(), failed_ja = %(ja)s, failed_en = %(en)s", why)


def note_given_up(connection: Database, number: int, why: Bilingual) -> None:
    """It is not tried again by itself."""
    _end(connection, number, "given_up_at = now(), failed_ja = %(ja)s, failed_en = %(en)s", why)


def note_withdrawn(connection: Database, number: int, why: Bilingual) -> None:
    """It is not needed any more, and nobody has to see to it."""
    _end(
        connection, number,
        "given_up_at = now(), settled_at = now(), settled_by = 'service', failed_ja = %(ja)s, failed_en = %(en)s", why,
    )  # fmt: skip


def note_later(connection: Database, number: int, why: Bilingual, after_s: float) -> None:
    """It is tried again after so many seconds."""
    _end(
        connection, number,
        "next_try_at = now() + %(after)s * interval '1 second', failed_ja = %(ja)s, failed_en = %(en)s", why, after_s,
    )  # fmt: skip


def give_back(connection: Database, number: int) -> None:
    """Nothing was sent, because the service ends: the attempt does not count."""
    _end(connection, number, "tries = tries - 1")


def _end(connection: Database, number: int, what: str, why: Bilingual | None = None, after_s: float = 0) -> None:
    connection.execute(
        f"update report_delivery set sending_since = null, {what} where report_delivery_id = %(number)s",  # noqa: S608
        {"number": number, "ja": None if why is None else why.ja, "en": None if why is None else why.en,
         "after": after_s},
    )  # fmt: skip


def put_off_open(connection: Database, after_s: float) -> None:
    """While the server does not answer, nothing else is tried for so many seconds."""
    connection.execute(
        "update report_delivery set next_try_at = greatest(next_try_at, now() + %s * interval '1 second')"  # noqa: S608
        f" where {_OPEN} and sending_since is null",
        (after_s,),
    )


def note_lost(connection: Database, why: Bilingual) -> int:
    """E-mails whose sender is gone are in doubt; returns how many."""
    return connection.execute(
        "update report_delivery set sending_since = null, doubt_at = now(), failed_ja = %s, failed_en = %s"  # noqa: S608
        f" where {_OPEN} and sending_since < now() - %s * interval '1 second'",
        (why.ja, why.en, LOST_AFTER_S),
    ).rowcount


def list_deliveries(connection: Database, project_id: int, limit: int) -> list[Delivery]:
    """The e-mails of a project: those that somebody has to see to first, then the newest."""
    rows = connection.execute(
        f"select {_DELIVERY} from report_delivery where project_id = %s"  # noqa: S608
        " order by (settled_at is null and coalesce(doubt_at, given_up_at) is not null) desc, report_delivery_id desc"
        " limit %s",
        (project_id, limit),
    )
    return [_delivery(row) for row in rows]


def lock_delivery(connection: Database, project_id: int, number: int) -> Delivery | None:
    """An e-mail of a project, which nobody else changes until the end of the transaction."""
    row = connection.execute(
        f"select {_DELIVERY} from report_delivery where project_id = %s and report_delivery_id = %s for update",  # noqa: S608
        (project_id, number),
    ).fetchone()
    return None if row is None else _delivery(row)


def set_open_again(connection: Database, number: int) -> None:
    """Have an e-mail sent once more, under the Message-ID that it has."""
    connection.execute(
        "update report_delivery set doubt_at = null, given_up_at = null, settled_at = null, settled_by = null,"
        " tries = 0, next_try_at = now() where report_delivery_id = %s",
        (number,),
    )


def set_settled(connection: Database, number: int, by: str) -> None:
    """Somebody saw to it."""
    connection.execute(
        "update report_delivery set settled_at = now(), settled_by = %s where report_delivery_id = %s", (by, number)
    )


def count_open_tests(connection: Database, project_id: int) -> int:
    """How many e-mails that try the settings out wait to be sent."""
    row = connection.execute(
        f"select count(*) from report_delivery where project_id = %s and purpose = 'test' and {_OPEN}",  # noqa: S608
        (project_id,),
    ).fetchone()
    assert row is not None  # a sum has a row
    return int(row[0])


def count_unsettled(connection: Database) -> Mapping[str, tuple[int, int]]:
    """By the code of a project with schedules or deliveries: (given up, in doubt) that nobody has seen to."""
    rows = connection.execute(
        "select p.code, count(d.*) filter (where d.given_up_at is not null),"
        " count(d.*) filter (where d.doubt_at is not null)"
        " from project p left join report_delivery d on d.project_id = p.project_id and d.settled_at is null"
        " and coalesce(d.given_up_at, d.doubt_at) is not null"
        " where exists (select from report_schedule s where s.project_id = p.project_id) or d.project_id is not null"
        " group by p.code"
    )
    return {code: (failed, doubt) for code, failed, doubt in rows}


def _delivery(row: Sequence[Any]) -> Delivery:
    number, project, schedule, report, purpose, *rest, failed_ja, failed_en = row
    failed = None if failed_ja is None else Bilingual(failed_ja, failed_en)
    values: tuple[Any, ...] = (number, project, schedule, report, Purpose(purpose), *rest, failed)
    return Delivery(*values)
