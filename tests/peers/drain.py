"""The same queue, drained by Noroshi and by a peer, on this machine: `python -m tests.peers.drain --messages 100000`.

Both keep a persistent session, acknowledge after the write and use one machine with broker and database.
Telegraf writes one wide row a message and refuses no duplicates; Noroshi one row a message and one a reading,
each once, judged against a registry. The figures are printed side by side; they decide nothing here.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import psutil
import psycopg

from ingest.bench import database as bench_database
from ingest.bench.bench import bench
from ingest.bench.load import messages
from ingest.embedded.brokers import Broker, start_broker
from ingest.embedded.postgres import start_postgres
from ingest.embedded.processes import DID_NOT_START, Child, Children
from ingest.simulator.publisher import Publisher
from tests.peers import telegraf

STALL_S = 30.0


class Drained(NamedTuple):
    """What a contender did. `rows`: in its table of messages; more than were published are duplicates."""

    seconds: float
    rows: int
    cpu_us_per_message: float


async def drain_by_telegraf(count: int) -> Drained:
    """Let Telegraf subscribe, take it away, queue `count` messages, let it come back."""
    with TemporaryDirectory(prefix="noroshi-peer-") as name:
        folder = Path(name)
        children = Children(folder)
        try:
            server = await start_postgres(folder, children, {"shared_buffers": "1GB", "max_wal_size": "8GB"})
            broker = await start_broker(folder, children, "mosquitto")
            await asyncio.to_thread(bench_database.make, server.url, bench_database.BENCH)
            url = bench_database.database_url(server.url, bench_database.BENCH)
            command = telegraf.command(folder, broker.url, url)
            first = await children.start("telegraf", command, folder / "telegraf.log")
            await _subscribed(broker, url, first)
            await first.stop()
            async with Publisher(broker.url, "noroshi-peer") as publisher:
                await publisher.publish_many(messages(count, 1, time.time_ns() // 1_000_000 - 3_600_000))
            started = time.time()
            child = await children.start("telegraf", command, folder / "telegraf.log")
            rows = await _until(lambda: _rows(url), count + 1, child)
            seconds = time.time() - started
            times = psutil.Process(child.process.pid).cpu_times()
            return Drained(seconds, rows - 1, (times.user + times.system) * 1e6 / count)
        finally:
            await children.stop_all()


async def _subscribed(broker: Broker, url: str, child: Child) -> None:
    """Until a message published now reaches its table: then its session stands."""
    async with Publisher(broker.url, "noroshi-peer") as publisher:
        while child.running and await asyncio.to_thread(_rows, url) == 0:
            (message,) = messages(1, 0, time.time_ns() // 1_000_000)
            if await asyncio.to_thread(_has_session, broker):
                await publisher.publish(*message)
                await _until(lambda: _rows(url), 1, child)
            await asyncio.sleep(0.2)
    if not child.running:
        raise child.failure(DID_NOT_START)


def _has_session(broker: Broker) -> bool:
    """A second is enough for a subscription on loopback; there is no way to ask the broker."""
    del broker
    time.sleep(1.5)
    return True


async def _until(rows: Callable[[], int], wanted: int, child: Child) -> int:
    """Wait for `wanted` rows, or until nothing comes any more."""
    seen, seen_at = -1, time.monotonic()
    while True:
        now = await asyncio.to_thread(rows)
        if now >= wanted or not child.running:
            return now
        if now != seen:
            seen, seen_at = now, time.monotonic()
        elif time.monotonic() - seen_at > STALL_S:
            return now
        await asyncio.sleep(0.1)


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        if connection.execute("select to_regclass(%s)", (telegraf.TABLE,)).fetchone() == (None,):
            return 0
        row = connection.execute(f"select count(*) from {telegraf.TABLE}").fetchone()
        return int(row[0]) if row else 0


def main() -> None:
    """Print both columns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    count: int = parser.parse_args().messages
    ours = asyncio.run(bench(count, None, None))
    print(f"{'':<26}{'noroshi':>14}{'telegraf':>14}")
    if telegraf.program() is None:
        print("telegraf is not on the PATH: only our own column is measured")
    theirs = None if telegraf.program() is None else asyncio.run(drain_by_telegraf(count))
    rows: list[tuple[str, object, object]] = [
        ("messages/s", ours["messages_per_second"], theirs and round(count / theirs.seconds)),
        ("rows in the message table", ours["messages"], theirs and theirs.rows),
        ("rows in all", count * 5, theirs and theirs.rows),
        ("CPU µs per message", ours["ingester_cpu_us_per_message"], theirs and round(theirs.cpu_us_per_message, 1)),
    ]
    for name, mine, other in rows:
        print(f"{name:<26}{mine!s:>14}{'-' if other is None else other!s:>14}")


if __name__ == "__main__":
    main()
