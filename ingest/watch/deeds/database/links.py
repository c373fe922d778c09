"""The SQL of links in messages: from the digest of a token to the incidents that its message told of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ingest.store.database import Database


class LinkRow(NamedTuple):
    """An incident that a message told of. `told_rank`: the rank it told. `recipient`: code of a person, or empty."""

    delivery_id: int
    project_id: int
    channel: str
    recipient: str
    sent_at: datetime
    incident_id: int
    told_rank: int
    rank: int
    top_rank: int
    acknowledged_rank: int | None
    opened_at: datetime
    closed_at: datetime | None
    drill_id: int | None
    subject: str


_LINK = """
with message as (
    select d.delivery_id, d.project_id, d.channel, d.recipient, coalesce(d.delivered_at, d.queued_at) as sent_at
    from watch_delivery d where d.link_digest = %(digest)s
    order by d.delivery_id limit 1
),
told as (     -- a digest tells of what others would have told
    select d.incident_id, max(coalesce(e.rank, 0)) as rank
    from watch_delivery d join message m on m.delivery_id in (d.delivery_id, d.digest_id)
    left join watch_event e using (event_id)
    where d.incident_id is not null
    group by d.incident_id
)
select m.delivery_id, m.project_id, m.channel, m.recipient, m.sent_at, i.incident_id, t.rank, i.rank, i.top_rank,
    i.acknowledged_rank, i.opened_at, i.closed_at, i.drill_id, i.subject
from message m join told t on true join watch_incident i on i.incident_id = t.incident_id
where i.project_id = m.project_id
order by i.incident_id
"""


def incidents_of_link(connection: Database, digest: bytes) -> list[LinkRow]:
    """What the message with this link told of; empty if there is no such link."""
    rows: Sequence[Any] = connection.execute(_LINK, {"digest": digest}).fetchall()
    return [LinkRow(*row) for row in rows]
