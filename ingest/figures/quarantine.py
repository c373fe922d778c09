"""Reads the quarantine row by row, a page at a time: of a project, a reason, a device, a period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection

from ingest.figures.fetch import fetch


@dataclass(frozen=True, slots=True)
class QuarantineEntry:
    """One row of `figure_quarantine_entry`. `parts`: how many refused parts it stands for.

    `part_text`: the value of a part as it was sent, as JSON.
    `payload_head`: the first bytes of the message; None if none were kept.
    """

    quarantine_id: int
    project: str | None
    device: str | None
    device_name: str | None
    received_at: datetime
    reason: str
    detail: str
    part: int
    part_name: str | None
    part_text: str | None
    parts: int
    topic: str
    payload_head: bytes | None
    payload_bytes: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows to read; None: all. `device`: the code of a device, or a part of a name or topic of an unknown one.

    `since` and `until` bound the time of receipt: [since, until).
    """

    project: str | None = None
    reason: str | None = None
    device: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Place(NamedTuple):
    """The place of a row in the order of receipt. Rows that arrive later do not move it."""

    received_at: datetime
    quarantine_id: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows there are, and how many parts they stand for: whole messages, and readings of stored ones."""

    rows: int
    parts: int
    messages: int
    readings: int


_WHERE: LiteralString = """
    where (%(project)s::text is null or project = %(project)s)
      and (%(reason)s::text is null or reason = %(reason)s)
      and (%(since)s::timestamptz is null or received_at >= %(since)s)
      and (%(until)s::timestamptz is null or received_at < %(until)s)
      and case
          when %(device)s::text is null then true
          when exists (select from device where code = %(device)s) then device = %(device)s
          else position(lower(%(device)s) in lower(coalesce(device || ' ' || device_name, topic))) > 0
      end
"""


def quarantine_entries(
    connection: Connection[Any],
    wanted: Wanted,
    *,
    before: Place | None = None,
    after: Place | None = None,
    limit: int = 20,
) -> list[QuarantineEntry]:
    """Rows that are not replayed, newest first: those next older than `before`, or next newer than `after`."""
    order: LiteralString = " order by received_at desc, quarantine_id desc limit %(limit)s"
    bound: LiteralString = ""
    if after is not None:
        bound = " and (received_at, quarantine_id) > (%(received_at)s, %(quarantine_id)s)"
        order = " order by received_at, quarantine_id limit %(limit)s"
    elif before is not None:
        bound = " and (received_at, quarantine_id) < (%(received_at)s, %(quarantine_id)s)"
    place = after or before
    values = _values(wanted) | {"limit": limit} | ({} if place is None else place._asdict())
    query: LiteralString = "select * from figure_quarantine_entry "
    rows = fetch(connection, QuarantineEntry, query + _WHERE + bound + order, values)
    return rows[::-1] if after is not None else rows


def quarantine_counted(connection: Connection[Any], wanted: Wanted) -> Counted:
    """How many rows and parts `wanted` selects."""
    query: LiteralString = """
        select count(*) as rows, coalesce(sum(parts), 0)::bigint as parts, count(*) filter (where part = 0) as messages,
            coalesce(sum(parts) filter (where part > 0), 0)::bigint as readings
        from figure_quarantine_entry
    """
    return fetch(connection, Counted, query + _WHERE, _values(wanted))[0]


def parts_of_device(connection: Connection[Any], device_id: int) -> int:
    """How many parts of a device's messages are in quarantine and not replayed."""
    query: LiteralString = "select coalesce(sum(parts), 0)::bigint from figure_quarantine_count where device_id = %s"
    row = connection.execute(query, (device_id,)).fetchone()
    return 0 if row is None else int(row[0])


def _values(wanted: Wanted) -> dict[str, object]:
    return {
        "project": wanted.project, "reason": wanted.reason, "device": wanted.device,
        "since": wanted.since, "until": wanted.until,
    }  # fmt: skip
