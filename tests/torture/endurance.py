"""Memory at full speed, and with the database away: `python -m tests.torture.endurance --minutes 10`."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from ingest.bench import database as bench_database
from ingest.bench.load import DEVICES, messages
from ingest.embedded.brokers import start_broker
from ingest.embedded.ingester import Ingester, start_ingester
from ingest.embedded.postgres import start_postgres
from ingest.embedded.processes import Children, free_port
from ingest.simulator.publisher import Publisher

AWAY_S = 60
SETTLED_AFTER_S = 30
BURST = 20_000
AHEAD = 100_000


def publish(url: str, until_s: float, stored: Synchronized[int]) -> None:
    """A process of its own: as fast as the service stores, and a little ahead of it, so that it never rests."""

    async def run() -> None:
        async with Publisher(url, "endurance") as publisher:
            first = 0
            while time.time() < until_s:
                if first > stored.value + AHEAD:
                    await asyncio.sleep(0.05)
                    continue
                start_ms = time.time_ns() // 1_000_000 - 1000 * (first // DEVICES) - 20_000
                await publisher.publish_many(messages(BURST, first, start_ms, seed=first))
                first += BURST

    asyncio.run(run())


async def endure(minutes: float) -> None:
    """Full speed for so long, then the database away for a minute, then its return."""
    with TemporaryDirectory(prefix="noroshi-endurance-") as name:
        folder = Path(name)
        children = Children(folder)
        try:
            server = await start_postgres(folder, children, {"shared_buffers": "1GB", "max_wal_size": "8GB"})
            broker = await start_broker(folder, children, "mosquitto")
            await asyncio.to_thread(bench_database.make, server.url, bench_database.BENCH)
            url = bench_database.database_url(server.url, bench_database.BENCH)
            service = await start_ingester(folder, children, url, broker, free_port())
            await service.until_ready()
            process = psutil.Process(service.child.process.pid)
            until_s = time.time() + minutes * 60 + AWAY_S
            spawn = multiprocessing.get_context("spawn")
            stored = spawn.Value("q", 0)
            sender = spawn.Process(target=publish, args=(broker.url, until_s, stored))
            sender.start()
            await _watch("full speed", process, service, stored, minutes * 60)
            postgres = _postgres()
            postgres.suspend()
            for child in postgres.children(recursive=True):
                child.suspend()
            await _watch("database frozen", process, service, stored, AWAY_S)
            for child in (*postgres.children(recursive=True), postgres):
                child.resume()
            await asyncio.to_thread(sender.join)
            await _watch("after its return", process, service, stored, AWAY_S / 2)
            print({key: value for key, value in (await service.counts() or {}).items() if key.startswith("messages")})
        finally:
            await children.stop_all()


def _postgres() -> psutil.Process:
    return next(
        process
        for process in psutil.Process().children(recursive=True)
        if process.name() == "postgres" and process.parent() == psutil.Process()
    )


async def _watch(
    phase: str, process: psutil.Process, service: Ingester, stored: Synchronized[int], seconds: float
) -> None:
    """Print the resident memory of the phase: at its start (once settled), at its end, and at most."""
    began, seen = time.monotonic(), list[float]()
    while time.monotonic() - began < seconds:
        await asyncio.sleep(0.5)
        stored.value = (await service.counts() or {}).get("messages_stored", stored.value)
        seen.append(process.memory_info().rss / 2**20)
    settled = seen[min(SETTLED_AFTER_S, len(seen) // 3) :]
    print(
        f"{phase:<20} MiB: {settled[0]:.1f} at first, {settled[-1]:.1f} at the end, {max(seen):.1f} at most", flush=True
    )


def main() -> None:
    """Print what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    asyncio.run(endure(parser.parse_args().minutes))


if __name__ == "__main__":
    main()
