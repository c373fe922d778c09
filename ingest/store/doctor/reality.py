"""The registry against the messages that come: senders that are not registered, devices never heard."""

from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store.database import translated
from schemas.rejection import RejectionReason

DAYS = 30
STRANGERS = (
    RejectionReason.UNKNOWN_DEVICE,
    RejectionReason.UNKNOWN_GATEWAY,
    RejectionReason.WRONG_PROJECT,
    RejectionReason.DEVICE_DISABLED,
)
"""Reasons of quarantine that say the sender is not in the registry, or not as it speaks."""


class Stranger(NamedTuple):
    """A topic whose sender is not in the registry, or in the wrong project, or disabled."""

    reason: str
    topic: str
    messages: int
    last: datetime


class Registered(NamedTuple):
    """The devices of the registry. `never`, `silent`: their `project/code`; `per_hour`: messages they should send."""

    devices: int
    never: list[str]
    silent: list[str]
    per_hour: float


_STRANGERS: LiteralString = """
select reason, topic, count(*) as messages, max(received_at) as last
from quarantine
where reason = any(%s) and part = 0 and replayed_at is null and received_at > now() - %s * interval '1 day'
group by reason, topic order by reason, count(*) desc, topic
"""

_REGISTERED: LiteralString = """
select count(*),
    coalesce(array_agg(project || '/' || device order by project, device) filter (where state = 'never'), '{}'),
    coalesce(array_agg(project || '/' || device order by project, device) filter (where state = 'silent'), '{}'),
    coalesce(sum(3600.0 / nullif(interval_now_s, 0)) filter (where state <> 'disabled'), 0)::double precision
from figure_device_state
"""


def strangers(connection: Connection[Any]) -> list[Stranger]:
    """Strangers of the last DAYS, by reason, those with most messages first."""
    with translated(), connection.cursor(row_factory=class_row(Stranger)) as cursor:
        return cursor.execute(_STRANGERS, ([str(reason) for reason in STRANGERS], DAYS)).fetchall()


def registered(connection: Connection[Any]) -> Registered:
    """The devices of the registry, in the states that the pages show."""
    with translated():
        return Registered(*(connection.execute(_REGISTERED).fetchone() or (0, [], [], 0.0)))
