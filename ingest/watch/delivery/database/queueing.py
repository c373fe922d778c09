"""Rows of the outbox: messages that are to be said, digests they are said in, and when nobody has to wait longer."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from ingest.store.database import Database
from ingest.store.many import arrays, insert_of


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


_INSERT = (
    insert_of(
        "watch_delivery",
        {
            "project_id": "int", "incident_id": "bigint", "event_id": "bigint", "channel": "text", "kind": "text",
            "target": "text", "recipient": "text", "step": "int", "purpose": "text", "effect": "text",
            "idempotency_key": "uuid", "digest_id": "bigint", "queued_at": "timestamptz", "due_at": "timestamptz",
            "withheld": "text",
        },
    )
    + " on conflict (idempotency_key) do nothing"
)  # fmt: skip

_NUMBERS = "select idempotency_key, delivery_id from watch_delivery where idempotency_key = any(%s)"

_SAID = """
select m.project_id, m.channel, m.target, m.purpose = 'drill' as drill, count(*)
from unnest(%s::int[], %s::timestamptz[]) asked (project_id, since)
join watch_delivery m on m.project_id = asked.project_id and m.queued_at > asked.since
where m.digest_id is null and m.withheld = '' and m.kind <> 'mqtt'
group by m.project_id, m.channel, m.target, m.purpose = 'drill'
"""

_OPEN_DIGESTS = """
select asked.place, digest.delivery_id
from unnest(%s::int[], %s::text[], %s::text[], %s::text[]) with ordinality
    asked (project_id, channel, target, purpose, place)
cross join lateral (
    select m.delivery_id from watch_delivery m
    where m.project_id = asked.project_id and m.channel = asked.channel and m.target = asked.target
        and m.event_id is null and m.purpose = asked.purpose
        and m.delivered_at is null and m.given_up_at is null and m.doubt_at is null and m.digest_id is null
        and m.withheld = '' and m.sending_since is null and m.tries = 0
        and m.due_at between coalesce(%s::timestamptz, '-infinity') and %s::timestamptz
    order by m.delivery_id limit 1 for update
) digest
"""

_ESCALATE = """
update watch_incident i set escalated = 0, escalate_at = next.at
from unnest(%s::bigint[], %s::timestamptz[]) next (incident_id, at)
where i.incident_id = next.incident_id and i.closed_at is null
"""


def insert_rows(connection: Database, rows: Collection[NewRow]) -> int:
    """Add messages; how many are new. One that is there already stays as it is."""
    if not rows:
        return 0
    return max(connection.execute(_INSERT, arrays([_plain(row) for row in rows])).rowcount, 0)


def _plain(row: NewRow) -> Sequence[Any]:
    """The values of a row; words of an enumeration as the text that they are."""
    return [str(value) if isinstance(value, str) else value for value in row]


def insert_digests(connection: Database, rows: Collection[NewRow]) -> list[int]:
    """Add messages of their own, or find the same ones; their numbers, in this order."""
    if not rows:
        return []
    insert_rows(connection, rows)
    keys = [row.idempotency_key for row in rows]
    numbers: dict[UUID, int] = dict(connection.execute(_NUMBERS, (keys,)).fetchall())
    return [numbers[key] for key in keys]


def count_said(connection: Database, since: Mapping[int, datetime]) -> dict[Group, int]:
    """How many messages each receiver was or will be sent that were queued since then. `since`: by project."""
    if not since:
        return {}
    rows: list[Any] = connection.execute(_SAID, (list(since), list(since.values()))).fetchall()
    return {Group(*row[:4]): int(row[4]) for row in rows}


def find_open_digests(
    connection: Database, groups: Sequence[Group], due_before: datetime, due_after: datetime | None = None
) -> dict[Group, int]:
    """Digests that nobody began to send, locked until the end of the transaction; of each group the oldest.

    They are due at these times, which belong to it, or in between.
    """
    if not groups:
        return {}
    asked = [(*group[:3], "drill" if group.drill else "digest") for group in groups]
    rows: list[Any] = connection.execute(_OPEN_DIGESTS, (*arrays(asked), due_after, due_before)).fetchall()
    return {groups[place - 1]: int(number) for place, number in rows}


def set_escalations(connection: Database, steps: Mapping[int, datetime | None]) -> None:
    """The escalation of incidents begins anew, and is looked at then; None: not at all."""
    if steps:
        connection.execute(_ESCALATE, (list(steps), list(steps.values())))
