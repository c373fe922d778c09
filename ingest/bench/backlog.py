"""Measures how soon fresh readings are stored while a long backlog drains, with the fresh lane and without it.

`python -m ingest.bench.backlog`
"""

import asyncio
import contextlib
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import orjson
import psycopg

from ingest.bench import database as bench_database
from ingest.bench.load import STALL_S, messages, stalled
from ingest.embedded.brokers import Broker, start_broker
from ingest.embedded.ingester import Ingester, start_ingester
from ingest.embedded.postgres import Database, start_postgres
from ingest.embedded.processes import Children, free_port, let_pass
from ingest.simulator.publisher import Publisher
from ingest.store.database import describe
from ingest.store.registry import registry
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument

PROJECT = "disaster"
DEVICES = 200
PER_SECOND = 20
WINDOW = 2_000
HISTORY_MS = 6 * 3_600_000
SERVER_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "8GB", "track_commit_timestamp": "on"}

LATENCIES = """
with old as (
    select min(u.received_at) as first, max(pg_xact_commit_timestamp(u.xmin)) as last, count(*) as count
    from uplink_packed u join device using (device_id) join project using (project_id) where project.code <> %(project)s
), fresh as (
    select extract(epoch from pg_xact_commit_timestamp(u.xmin) - u.time) as s
    from uplink_packed u join device using (device_id) join project using (project_id), old
    where project.code = %(project)s and u.time between old.first and old.last
)
select old.count, extract(epoch from old.last - old.first)::float8, count(s),
       (percentile_cont(array[0.5, 0.99, 1.0]) within group (order by s))::float8[]
from old, fresh group by old.count, old.first, old.last
"""


class Order(NamedTuple):
    """The result of one drain. Latencies: from publishing to COMMIT, of messages published during the drain."""

    backlog: int
    drain_s: float
    fresh: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    lane: bool = False
    duplicates: int = 0

    def figures(self) -> dict[str, object]:
        """The figures by name, for people and JSON."""
        return {
            "lane": "on" if self.lane else "off",
            "backlog_messages": self.backlog,
            "drain_seconds": round(self.drain_s, 2),
            "drain_messages_per_second": round(self.backlog / self.drain_s),
            "fresh_messages": self.fresh,
            "fresh_p50_ms": round(self.p50_ms),
            "fresh_p99_ms": round(self.p99_ms),
            "fresh_max_ms": round(self.max_ms),
            "duplicates": self.duplicates,
        }


async def backlog(count: int, database: str | None, broker: str | None) -> list[dict[str, object]]:
    """Drain `count` queued messages without and with the lane. Servers without a URL are started for it."""
    with TemporaryDirectory(prefix="noroshi-backlog-") as name:
        folder = Path(name)
        let_pass(folder / "postgres")
        children = Children(folder)
        try:
            server = (
                Database("given", database) if database else await start_postgres(folder, children, SERVER_SETTINGS)
            )
            through = Broker("given", broker, "5") if broker else await start_broker(folder, children)
            where = {"broker": described(through), "database": described(server)}
            return [
                (await _drain(count, server.url, through, folder, children, lane=lane)).figures() | where
                for lane in (False, True)
            ]
        finally:
            await children.stop_all()


def described(server: Broker | Database) -> str:
    """The name of a server of ours, or the address of another."""
    return server.name if server.name != "given" else describe(server.url)


async def _drain(count: int, server_url: str, broker: Broker, folder: Path, children: Children, *, lane: bool) -> Order:
    await asyncio.to_thread(bench_database.make, server_url, bench_database.BENCH)
    url = bench_database.database_url(server_url, bench_database.BENCH)
    await asyncio.to_thread(_register, url)
    settings = {"NOROSHI_INTAKE__FRESH_LAG_S": "20" if lane else "0"}
    subscribed = await start_ingester(folder, children, url, broker, free_port(), settings)
    await subscribed.until_ready()
    await subscribed.stop()
    async with Publisher(broker.url, "noroshi-bench") as publisher:
        await publisher.publish_many(messages(count, 0, time.time_ns() // 1_000_000 - HISTORY_MS), WINDOW)
    stop = asyncio.Event()
    flow = asyncio.create_task(_publish_fresh(broker.url, stop))
    service = await start_ingester(folder, children, url, broker, free_port(), settings)
    try:
        await _until(service, count)
        stop.set()
        fresh = await flow
        await _until(service, count + fresh)
        duplicates = int(await service.gauge("messages_duplicate"))
        await service.stop()
    finally:
        flow.cancel()
    found = await asyncio.to_thread(_ask, url)
    await asyncio.to_thread(bench_database.drop, server_url, bench_database.BENCH)
    return found._replace(lane=lane, duplicates=duplicates)


async def _publish_fresh(broker_url: str, stop: asyncio.Event) -> int:
    """Publish an even flow, each message with its time of sending; returns how many."""
    sent, started = 0, time.monotonic()
    async with Publisher(broker_url, "noroshi-bench-fresh") as publisher:
        while not stop.is_set():
            await publisher.publish(
                f"noroshi/v1/{PROJECT}/gauge-{sent % DEVICES:03d}/up",
                orjson.dumps({"ts": time.time_ns() // 1_000_000, "seq": sent, "readings": {"river_level": sent % 7}}),
            )
            sent += 1
            pause_s = started + sent / PER_SECOND - time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), max(pause_s, 0.001))
    return sent


async def _until(service: Ingester, stored: int) -> None:
    """Wait until so many messages are stored. Raises NoroshiError when nothing more comes, or too much."""
    seen, seen_at = -1, time.monotonic()
    while seen < stored:
        now = (await service.counts() or {}).get("messages_stored", 0)
        if now != seen:
            seen, seen_at = now, time.monotonic()
        elif time.monotonic() - seen_at > STALL_S:
            raise stalled(seen, stored)
        await asyncio.sleep(0.1)


def _register(url: str) -> None:
    document = RegistryDocument(
        projects=(Project(code=PROJECT, name="防災"),),
        networks=(Network(code="disaster-net", project=PROJECT, kind=NetworkKind.LPWA, name="防災"),),
        devices=tuple(
            Device(code=f"gauge-{number:03d}", project=PROJECT, network="disaster-net", name=f"水位計{number}")
            for number in range(DEVICES)
        ),
    )
    with psycopg.connect(url) as connection:
        registry.apply(connection, registry.plan(connection, document))
        connection.commit()


def _ask(url: str) -> Order:
    with psycopg.connect(url) as connection:
        row = connection.execute(LATENCIES, {"project": PROJECT}).fetchone()
    assert row is not None  # there was a backlog
    count, drain_s, fresh, latencies_s = row
    p50_s, p99_s, max_s = latencies_s
    return Order(count, drain_s, fresh, 1000 * p50_s, 1000 * p99_s, 1000 * max_s)


@click.command()
@click.option("--messages", type=click.IntRange(1), default=500_000, show_default=True, help="Old messages queued")
@click.option("--broker", help="A broker that is there already: mqtt://…")
@click.option("--database", help="A database server that is there already: postgresql://…")
def main(messages: int, broker: str | None, database: str | None) -> None:
    """Drain a backlog with a fresh flow beside it, without the fresh lane and with it, on this machine, now."""
    for figures in asyncio.run(backlog(messages, database, broker)):
        click.echo(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
