"""The quarantine: its rows listed, looked at, read again for a replay, and closed after one."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias

from psycopg import Connection
from psycopg.rows import class_row

from ingest.account import Account
from ingest.store.batch import statements
from ingest.validate.quarantine_rows import MORE


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the quarantine. `payload` is there on part 0 and part 1. `parts`: how many it stands for."""

    quarantine_id: int
    message_id: int
    time: datetime
    part: int
    received_at: datetime
    reason: str
    detail: str
    part_name: str | None
    part_value: Any
    topic: str
    payload: bytes | None
    device_id: int | None
    project_id: int | None
    retained: bool
    replayed_at: datetime | None

    @property
    def parts(self) -> int:
        """How many refused parts of the message it stands for (see `ingest.validate.quarantine_rows`)."""
        return parts_of(self.part, self.part_name, self.part_value)


def parts_of(part: int, name: str | None, value: Any) -> int:
    """How many refused parts of its message a row stands for."""
    several = part > 0 and name is None and isinstance(value, dict)
    return int(value.get(MORE, 1)) if several else 1


def entries(connection: Connection[Any], *, reason: str | None = None, limit: int = 50) -> list[Entry]:
    """Open rows, newest first, at most `limit`."""
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(
            """
            select * from quarantine
            where replayed_at is null and (%(reason)s::text is null or reason = %(reason)s)
            order by received_at desc, quarantine_id desc limit %(limit)s
            """,
            {"reason": reason, "limit": limit},
        ).fetchall()


def entry(connection: Connection[Any], quarantine_id: int) -> Entry | None:
    """One row by its number; the payload of its message comes with it whichever part it is."""
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return cursor.execute(
            """
            select q.quarantine_id, q.message_id, q.time, q.part, q.received_at, q.reason, q.detail, q.part_name,
                   q.part_value, q.topic, coalesce(q.payload, whole.payload) as payload, q.device_id, q.project_id,
                   q.retained, q.replayed_at
            from quarantine q
            left join quarantine whole
              on whole.message_id = q.message_id and whole.time = q.time and whole.part = 1 and q.part > 1
            where q.quarantine_id = %s
            """,
            (quarantine_id,),
        ).fetchone()


_ASIDE_TODAY = """
select coalesce(device_id::text, ''), case when device_id is null then topic else '' end,
       sum(octet_length(payload) + 512)::bigint
from quarantine
where received_at >= date_trunc('day', now() at time zone 'Asia/Tokyo') at time zone 'Asia/Tokyo'
  and payload is not null
group by 1, 2 order by 3 desc limit 10000
"""


def aside_today(connection: Connection[Any]) -> dict[int | str, int]:
    """Bytes of payload quarantined today (in Japan), by device or, where it is not known, by topic."""
    rows = connection.execute(_ASIDE_TODAY).fetchall()
    return {int(device_id) if device_id else topic: size for device_id, topic, size in rows}


REPLAY_WRITER = "replay"

# By the key, a page at a time: what lies open may be more than memory holds, and grows meanwhile.
_OPEN_MESSAGES = """
select quarantine_id, message_id, time, coalesce(octet_length(payload), 0) from quarantine
where quarantine_id > %(after)s and quarantine_id <= %(upto)s and replayed_at is null
  and (%(reason)s::text is null or reason = %(reason)s)
  and (%(topics)s::text[] is null or topic like any(%(topics)s::text[]))
order by quarantine_id limit %(most)s
"""

# All rows of some messages, locked in their order: two replays at once must not store an account twice.
_ROWS_OF_MESSAGES = """
select asked.number, q.*
from unnest(%s::bigint[], %s::timestamptz[]) with ordinality as asked (message_id, time, number)
cross join lateral (
    select quarantine_id, part, part_name, part_value, topic, payload, retained, project_id, replayed_at, received_at,
           (extract(epoch from received_at) * 1000000)::bigint as received_us, reason
    from quarantine known where known.message_id = asked.message_id and known.time = asked.time
    order by part for update
) q
order by asked.number, q.part
"""

_MARK_REPLAYED = "update quarantine set replayed_at = now() where quarantine_id = any(%s) and replayed_at is null"

Key: TypeAlias = tuple[int, datetime]
"""(message_id, time) of a message."""


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One row of a message that is read again. `number`: which of the messages asked for, from 1."""

    number: int
    quarantine_id: int
    part: int
    part_name: str | None
    part_value: Any
    topic: str
    payload: bytes | None
    retained: bool
    project_id: int | None
    replayed_at: datetime | None
    received_at: datetime
    received_us: int
    reason: str

    @property
    def parts(self) -> int:
        """How many refused parts of the message it stands for."""
        return parts_of(self.part, self.part_name, self.part_value)


class OpenMessage(NamedTuple):
    """A row that waits for a replay, and how many bytes of its message it keeps."""

    quarantine_id: int
    key: Key
    payload_bytes: int


def newest(connection: Connection[Any]) -> int:
    """The highest `quarantine_id` there is; 0 if the quarantine is empty."""
    (found,) = connection.execute("select coalesce(max(quarantine_id), 0) from quarantine").fetchone() or (0,)
    return int(found)


def open_messages(
    connection: Connection[Any], *, reason: str | None, topics: Sequence[str] | None, after: int, upto: int, most: int
) -> list[OpenMessage]:
    """Open rows with `after` < quarantine_id <= `upto`, in this order. `topics`: patterns of `like`."""
    connection.execute(statements.PREFER_INDEX)
    asked = {"reason": reason, "topics": topics if topics is None else [*topics]}
    rows = connection.execute(_OPEN_MESSAGES, {**asked, "after": after, "upto": upto, "most": most}).fetchall()
    return [OpenMessage(quarantine_id, (message_id, time), size) for quarantine_id, message_id, time, size in rows]


def rows_of(connection: Connection[Any], keys: Sequence[Key]) -> Iterator[list[ReplayRow]]:
    """All rows of each message, closed ones too, locked until the transaction ends."""
    with connection.cursor(row_factory=class_row(ReplayRow)) as cursor:
        rows = cursor.execute(_ROWS_OF_MESSAGES, [list(column) for column in zip(*keys, strict=True)]).fetchall()
    for _, found in groupby(rows, key=lambda row: row.number):
        yield list(found)


def mark_replayed(connection: Connection[Any], quarantine_ids: Sequence[int]) -> None:
    """Close these rows: what they stood for is stored now."""
    connection.execute(_MARK_REPLAYED, ([*quarantine_ids],))


def book_replayed(connection: Connection[Any], received: datetime, project_id: int, moved: Account) -> datetime | None:
    """Add `moved` to the account of the hour of a receipt.

    Returns what is late for the rollups (see `statements.NOTE_ACCOUNT`).
    """
    values = {"received": received, "project_id": project_id, "writer": REPLAY_WRITER} | asdict(moved)
    closing_until, _ = connection.execute(statements.NOTE_ACCOUNT, values).fetchone() or (None, 0)
    return closing_until
