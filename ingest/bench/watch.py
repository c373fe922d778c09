"""Measures how soon a crossing is told, and what watching costs the intake.

Four runs: the same queue is drained with and without watching, in turns; a live load at half of that speed, in which
gauges cross a stage; many gauges that cross at once; and a long backlog that drains while gauges cross. The delay is
from publishing a reading to the arrival of the state at a subscriber of the same broker.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson
import psutil
import psycopg

from ingest.bench import database as bench_database
from ingest.bench.backlog import SERVER_SETTINGS, described
from ingest.bench.load import STALL_S, stalled
from ingest.bench.watch_load import CALM_M, HIGH_M, PROJECT, calm_messages, code_of, gauge_message, watched_registry
from ingest.embedded.brokers import Broker, start_broker
from ingest.embedded.ingester import Ingester, start_ingester
from ingest.embedded.postgres import Database, start_postgres
from ingest.embedded.processes import Children, free_port, let_pass
from ingest.errors import NoroshiError
from ingest.simulator.listener import Heard, Listener
from ingest.simulator.publisher import Publisher
from ingest.store.registry import registry
from schemas.bilingual import Bilingual

WINDOW = 2_000
CROSSINGS_PER_S = 20
LIVE_S = 20.0
STORM = 500
"""So many gauges cross at once."""
ORDER = (False, True, True, False)
"""Whether each drain is watched: what grows with the database falls on both. One before them does not count."""
LEAST_APART_MS = 60_000
"""Each drain has a time of its own, after that of the one before."""
BACKLOG_MS = 6 * 3_600_000
LATE_S = 60.0
"""What has not come so long after the last crossing is called missed."""
FRESH_LAG_S = "20"
EVENTS = f"noroshi/v1/{PROJECT}/watch/events"
"""Where each event is said once. A state may be said again: after a connection all of them are."""


class Delays(NamedTuple):
    """The delays of the crossings of one run, in milliseconds."""

    crossings: int
    missed: int
    doubled: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    def figures(self, name: str) -> dict[str, object]:
        """The figures by name, for people and JSON."""
        return {
            f"{name}_crossings": self.crossings,
            f"{name}_missed": self.missed,
            f"{name}_doubled": self.doubled,
            f"{name}_p50_ms": round(self.p50_ms),
            f"{name}_p99_ms": round(self.p99_ms),
            f"{name}_max_ms": round(self.max_ms),
        }


class Stand(NamedTuple):
    """Where the runs take place."""

    url: str
    broker: Broker
    folder: Path
    children: Children

    async def start(self, *, watching: bool, fresh_lag_s: str = "0") -> Ingester:
        """A service, ready."""
        settings = {"NOROSHI_WATCH__ENABLED": str(watching).lower(), "NOROSHI_INTAKE__FRESH_LAG_S": fresh_lag_s}
        service = await start_ingester(self.folder, self.children, self.url, self.broker, free_port(), settings)
        await service.until_ready()
        return service


async def bench_watch(
    count: int, backlog: int, devices: int, database: str | None, broker: str | None
) -> dict[str, object]:
    """Run it, with servers of its own where no URL is given. Raises NoroshiError if anything is lost."""
    with TemporaryDirectory(prefix="noroshi-watch-") as name:
        folder = Path(name)
        let_pass(folder / "postgres")
        children = Children(folder)
        try:
            server = (
                Database("given", database) if database else await start_postgres(folder, children, SERVER_SETTINGS)
            )
            through = Broker("given", broker, "5") if broker else await start_broker(folder, children)
            made = await asyncio.to_thread(bench_database.make, server.url, bench_database.BENCH)
            url = bench_database.database_url(server.url, bench_database.BENCH)
            await asyncio.to_thread(_register, url, devices)
            stand = Stand(url, through, folder, children)
            figures = await _measure(stand, count, backlog, devices)
            await asyncio.to_thread(bench_database.drop, server.url, bench_database.BENCH)
            where = {"broker": described(through), "database": described(server)}
            return figures | where | {"timescaledb": made.timescaledb_text}
        finally:
            await children.stop_all()


async def _measure(stand: Stand, count: int, backlog: int, devices: int) -> dict[str, object]:
    drains: dict[bool, list[float]] = {False: [], True: []}
    await _drain(stand, count, devices, 0, watching=False)  # into empty tables, which is faster
    for number, watching in enumerate(ORDER, start=1):
        drains[watching].append(await _drain(stand, count, devices, number, watching=watching))
    off, on = (median(drains[watching]) for watching in (False, True))
    live, memory = await _live(stand, devices, on / 2)
    storm = await _storm(stand, devices)
    behind = await _behind_backlog(stand, backlog, devices)
    return {
        "watched_devices": devices,
        "messages": count,
        "messages_per_second_without": round(off),
        "messages_per_second_with": round(on),
        "ratio": round(on / off, 3),
        "live_messages_per_second": round(on / 2),
        **live.figures("live"),
        **storm.figures("storm"),
        "backlog_messages": backlog,
        **behind.figures("backlog"),
        "watcher_rss_mib": round(memory / 2**20, 1),
    }


async def _drain(stand: Stand, count: int, devices: int, number: int, *, watching: bool) -> float:
    """Messages a second: queued while the service is away, then stored."""
    subscribed = await stand.start(watching=watching)
    await subscribed.stop()
    apart_ms = max(LEAST_APART_MS, 1000 * count // devices)
    start_ms = time.time_ns() // 1_000_000 - apart_ms * (len(ORDER) + 1 - number)
    async with Publisher(stand.broker.url, "noroshi-bench") as publisher:
        await publisher.publish_many(calm_messages(count, devices, start_ms, number), WINDOW)
    began_s = time.time()
    service = await stand.start(watching=watching)
    await _until_stored(service, count)
    seconds = await service.gauge("last_commit_timestamp_seconds") - began_s
    if watching:
        await _until_watched(stand.url)
    await service.stop()
    return count / seconds


async def _live(stand: Stand, devices: int, per_second: float) -> tuple[Delays, int]:
    """Publish calm water at this pace, and crossings among it. Also: the memory of the watcher at the end."""
    service = await stand.start(watching=True)
    async with _listening(stand) as listener, Publisher(stand.broker.url, "noroshi-bench-live") as publisher:
        await _first_calm(publisher, devices)
        await _until_stored(service, devices)
        await _until_watched(stand.url)
        half = range(devices // 2)
        sent = await _cross(stand, half, lambda began_s: time.monotonic() - began_s < LIVE_S, publisher, per_second)
        delays = await _delays(sent, listener)
    memory = _watcher_memory(service)
    await service.stop()
    return delays, memory


async def _storm(stand: Stand, devices: int) -> Delays:
    """Many gauges cross their first stage at once, and nothing else comes."""
    service, sent, chance = await stand.start(watching=True), dict[tuple[str, int], float](), Random(9)
    async with _listening(stand) as listener, Publisher(stand.broker.url, "noroshi-bench-storm") as publisher:
        await _first_calm(publisher, devices)
        await _until_stored(service, devices)
        await _until_watched(stand.url)
        now_us = time.time_ns() // 1000

        def crossings() -> Iterator[tuple[str, bytes]]:
            for device in range(min(STORM, devices)):
                sent[code_of(device), now_us // 1000] = time.time()
                yield gauge_message(device, now_us, HIGH_M, chance)

        await publisher.publish_many(crossings(), WINDOW)
        delays = await _delays(sent, listener)
    await service.stop()
    return delays


async def _behind_backlog(stand: Stand, backlog: int, devices: int) -> Delays:
    """Drain a long queue; meanwhile gauges cross a stage."""
    subscribed = await stand.start(watching=True, fresh_lag_s=FRESH_LAG_S)
    await subscribed.stop()
    async with Publisher(stand.broker.url, "noroshi-bench") as publisher:
        start_ms = time.time_ns() // 1_000_000 - BACKLOG_MS
        await publisher.publish_many(calm_messages(backlog, devices, start_ms, 99), WINDOW)
    service = await stand.start(watching=True, fresh_lag_s=FRESH_LAG_S)
    drained = asyncio.create_task(_until_stored(service, backlog))
    async with _listening(stand) as listener:
        sent = await _cross(stand, range(devices // 2, devices), lambda _: not drained.done())
        await drained
        delays = await _delays(sent, listener)
    await service.stop()
    return delays


def _listening(stand: Stand) -> Listener:
    return Listener(stand.broker.url, "noroshi-bench-listener", [f"noroshi/v1/{PROJECT}/watch/+/river", EVENTS])


async def _cross(
    stand: Stand,
    gauges: range,
    going_on: Callable[[float], bool],
    calm: Publisher | None = None,
    calm_per_second: float = 0.0,
) -> dict[tuple[str, int], float]:
    """Let these gauges cross their first stage, one after the other; (gauge, ms of measuring) -> sent at, in seconds.

    Meanwhile `calm` publishes calm water of other gauges at its pace. Each gauge crosses once: the flow ends with the
    last of them.
    """
    chance, sent, calm_sent = Random(7), dict[tuple[str, int], float](), 0
    began_s = time.monotonic()
    async with Publisher(stand.broker.url, "noroshi-bench-crossings") as publisher:
        while going_on(began_s) and len(sent) < len(gauges):
            passed_s = time.monotonic() - began_s
            if len(sent) < passed_s * CROSSINGS_PER_S:
                device, now_us = gauges[len(sent)], time.time_ns() // 1000
                sent[code_of(device), now_us // 1000] = time.time()
                await publisher.publish(*gauge_message(device, now_us, HIGH_M, chance))
            if calm is not None and (due := round(passed_s * calm_per_second) - calm_sent) > 0:
                await calm.publish_many(_calm_now(calm_sent, due, gauges.stop, chance), WINDOW)
                calm_sent += due
            await asyncio.sleep(0.001)
    return sent


def _calm_now(first: int, count: int, half: int, chance: Random) -> Iterator[tuple[str, bytes]]:
    """Calm water of the second half of the gauges: the first half crosses stages."""
    for number in range(first, first + count):
        yield gauge_message(half + number % half, time.time_ns() // 1000, CALM_M, chance)


async def _first_calm(publisher: Publisher, devices: int) -> None:
    """Every gauge measures calm water once, so that the watch knows each of them."""
    chance, now_us = Random(5), time.time_ns() // 1000
    await publisher.publish_many((gauge_message(n, now_us, CALM_M, chance) for n in range(devices)), WINDOW)


async def _delays(sent: dict[tuple[str, int], float], listener: Listener) -> Delays:
    """Wait for what is still to come, and compare. Raises NoroshiError if nothing came at all."""
    until_s = time.monotonic() + LATE_S
    while time.monotonic() < until_s and sent.keys() - map(_key_of, listener.heard):  # noqa: ASYNC110  as many as come
        await asyncio.sleep(0.2)
    arrived: dict[tuple[str, int], list[float]] = {}
    for heard in listener.heard:
        key = _key_of(heard)
        if key in sent:
            arrived.setdefault(key, []).append(heard.at_s)
    waits_ms = [1000 * (min(times) - sent[key]) for key, times in arrived.items()]
    if len(waits_ms) < 2:
        raise NoroshiError(
            Bilingual(
                f"{len(sent)} 回の到達のうち {len(waits_ms)} 回だけが届きました",
                f"of {len(sent)} crossings {len(waits_ms)} were told",
            )
        )
    cuts = quantiles(waits_ms, n=100, method="inclusive")
    said = Counter(orjson.loads(heard.payload)["event"] for heard in listener.heard if heard.topic == EVENTS)
    doubled = said.total() - len(said)
    return Delays(len(sent), len(sent) - len(arrived), doubled, cuts[49], cuts[98], max(waits_ms))


def _key_of(heard: Heard) -> tuple[str, int]:
    """The gauge and the millisecond of measuring that a state is about; a cleared state is about nothing."""
    state = orjson.loads(heard.payload) if heard.payload and heard.topic != EVENTS else {}
    moments = [str(each["at"]) for each in state.get("incidents", ())]
    return (str(state["thing"]), _ms_of(moments[0])) if moments else ("", 0)


def _ms_of(moment: str) -> int:
    with contextlib.suppress(ValueError):
        return round(datetime.fromisoformat(moment).timestamp() * 1000)
    return 0


async def _until_stored(service: Ingester, count: int) -> None:
    seen, seen_at = -1.0, time.monotonic()
    while seen < count:
        counts = await service.counts() or {}
        now = float(counts.get("messages_stored", 0))
        if now != seen:
            seen, seen_at = now, time.monotonic()
        elif time.monotonic() - seen_at > STALL_S:
            raise stalled(int(seen), count)
        await asyncio.sleep(0.2)


async def _until_watched(url: str) -> None:
    """Wait until the watch has looked at everything that was stored, and has told what came of it."""
    seen, seen_at = -1, time.monotonic()
    while (now := await asyncio.to_thread(_left, url)) > 0:
        if now != seen:
            seen, seen_at = now, time.monotonic()
        elif time.monotonic() - seen_at > STALL_S:
            raise NoroshiError(
                Bilingual(
                    f"監視が進みません: 残り {now}", f"the watch does not go on: {now} notes and messages are left"
                )
            )
        await asyncio.sleep(0.2)


def _left(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select (select count(*) from watch_note) + (select count(*) from watch_delivery"
            " where delivered_at is null and given_up_at is null and doubt_at is null and withheld = '')"
        ).fetchone()
    assert row is not None  # an aggregate answers one row
    return int(row[0])


def _watcher_memory(service: Ingester) -> int:
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(service.child.process.pid).children(recursive=True):
            if "ingest.watch" in child.cmdline():
                return int(child.memory_info().rss)
    return 0


def _register(url: str, devices: int) -> None:
    with psycopg.connect(url) as connection:
        registry.apply(connection, registry.plan(connection, watched_registry(devices)))
        connection.commit()
