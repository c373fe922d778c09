"""The same as keeping and queueing a batch, plainly: every event, incident and message by statements of its own.

Slow, and easy to follow: what a batch stores is compared with what this stores.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from psycopg.types.json import Jsonb

from ingest.store.database import Database as Connection
from ingest.watch.delivery.database.deciding import read_happenings, read_situation
from ingest.watch.delivery.decide import decide, first_step_at
from ingest.watch.delivery.model import Effect, Situation, Wanted, Way, Withheld
from ingest.watch.delivery.outbox import AT_MOST_LATER, LINGER
from ingest.watch.engine.database.events import drill_of, last_events, read_events
from ingest.watch.engine.keep import Withdrawal
from ingest.watch.model import Event, Origin, Step, StoredEvent


def keep_one_by_one(
    connection: Connection,
    events: Iterable[Event],
    now: datetime,
    withdrawals: Sequence[Withdrawal],
    confirmed: Iterable[str],
) -> list[StoredEvent]:
    """Store events, and queue what is said of them."""
    one = _One(connection, now)
    stored = [each for withdrawal in withdrawals for each in one.withdraw(withdrawal)]
    kept = [(number, event) for event in events for number in one.insert(event)]
    new = [one.enter(number, event) for number, event in sorted(kept, key=lambda each: each[1].at)] + stored
    for subject in {each.event.subject for each in new if each.withdrawn or each.event.origin is Origin.LATE}:
        one.lower(subject, new)
    new += [each for subject in sorted(set(confirmed)) for each in one.confirm(subject)]
    _queue(connection, new, now)
    return new


class _One:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection, self.now = connection, now

    def run(self, query: str, *values: object) -> list[Any]:
        cursor = self.connection.execute(query.encode(), values)
        return cursor.fetchall() if cursor.description else []

    def withdraw(self, gone: Withdrawal) -> list[StoredEvent]:
        rows = self.run(
            "update watch_event set withdrawn_at = %s, withdrawn_ja = %s, withdrawn_en = %s"
            " where event_id = %s and withdrawn_at is null returning event_id",
            self.now, gone.why.ja, gone.why.en, gone.event_id,
        )  # fmt: skip
        found = read_events(self.connection, [number for (number,) in rows])
        return [StoredEvent(*each[:2], each.event, Step.NONE, gone.why) for each in found.values()]

    def insert(self, event: Event) -> list[int]:
        values = {
            **event.thing._asdict(), **event.stage._asdict(), "kind": event.kind, "hazard": event.hazard,
            "subject": event.subject, "rule": event.rule, "measure": event.measure, "at": event.at,
            "before_rank": event.before_rank, "rank": event.rank, "value": event.value, "origin": event.origin,
            "details": Jsonb(dict(event.details)), "committed_at": event.committed_at,
        }  # fmt: skip
        query = (
            f"insert into watch_event ({', '.join(values)}) values ({', '.join(['%s'] * len(values))})"
            " on conflict do nothing returning event_id"
        )
        return [number for (number,) in self.run(query, *values.values())]

    def open_now(self, subject: str, drill: int) -> Any | None:
        """(number, rank, acknowledged rank, when opened) of an open incident."""
        rows = self.run(
            "select incident_id, rank, coalesce(acknowledged_rank, 0), opened_at from watch_incident"
            " where subject = %s and coalesce(drill_id, 0) = %s and closed_at is null",
            subject, drill,
        )  # fmt: skip
        return rows[0] if rows else None

    def enter(self, number: int, event: Event) -> StoredEvent:
        if event.origin is Origin.LATE:
            rows = self.run(
                "select incident_id from watch_incident where subject = %s and drill_id is null and opened_at <= %s"
                " and (closed_at is null or closed_at >= %s) order by opened_at desc, incident_id desc limit 1",
                event.subject, event.at, event.at,
            )  # fmt: skip
            incident, step = rows[0][0] if rows else None, Step.NONE
        else:
            incident, step = self.follow(event)
        return self.attached(number, event, incident, step)

    def attached(self, number: int, event: Event, incident: int | None, step: Step) -> StoredEvent:
        if incident is not None:
            self.run("update watch_event set incident_id = %s where event_id = %s", incident, number)
        return StoredEvent(number, incident, event, step)

    def follow(self, event: Event) -> tuple[int | None, Step]:
        found = self.open_now(event.subject, drill_of(event))
        if found is None:
            return (None, Step.NONE) if event.rank == 0 else (self.open(event), Step.OPENED)
        incident, rank, taken, _ = found
        if event.rank == 0:
            self.close(incident, event.at)
            return incident, Step.CLOSED
        self.set_rank(incident, event.rank)
        if event.rank > rank and event.rank > taken:
            query = "update watch_incident set escalated = 0, escalate_at = %s where incident_id = %s"
            self.run(query, self.now, incident)
        return incident, Step.NONE if event.rank == rank else Step.RAISED if event.rank > rank else Step.LOWERED

    def open(self, event: Event) -> int:
        thing = event.thing
        ((number,),) = self.run(
            "insert into watch_incident (project_id, kind, hazard, subject, device_id, gateway_id, network_id,"
            " opened_at, rank, top_rank, live, drill_id, escalate_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true, %s, %s) returning incident_id",
            thing.project_id, event.kind, event.hazard, event.subject, thing.device_id, thing.gateway_id,
            thing.network_id, event.at, event.rank, event.rank, drill_of(event) or None, self.now,
        )  # fmt: skip
        return int(number)

    def set_rank(self, incident: int, rank: int) -> None:
        query = "update watch_incident set rank = %s, top_rank = greatest(top_rank, %s) where incident_id = %s"
        self.run(query, rank, rank, incident)

    def close(self, incident: int, at: datetime) -> None:
        self.run(
            "update watch_incident set rank = 0, closed_at = greatest(opened_at, %s), escalate_at = null"
            " where incident_id = %s",
            at, incident,
        )  # fmt: skip

    def lower(self, subject: str, stored: list[StoredEvent]) -> None:
        found, last = self.open_now(subject, 0), last_events(self.connection, [subject]).get(subject)
        rank = 0 if last is None else last.event.rank
        if found is None or rank >= found[1]:
            return
        if rank:
            self.set_rank(found[0], rank)
        else:
            self.close(found[0], last.event.at if last and last.event.at >= found[3] else self.now)
        places = [place for place, each in enumerate(stored) if each.event.subject == subject]
        place = max(places, key=lambda place: (stored[place].withdrawn is None, stored[place].event.at))
        stored[place] = stored[place]._replace(incident_id=found[0], step=Step.LOWERED if rank else Step.CLOSED)

    def confirm(self, subject: str) -> list[StoredEvent]:
        last, found = last_events(self.connection, [subject]).get(subject), self.open_now(subject, 0)
        if last is None or last.event.rank <= (0 if found is None else found[1]):
            return []
        return [self.attached(last.event_id, last.event, *self.follow(last.event))]


def _queue(connection: Connection, stored: Sequence[StoredEvent], now: datetime) -> None:
    told: set[int | None] = set()
    wanted: list[tuple[Wanted, Situation]] = []
    for number, effect in {each.event_id: Effect.of(each.step) for each in stored}.items():
        (happening,) = read_happenings(connection, {number: effect})
        situation = read_situation(connection, happening.project_id, now)
        if happening.incident_id in told:
            object.__setattr__(happening, "told", True)
        found = decide(happening, situation)
        wanted += [(each, situation) for each in found]
        if any(_is_said(each) for each in found):
            told.add(happening.incident_id)
        if effect is Effect.RISE and happening.incident_id is not None:
            connection.execute(
                "update watch_incident set escalated = 0, escalate_at = %s where incident_id = %s"
                " and closed_at is null",
                (first_step_at(happening, situation, found), happening.incident_id),
            )
    _Outbox(connection, now).add(wanted)


def _is_said(each: Wanted) -> bool:
    return each.receiver.way is not Way.MQTT and each.withheld in (Withheld.NO, Withheld.QUIET_HOURS)


class _Outbox:
    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection, self.now = connection, now

    def add(self, wanted: Sequence[tuple[Wanted, Situation]]) -> None:
        groups: dict[tuple[Any, ...], list[tuple[Wanted, Situation]]] = {}
        for each, situation in wanted:
            happening, receiver = each.happening, each.receiver
            group = happening.project_id, receiver.channel, receiver.target, happening.is_drill
            if _is_said(each):
                groups.setdefault(group, []).append((each, situation))
            else:
                self.insert(each, None)
        said = {group: self.said(group, members[0][1]) for group, members in groups.items()}
        digests = {group: self.digests(group, members, said[group]) for group, members in groups.items()}
        for group, members in groups.items():
            for each, _ in members:
                self.insert(each, digests[group][each.until is None])

    def said(self, group: tuple[Any, ...], situation: Situation) -> int:
        row = self.connection.execute(
            "select count(*) from watch_delivery where project_id = %s and channel = %s and target = %s"
            " and (purpose = 'drill') = %s and queued_at > %s and digest_id is null and withheld = ''"
            " and kind <> 'mqtt'",
            (*group, self.now - timedelta(minutes=situation.notice.limit.per_min)),
        ).fetchone()
        return 0 if row is None else int(row[0])

    def digests(
        self, group: tuple[Any, ...], members: Sequence[tuple[Wanted, Situation]], said: int
    ) -> dict[bool, int | None]:
        """The digest of those of the quiet hours (False), and of the others (True), where there is one."""
        quiet = [each for each, _ in members if each.until is not None]
        loud, limit = [each for each, _ in members if each.until is None], members[0][1].notice.limit.messages
        found: dict[bool, int | None] = {False: None, True: None}
        if quiet and quiet[0].until is not None:
            found[False] = self.digest(group, quiet[0], quiet[0].until, f"{quiet[0].until.timestamp():.0f}")
        if said + len(loud) > limit and loud:
            row = self.connection.execute(
                "select delivery_id from watch_delivery where project_id = %s and channel = %s and target = %s"
                " and event_id is null and purpose = %s and delivered_at is null and given_up_at is null"
                " and doubt_at is null and digest_id is null and withheld = '' and sending_since is null"
                " and tries = 0 and due_at <= %s order by delivery_id limit 1",
                (*group[:3], "drill" if group[3] else "digest", self.now + AT_MOST_LATER),
            ).fetchone()
            due_at = self.now + (LINGER if said < limit else AT_MOST_LATER)
            found[True] = int(row[0]) if row else self.digest(group, loud[0], due_at, f"{_key_of(loud[0])}")
        return found

    def digest(self, group: tuple[Any, ...], first: Wanted, due_at: datetime, what: str) -> int:
        receiver, key = first.receiver, _key(group, what)
        values = (
            group[0], None, None, receiver.channel, receiver.way, receiver.target, receiver.recipient, 0,
            "drill" if group[3] else "digest", Effect.RISE, key, None, self.now, due_at, "",
        )  # fmt: skip
        self.row(values)
        row = self.connection.execute(
            "select delivery_id from watch_delivery where idempotency_key = %s", (key,)
        ).fetchone()  # fmt: skip
        assert row is not None
        return int(row[0])

    def insert(self, each: Wanted, digest: int | None) -> None:
        happening, receiver = each.happening, each.receiver
        key = _key_of(each)
        self.row((
            happening.project_id, happening.incident_id, happening.event_id, receiver.channel, receiver.way,
            receiver.target, receiver.recipient, each.step, each.purpose, happening.effect, key, digest, self.now,
            self.now, each.withheld,
        ))  # fmt: skip

    def row(self, values: tuple[Any, ...]) -> None:
        self.connection.execute(
            "insert into watch_delivery (project_id, incident_id, event_id, channel, kind, target, recipient, step,"
            " purpose, effect, idempotency_key, digest_id, queued_at, due_at, withheld)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            values,
        )


def _key_of(each: Wanted) -> UUID:
    happening, receiver = each.happening, each.receiver
    return _key(happening.event_id, happening.effect, receiver.channel, receiver.target, receiver.recipient, each.step)


def _key(*parts: object) -> UUID:
    return uuid5(NAMESPACE_OID, repr([str(part) for part in parts]))
