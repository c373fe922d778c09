"""What was set aside: list it, look at it, and send it through the path again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from ingest.judge import Judge
from ingest.receive.message import Received
from ingest.store import statements
from ingest.store.births import keep_births
from ingest.store.late import note_late
from ingest.store.outcome import Account
from ingest.store.place import place_carefully

REPLAY_WRITER = "replay"
REPLAYED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the quarantine. `payload` is there on part 0 and part 1."""

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


@dataclass(slots=True)
class Replayed:
    """What a replay came to: messages tried, now stored, stored before, still refused; readings gained."""

    tried: int = 0
    stored: int = 0
    duplicate: int = 0
    improved: int = 0
    refused: int = 0
    readings_stored: int = 0


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


def replay(
    connection: Connection[Any], judge: Judge, *, reason: str | None = None, topics: Sequence[str] | None = None
) -> Replayed:
    """Judge every open message again, by the registry and the program of today; store what is good now.

    What is still refused stays as it is. In the account a message moves from quarantined to stored,
    at the hour of its receipt: received stays what it was. Safe to repeat and to interrupt.
    `topics`: patterns of `like`; only messages on one of them.
    """
    result = Replayed()
    connection.execute(statements.TEMPORARY_TABLES)
    keys = connection.execute(
        _OPEN_MESSAGES, {"reason": reason, "topics": None if topics is None else [*topics]}
    ).fetchall()
    connection.commit()
    for start in range(0, len(keys), REPLAYED_AT_ONCE):
        with connection.transaction():
            connection.execute(statements.PREFER_INDEX)
            for message_id, time in keys[start : start + REPLAYED_AT_ONCE]:
                _replay_message(connection, judge, message_id, time, result)
    return result


_OPEN_MESSAGES = """
select message_id, time from quarantine
where replayed_at is null and (%(reason)s::text is null or reason = %(reason)s)
  and (%(topics)s::text[] is null or topic like any(%(topics)s::text[]))
group by message_id, time order by min(quarantine_id)
"""

# All rows of one message, locked: two replays at once must not store its account twice.
_ROWS_OF_MESSAGE = """
select part, part_name, topic, payload, retained, project_id, replayed_at, received_at,
       (extract(epoch from received_at) * 1000000)::bigint as received_us
from quarantine where message_id = %s and time = %s order by part for update
"""

_MARK_REPLAYED = """
update quarantine set replayed_at = now()
where message_id = %s and time = %s and replayed_at is null and part = any(%s)
"""


def _replay_message(
    connection: Connection[Any], judge: Judge, message_id: int, time: datetime, result: Replayed
) -> None:
    rows = connection.execute(_ROWS_OF_MESSAGE, (message_id, time)).fetchall()
    opened = {part: name for part, name, *_, replayed_at, _at, _us in rows if replayed_at is None}
    payload = next((row[3] for row in rows if row[3] is not None), None)
    if not opened or payload is None:  # another replay was faster
        return
    _, _, topic, _, retained, project_id, _, received_at, received_us = rows[0]
    judged = judge.judge(Received(topic, bytes(payload), received_us, retain=retained))
    keep_births(connection, [judged])
    result.tried += 1
    still = {row.part_name for row in judged.quarantined}
    good = [part for part, name in opened.items() if part == 0 or name not in still]
    if (judged.uplink is None and judged.gateway is None) or not good:
        result.refused += 1
        return
    known = {name for _, name, *_ in rows}
    fresh = [row for row in judged.quarantined if row.part_name not in known]
    first = rows[-1][0] + 1
    judged.quarantined = [row._replace(part=first + number) for number, row in enumerate(fresh)]
    account = place_carefully(connection, [judged]).total
    connection.execute(_MARK_REPLAYED, (message_id, time, good))
    whole = 0 in opened
    moved = _whole_moved(account) if whole else _parts_moved(account, len(good))
    project = judged.project_id if whole else project_id or 0
    closing_until = _note(connection, received_at, project, moved, out_of=project_id or 0)
    note_late(connection, [judged], closing_until)
    result.readings_stored += account.readings_stored
    if whole:
        result.stored += account.stored
        result.duplicate += account.duplicate
    else:
        result.improved += 1


def _whole_moved(account: Account) -> Account:
    """The message was quarantined as a whole; now it, and all its readings, count."""
    account.payload_bytes = 0  # they were counted on receipt
    return account


def _parts_moved(account: Account, parts: int) -> Account:
    """Only some readings were set aside: the message counts already, and so do its other readings."""
    gained = account.readings_stored + account.readings_conflict
    duplicate = max(parts - gained, 0)
    return Account(
        readings_offered=gained + duplicate - parts + account.readings_quarantined,
        readings_stored=account.readings_stored,
        readings_conflict=account.readings_conflict,
        readings_duplicate=duplicate,
        readings_quarantined=account.readings_quarantined - parts,
    )


def _note(
    connection: Connection[Any], received: datetime, project_id: int, moved: Account, *, out_of: int
) -> datetime | None:
    """Move a message in the account: it leaves `out_of` (where it lay in quarantine) and enters `project_id`.

    Returns what is late for the rollups (see `statements.NOTE_ACCOUNT`).
    """
    closing_until = None
    moves = [(project_id, moved)]
    if moved.stored or moved.duplicate:
        moves.append((out_of, Account(quarantined=-1)))
    for project, account in moves:
        values = {"received": received, "project_id": project, "writer": REPLAY_WRITER} | asdict(account)
        (closing_until,) = connection.execute(statements.NOTE_ACCOUNT, values).fetchone() or (None,)
    return closing_until
