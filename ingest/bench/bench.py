"""Measures how much this machine can store: a drain, a live run, and plain COPY of the same rows."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil

from ingest.bench import copy as bench_copy
from ingest.bench import database as bench_database
from ingest.bench.load import READINGS, STALL_S, message, messages, stalled
from ingest.embedded.brokers import Broker, start_broker
from ingest.embedded.ingester import Ingester, start_ingester
from ingest.embedded.postgres import Database, start_postgres
from ingest.embedded.processes import Children, free_port, let_pass
from ingest.errors import CallRefused, NoroshiError
from ingest.settings.model import load
from ingest.simulator.publisher import Publisher
from ingest.store.database import describe
from schemas.bilingual import Bilingual

WINDOW = 2_000
HISTORY_MS = 3_600_000
SERVERS = ("PostgreSQL", "Mosquitto")

_SERVER_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "track_commit_timestamp": "on"}


class Drain(NamedTuple):
    """The result of emptying the broker's queue."""

    messages: int
    seconds: float
    cpu_us_per_message: float
    database_cpu_us_per_message: float
    broker_cpu_us_per_message: float
    rss_mib: float


class Live(NamedTuple):
    """The result of publishing at full speed, and at half of that."""

    messages_per_second: float
    p50_ms: float | None
    p99_ms: float | None


async def bench(count: int, database: str | None, broker: str | None, workers: int = 1) -> dict[str, object]:
    """Run the benchmark. Servers without a URL are started for it. Raises NoroshiError if anything is lost."""
    with TemporaryDirectory(prefix="noroshi-bench-") as name:
        folder = Path(name)
        let_pass(folder / "postgres")
        children = Children(folder)
        try:
            server = (
                Database("given", database) if database else await start_postgres(folder, children, _SERVER_SETTINGS)
            )
            through = Broker("given", broker, "5") if broker else await start_broker(folder, children)
            if through.protocol != "5":
                raise CallRefused(
                    Bilingual(
                        "計測には MQTT 5 のブローカーが要ります。mosquitto を入れるか --broker を書いてください",
                        "the bench needs a broker that speaks MQTT 5: install mosquitto, or give --broker",
                    )
                )
            return await _measure(count, server, through, folder, children, workers)
        finally:
            await children.stop_all()


async def _measure(
    count: int, server: Database, broker: Broker, folder: Path, children: Children, workers: int
) -> dict[str, object]:
    made = await asyncio.to_thread(bench_database.make, server.url, bench_database.BENCH)
    url = bench_database.database_url(server.url, bench_database.BENCH)
    start_ms = time.time_ns() // 1_000_000 - HISTORY_MS
    drain = await _drain(count, url, broker, folder, children, start_ms, workers)
    live = await _live(count, url, broker, folder, children, workers)
    copied = await asyncio.to_thread(_copy, count, server.url, start_ms)
    await asyncio.to_thread(bench_database.drop, server.url, bench_database.BENCH)
    per_second = drain.messages / drain.seconds
    return {
        "workers": workers,
        "messages": drain.messages,
        "readings": drain.messages * READINGS,
        "seconds": round(drain.seconds, 3),
        "messages_per_second": round(per_second),
        "readings_per_second": round(per_second * READINGS),
        "live_messages_per_second": round(live.messages_per_second),
        "ingester_cpu_us_per_message": round(drain.cpu_us_per_message, 2),
        "database_cpu_us_per_message": round(drain.database_cpu_us_per_message, 2),
        "broker_cpu_us_per_message": round(drain.broker_cpu_us_per_message, 2),
        "copy_rows_per_second": round(copied),
        "ratio_to_copy": round(per_second * (READINGS + 1) / copied, 3),
        "p50_ms": None if live.p50_ms is None else round(live.p50_ms, 1),
        "p99_ms": None if live.p99_ms is None else round(live.p99_ms, 1),
        "rss_mib": round(drain.rss_mib, 1),
        "broker": broker.name if broker.name != "given" else describe(broker.url),
        "database": server.name if server.name != "given" else describe(server.url),
        "timescaledb": made.timescaledb_text,
    }


async def _drain(
    count: int, url: str, broker: Broker, folder: Path, children: Children, start_ms: int, workers: int
) -> Drain:
    """Queue `count` messages while the service is away, then start it."""
    subscribed = await _start(url, broker, folder, children, workers)
    idle_s = _cpu_s(psutil.Process(subscribed.child.process.pid))  # CPU time of the start alone
    await subscribed.stop()
    async with Publisher(broker.url, "noroshi-bench") as publisher:
        await publisher.publish_many(messages(count, 0, start_ms), WINDOW)
    before = [children.cpu_s(name) for name in SERVERS]
    service = await _start(url, broker, folder, children, workers)
    process = psutil.Process(service.child.process.pid)
    peak = await _until_stored(service, count, process)
    spent_s = _cpu_s(process) - idle_s
    database, broker_ = [(children.cpu_s(name) - was) * 1e6 / count for name, was in zip(SERVERS, before, strict=True)]
    finished_s = await _last_commit_s(service)
    await service.stop()
    seconds = finished_s - await asyncio.to_thread(bench_database.first_receipt_s, url)
    return Drain(count, seconds, spent_s * 1e6 / count, database, broker_, peak / 2**20)


async def _live(count: int, url: str, broker: Broker, folder: Path, children: Children, workers: int) -> Live:
    """Publish at full speed while the service stores, then at half of what it carried, to see the latency."""
    service = await _start(url, broker, folder, children, workers)
    process = psutil.Process(service.child.process.pid)
    async with Publisher(broker.url, "noroshi-bench") as publisher:
        started = time.time()
        now_ms = time.time_ns() // 1_000_000
        await publisher.publish_many(messages(count, count, now_ms - HISTORY_MS // 2, seed=2), WINDOW)
        await _until_stored(service, count, process)
        rate = count / (await _last_commit_s(service) - started)
        paced_from_ms = time.time_ns() // 1_000_000
        paced = await _publish_paced(publisher, count, rate / 2)
        await _until_stored(service, count + paced, process)
    await service.stop()
    latency = await asyncio.to_thread(bench_database.commit_latency_ms, url, paced_from_ms)
    return Live(rate, *(latency or (None, None)))


async def _publish_paced(publisher: Publisher, count: int, per_second: float) -> int:
    """Publish at an even pace for at most ten seconds, each message with its time of sending."""
    total = min(count, round(per_second * 10))
    chance = Random(3)
    started, sent = time.monotonic(), 0

    def due() -> Iterator[tuple[str, bytes]]:
        nonlocal sent
        while sent < min(total, round((time.monotonic() - started) * per_second)):
            yield message(10 * count + sent, time.time_ns() // 1_000_000, chance)
            sent += 1

    while sent < total:
        await publisher.publish_many(due(), WINDOW)
        await asyncio.sleep(0.001)
    return sent


async def _start(url: str, broker: Broker, folder: Path, children: Children, workers: int) -> Ingester:
    service = await start_ingester(folder, children, url, broker, free_port(), workers=workers)
    await service.until_ready()
    return service


async def _until_stored(service: Ingester, count: int, process: psutil.Process) -> int:
    """Wait until `count` messages are settled; returns the peak of the resident memory in bytes, of one process."""
    peak, seen, seen_at = 0, -1, time.monotonic()
    while True:
        counts = await service.counts() or {}
        with contextlib.suppress(psutil.NoSuchProcess):
            peak = max(peak, *(member.memory_info().rss for member in _family(process)))
        settled = sum(counts.get(f"messages_{what}", 0) for what in ("stored", "duplicate", "quarantined"))
        if settled >= count:
            if counts["messages_stored"] != count:
                stored = counts["messages_stored"]
                raise NoroshiError(
                    Bilingual(
                        f"{count} 通のうち {stored} 通だけが保存されました: {counts}",
                        f"of {count} messages {stored} were stored: {counts}",
                    )
                )
            return peak
        if settled != seen:
            seen, seen_at = settled, time.monotonic()
        elif time.monotonic() - seen_at > STALL_S:
            raise stalled(settled, count)
        await asyncio.sleep(0.2)


def _family(process: psutil.Process) -> list[psutil.Process]:
    """The service and its workers, without the process of the pages: its cost depends on visitors, not on messages."""
    return [process, *(child for child in process.children() if "ingest.webserver" not in child.cmdline())]


def _cpu_s(process: psutil.Process) -> float:
    return sum(spent.user + spent.system for spent in (one.cpu_times() for one in _family(process)))


async def _last_commit_s(service: Ingester) -> float:
    return await service.gauge("last_commit_timestamp_seconds")


def _copy(count: int, server_url: str, start_ms: int) -> float:
    bench_database.make(server_url, bench_database.COPY)
    settings = load({"database": {"url": bench_database.database_url(server_url, bench_database.COPY)}})
    rows = bench_copy.rows_per_second(settings, list(messages(count, 0, start_ms)), time.time_ns() // 1000)
    bench_database.drop(server_url, bench_database.COPY)
    return rows
