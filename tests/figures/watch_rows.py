"""Rows of the watch written by hand: incidents with their events, messages and deeds, and a watcher that looks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from psycopg import Connection

MINUTE = timedelta(minutes=1)


class WatchRows:
    """Writes what the watch would have written of one project."""

    def __init__(self, connection: Connection[Any], project: str = "tea") -> None:
        self.connection = connection
        self.now = datetime.now(UTC)
        self.project_id = self._number("select project_id from project where code = %s", (project,))

    def _number(self, query: str, values: tuple[object, ...]) -> int:
        row = self.connection.execute(query.encode(), values).fetchone()
        assert row is not None, (query, values)
        return int(row[0])

    def alive(self, ago_s: float = 0.0, name: str = "engine") -> None:
        """The watcher looked so many seconds ago."""
        self.connection.execute(
            "insert into watch_progress (name, done_until, updated_at) values (%(name)s, %(at)s, %(at)s)"
            " on conflict (name) do update set done_until = %(at)s, updated_at = %(at)s",
            {"name": name, "at": datetime.now(UTC) - timedelta(seconds=ago_s)},
        )

    def dead(self) -> None:
        """No watcher ever looked."""
        self.connection.execute("delete from watch_progress")

    def waits(self, ago_s: float) -> None:
        """What was stored so many seconds ago is not looked at yet."""
        self.connection.execute(
            "insert into watch_note (noted_at, readings) values (%s, '')",
            (datetime.now(UTC) - timedelta(seconds=ago_s),),
        )

    def device(self, code: str) -> int:
        """The id of a device."""
        return self._number("select device_id from device where code = %s", (code,))

    def stage(
        self, device: str, rank: int = 1, ago: timedelta = 5 * MINUTE, *, name: str = "氾濫注意水位",
        value: float = 2.3, threshold: float = 2.0, rule: str = "", drill: int | None = None,
        quantity: str = "river_level", ref_level: int | None = 2,
    ) -> int:  # fmt: skip
        """A gauge that reached a stage, with its event; the number of the incident."""
        device_id = self.device(device)
        quantity_id = self._number("select quantity_id from quantity where code = %s", (quantity,))
        subject = f"stage:d{device_id}:q{quantity_id}:c0" + (f":{rule}" if rule else "")
        number = self.incident("stage", subject, rank, ago, device_id=device_id, hazard="river", drill=drill)
        self.event(
            number, rank, ago, rule=rule, quantity_id=quantity_id, channel=0, measure="value", name=name,
            origin="live" if drill is None else "drill", details={} if drill is None else {"drill": drill},
            name_en="Caution", value=value, threshold=threshold, unit="m", ref_level=ref_level,
        )  # fmt: skip
        return number

    def incident(
        self, kind: str, subject: str, rank: int, ago: timedelta, *, device_id: int | None = None,
        gateway_id: int | None = None, network_id: int | None = None, hazard: str | None = None,
        drill: int | None = None,
    ) -> int:  # fmt: skip
        """An incident that is open; its number."""
        return self._number(
            "insert into watch_incident (project_id, kind, hazard, subject, device_id, gateway_id, network_id,"
            " opened_at, rank, top_rank, live, drill_id) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true, %s)"
            " returning incident_id",
            (
                self.project_id,
                kind,
                hazard,
                subject,
                device_id,
                gateway_id,
                network_id,
                self.now - ago,
                rank,
                rank,
                drill,
            ),
        )

    def event(self, incident: int | None, rank: int, ago: timedelta, **more: Any) -> int:
        """An event of an incident; its number. `more`: columns."""
        given: dict[str, Any] = {"origin": "live", "rule": "", "before_rank": 0, "committed_at": self.now - ago, **more}
        if incident is not None:
            row = self.connection.execute(
                "select kind, hazard, subject, device_id, gateway_id, network_id from watch_incident"
                " where incident_id = %s", (incident,),
            ).fetchone()  # fmt: skip
            assert row is not None
            given |= dict(zip(("kind", "hazard", "subject", "device_id", "gateway_id", "network_id"), row, strict=True))
        given |= {"project_id": self.project_id, "incident_id": incident, "rank": rank, "at": self.now - ago}
        if isinstance(given.get("details"), Mapping):
            given["details"] = json.dumps(given["details"])
        columns, places = ", ".join(given), ", ".join(f"%({name})s" for name in given)
        query = f"insert into watch_event ({columns}) values ({places}) returning event_id"
        row = self.connection.execute(query.encode(), given).fetchone()
        assert row is not None
        return int(row[0])

    def close(self, incident: int) -> None:
        """It is over."""
        self.event(incident, 0, timedelta(0), before_rank=1)
        self.connection.execute(
            "update watch_incident set closed_at = now(), rank = 0 where incident_id = %s", (incident,)
        )

    def delivery(self, incident: int, channel: str = "bosai-mail", kind: str = "mail", **more: Any) -> int:
        """A message about an incident; its number. `more`: columns."""
        event = self.connection.execute(
            "select max(event_id) from watch_event where incident_id = %s", (incident,)
        ).fetchone()
        given: dict[str, Any] = {
            "project_id": self.project_id, "incident_id": incident, "event_id": event and event[0], "channel": channel,
            "kind": kind, "target": "t@city.example.jp", "idempotency_key": uuid4(), **more,
        }  # fmt: skip
        columns, places = ", ".join(given), ", ".join(f"%({name})s" for name in given)
        query = f"insert into watch_delivery ({columns}) values ({places}) returning delivery_id"
        row = self.connection.execute(query.encode(), given).fetchone()
        assert row is not None
        return int(row[0])

    def drill(self, title: str = "出水期前訓練") -> int:
        """A drill that lasts; its number."""
        return self._number(
            "insert into watch_drill (project_id, title, starts, ends, begun_by)"
            " values (%s, %s, now(), now() + interval '1 hour', 'aoki') returning drill_id",
            (self.project_id, title),
        )

    def maintenance(self, device: str | None = None, reason: str = "電池交換") -> int:
        """Maintenance of a device, or of the whole project; its number."""
        return self._number(
            "insert into watch_maintenance (project_id, device_id, starts, ends, reason, entered_by)"
            " values (%s, %s, now() - interval '1 minute', now() + interval '2 hours', %s, 'aoki')"
            " returning watch_maintenance_id",
            (self.project_id, None if device is None else self.device(device), reason),
        )

    def document(self, body: Mapping[str, Any]) -> None:
        """The rules of the project."""
        self.connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by)"
            " select %(project)s, coalesce(max(number), 0) + 1, %(body)s, '', 'aoki' from watch_document"
            " where project_id = %(project)s",
            {"project": self.project_id, "body": json.dumps({"project": "p", **body})},
        )
