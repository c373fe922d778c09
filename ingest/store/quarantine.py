"""What was set aside: list it, look at it. `replay` sends it through the path again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

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
    """Open rows, newest first."""
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
    """Bytes kept of what was set aside today in Japan, by device or, where it is not known, by topic."""
    rows = connection.execute(_ASIDE_TODAY).fetchall()
    return {int(device_id) if device_id else topic: size for device_id, topic, size in rows}
