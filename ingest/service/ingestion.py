"""Everything between the broker and the database in one process, around one ledger: intake, pipeline, registry."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from ingest.account import Ledger
from ingest.jobs.loop import gauges_of, run_jobs
from ingest.jobs.runner import lane_runners
from ingest.message import Intake
from ingest.pipeline.allowance import UNLIMITED, Allowances, Allowed
from ingest.pipeline.batch import Batch, Batching
from ingest.pipeline.build import birth_limits, build_interpreter
from ingest.pipeline.caution import Caution
from ingest.pipeline.gateways_heard import HeardGateways
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.pipeline import Pipeline
from ingest.receive.factory import AnyIntake, open_fresh_first, watch_session
from ingest.receive.fresh_lane import FreshFirst
from ingest.receive.shared import MemberIntake
from ingest.receive.subscription import (
    WorkerSlot,
    called,
    for_worker,
    ordered_filters,
    subscription,
    surplus_subscription,
)
from ingest.registry.index import Directory
from ingest.runtime.collector import calm_collector
from ingest.runtime.threads import note_in_thread
from ingest.runtime.watchdog import end_if_it_hangs
from ingest.service.beginning import Beginning, begin, end_life, forget_former, forget_session
from ingest.service.database_look import DatabaseLook
from ingest.service.job_table import all_jobs
from ingest.service.lookout import Lookout
from ingest.service.recognition import Recognition
from ingest.settings.model import IntakeSettings, Settings
from ingest.sparkplug.births import Nodes
from ingest.store import worker_sessions as sessions
from ingest.store.batch.writer import Writer
from ingest.store.status.life import EarlierLife, Notes
from ingest.telemetry.health import Concern, Found, waiting

log = structlog.get_logger()

CONNECTED_POLL_S = 0.05


def now_us() -> int:
    """The wall clock, in microseconds since 1970. The only place that reads it for the path."""
    return time.time_ns() // 1000


class Watcher(Protocol):
    """Is told what happens: the metrics of this process, or the supervisor of a worker."""

    def begun(self, beginning: "Beginning") -> None:
        """The database answered; messages will be taken from now on."""

    def committed(self, messages: int, write_s: float, lag_s: float, committed_at_s: float) -> None:
        """A batch: its size, the time it took, the age of its oldest message, and when it was committed."""

    def failed(self) -> None:
        """An attempt to write failed and will be repeated."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The path of the messages of one session, which began a life under its client id."""

    client_id: str
    begun_at: datetime
    intake: Intake
    interpreter: Interpreter
    pipeline: Pipeline


Surplus = tuple[sessions.Left, MemberIntake, Stream]
"""A session that is to be emptied, and the path of what it holds."""


class Ingestion:
    """One process at work. `settings` carry the client id of the installation, whatever the seat."""

    def __init__(self, settings: Settings, slot: WorkerSlot, ledger: Ledger, watcher: Watcher) -> None:
        self.may_listen = asyncio.Event()
        """For workers: the first has changed over to the shared subscription, so the others may join it."""
        self.settings = settings
        self.slot = slot
        self.ledger = ledger
        self._watcher = watcher
        self._streams: list[Stream] = []
        """Our own session first, then those of workers that no longer run."""
        self._allowances = Allowances(UNLIMITED)
        self._nodes: Nodes | None = None
        self._lookout = Lookout(settings.database.disk)
        self._runners = lane_runners(settings.database, all_jobs(settings, self._lookout))
        self._heard = HeardGateways()
        self._look = DatabaseLook(settings, self._heard, self._lookout.see_disk, lambda: not self.found())
        self._waiting_for = ""

    async def run(self) -> None:
        """Run until cancelled. Raises BrokerRefused if the broker says no for good."""
        beginning = await begin(self.settings, self.slot, self._waits)
        self.settings = called(self.settings, beginning.client_id)
        self._allowances = Allowances(_allowed(self.settings.intake, self.slot), beginning.aside)
        own = self._own_stream(beginning)
        surplus = [self._surplus_stream(left, beginning) for left in beginning.sessions.surplus]
        former = [self._surplus_stream(left, beginning) for left in beginning.sessions.former]
        self._streams = [own, *(stream for *_, stream in (*surplus, *former))]
        self._watcher.begun(beginning)
        calm_collector()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(end_if_it_hangs(), name="watchdog")
            tasks.create_task(self._look.run(own.interpreter.directory.version, self._use), name="look at the database")
            if self.slot.number == 1:
                for runner in self._runners:
                    tasks.create_task(run_jobs(runner), name=f"jobs {runner.lane}")
            if self.slot.number == 1 and ordered_filters(self.settings):
                self._nodes = Nodes(self.settings, beginning.births, own.intake, now_us)
                tasks.create_task(self._nodes.run(), name="nodes")
            # Every message must come to exactly one session. A lone session does not share but takes everything: if
            # the others left the group after that, messages would come twice. So they leave before it, and meanwhile
            # none is lost: what is published is dealt to the lone session too, for it is still a member.
            if self.slot.alone:
                emptying = [tasks.create_task(self._empty(*left_over), name="surplus session") for left_over in surplus]
                await _until_connected([stream.intake for *_, stream in surplus])
                tasks.create_task(_run_stream(own), name="own session")
            else:
                await self.may_listen.wait()
                tasks.create_task(_run_stream(own), name="own session")
                await _until_connected([own.intake])
                emptying = [tasks.create_task(self._empty(*left_over), name="surplus session") for left_over in surplus]
            if former:
                tasks.create_task(self._leave_former(own, former), name="former sessions")
            if self.slot.alone and beginning.sessions.shared:
                await _until_connected([own.intake])
                await asyncio.gather(*emptying)
                await self._forget(sessions.Left(beginning.client_id, 1))

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
        for stream in self._streams:
            await self._end_life(stream)

    @property
    def devices(self) -> int:
        """Devices in the registry in use."""
        return device_count(self._streams[0].interpreter.directory) if self._streams else 0

    def found(self) -> list[Found]:
        """Why messages are not taken and stored at the moment; empty when they are."""
        if not self._streams:
            return [waiting(self._waiting_for)]
        own = self._streams[0].intake
        troubles = (
            (Concern.BROKER, own.trouble),
            (Concern.DATABASE, self._look.trouble),
            (Concern.STORE, self._store_trouble()),
        )
        return [Found(concern, trouble) for concern, trouble in troubles if trouble]

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
            "broker_connected": float(not own.intake.trouble),
            "broker_connects": sum(intake.connects_total for intake in intakes),
            "durable_lag_seconds": 0.0 if fresh is None else fresh.lag_s(),
            "fresh_lane": float(fresh is not None and fresh.lane_open),
            "store_available": float(not self._store_trouble()),
            "database_reachable": float(not self._look.trouble),
            "database_clock_apart_seconds": self._look.apart_s,
            **own.interpreter.births.gauges,
            "registry_version": own.interpreter.directory.version,
            "registry_devices": self.devices,
            **gauges_of([runner.status for runner in self._runners]),
            **self._lookout.gauges,
            **self._allowances.gauges,
        }

    def _store_trouble(self) -> str:
        troubles = (stream.pipeline.store_trouble for stream in self._streams)
        return next(filter(None, troubles), self._look.refusal)

    def _waits(self, why: str) -> None:
        self._waiting_for = why

    def _own_stream(self, beginning: Beginning) -> Stream:
        settings = for_worker(self.settings, self.slot.number)
        wanted = subscription(self.settings, self.slot, was_shared=beginning.sessions.shared)
        intake = open_fresh_first(settings, now_us=now_us, subscription=wanted)
        return self._stream(settings, intake, beginning)

    def _surplus_stream(self, left: sessions.Left, beginning: Beginning) -> Surplus:
        then = called(self.settings, left.client_id)
        settings = for_worker(then, left.worker)
        gives_up = surplus_subscription(then, former=left.client_id != beginning.client_id)
        tagged = structlog.get_logger("ingest.receive").bind(surplus_worker=left.worker)
        intake = MemberIntake(settings, gives_up, now_us=now_us, log=tagged)
        return left, intake, self._stream(settings, intake, beginning)

    def _stream(self, settings: Settings, intake: AnyIntake, beginning: Beginning) -> Stream:
        client_id = settings.broker.client_id_in_use
        receipts, canary = beginning.receipts[client_id]
        watch_session(intake, Recognition(settings, receipts, canary))
        interpreter = build_interpreter(settings, beginning.directory, receipts, beginning.births)
        interpreter.heard = self._heard
        pipeline = Pipeline(
            intake,
            interpreter,
            [
                Writer(settings.database, f"{client_id}/{number}", client_id, birth_limits(settings.sparkplug))
                for number in range(1, settings.intake.writers + 1)
            ],
            self.ledger,
            batching=Batching(
                settings.intake.batch_messages,
                linger=not self.slot.alone,
                rows=settings.intake.batch_rows,
                held_bytes=settings.intake.batch_bytes,
            ),
            backoff_max_s=settings.database.backoff_max_s,
            observe=partial(self._observe, intake),
            failed=self._watcher.failed,
        )
        pipeline.allow(self._allowances)
        earlier = beginning.earlier[client_id]
        if not earlier.ended_in_order:
            pipeline.begin_carefully(_caution(settings, intake, earlier))
        return Stream(client_id, earlier.begun_at, intake, interpreter, pipeline)

    async def _leave_former(self, own: Stream, former: Sequence[Surplus]) -> None:
        """Empty the sessions of a client id no longer used, once our own session gets what is published now."""
        await _until_connected([own.intake])
        await asyncio.gather(*(self._empty(*one) for one in former))
        await note_in_thread(partial(forget_former, self.settings), "former_client_id_not_forgotten")

    async def _empty(self, left: sessions.Left, intake: MemberIntake, stream: Stream) -> None:
        """Take everything that waits in the session of a worker that no longer runs, then remove the session."""
        log.info("surplus_session_is_emptied", worker=left.worker)
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
        await self._forget(left)
        await self._end_life(stream)
        self._streams.remove(stream)
        log.info("surplus_session_is_removed", worker=left.worker)

    async def _forget(self, left: sessions.Left) -> None:
        await note_in_thread(partial(forget_session, self.settings, left), "session_not_forgotten")

    async def _end_life(self, stream: Stream) -> None:
        await note_in_thread(partial(end_life, self.settings, stream.client_id, stream.begun_at), "stop_not_noted")

    def _use(self, directory: Directory) -> None:
        """Interpret by a newer registry from now on."""
        for stream in self._streams:
            stream.interpreter.use(directory)
        log.info("registry_changed", version=directory.version, devices=device_count(directory))

    def _observe(self, intake: Intake, batch: Batch, write_s: float) -> None:
        if isinstance(intake, FreshFirst):
            intake.committed(batch.interpreted)
        now_s = now_us() / 1e6
        lag_s = now_s - batch.interpreted[0].message.received_us / 1e6
        self._watcher.committed(len(batch.interpreted), write_s, lag_s, now_s)


async def _run_stream(stream: Stream) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stream.pipeline.run(), name="pipeline")
        tasks.create_task(stream.intake.run(), name="intake")


async def _until_connected(intakes: Sequence[Intake]) -> None:
    while not all(intake.connected for intake in intakes):  # noqa: ASYNC110  several, and each may come and go meanwhile
        await asyncio.sleep(CONNECTED_POLL_S)


def _allowed(intake: IntakeSettings, slot: WorkerSlot) -> Allowed:
    """The part of one process: workers share a flood among them."""
    return Allowed(
        intake.device_rows_per_s / slot.of, intake.device_burst_rows / slot.of, intake.device_aside_bytes // slot.of
    )


def _caution(settings: Settings, intake: Intake, earlier: EarlierLife) -> Caution:
    """The careful beginning of a session whose earlier life ended without a stop."""
    notes = Notes(settings.database, settings.broker.client_id_in_use)
    caution = partial(Caution, notes, earlier.under_way, earlier.set_aside, most=settings.broker.receive_maximum)
    if isinstance(intake, FreshFirst):
        intake.hold_lane()
        return caution(over=intake.free_lane)
    return caution()


def device_count(directory: Directory) -> int:
    """Devices in the registry."""
    return len(directory.native)
