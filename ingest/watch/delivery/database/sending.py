"""The outbox while it is sent: what is due, who sends it now, and what became of it. Connections in autocommit mode."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from ingest.store.database import Database
from ingest.watch.delivery.model import Delivery, Purpose, Way
from schemas.bilingual import Bilingual

FAILURES = (psycopg.OperationalError, psycopg.InterfaceError)
"""The connection is of no use any more."""

_OPEN = "delivered_at is null and given_up_at is null and doubt_at is null and digest_id is null and withheld = ''"
_LANE = "kind || ' ' || project_id || ' ' || channel || ' ' || target"
_FIELDS = tuple(field.name for field in fields(Delivery))
_COLUMNS = ", ".join(f"d.{ {'way': 'kind', 'key': 'idempotency_key'}.get(name, name) }" for name in _FIELDS)

_WAITING = f"""
select distinct kind from watch_delivery where {_OPEN} and sending_since is null and due_at <= %s
"""  # noqa: S608  made of constants

_CLAIM = f"""
with due as (
    select distinct on (project_id, channel, target) delivery_id, due_at
    from watch_delivery
    where {_OPEN} and sending_since is null and due_at <= %(now)s and kind = %(kind)s and {_LANE} <> all(%(busy)s)
    order by project_id, channel, target, due_at, delivery_id
), next as (
    select delivery_id from due order by due_at, delivery_id limit %(limit)s
)
update watch_delivery d set sending_since = %(now)s, tries = tries + 1
from next where d.delivery_id = next.delivery_id and d.sending_since is null and {_OPEN}
returning {_COLUMNS}
"""  # noqa: S608  made of constants

_END = """
update watch_delivery set sending_since = null, delivered_at = {delivered}, doubt_at = {doubt},
    given_up_at = {given_up}, answer = %(answer)s, failed_ja = %(ja)s, failed_en = %(en)s
where delivery_id = any(%(numbers)s) or digest_id = any(%(numbers)s)
"""


class Said(NamedTuple):
    """What a receiver answered, and what went wrong."""

    answer: str = ""
    why: Bilingual | None = None


def kinds_waiting(connection: Database, now: datetime) -> set[Way]:
    """The ways by which something is due."""
    return {Way(row[0]) for row in connection.execute(_WAITING, (now,))}


def claim_due(connection: Database, way: Way, busy: Collection[str], limit: int, now: datetime) -> list[Delivery]:
    """What is due, at most one for each lane that is not busy, noted as being sent by the caller alone.

    It is committed at once: the intent is on record before anything is sent.
    """
    values = {"kind": way.value, "busy": list(busy), "limit": limit, "now": now}
    return [_delivery(row) for row in sorted(connection.execute(_CLAIM, values).fetchall())]


def _delivery(row: Sequence[Any]) -> Delivery:
    known = dict(zip(_FIELDS, row, strict=True))
    return Delivery(**{**known, "way": Way(known["way"]), "purpose": Purpose(known["purpose"])})


def note_delivered(connection: Database, numbers: Sequence[int], said: Said, at: datetime) -> None:
    """Their receivers took these and said the same, and with them those that they were said for."""
    _end(connection, numbers, said, at, "delivered")


def note_doubt(connection: Database, number: int, said: Said, at: datetime) -> None:
    """Nobody knows whether the receiver took it; it is not sent again by itself."""
    _end(connection, (number,), said, at, "doubt")


def note_given_up(connection: Database, number: int, said: Said, at: datetime) -> None:
    """It is not tried again."""
    _end(connection, (number,), said, at, "given_up")


def _end(connection: Database, numbers: Sequence[int], said: Said, at: datetime, what: str) -> None:
    times = {name: "%(at)s" if name == what else name + "_at" for name in ("delivered", "doubt", "given_up")}
    values = {"numbers": list(numbers), "answer": said.answer, "at": at, **_words(said)}
    connection.execute(_END.format(**times), values)


def note_later(connection: Database, number: int, said: Said, due_at: datetime, *, resent: bool) -> None:
    """It is tried again at that time. `resent`: it may have arrived."""
    connection.execute(
        "update watch_delivery set sending_since = null, due_at = %(due)s, resent = resent or %(resent)s,"
        " answer = %(answer)s, failed_ja = %(ja)s, failed_en = %(en)s where delivery_id = %(number)s",
        {"number": number, "due": due_at, "resent": resent, "answer": said.answer, **_words(said)},
    )


def give_back(connection: Database, number: int) -> None:
    """Nothing was sent, because the service ends: the attempt does not count."""
    connection.execute(
        "update watch_delivery set sending_since = null, tries = tries - 1 where delivery_id = %s", (number,)
    )


def put_off(connection: Database, delivery: Delivery, until: datetime) -> None:
    """What else is open for this receiver waits as long: of e-mail for the server, so all of it."""
    lane = "true" if delivery.way is Way.MAIL else f"{_LANE} = %(lane)s"
    connection.execute(
        f"update watch_delivery set due_at = %(until)s where {_OPEN} and sending_since is null and due_at < %(until)s"  # noqa: S608
        f" and kind = %(kind)s and {lane}",
        {"until": until, "kind": delivery.way.value, "lane": delivery.lane},
    )


def recover(connection: Database, why: Bilingual, doubtful: Sequence[Way], now: datetime) -> tuple[int, int]:
    """What a sender that is gone had begun: of `doubtful` ways it is in doubt, the others are sent again.

    Returns how many of each. Only the one watcher of an installation may call this, when it begins.
    """
    kinds = [way.value for way in doubtful]
    in_doubt = connection.execute(
        "update watch_delivery set sending_since = null, doubt_at = %s, failed_ja = %s, failed_en = %s"  # noqa: S608
        f" where {_OPEN} and sending_since is not null and kind = any(%s)",
        (now, why.ja, why.en, kinds),
    ).rowcount
    again = connection.execute(
        "update watch_delivery set sending_since = null, resent = true, due_at = %s"  # noqa: S608
        f" where {_OPEN} and sending_since is not null",
        (now,),
    ).rowcount
    return in_doubt, again


def end_subscription(connection: Database, endpoint: str, why: str) -> None:
    """A phone is registered no more."""
    connection.execute(
        "update watch_push set ended_at = clock_timestamp(), ended_why = %s where endpoint = %s and ended_at is null",
        (why[:200], endpoint),
    )


def keep_link(connection: Database, number: int, digest: bytes) -> None:
    """The link of a message leads to its incidents; of its token only the digest is kept."""
    connection.execute("update watch_delivery set link_digest = %s where delivery_id = %s", (digest, number))


def _words(said: Said) -> dict[str, str | None]:
    return {"ja": None, "en": None} if said.why is None else {"ja": said.why.ja, "en": said.why.en}
