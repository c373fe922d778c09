"""A batch of events stores what its events one by one would store: events, incidents, and messages."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg
import pytest

from ingest.store.database import Database as Connection
from ingest.watch.engine.keep import Withdrawal, keep_events
from ingest.watch.model import Event, Kind, Origin, StageOf, StoredEvent, Thing, subject_of
from schemas.bilingual import quoted
from tests.fixtures.database import Database
from tests.watch.delivery.valley import NOON, Valley
from tests.watch.engine.river import LEVEL
from tests.watch.one_by_one import keep_one_by_one

GAUGES, TURNS, DRILL = 4, 6, 7
Keep = Callable[[Connection, Sequence[Event], datetime, Sequence[Withdrawal], Sequence[str]], list[StoredEvent]]

EVENTS = """
select project_id, kind, hazard, subject, rule, device_id, quantity_id, channel, measure, at, before_rank, rank, name,
    name_en, value, threshold, unit, official, ref_level, origin, details, committed_at, withdrawn_at, withdrawn_en,
    (select count(*) from watch_incident i where i.incident_id <= e.incident_id)
from watch_event e
"""
INCIDENTS = """
select project_id, kind, hazard, subject, device_id, gateway_id, network_id, opened_at, closed_at, rank, top_rank, live,
    drill_id, acknowledged_rank, escalated, escalate_at
from watch_incident order by incident_id
"""
MESSAGES = """
select m.project_id, (select count(*) from watch_incident i where i.incident_id <= m.incident_id), e.subject, e.at,
    e.withdrawn_at, m.channel, m.kind, m.target, m.recipient, m.step, m.purpose, m.effect, m.queued_at, m.due_at,
    m.withheld, (d.channel, d.target, d.purpose, d.queued_at, d.due_at)::text
from watch_delivery m left join watch_event e using (event_id) left join watch_delivery d on d.delivery_id = m.digest_id
"""


class Side:
    """A valley, another project, and one way to keep what happens there."""

    def __init__(self, database: Database, keep: Keep) -> None:
        self.valley = Valley(database, gauges=GAUGES - 1)
        self.connection = self.valley.connection
        self.keep = keep
        self.stored: list[StoredEvent] = []
        """All that was ever stored, in order."""
        self.things = [Thing(self.valley.project_id, number, None, None, LEVEL, 0) for number in self.valley.devices]
        self.things.append(self._elsewhere())

    def _elsewhere(self) -> Thing:
        """A gauge of another project, with a document of its own."""
        row = self.connection.execute(
            "with p as (insert into project (code, name) values ('sea', '海') returning project_id),"
            " n as (insert into network (code, project_id, kind, name) select 'sea', project_id, 'lpwa', 'L' from p"
            " returning network_id, project_id)"
            " insert into device (project_id, code, network_id, name, interval_s) select project_id, 'g-9',"
            " network_id, 'g-9', 600 from n returning project_id, device_id"
        ).fetchone()
        assert row is not None
        return Thing(row[0], row[1], None, None, LEVEL, 0)

    def people(self, quiet: dict[str, object] | None, limits: Sequence[int], notify: list[dict[str, Any]]) -> None:
        """Who is told: the same in both projects, but for the limit."""
        self.connection.execute("insert into person (login, name) values ('tanaka', '田中') on conflict do nothing")
        self.connection.execute(
            "insert into watch_push (person_id, project_id, endpoint, p256dh, auth)"
            " select person_id, project_id, 'https://push.example/' || project.code, 'k', 'a' from person, project"
        )
        self.valley.apply(notify=notify, limit={"messages": limits[0], "per_min": 10}, quiet_hours=quiet)
        body = self.valley.document | {"project": "sea", "limit": {"messages": limits[1], "per_min": 60}}
        self.connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by) values (%s, 1, %s, '', 'test')",
            (self.things[-1].project_id, json.dumps(body)),
        )

    def turn(self, turn: "Turn") -> list[tuple[Any, ...]]:
        """Keep one batch; what was returned, comparable with the other side."""
        for query in turn.between:
            self.connection.execute(query.encode(), {"now": turn.now})
        gone = [Withdrawal(self.stored[place % len(self.stored)].event_id, quoted(why)) for place, why in turn.gone]
        events = [self._event(each) for each in turn.events]
        confirmed = [self._subject(gauge) for gauge in turn.confirmed]
        with self.connection.transaction():
            stored = self.keep(self.connection, events, turn.now, gone, confirmed)
        self.stored += stored
        order = [number for (number,) in self.connection.execute("select incident_id from watch_incident order by 1")]
        return [
            (each.event, None if each.incident_id is None else order.index(each.incident_id), each.step, each.withdrawn)
            for each in stored
        ]

    def _subject(self, gauge: int) -> str:
        return subject_of(Kind.STAGE, self.things[gauge])

    def _event(self, each: "Made") -> Event:
        return Event(
            Kind.STAGE, self._subject(each.gauge), self.things[each.gauge], each.at, each.before, each.rank,
            each.origin, hazard=each.hazard, measure="value", value=each.value,
            stage=StageOf("基準", "Stage", 2, "m", ref_level=3) if each.rank else StageOf(),
            committed_at=each.at if each.origin is Origin.LIVE else None,
            details={"drill": DRILL} if each.origin is Origin.DRILL else {},
        )  # fmt: skip

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that is stored, by what it is; incidents in the order in which they were opened."""
        stored = {
            name: self.connection.execute(query.encode()).fetchall()
            for name, query in (("incidents", INCIDENTS), ("events", EVENTS), ("messages", MESSAGES))
        }
        return {name: rows if name == "incidents" else sorted(rows, key=repr) for name, rows in stored.items()}


class Made:
    """An event of either side."""

    def __init__(self, chance: Random, begins: datetime) -> None:
        self.gauge = chance.randrange(GAUGES)
        self.at = begins + timedelta(minutes=chance.randrange(-30, 20))
        self.before, self.rank = chance.randrange(4), chance.randrange(4)
        self.origin = chance.choices(list(Origin), (5, 2, 1))[0]
        self.hazard = chance.choice(["river", None])
        self.value = chance.choice([None, 2, 2.5])


class Turn:
    """One batch, and what happens before it."""

    def __init__(self, chance: Random, now: datetime) -> None:
        self.now = now
        self.events = [Made(chance, now) for _ in range(chance.choice([0, 1, 5, 25]))]
        self.gone = [(chance.randrange(12), f"why {n}") for n in range(chance.choice([0, 0, 1, 4]))]
        self.confirmed = chance.sample(range(GAUGES), chance.choice([0, 0, 1, 3]))
        self.between = [query for query in _BETWEEN if chance.random() < 0.3]


_BETWEEN = (
    "update watch_incident set acknowledged_rank = rank, escalate_at = null where closed_at is null",
    "update watch_incident set escalated = 1 where closed_at is null",
    "update watch_delivery set delivered_at = %(now)s where due_at <= %(now)s and withheld = ''",
    "update watch_delivery set tries = 1 where event_id is null and channel = 'hook'",
    (
        "insert into watch_maintenance (project_id, device_id, starts, ends, reason, entered_by) select project_id,"
        " min(device_id), %(now)s, %(now)s + interval '9 minutes', 'cleaning', 'x' from device group by project_id"
    ),
    (
        "insert into watch_duty (project_id, person, starts, ends, entered_by) select max(project_id), 'suzuki',"
        " %(now)s, %(now)s + interval '9 minutes', 'x' from project"
    ),
)

NOTICES: list[list[dict[str, Any]]] = [
    [{"kinds": ["stage"], "to": ["duty", "hook", "list", "phones"]}],
    [{"to": ["list", "team"], "late": True}, {"min_rank": 2, "to": ["duty", "sato"], "clear": False}],
    [{"hazards": ["river"], "to": ["phones", "tanaka"]}],
]
QUIET = [
    None,
    {"from": "22:00", "to": "06:00", "below_rank": 3},
    {"from": "11:00", "to": "12:16", "below_rank": 2},  # it ends within a minute of a turn
]


@pytest.fixture
def sides(new_database: Callable[[], Database]) -> tuple[Side, Side]:
    def at_once(connection: Connection, events: Any, now: datetime, gone: Any, confirmed: Any) -> list[StoredEvent]:
        return keep_events(connection, events, now, withdrawals=gone, confirmed=confirmed)

    return Side(new_database(), at_once), Side(new_database(), keep_one_by_one)


@pytest.mark.parametrize("seed", range(12))
def test_a_batch_stores_what_its_events_one_by_one_would_store(sides: tuple[Side, Side], seed: int) -> None:
    chance = Random(seed)
    begins = chance.choice([NOON, NOON, datetime(2026, 6, 1, 12, 50, tzinfo=UTC)])
    quiet, limits, notify = chance.choice(QUIET), chance.choice([(2, 5), (100, 1)]), chance.choice(NOTICES)
    for side in sides:
        side.people(quiet, limits, notify)
    for number in range(TURNS):
        turn = Turn(chance, begins + timedelta(minutes=5 * number, seconds=20))
        if not sides[0].stored:
            turn.gone = []
        batch, plain = (side.turn(turn) for side in sides)
        assert batch == plain, number
        for at_once, one_by_one in zip(sides[0].rows().items(), sides[1].rows().items(), strict=True):
            assert at_once == one_by_one, number


def test_any_number_of_events_takes_the_same_few_statements(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    valley = Valley(new_database(), gauges=60)
    counted: list[int] = []
    execute = psycopg.Cursor.execute

    def count(cursor: Any, *values: Any, **more: Any) -> Any:
        counted[-1] += 1
        return execute(cursor, *values, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", count)
    for number, gauges in enumerate((range(1), range(1, 60))):
        counted.append(0)
        at = NOON + timedelta(hours=number)
        valley.keep(*(valley.event((0, 2), at, gauge=gauge) for gauge in gauges), now=at)
    one, many = counted
    assert many <= one + 4, "a digest for each receiver is added, too"
