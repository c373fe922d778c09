"""A valley with gauges and a document that says who is told, for the tests of delivery."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import yaml

from ingest.store.database import Database as Connection
from ingest.watch.delivery.queue import queue_deliveries
from ingest.watch.engine.keep import Withdrawal, keep_events
from ingest.watch.model import Event, Kind, Origin, StageOf, StoredEvent, Thing, subject_of
from tests.fixtures.database import Database
from tests.watch.engine.river import LEVEL, PROJECT, make_river, project_of

NOON = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
"""Monday, 12:00 in Japan."""

DOCUMENT = """
people:
- {code: tanaka, name: 田中, login: tanaka, email: tanaka@city.example.jp}
- {code: suzuki, name: 鈴木, email: suzuki@city.example.jp}
- {code: sato, name: 佐藤}
channels:
- {code: list, kind: mail, to: [bosai@city.example.jp]}
- {code: hook, kind: webhook, url: "https://hook.example.jp/a?key=1"}
- {code: team, kind: slack, url_file: /run/secrets/slack}
- {code: phones, kind: web_push, to: [duty]}
duty: {weekly: [{days: [mon], from: "08:30", to: "17:15", person: tanaka}], backup: suzuki}
notify:
- {kinds: [stage], hazards: [river], to: [duty, hook]}
escalation: [{min_rank: 2, after_min: 10, to: [backup]}, {min_rank: 2, after_min: 30, to: [list]}]
"""


class Valley:
    """Gauges g-0, g-1, ... of one project, and the connection to its database."""

    def __init__(self, database: Database, gauges: int = 1, document: str = DOCUMENT) -> None:
        self.database = database
        self.devices = make_river(database, gauges)
        self.connection: Connection = database.connect()
        self.project_id = project_of(self.connection)
        self.document = yaml.safe_load(document)
        self.apply()

    def apply(self, **changed: Any) -> None:
        """Change parts of the document."""
        self.document |= {"project": PROJECT, **changed}
        self.connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by)"
            " select %s, coalesce(max(number), 0) + 1, %s, '', 'test' from watch_document",
            (self.project_id, json.dumps(self.document, default=str)),
        )

    def event(
        self, ranks: tuple[int, int], at: datetime = NOON, *, gauge: int = 0, origin: Origin = Origin.LIVE, **more: Any
    ) -> Event:
        """A crossing. `more`: fields of the event."""
        thing = Thing(self.project_id, self.devices[gauge], quantity_id=LEVEL, channel=0)
        fields: dict[str, Any] = {
            "hazard": "river", "measure": "value", "value": 1.23, "committed_at": at,
            "stage": StageOf(f"市設定基準{ranks[1]}", f"City level {ranks[1]}", 1.0, "m", ref_level=3),
        } | more  # fmt: skip
        kind = fields.pop("kind", Kind.STAGE)
        return Event(kind, subject_of(kind, thing), thing, at, *ranks, origin, **fields)

    def keep(
        self, *events: Event, now: datetime | None = None, withdrawals: Iterable[Withdrawal] = ()
    ) -> list[StoredEvent]:
        """Store events as the engine does."""
        with self.connection.transaction():
            return keep_events(
                self.connection, events, now or events[-1].at, withdrawals=list(withdrawals), queue=queue_deliveries
            )

    def rows(self, columns: str, where: str = "kind <> 'mqtt'") -> list[tuple[Any, ...]]:
        """Columns of the deliveries, in the order in which they were queued."""
        query = f"select {columns} from watch_delivery where {where} order by delivery_id"
        return self.connection.execute(query.encode()).fetchall()
