"""Transmitters whose messages a test may let arrive in any order."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import orjson
import psycopg
import pytest

from ingest.settings.model import DatabaseSettings
from ingest.store.batch.writer import Writer
from ingest.store.rollup import rollup
from ingest.watch.airtime.look import look
from ingest.watch.engine.keep import keep_events
from ingest.watch.model import Event
from ingest.watch.progress import database as progress
from schemas.gateway_report import GatewayEventKind
from schemas.watch_airtime import WatchAirtime
from tests.figures.field import Field
from tests.fixtures.database import Database
from tests.store.rollup.conftest import us
from tests.store.rows import gateway_message, message

Frame: TypeAlias = tuple[datetime, int | None, float | None]
"""Time, counter, and milliseconds on the air."""

Said: TypeAlias = tuple[datetime, GatewayEventKind, dict[str, Any]]
"""When, what, and its details."""


def command(at: datetime, downlink_id: int, *airtimes_ms: float | None) -> Said:
    """What a gateway is told to send: alternatives with their time on the air, None where it is not known."""
    items = [{"bytes": 12} if each is None else {"bytes": 12, "airtime_ms": each} for each in airtimes_ms]
    return at, GatewayEventKind.COMMAND, {"downlink_id": downlink_id, "items": items}


def answer(at: datetime, downlink_id: int, *status: str) -> Said:
    """What a gateway made of it."""
    return at, GatewayEventKind.ACK, {"downlink_id": downlink_id, "status": list(status or ["OK"])}


class Document:
    """A watch document of which only the part about transmitting time is there."""

    airtime = WatchAirtime()


class Radios:
    """What a test does with them."""

    def __init__(self, database: Database) -> None:
        self.connection: psycopg.Connection[Any] = database.connect()
        self.field = Field(self.connection)
        self.writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")

    def document_of(self, _project_id: int, /) -> Document:
        """The rules, as the watch of transmitting time asks for them."""
        return Document()

    def device(self, code: str, regime: str | None) -> int:
        """A device of the LoRa network."""
        device = self.field.device(code, interval_s=600)
        self.connection.execute("update device set airtime_regime = %s where device_id = %s", (regime, device))
        return device

    def arrive(self, device: int, sent: Iterable[Frame], link: bytes | None = None) -> None:
        """Messages with their time, counter and airtime in ms, all in one batch."""
        batch = []
        for at, counter, airtime_ms in sent:
            made = message(at_us=us(at), device_id=device, project_id=self.field.project_id)
            assert made.uplink is not None
            made.uplink = made.uplink._replace(counter=counter, airtime_ms=airtime_ms, link=link)
            batch.append(made)
        if batch:
            self.writer.write(batch)

    def gateway(self, code: str, regime: str | None) -> int:
        """A gateway of the LoRa network, by its number."""
        row = self.connection.execute(
            "update gateway set airtime_regime = %s where code = %s returning gateway_id", (regime, code)
        ).fetchone()
        assert row is not None
        return int(row[0])

    def other_gateway(self, code: str, regime: str | None) -> int:
        """One more gateway of the LoRa network."""
        self.field.gateway(code, "lora", code)
        return self.gateway(code, regime)

    def say(self, gateway: int, said: Iterable[Said]) -> None:
        """Commands to a gateway and its answers, all in one batch."""
        batch = []
        for at, kind, more in said:
            body = orjson.dumps(more)
            made = gateway_message(
                body, us(at), gateway, kind=kind, online=None, received=None, received_ok=None, wanted=None, sent=None,
                latitude=None, longitude=None, altitude=None, more=body,
            )  # fmt: skip
            made.project_id = self.field.project_id
            batch.append(made)
        if batch:
            self.writer.write(batch)

    def look(self, now: datetime) -> list[Event]:
        """What runs in the background, as of `now`: the sums are closed, then airtime is looked at until it is done."""
        rollup.keep(self.connection, now=now)
        for _ in range(50):
            with self.connection.transaction():
                events = list(look(self.connection, self, now))
                keep_events(self.connection, events, now)
            row = self.connection.execute(
                "select p.done_until >= least(s.materialised_until, %s - interval '2 hours')"
                " and not exists (select from watch_touched where watcher = 'airtime')"
                " from watch_progress p, rollup_state s where p.name = 'airtime'",
                (now,),
            ).fetchone()
            if row and row[0]:
                return events
        raise AssertionError("the watch of transmitting time does not come to an end")

    def ledger(self) -> list[tuple[Any, ...]]:
        """Device, month, seconds, when, longest, estimated."""
        return self.connection.execute(
            "select device_id, month::text, worst_s, worst_at, longest_ms, estimated from watch_airtime"
            " where gateway_id is null order by device_id, month"
        ).fetchall()

    def of_gateways(self) -> list[tuple[Any, ...]]:
        """Key, month, regime, seconds, when, limit, longest, estimated."""
        return self.connection.execute(
            "select transmitter, month::text, regime, worst_s, worst_at, limit_s, longest_ms, estimated"
            " from watch_airtime where gateway_id is not null order by transmitter, month"
        ).fetchall()


@pytest.fixture
def radios(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Radios]:
    monkeypatch.setattr(progress, "STEP", timedelta(days=2))
    made = Radios(database)
    yield made
    made.writer.close()
