"""Everything between the broker and the database in one process, around one ledger: intake, pipeline, registry."""

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog

from ingest.compose import build_judge
from ingest.decode.sparkplug_births import Births
from ingest.directory import Directory
from ingest.errors import BrokerRefused, StoreUnavailable
from ingest.housekeeping import gauges_of, keep_house
from ingest.judge import Judge
from ingest.ledger import Ledger
from ingest.lookout import LOCK as LOOKOUT_LOCK
from ingest.lookout import Lookout
from ingest.nodes import Nodes
from ingest.pipeline import Batch, Batching, Pipeline
from ingest.receipts import FirstReceipts
from ingest.receive.fresh import FreshFirst
from ingest.receive.member import MemberIntake
from ingest.receive.message import Intake
from ingest.receive.open import open_fresh_first
from ingest.receive.share import Seat, for_worker, ordered_filters, subscription, surplus_subscription
from ingest.settings import Settings
from ingest.store import migrate, sessions, timescale
from ingest.store.births import load_births
from ingest.store.database import connect, describe, translated
from ingest.store.housekeeping import Housekeeper, jobs
from ingest.store.registry import directory_version, load_directory
from ingest.store.roles import too_strong
from ingest.store.writer import Writer, take_over

log = structlog.get_logger()

CONNECTED_POLL_S = 0.05


def now_us() -> int:
    """The wall clock, in microseconds since 1970. The only place that reads it for the path."""
    return time.time_ns() // 1000


class Watcher(Protocol):
    """Who is told what happens: metrics here, or the process that started this one."""

    def begun(self, beginning: "Beginning") -> None:
        """The database answered; messages will be taken from now on."""

    def committed(self, messages: int, write_s: float, lag_s: float, committed_at_s: float) -> None:
        """A batch: its size, the time it took, the age of its oldest message, and when it was committed."""

    def failed(self) -> None:
        """An attempt to write failed and will be repeated."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What has to be read from the database before the first message can be judged.

    `receipts`: by the number of the worker whose session it is, our own and those that are to be emptied.
    """

    server: timescale.Server
    directory: Directory
    sessions: sessions.Sessions
    receipts: dict[int, FirstReceipts]
    births: Births


@dataclass(frozen=True, slots=True)
class Stream:
    """The path of the messages of one session."""

    intake: Intake
    judge: Judge
    pipeline: Pipeline


class Ingestion:
    """One process at work. `settings` carry the client id of the installation, whatever the seat."""

    def __init__(self, settings: Settings, seat: Seat, ledger: Ledger, watcher: Watcher) -> None:
        self.may_listen = asyncio.Event()
        """For workers: the first has changed over to the shared subscription, so the others may join it."""
        self.settings = settings
        self.seat = seat
        self.ledger = ledger
        self._watcher = watcher
        self._streams: list[Stream] = []
        """Our own session first, then those of workers that no longer run."""
        self._nodes: Nodes | None = None
        self._lookout = Lookout(settings.database.disk)
        self._keepers = (
            Housekeeper(settings.database, jobs(settings.retention)),
            Housekeeper(settings.database, self._lookout.jobs(), lock=LOOKOUT_LOCK),
        )
        self._database_answers = True
        self._waiting_for = ""

    async def run(self) -> None:
        """Until cancelled. Raises BrokerRefused if the broker says no for good."""
        beginning = await self._begin()
        own = self._own_stream(beginning)
        surplus = [(number, *self._surplus_stream(number, beginning)) for number in beginning.sessions.surplus]
        self._streams = [own, *(stream for _, _, stream in surplus)]
        self._watcher.begun(beginning)
        calm_collector()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_registry(), name="registry")
            if self.seat.number == 1:
                for keeper in self._keepers:
                    tasks.create_task(keep_house(keeper), name="housekeeping")
            if self.seat.number == 1 and ordered_filters(self.settings):
                self._nodes = Nodes(self.settings, beginning.births, own.intake, now_us)
                tasks.create_task(self._nodes.run(), name="nodes")
            # Not twice and not nowhere: a lone session does not share, so the others give up their part before it
            # takes everything. What is published meanwhile is dealt to it too, for it is still a member.
            if self.seat.alone:
                emptying = [tasks.create_task(self._empty(*one), name="surplus session") for one in surplus]
                await _until_connected([stream.intake for _, _, stream in surplus])
                tasks.create_task(_run_stream(own), name="own session")
            else:
                await self.may_listen.wait()
                tasks.create_task(_run_stream(own), name="own session")
                await _until_connected([own.intake])
                emptying = [tasks.create_task(self._empty(*one), name="surplus session") for one in surplus]
            if self.seat.alone and beginning.sessions.shared:
                await _until_connected([own.intake])
                await asyncio.gather(*emptying)
                await self._forget(1)

    async def drain(self) -> None:
        """Stop receiving, commit and acknowledge what is in flight, disconnect."""
        log.info("stopping", in_flight=self.ledger.in_flight)
        if self._nodes is not None:
            await self._nodes.close()
        for stream in self._streams:
            stream.intake.pause()
        try:
            async with asyncio.timeout(self.settings.shutdown_grace_s):
                await asyncio.gather(*(stream.pipeline.drained() for stream in self._streams))
        except TimeoutError:
            log.error("stopped_with_messages_in_flight", in_flight=self.ledger.in_flight)
        await asyncio.gather(*(stream.intake.close() for stream in self._streams))

    @property
    def devices(self) -> int:
        """Devices in the registry in use."""
        return device_count(self._streams[0].judge.directory) if self._streams else 0

    def not_ready(self) -> list[str]:
        """Why messages are not taken and stored at the moment; empty when they are."""
        if not self._streams:
            return [self._waiting_for or "starting"]
        intake = self._streams[0].intake
        reasons = [] if intake.connected else [intake.trouble or "broker: not connected yet"]
        return reasons + [trouble for trouble in [self._store_trouble()] if trouble]

    def gauges(self) -> dict[str, float]:
        """The gauges of the catalogue, now. To be asked once `begun` was told."""
        intakes = [stream.intake for stream in self._streams]
        ages = [stream.pipeline.oldest_unacknowledged_us for stream in self._streams]
        oldest_us = min((age for age in ages if age is not None), default=None)
        own = self._streams[0]
        fresh = own.intake if isinstance(own.intake, FreshFirst) else None
        return {
            "intake_held_messages": sum(intake.held for intake in intakes),
            "oldest_unacknowledged_seconds": 0.0 if oldest_us is None else max((now_us() - oldest_us) / 1e6, 0.0),
            "broker_connected": float(own.intake.connected),
            "broker_connects": sum(intake.connects_total for intake in intakes),
            "durable_lag_seconds": 0.0 if fresh is None else fresh.lag_s(),
            "fresh_lane": float(fresh is not None and fresh.lane_open),
            "store_available": float(not self._store_trouble()),
            "database_reachable": float(self._database_answers),
            "registry_version": own.judge.directory.version,
            "registry_devices": self.devices,
            **gauges_of([keeper.house for keeper in self._keepers]),
            **self._lookout.gauges,
        }

    def _store_trouble(self) -> str:
        return next((stream.pipeline.store_trouble for stream in self._streams if stream.pipeline.store_trouble), "")

    async def _begin(self) -> Beginning:
        """Wait for a database that is there and fits; say each time what is missing and what to do."""
        pause_s = 0.2
        while True:
            try:
                return await asyncio.to_thread(_read_beginning, self.settings, self.seat)
            except StoreUnavailable as error:
                self._waiting_for = str(error)
                log.error("waiting_for_database", error=str(error), again_in_s=round(pause_s, 1))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, self.settings.database.backoff_max_s)

    def _own_stream(self, beginning: Beginning) -> Stream:
        settings = for_worker(self.settings, self.seat.number)
        wanted = subscription(self.settings, self.seat, was_shared=beginning.sessions.shared)
        intake = open_fresh_first(settings, now_us=now_us, subscription=wanted)
        return self._stream(settings, intake, beginning, beginning.receipts[self.seat.number])

    def _surplus_stream(self, number: int, beginning: Beginning) -> tuple[MemberIntake, Stream]:
        settings = for_worker(self.settings, number)
        tagged = structlog.get_logger("ingest.receive").bind(surplus_worker=number)
        intake = MemberIntake(settings, surplus_subscription(self.settings), now_us=now_us, log=tagged)
        return intake, self._stream(settings, intake, beginning, beginning.receipts[number])

    def _stream(self, settings: Settings, intake: Intake, beginning: Beginning, receipts: FirstReceipts) -> Stream:
        judge = build_judge(settings, beginning.directory, receipts, beginning.births)
        client_id = settings.broker.client_id
        pipeline = Pipeline(
            intake,
            judge,
            [
                Writer(settings.database, f"{client_id}/{number}", client_id)
                for number in range(1, settings.intake.writers + 1)
            ],
            self.ledger,
            batching=Batching(settings.intake.batch_messages, company=not self.seat.alone),
            backoff_max_s=settings.database.backoff_max_s,
            observe=partial(self._observe, intake),
            failed=self._watcher.failed,
        )
        return Stream(intake, judge, pipeline)

    async def _empty(self, number: int, intake: MemberIntake, stream: Stream) -> None:
        """Take everything that waits in the session of a worker that no longer runs, then remove the session."""
        log.info("surplus_session_is_emptied", worker=number)
        running = asyncio.create_task(_run_stream(stream), name="surplus stream")
        emptied = asyncio.create_task(intake.emptied(), name="wait until it is empty")
        try:
            await asyncio.wait({running, emptied}, return_when=asyncio.FIRST_COMPLETED)
            if emptied.done():
                await stream.pipeline.drained()
                await intake.close_for_good()
        finally:
            running.cancel()
            emptied.cancel()
            results = await asyncio.gather(running, emptied, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result
        await self._forget(number)
        self._streams.remove(stream)
        log.info("surplus_session_is_removed", worker=number)

    async def _forget(self, number: int) -> None:
        """If that fails, the next start finds the session empty, or gone, and forgets it then."""
        try:
            await asyncio.to_thread(_forget, self.settings, number)
        except StoreUnavailable as error:
            log.warning("session_not_forgotten", worker=number, error=str(error))

    async def _follow_registry(self) -> None:
        """Take over a changed registry within seconds. An unreachable database changes nothing."""
        version = self._streams[0].judge.directory.version
        while True:
            await asyncio.sleep(self.settings.registry.poll_s)
            try:
                directory = await asyncio.to_thread(_newer_directory, self.settings, version)
            except StoreUnavailable as error:
                self._database_answers = False
                log.warning("registry_not_read", error=str(error))
                continue
            self._database_answers = True
            if directory is not None:
                version = directory.version
                for stream in self._streams:
                    stream.judge.use(directory)
                log.info("registry_changed", version=version, devices=device_count(directory))

    def _observe(self, intake: Intake, batch: Batch, write_s: float) -> None:
        if isinstance(intake, FreshFirst):
            intake.committed(batch.judged)
        now_s = now_us() / 1e6
        lag_s = now_s - batch.judged[0].message.received_us / 1e6
        self._watcher.committed(len(batch.judged), write_s, lag_s, now_s)


async def _run_stream(stream: Stream) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.pipeline.run(), name="pipeline")
        tasks.create_task(stream.intake.run(), name="intake")


async def _until_connected(intakes: Sequence[Intake]) -> None:
    while not all(intake.connected for intake in intakes):  # noqa: ASYNC110  several, and each may come and go meanwhile
        await asyncio.sleep(CONNECTED_POLL_S)


def _read_beginning(settings: Settings, seat: Seat) -> Beginning:
    with connect(settings.database, audible=True) as connection, translated():
        waiting = migrate.pending(connection)
        if waiting:
            raise StoreUnavailable(
                f"database.url: {describe(settings.database.url)} lacks {len(waiting)} migration(s):"
                " run `noroshi db upgrade`"
            )
        if seat.number == 1 and (why := too_strong(connection)) is not None:
            log.warning("database_role_too_strong", why=why, advice="run the service as a role that only writes")
        found = sessions.take_seat(connection, settings.broker.client_id, seat.number, seat.of)
        if seat.number > 1:
            found = found._replace(surplus=())  # they are the business of worker 1
        receipts = {
            number: FirstReceipts(*take_over(connection, for_worker(settings, number).broker.client_id))
            for number in (seat.number, *found.surplus)
        }
        directory, births = load_directory(connection), load_births(connection)
        return Beginning(timescale.ask(connection), directory, found, receipts, births)


def _forget(settings: Settings, number: int) -> None:
    with connect(settings.database, audible=True) as connection, translated():
        sessions.forget(connection, settings.broker.client_id, number)


def _newer_directory(settings: Settings, version: int) -> Directory | None:
    with connect(settings.database, audible=True) as connection, translated():
        return load_directory(connection) if directory_version(connection) != version else None


def device_count(directory: Directory) -> int:
    """Devices that may speak."""
    return len(directory.native)


def calm_collector() -> None:
    """Thousands of messages wait in batches, none of them part of a cycle: looking for one cost half of the path.

    What exists now (modules, registry) is never looked at again; what comes later, rarely.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 20)


def innermost(error: BaseException) -> BaseException:
    """The one error inside nested task groups that says what happened."""
    while isinstance(error, BaseExceptionGroup):
        refused, _ = error.split(BrokerRefused)
        error = (refused or error).exceptions[0]
    return error
