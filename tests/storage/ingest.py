"""What the store takes: live messages into an empty and a full database, and a backfill into old chunks beside them."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from statistics import quantiles
from typing import NamedTuple

import orjson
import psycopg

from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings, Settings
from ingest.store.batch.writer import Writer
from ingest.store.registry.registry import load_directory
from tests.storage.pieces import batched

BATCH = 4_000
LIVE_BATCH = 100
LIVE_EVERY_S = 0.1

Message = tuple[str, bytes]


class Latency(NamedTuple):
    """Of writing a small batch, in milliseconds."""

    p50_ms: float
    p99_ms: float


def message(project: str, device: str, at: datetime, number: int, chance: Random) -> Message:
    """Five readings and a link record, as `load.py` makes them for a weather station."""
    body = {
        "ts": at.isoformat(timespec="milliseconds"),
        "seq": number,
        "readings": {
            "soil_moisture": round(30 + chance.random(), 1),
            "soil_temperature": round(15 + chance.random(), 1),
            "air_temperature": round(14 + chance.random(), 2),
            "air_humidity": round(70 + chance.random(), 1),
            "battery_voltage": round(3.6 + chance.random() / 100, 3),
        },
        "link": {"rssi": -100 + number % 30, "snr": round(chance.uniform(-5, 9), 1)},
    }
    return f"noroshi/v1/{project}/{device}/up", orjson.dumps(body)


def live(project: str, devices: Sequence[str], count: int, until: datetime) -> Iterator[Message]:
    """So many messages, all devices in turn, the last of them at `until`."""
    chance = Random(1)
    for number in range(count):
        at = until - timedelta(seconds=(count - number) // len(devices))
        yield message(project, devices[number % len(devices)], at, number // len(devices), chance)


def backfill(project: str, devices: Sequence[str], since: datetime, days: int) -> Iterator[Message]:
    """What loggers kept: device after device, every ten minutes."""
    chance = Random(2)
    for device in devices:
        for number in range(days * 144):
            yield message(project, device, since + timedelta(minutes=10 * number), number, chance)


def interpreted(url: str, messages: Sequence[Message]) -> list[MessageRows]:
    """The messages as the path has them when they come to the store."""
    with psycopg.connect(url) as connection:
        interpreter = build_interpreter(Settings(), load_directory(connection), FirstReceipts())
    now_us = time.time_ns() // 1000
    return [interpreter.interpret(Received(topic, payload, now_us + n)) for n, (topic, payload) in enumerate(messages)]


def write(url: str, messages: Iterator[Message], name: str = "bench/1") -> tuple[int, float]:
    """Write them all, batch by batch; how many readings were stored, and the seconds the writing alone took."""
    writer = Writer(DatabaseSettings(url=url), name, name.partition("/")[0])
    stored, spent_s = 0, 0.0
    for some in batched(messages, BATCH * 5):
        ready = interpreted(url, some)
        started = time.perf_counter()
        for batch in batched(ready, BATCH):
            stored += writer.write(batch).total.readings_stored
        spent_s += time.perf_counter() - started
    writer.close()
    return stored, spent_s


def latency(url: str, project: str, devices: Sequence[str], seconds: float) -> Latency:
    """Small live batches, ten a second."""
    writer = Writer(DatabaseSettings(url=url), "live/1", "live")
    taken_ms: list[float] = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        now = datetime.now().astimezone()
        batch = interpreted(url, list(live(project, devices[:LIVE_BATCH], LIVE_BATCH, now)))
        started = time.perf_counter()
        writer.write(batch)
        taken_ms.append((time.perf_counter() - started) * 1000)
        time.sleep(LIVE_EVERY_S)
    writer.close()
    cuts = quantiles(taken_ms, n=100)
    return Latency(cuts[49], cuts[98])


def latency_beside_backfill(
    url: str, project: str, devices: Sequence[str], late: Iterator[Message]
) -> tuple[Latency, int, float]:
    """The same while another process backfills; and what that came to."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        running = pool.apply_async(_backfill, (url, list(late)))
        samples: list[Latency] = []
        while not running.ready():
            samples.append(latency(url, project, devices, 15))
        stored, spent_s = running.get()
    worst = max(samples, key=lambda one: one.p99_ms)
    return worst, stored, spent_s


def _backfill(url: str, late: list[Message]) -> tuple[int, float]:
    return write(url, iter(late), "backfill/1")
