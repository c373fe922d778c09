"""The registry against what really speaks: who is not registered, and who was never heard."""

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
"""Why a message is set aside that the registry has no place for."""


class Stranger(NamedTuple):
    """Who speaks on a topic and has no place in the registry, or the wrong one."""

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
    coalesce(sum(3600.0 / nullif(interval_s, 0)) filter (where state <> 'disabled'), 0)::double precision
from figure_device_state
"""


def strangers(connection: Connection[Any]) -> list[Stranger]:
    """Of the last days, those who speak most first, by reason."""
    with translated(), connection.cursor(row_factory=class_row(Stranger)) as cursor:
        return cursor.execute(_STRANGERS, ([str(reason) for reason in STRANGERS], DAYS)).fetchall()


def registered(connection: Connection[Any]) -> Registered:
    """As the pages see them."""
    with translated():
        return Registered(*(connection.execute(_REGISTERED).fetchone() or (0, [], [], 0.0)))
