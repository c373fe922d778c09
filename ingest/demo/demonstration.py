"""`noroshi demo` from start to end: servers, registry, service and field, then stopping them, and the account."""

import asyncio
import os
import sys
import time
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from ingest.access.authority import By
from ingest.demo.accounts import OPERATOR, Accounts, make_accounts
from ingest.demo.progress import Progress, Snapshot
from ingest.demo.run import FieldRun, Phase
from ingest.demo.signposts import Signposts
from ingest.demo.verdict import Verdict
from ingest.demo.watching import watch_documents
from ingest.demo.year.past import past_of
from ingest.embedded.brokers import Broker, BrokerKind, start_broker
from ingest.embedded.ingester import Ingester, start_ingester
from ingest.embedded.memory import owned, recall, remember
from ingest.embedded.postgres import Database, start_postgres
from ingest.embedded.processes import Children, free_port, is_free
from ingest.embedded.stop import Stop
from ingest.errors import NoroshiError
from ingest.settings.model import DatabaseSettings, Settings
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import registry_document
from ingest.simulator.line import open_line
from ingest.simulator.town import build_town
from ingest.simulator.weather import DAY_S
from ingest.store.database import connect, describe
from ingest.store.registry import registry as registry_store
from ingest.store.schema import migrate
from ingest.watch.document.read import read_text
from ingest.watch.document.versions import apply as apply_watch
from schemas.bilingual import Bilingual

DEFAULT_DEVICES = 200
DEFAULT_PORT = 8080
SHORTEST_HISTORY_S = 20 * 60.0
DRAIN_DEADLINE_S = 90.0
GATEWAY_DIES_AFTER_S = 90.0


@dataclass(frozen=True)
class Wish:
    """The options of the call. `seconds` None: until Ctrl-C. `devices` None: as many as last time."""

    folder: Path
    seconds: float | None = None
    devices: int | None = None
    port: int | None = None
    browser: bool = True
    embedded_broker: BrokerKind | None = None
    settings: Settings = field(default_factory=Settings)
    own_broker: bool = True
    own_database: bool = True


async def demonstrate(wish: Wish, console: Console) -> Verdict:
    """Run the demonstration; returns the account. Raises NoroshiError if something did not start or died.

    All servers are stopped in order in any case. Ctrl-C ends the field, a second one the waiting.
    """
    with owned(wish.folder), Stop() as stop:
        children = Children(wish.folder)
        for name in await children.end_leftovers():
            console.print(
                str(
                    Bilingual(
                        f"前回の異常終了で残っていた {name} を止めました",
                        f"stopped {name}, which a killed run had left",
                    )
                ),
                soft_wrap=True,
            )
        try:
            return await _Demonstration(wish, console, children, stop).run()
        finally:
            await children.stop_all()


class _Demonstration:
    def __init__(self, wish: Wish, console: Console, children: Children, stop: Stop) -> None:
        self.wish = wish
        self.console = console
        self.children = children
        self.stop = stop
        self.memory = recall(wish.folder, wish.devices, time.time(), DEFAULT_DEVICES)
        counters = self.memory.counters if self.memory.clean else None
        plan = FieldPlan(self.memory.devices, self.memory.seed, self.memory.anchor_s)
        self.field = Field(plan, time.time(), counters)
        self.accounts: Accounts | None = None

    async def run(self) -> Verdict:
        count, folder = self.memory.devices, self.wish.folder
        begins = Bilingual(
            f"狼煙: {count} 台の模擬機器を起動します (データ: {folder})",
            f"Noroshi: {count} simulated devices are starting (data: {folder})",
        )
        self.console.print(str(begins), soft_wrap=True)
        database, broker = await self.stop.unless(self._start_servers())
        async with past_of(database.url, self.field, self.memory.installed_on, self._history_from_s()) as past:
            ingester = await self.stop.unless(
                start_ingester(self.wish.folder, self.children, database.url, broker, self._port())
            )
            await self.stop.unless(ingester.until_ready())
            signposts = self._signposts(ingester, database, broker)
            signposts.write()
            past.begin()
            try:
                self._announce(ingester, signposts)
                return await self._run(database, broker, ingester)
            finally:
                signposts.remove()

    async def _run(self, database: Database, broker: Broker, ingester: Ingester) -> Verdict:
        async with open_line(broker.url, broker.protocol) as line:
            run = FieldRun(self.field, line)
            with Progress(self.console, f"Noroshi {ingester.url}") as progress:
                async with self._watched(run, ingester, progress):
                    await self._live(run, ingester)
                counts = await self._drain(run, ingester, progress)
            published, acknowledged = run.handed_over, run.acknowledged
        summary = await ingester.stop()
        self._remember(run, clean=True)
        if summary is None:
            raise ingester.child.failure(Bilingual("がまとめを残さずに終わりました", "ended without a summary"))
        own = {
            "devices": self.memory.devices,
            "seconds": round(run.live_s, 3),
            "database": database.name,
            "broker": broker.name,
            "url": ingester.url,
        }
        return Verdict({**summary, **own}, published, acknowledged, self.field.tally, counts)

    async def _start_servers(self) -> tuple[Database, Broker]:
        """Start database and broker at the same time, then write the schema and the registry."""
        database_task = asyncio.create_task(self._database())
        broker_task = asyncio.create_task(self._broker())
        try:
            database, broker = await asyncio.gather(database_task, broker_task)
        except BaseException:
            await asyncio.gather(database_task, broker_task, return_exceptions=True)
            raise
        await asyncio.to_thread(self._prepare, database)
        return database, broker

    async def _database(self) -> Database:
        if self.wish.own_database:
            return await start_postgres(self.wish.folder, self.children)
        url = self.wish.settings.database.url
        return Database(describe(url), url)

    async def _broker(self) -> Broker:
        if self.wish.own_broker:
            return await start_broker(self.wish.folder, self.children, self.wish.embedded_broker)
        broker = self.wish.settings.broker
        return Broker(describe(broker.url), broker.url, broker.protocol)

    def _prepare(self, database: Database) -> None:
        retired = build_town(self.memory.most_devices, self.memory.seed)
        document = registry_document(self.field, self.memory.installed_on, retired)
        with connect(DatabaseSettings(url=database.url)) as connection:
            migrate.upgrade(connection)
            registry_store.apply(connection, registry_store.plan(connection, document))
            self.accounts = make_accounts(connection, own_database=self.wish.own_database)
            for text in watch_documents(self.field.town):
                apply_watch(connection, By("demo"), read_text("demo", text.encode()))

    def _port(self) -> int:
        wanted = DEFAULT_PORT if self.wish.port is None else self.wish.port
        if wanted and is_free(wanted):
            return wanted
        port = free_port()
        if wanted:
            taken = Bilingual(
                f"ポート {wanted} は使用中のため {port} を使います", f"port {wanted} is taken: {port} is used"
            )
            self.console.print(str(taken))
        return port

    def _signposts(self, ingester: Ingester, database: Database, broker: Broker) -> Signposts:
        folder, town = self.wish.folder, self.field.town
        return Signposts(folder, ingester.url, broker.url, broker.protocol, database.url, town, self.accounts)

    def _announce(self, ingester: Ingester, signposts: Signposts) -> None:
        pages = Bilingual(f"画面: {ingester.url}   (Ctrl-C で終了)", f"pages: {ingester.url}   (Ctrl-C ends it)")
        self.console.print(str(pages), soft_wrap=True)
        for line in (*signposts.guests(), *signposts.lines(time.time())):
            self.console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)
        if self.wish.browser and _has_display():
            webbrowser.open(ingester.url if self.accounts is None else self.accounts.link_of(OPERATOR, ingester.url))

    async def _live(self, run: FieldRun, ingester: Ingester) -> None:
        """Run the field until it ends or the service dies."""
        died = asyncio.create_task(ingester.child.process.wait())
        field = asyncio.create_task(self._field(run))
        await asyncio.wait({died, field}, return_when=asyncio.FIRST_COMPLETED)
        if died.done() and not field.done():
            field.cancel()
            with suppress(asyncio.CancelledError, NoroshiError):
                await field
            code = ingester.child.process.returncode
            raise ingester.child.failure(
                Bilingual(
                    f"が現場の送信中に止まりました(終了コード {code})",
                    f"died (exit code {code}) while the field was speaking",
                )
            )
        died.cancel()
        await field

    def _history_from_s(self) -> float:
        return max(time.time() - DAY_S, self.memory.last_s or 0.0)

    async def _field(self, run: FieldRun) -> None:
        now_s, from_s = time.time(), self._history_from_s()
        if now_s - from_s >= SHORTEST_HISTORY_S:
            await run.history(from_s, now_s, self.stop.event)
        seconds = self.wish.seconds
        dies_after_s = GATEWAY_DIES_AFTER_S if seconds is None else min(GATEWAY_DIES_AFTER_S, 0.4 * seconds)
        await run.live(seconds, self.stop.event, lambda: self._remember(run, clean=False), dies_after_s)
        await run.finish()

    @asynccontextmanager
    async def _watched(self, run: FieldRun, ingester: Ingester, progress: Progress) -> AsyncIterator[None]:
        """Show the progress while the block runs."""

        async def watch() -> None:
            while True:
                progress.show(Snapshot(run.phase, run.acknowledged, await ingester.counts(), self.field.tally))
                await asyncio.sleep(0.5)

        task = asyncio.create_task(watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _drain(self, run: FieldRun, ingester: Ingester, progress: Progress) -> Mapping[str, int] | None:
        """Wait until the service has received everything and has nothing in flight.

        Gives up after a time, and at once on a second Ctrl-C.
        """
        run.phase = Phase.STOPPING
        began = time.monotonic()
        counts: Mapping[str, int] | None = None
        while time.monotonic() - began < DRAIN_DEADLINE_S and not self.stop.hurry.is_set() and ingester.child.running:
            counts = await ingester.counts() or counts
            progress.show(Snapshot(run.phase, run.acknowledged, counts, self.field.tally))
            if counts and counts["messages_received"] >= run.acknowledged and counts["messages_in_flight"] == 0:
                break
            await asyncio.sleep(0.1)
        return counts

    def _remember(self, run: FieldRun, *, clean: bool) -> None:
        last_s = run.said_until_s or self.memory.last_s
        counters = self.field.snapshot() if clean else {}
        remember(
            self.wish.folder, self.memory.model_copy(update={"last_s": last_s, "clean": clean, "counters": counters})
        )


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
