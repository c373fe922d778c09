"""Adds messages to the outbox: each alone, or in a digest where they are too many or the hours are quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from ingest.store.database import Database
from ingest.watch.delivery.database.queueing import (
    Group,
    NewRow,
    count_said,
    find_open_digests,
    insert_digests,
    insert_rows,
)
from ingest.watch.delivery.model import Effect, Purpose, Situation, Wanted, Way, Withheld
from schemas.watch_notice import Limit

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
        quiet = {group: found for group, members in groups.items() if (found := [m for m in members if m.until])}
        loud = {group: found for group, members in groups.items() if (found := [m for m in members if not m.until])}
        many = self._too_many(loud)
        # Those of the quiet hours first: one that is due within a minute takes up what is too much now.
        digests = self._digests_of_night(quiet)
        rows += [self._row(each, digests[group]) for group, members in quiet.items() for each in members]
        digests = self._digests_of_many(many, loud)
        rows += [self._row(each, digests.get(group)) for group, members in loud.items() for each in members]
        return insert_rows(self._connection, rows)

    def _too_many(self, loud: Mapping[Group, Sequence[Wanted]]) -> dict[Group, int]:
        """The receivers beyond their limit, and how many messages each had within its time."""
        minutes = {each.project_id: self._limit(each).per_min for each in loud}
        since = {project: self._now - timedelta(minutes=number) for project, number in minutes.items()}
        said = count_said(self._connection, since)
        return {
            group: said.get(group, 0)
            for group, members in loud.items()
            if said.get(group, 0) + len(members) > self._limit(group).messages
        }

    def _limit(self, group: Group) -> Limit:
        return self._situations[group.project_id].notice.limit

    def _digests_of_night(self, quiet: Mapping[Group, Sequence[Wanted]]) -> dict[Group, int]:
        """One for each receiver and morning; another one where it is on its way, in the last moment of the hours."""
        ends: dict[datetime, list[Group]] = {}
        for group, members in quiet.items():
            until = members[0].until
            assert until is not None  # that is why they are quiet
            ends.setdefault(until, []).append(group)
        numbers: dict[Group, int] = {}
        for until, groups in ends.items():
            what = f"quiet/{until.timestamp():.0f}"
            usual = [self._digest(group, quiet[group][0], until, what) for group in groups]
            insert_digests(self._connection, usual)
            found = find_open_digests(self._connection, groups, until, until)
            gone = [group for group in groups if group not in found]
            more = [self._digest(each, first := quiet[each][0], until, f"{what}/{_what(first)}") for each in gone]
            numbers |= found | dict(zip(gone, insert_digests(self._connection, more), strict=True))
        return numbers

    def _digests_of_many(self, said: Mapping[Group, int], loud: Mapping[Group, Sequence[Wanted]]) -> dict[Group, int]:
        """`said`: how many messages each of the receivers had within the time of the limit."""
        found = find_open_digests(self._connection, list(said), self._now + AT_MOST_LATER)
        new = {}
        for group in said:
            if group in found:
                continue
            first, wait = loud[group][0], LINGER if said[group] < self._limit(group).messages else AT_MOST_LATER
            new[group] = self._digest(group, first, self._now + wait, f"many/{_what(first)}")
        numbers = insert_digests(self._connection, list(new.values()))
        return found | dict(zip(new, numbers, strict=True))

    def _digest(self, group: Group, first: Wanted, due_at: datetime, what: str) -> NewRow:
        receiver = first.receiver
        purpose = Purpose.DRILL if group.drill else Purpose.DIGEST
        key = uuid5(_SPACE, f"digest/{what}/{group.project_id}/{group.channel}/{group.target}/{group.drill}")
        return NewRow(
            group.project_id, None, None, receiver.channel, receiver.way, receiver.target, receiver.recipient, 0,
            purpose, Effect.RISE, key, None, self._now, due_at, "",
        )  # fmt: skip

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
