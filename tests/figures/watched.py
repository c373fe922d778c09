"""Rows of the watch written by hand: events, incidents, deliveries and what people did."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

PEOPLE = {"people": [{"code": "tanaka", "name": "田中"}, {"code": "suzuki", "name": "鈴木"}]}


class Watched:
    """The watch of one project."""

    def __init__(self, connection: Connection[Any], project_id: int) -> None:
        self.connection = connection
        self.project_id = project_id
        self._subjects: dict[int, str] = {}

    def document(self, applied_at: datetime, body: Mapping[str, object] = PEOPLE) -> None:
        """A document; by default one with two people."""
        self.connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_at, applied_by)"
            " select %s, 1 + count(*), %s, '', %s, '田中' from watch_document",
            (self.project_id, Jsonb(dict(body)), applied_at),
        )

    def incident(self, device: int, opened_at: datetime, rank: int = 1, **columns: object) -> int:
        """An incident of stages of a device, noticed live."""
        subject = f"stage:d{device}:{opened_at:%H%M%S%f}"
        row = {
            "project_id": self.project_id, "kind": "stage", "hazard": "river", "subject": subject, "device_id": device,
            "opened_at": opened_at, "rank": rank, "top_rank": rank, "live": True, **columns,
        }  # fmt: skip
        found = self._insert("watch_incident", "incident_id", row)
        self._subjects[found] = str(row["subject"])
        return found

    def event(self, incident: int | None, device: int, at: datetime, before: int, rank: int, **columns: object) -> int:
        """A change of the stage of a river level, live; the name of the stage follows its rank."""
        row = {
            "project_id": self.project_id, "incident_id": incident, "kind": "stage", "hazard": "river",
            "subject": self._subjects.get(incident or 0, f"stage:d{device}"), "rule": "",
            "device_id": device, "channel": 0, "measure": "value", "at": at, "before_rank": before, "rank": rank,
            "name": f"基準{rank}" if rank else "", "origin": "live", **columns,
        }  # fmt: skip
        quantity = "(select quantity_id from quantity where code = 'river_level')"
        return self._insert("watch_event", "event_id", row, quantity_id=quantity)

    def delivery(
        self, incident: int | None, event: int | None, delivered_at: datetime | None, **columns: object
    ) -> int:
        """A mail to 田中 about an event."""
        row = {
            "project_id": self.project_id, "incident_id": incident, "event_id": event, "channel": "mail",
            "kind": "mail", "target": "secret@city.example.jp", "recipient": "tanaka",
            "delivered_at": delivered_at, **columns,
        }  # fmt: skip
        return self._insert("watch_delivery", "delivery_id", row, idempotency_key="gen_random_uuid()")

    def action(self, incident: int | None, action: str, at: datetime, **columns: object) -> int:
        """What a person did: 鈴木, on the page."""
        row = {
            "project_id": self.project_id, "incident_id": incident, "action": action, "at": at, "by": "鈴木",
            "way": "page", **columns,
        }  # fmt: skip
        return self._insert("watch_action", "watch_action_id", row)

    def _insert(self, table: str, key: str, row: Mapping[str, object], **written: str) -> int:
        columns = ", ".join(f'"{name}"' for name in (*row, *written))
        values = ", ".join((*(f"%({name})s" for name in row), *written.values()))
        query = f"insert into {table} ({columns}) values ({values}) returning {key}"
        found = self.connection.execute(query.encode(), dict(row)).fetchone()
        assert found is not None
        return int(found[0])


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)
