"""Rows of the outbox: messages that are to be said, digests they are said in, and when nobody has to wait longer."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ingest.store.database import Database


class Group(NamedTuple):
    """What a limit of messages is about: one receiver of a project; drills apart."""

    project_id: int
    channel: str
    target: str
    drill: bool


class NewRow(NamedTuple):
    """A row of `watch_delivery`, in the order of its columns."""

    project_id: int
    incident_id: int | None
    event_id: int | None
    channel: str
    kind: str
    target: str
    recipient: str
    step: int
    purpose: str
    effect: str
    idempotency_key: UUID
    digest_id: int | None
    queued_at: datetime
    due_at: datetime
    withheld: str


_COLUMNS = ", ".join(NewRow._fields)
_INSERT = f"""
insert into watch_delivery ({_COLUMNS})
values ({", ".join(["%s"] * len(NewRow._fields))}) on conflict (idempotency_key) do nothing returning delivery_id
"""  # noqa: S608  made of constants

_SAID = """
select project_id, channel, target, purpose = 'drill' as drill, count(*) from watch_delivery
where project_id = any(%s) and queued_at > %s and digest_id is null and withheld = '' and kind <> 'mqtt'
group by project_id, channel, target, purpose = 'drill'
"""

_OPEN_DIGEST = """
select delivery_id from watch_delivery
where project_id = %s and channel = %s and target = %s and event_id is null and purpose = %s
    and delivered_at is null and given_up_at is null and doubt_at is null and digest_id is null and withheld = ''
    and sending_since is null and tries = 0 and due_at <= %s
order by delivery_id limit 1 for update
"""

_ESCALATE = """
update watch_incident set escalated = 0, escalate_at = %s where incident_id = %s and closed_at is null
"""


def insert_rows(connection: Database, rows: Iterable[NewRow]) -> int:
    """Add messages; how many are new. One that is there already stays as it is."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, list(rows))
        return max(cursor.rowcount, 0)


def insert_digest(connection: Database, row: NewRow) -> int:
    """Add a digest, or find the same one; its number."""
    found = connection.execute(_INSERT, row).fetchone()
    if found is None:
        query = "select delivery_id from watch_delivery where idempotency_key = %s"
        found = connection.execute(query, (row.idempotency_key,)).fetchone()
    assert found is not None  # it was added, or it was there
    return int(found[0])


def count_said(connection: Database, projects: Sequence[int], since: datetime) -> dict[Group, int]:
    """How many messages each receiver was or will be sent that were queued since."""
    rows: list[Any] = connection.execute(_SAID, (list(projects), since)).fetchall()
    return {Group(*row[:4]): int(row[4]) for row in rows}


def find_open_digest(connection: Database, group: Group, due_before: datetime) -> int | None:
    """A digest that nobody began to send, locked until the end of the transaction; None if there is none."""
    purpose = "drill" if group.drill else "digest"
    row = connection.execute(_OPEN_DIGEST, (*group[:3], purpose, due_before)).fetchone()
    return None if row is None else int(row[0])


def set_escalations(connection: Database, steps: Mapping[int, datetime | None]) -> None:
    """The escalation of incidents begins anew, and is looked at then; None: not at all."""
    with connection.cursor() as cursor:
        cursor.executemany(_ESCALATE, [(at, incident_id) for incident_id, at in steps.items()])
