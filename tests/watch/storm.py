"""What a storm costs the watch until all of it is stored: `python -m tests.watch.storm`.

A batch of crossings with what is queued of them, and the first looks at a fleet that is silent, near its limits, or
so noisy that each of its series is to be judged.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from ingest.store.rollup import rollup
from ingest.watch.airtime.look import look as look_at_airtime
from ingest.watch.engine.keep import keep_events
from ingest.watch.quality.look import look as look_at_quality
from ingest.watch.rules import Rules
from ingest.watch.silence.look import look as look_at_silence
from tests.figures.field import Field
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.watch.delivery.valley import NOON, Valley

CROSSINGS, SILENT, HEARD, TRANSMITTERS = 1_000, 4_500, 5_500, 2_000
BLIND, RAIN = 500, 30
"""Gauges, and how many of them are rain gauges: three in each area."""
NOISY, MEASURED = 10_000, 60
"""Gauges of whose quality something is to be said, and how often each of them has measured."""
NOISE = "round((1 + 0.6 * (random() + random() + random() + random() - 2) * sqrt(3))::numeric, 3)"
"""Metres: about 1, with a deviation of 0.6."""


@contextmanager
def told(what: str) -> Iterator[None]:
    """Print how long it took: by the clock, and of it on this side of the connection."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    yield
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    sys.stdout.write(f"{what:<58} {took_s:7.2f} s, CPU of the watcher {cpu_s:5.2f} s\n")
    sys.stdout.flush()


def measure_crossings(database: Database) -> None:
    """Each gauge reaches a stage in one batch, and is well again in another."""
    valley = Valley(database, gauges=CROSSINGS)
    for ranks, minute in (((0, 2), 0), ((2, 3), 5), ((3, 0), 30)):
        at = NOON + timedelta(minutes=minute)
        events = [
            valley.event(ranks, at + timedelta(milliseconds=gauge), gauge=gauge) for gauge in range(CROSSINGS)
        ]  # fmt: skip
        with told(f"{CROSSINGS:,} crossings {ranks[0]} -> {ranks[1]}"):
            valley.keep(*events, now=at + timedelta(seconds=2))


def fleet(connection: psycopg.Connection[Any], devices: int, regime: str | None) -> Field:
    """Devices of the project of a field, without gateways."""
    field = Field(connection)
    connection.execute(
        "insert into device (project_id, code, network_id, name, interval_s, airtime_regime)"
        " select %(project)s, 's-' || n, network_id, 's-' || n, 600, %(regime)s"
        " from network, generate_series(1, %(devices)s) n where code = 'lora'",
        {"project": field.project_id, "devices": devices, "regime": regime},
    )
    return field


def speak(connection: psycopg.Connection[Any], devices: str, starts: datetime, count: int) -> None:
    """A message of 1.5 s every ten minutes from each of the devices that the condition names."""
    connection.execute(
        "insert into uplink (time, received_at, message_id, counter, device_id, payload_bytes, kind, offered, refused,"
        " airtime_ms) select at, at, k, k, device_id, 20, 0, 0, 0, 1500"
        " from device, generate_series(1, %(count)s) k, lateral (select %(starts)s + k * interval '10 minutes'"
        f" + device_id * interval '10 ms' as at) t where {devices}".encode(),
        {"starts": starts, "count": count},
    )
    connection.execute("analyze")


def measure_silence(database: Database) -> None:
    """Most of a fleet stopped hours ago; nobody looked until now."""
    connection, now = database.connect(), datetime.now(UTC)
    fleet(connection, SILENT + HEARD, None)
    speak(connection, f"substr(code, 3)::int <= {SILENT}", now - timedelta(hours=8), 12)
    speak(connection, f"substr(code, 3)::int > {SILENT}", now - timedelta(hours=2, minutes=5), 12)
    looked(database, "look at silence", look_at_silence, now)


def measure_blindness(database: Database) -> None:
    """Gauges of two intervals were not heard for an hour, and it pours: 30 mm within the hour at the rain gauges."""
    connection, now = database.connect(), datetime.now(UTC)
    fleet(connection, BLIND, None)
    connection.execute(
        "update device set area = 'area ' || substr(code, 3)::int %% %(areas)s, calm_interval_s = case when"
        " substr(code, 3)::int > %(rain)s then 86400 end, active_level_m = case when substr(code, 3)::int > %(rain)s"
        " then 1 end",
        {"areas": RAIN // 3, "rain": RAIN},
    )
    speak(connection, f"substr(code, 3)::int <= {RAIN}", now - timedelta(hours=4, minutes=1), 24)
    speak(connection, f"substr(code, 3)::int > {RAIN}", now - timedelta(hours=2, minutes=30), 6)
    connection.execute(
        "insert into reading (time, value, device_id, quantity_id, channel) select u.time, 5, u.device_id,"
        " q.quantity_id, 0 from uplink u join device d using (device_id), quantity q"
        " where d.calm_interval_s is null and q.code = 'rain_amount'"
    )
    rollup.keep(connection, now=now)
    looked(database, "look at blindness", look_at_silence, now)


def measure_airtime(database: Database) -> None:
    """A fleet that was never looked at."""
    connection, now = database.connect(), datetime.now(UTC)
    fleet(connection, TRANSMITTERS, "D")
    speak(connection, "true", now - timedelta(hours=36), 36 * 6)
    rollup.keep(connection, now=now)
    looked(database, "look at transmitting time", look_at_airtime, now)


def measure_noise(database: Database) -> None:
    """A minute of a fleet that measures each second. One value in twelve stands out."""
    connection, now = database.connect(), datetime.now(UTC)
    fleet(connection, NOISY, None)
    measure(connection, "river_level", NOISE, now - timedelta(seconds=MEASURED), timedelta(seconds=1))
    looked(database, "look at the quality of noise", look_at_quality, now)


def measure_standing(database: Database) -> None:
    """A fleet of barometers that have stood still for two days and a half."""
    connection, now = database.connect(), datetime.now(UTC)
    fleet(connection, NOISY, None)
    measure(connection, "air_pressure", "1000", now - timedelta(hours=MEASURED), timedelta(hours=1))
    rollup.keep(connection, now=now)
    looked(database, "look at the quality of what stands still", look_at_quality, now)


def measure(connection: psycopg.Connection[Any], quantity: str, value: str, starts: datetime, every: timedelta) -> None:
    """Readings of every device. `value`: of each of them, in SQL."""
    connection.execute("select setseed(0.4)")
    connection.execute(
        "insert into reading (time, value, device_id, quantity_id, channel) select %(starts)s + k * %(every)s,"
        f" {value}, device_id, quantity_id, 0 from device, quantity, generate_series(0, %(count)s - 1) k"
        " where quantity.code = %(quantity)s".encode(),
        {"starts": starts, "every": every, "count": MEASURED, "quantity": quantity},
    )
    connection.execute("analyze")


def looked(database: Database, what: str, look: Callable[..., Any], now: datetime) -> None:
    """Look twice; what was noticed is stored."""
    connection = database.connect()
    for turn in ("first", "second"):
        with told(f"{turn} {what}"), connection.transaction():
            with told(f"  {turn} {what}: the look"):
                events = look(connection, Rules(), now)
            keep_events(connection, events, now)
        sys.stdout.write(f"  {len(events)} events\n")
        now += timedelta(seconds=30)


CASES = (measure_crossings, measure_silence, measure_blindness, measure_airtime, measure_noise, measure_standing)


def main() -> None:
    """Print what was measured."""
    servers = Servers()
    try:
        for case in CASES:
            database = fresh_database(servers.get(sys.argv[1] if len(sys.argv) > 1 else FIRST))
            case(database)
            database.drop()
    finally:
        servers.discard()


if __name__ == "__main__":
    main()
