"""Adds messages to the outbox: each alone, or in a digest where they are too many or the hours are quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from ingest.store.database import Database
from ingest.watch.delivery.database.queueing import (
    Group,
    NewRow,
    count_said,
    find_open_digest,
    insert_digest,
    insert_rows,
)
from ingest.watch.delivery.model import Effect, Purpose, Situation, Wanted, Way, Withheld

_SPACE = UUID("2f6a1d0e-64b7-4a0a-9a7b-5d1c7f7c9d18")
"""The idempotency keys of messages are of this space."""

LINGER = timedelta(seconds=1)
"""A digest waits so long for the crossings that come right after."""
AT_MOST_LATER = timedelta(minutes=1)
"""Beyond the limit a receiver still gets a digest so often: nothing waits for the whole time of the limit."""


class Outbox:
    """The outbox within one transaction. `situations` by project."""

    def __init__(self, connection: Database, situations: Mapping[int, Situation], now: datetime) -> None:
        self._connection = connection
        self._situations = situations
        self._now = now

    def add(self, wanted: Sequence[Wanted]) -> int:
        """Add messages; how many are new. The same message is never added twice."""
        groups: dict[Group, list[Wanted]] = {}
        rows: list[NewRow] = []
        for each in wanted:
            if each.receiver.way is Way.MQTT or each.withheld not in (Withheld.NO, Withheld.QUIET_HOURS):
                rows.append(self._row(each))
            else:
                groups.setdefault(_group_of(each), []).append(each)
        said = self._count_said({group.project_id for group in groups})
        for group, members in groups.items():
            rows += self._rows_of(group, members, said.get(group, 0))
        return insert_rows(self._connection, rows)

    def _count_said(self, projects: set[int]) -> dict[Group, int]:
        said: dict[Group, int] = {}
        for project in projects:
            minutes = self._situations[project].notice.limit.per_min
            said |= count_said(self._connection, [project], self._now - timedelta(minutes=minutes))
        return said

    def _rows_of(self, group: Group, members: Sequence[Wanted], said: int) -> list[NewRow]:
        """`members`: of one receiver. `said`: how many messages it had within the time of the limit."""
        quiet = [each for each in members if each.until is not None]
        loud = [each for each in members if each.until is None]
        rows: list[NewRow] = []
        if quiet:
            until = quiet[0].until
            assert until is not None  # that is why they are quiet
            digest = self._insert_digest(group, quiet[0], until, f"quiet/{until.timestamp():.0f}")
            rows += [self._row(each, digest) for each in quiet]
        if not loud:
            return rows
        if said + len(loud) <= self._situations[group.project_id].notice.limit.messages:
            return rows + [self._row(each) for each in loud]
        digest = self._digest_of_many(group, loud[0], said)
        return rows + [self._row(each, digest) for each in loud]

    def _digest_of_many(self, group: Group, first: Wanted, said: int) -> int:
        found = find_open_digest(self._connection, group, self._now + AT_MOST_LATER)
        if found is not None:
            return found
        limit = self._situations[group.project_id].notice.limit
        wait = LINGER if said < limit.messages else AT_MOST_LATER
        return self._insert_digest(group, first, self._now + wait, f"many/{_what(first)}")

    def _insert_digest(self, group: Group, first: Wanted, due_at: datetime, what: str) -> int:
        receiver = first.receiver
        purpose = Purpose.DRILL if group.drill else Purpose.DIGEST
        key = uuid5(_SPACE, f"digest/{what}/{group.project_id}/{group.channel}/{group.target}/{group.drill}")
        row = NewRow(
            group.project_id, None, None, receiver.channel, receiver.way, receiver.target, receiver.recipient, 0,
            purpose, Effect.RISE, key, None, self._now, due_at, "",
        )  # fmt: skip
        return insert_digest(self._connection, row)

    def _row(self, wanted: Wanted, digest: int | None = None) -> NewRow:
        happening, receiver = wanted.happening, wanted.receiver
        return NewRow(
            happening.project_id, happening.incident_id, happening.event_id, receiver.channel, receiver.way,
            receiver.target, receiver.recipient, wanted.step, wanted.purpose, happening.effect,
            uuid5(_SPACE, _what(wanted)), digest,
            self._now, self._now, wanted.withheld,
        )  # fmt: skip


def _group_of(wanted: Wanted) -> Group:
    receiver = wanted.receiver
    return Group(wanted.happening.project_id, receiver.channel, receiver.target, wanted.happening.is_drill)


def _what(wanted: Wanted) -> str:
    receiver, happening = wanted.receiver, wanted.happening
    whom = f"{receiver.channel}/{receiver.target}/{receiver.recipient}"
    return f"{happening.event_id}/{happening.effect}/{whom}/{wanted.step}{'/again' if wanted.again else ''}"
