"""What a Sparkplug host does beside the path: it reads data again that came before its birth, and asks for rebirths.

Data quarantined as `not_born` goes through the path again when a birth of its node is committed. If the settings allow
it, a node whose data cannot be read is asked to announce itself again.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import structlog

from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.wire import rebirth_request
from ingest.errors import StoreUnavailable
from ingest.message import Intake
from ingest.pipeline import replay
from ingest.pipeline.build import birth_limits, build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.runtime.threads import in_thread
from ingest.settings.model import Settings
from ingest.sparkplug.host_state import HostState
from ingest.sparkplug.rebirth import Rebirths
from ingest.sparkplug.sweeps import Sweeps
from ingest.store.batch.births import births_when_asked, certificates, load_births, trim_births
from ingest.store.database import Database, connect, translated
from ingest.store.registry.registry import load_directory
from schemas.certificate import Certificate
from schemas.rejection import RejectionReason

log = structlog.get_logger()

SWEEP_S = 2.0
"""How long the quarantine is looked through at a time; then births, requests and other work have their turn."""


def births_at_start(connection: Database, settings: Settings, *, trim: bool) -> Births:
    """What Sparkplug nodes announced. `trim`: rows over the limits are deleted first, or no start may succeed."""
    limits = birth_limits(settings.sparkplug)
    if trim:
        removed = trim_births(connection, limits)
        connection.commit()
        if removed:
            log.warning("births_removed", rows=removed, why="more was kept of Sparkplug nodes than the limits allow")
    return load_births(connection, limits)


Due = tuple[str, replay.Place | None]
"""A node, and where its sweep through the quarantine goes on."""


class Piece(NamedTuple):
    """What a piece of a sweep came to; `place`: where it goes on, None: it has come to its end."""

    node: str
    place: replay.Place | None
    result: replay.Replayed
    took_s: float


class BirthCare:
    """Runs beside the pipelines of a process that hears Sparkplug. `publish`: topic and payload to the broker."""

    def __init__(
        self,
        settings: Settings,
        births: Births,
        publish: Callable[[str, bytes], bool],
        now_us: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._births = births
        self._publish = publish
        self._now_us = now_us
        self._rebirths = Rebirths(settings.sparkplug.rebirth_interval_s)
        self._sweeps: Sweeps[replay.Place] = Sweeps()

    async def run(self) -> None:
        """Run until cancelled. An unreachable database changes nothing."""
        while True:
            await asyncio.sleep(self._settings.registry.poll_s)
            for node, (refused, why) in self._births.take_refused().items():
                log.warning("births_refused", node=node, births=refused, why=why)
            news, unread = self._births.take_news()
            self._rebirths.born(news)
            self._sweeps.want(news)
            if unread:
                await self._look_up(unread)
            if due := self._sweeps.due(time.monotonic()):
                await self._read_again(due)
            if self._settings.sparkplug.rebirth_requests:
                self._ask(unread | self._births.incomplete(self._now_us()))

    async def _look_up(self, unread: set[str]) -> None:
        """Read births of these nodes from the database: a replay on the command line stores what it learns there."""
        for node in sorted(unread):  # one at a time: each may have announced much
            try:
                births = await in_thread(partial(_certificates, self._settings, node))
            except StoreUnavailable as error:
                log.warning("births_not_read", error=str(error))
                return
            self._births.offer(births)

    async def _read_again(self, due: Sequence[Due]) -> None:
        try:
            pieces = await in_thread(partial(_replay, self._settings, due))
        except StoreUnavailable as error:
            log.warning("births_not_replayed", error=str(error))
            return
        for piece in pieces:
            done = piece.result
            self._sweeps.went(
                piece.node,
                piece.place,
                tried=done.tried,
                gained=done.gained,
                took_s=piece.took_s,
                now_s=time.monotonic(),
            )
            if done.gained:
                log.info(
                    "read_after_birth", node=piece.node, tried=done.tried, stored=done.stored, refused=done.refused
                )

    def _ask(self, unread: set[str]) -> None:
        now_us = self._now_us()
        self._rebirths.want(unread, now_us / 1e6)
        for node in self._rebirths.due(now_us / 1e6):
            group, name = node.split("/")
            sent = self._publish(f"spBv1.0/{group}/NCMD/{name}", rebirth_request(now_us // 1000))
            log.info("rebirth_requested", node=node, sent=sent)


def _certificates(settings: Settings, node: str) -> list[tuple[Certificate, bool]]:
    with connect(settings.database, watched=True) as connection, translated():
        return [*certificates(connection, [node])]


def _replay(settings: Settings, due: Sequence[Due]) -> list[Piece]:
    """Do a piece of each sweep. A node for which no time is left comes first the next time."""
    until_s = time.monotonic() + SWEEP_S
    pieces = []
    with connect(settings.database, watched=True) as connection, translated():
        births = births_when_asked(connection, birth_limits(settings.sparkplug))
        interpreter = build_interpreter(settings, load_directory(connection), FirstReceipts(), births)
        for node, place in due:
            pieces.append(_sweep(connection, interpreter, node, place, until_s))
            if time.monotonic() > until_s:
                break
    return pieces


def _sweep(connection: Database, interpreter: Interpreter, node: str, at: replay.Place | None, until_s: float) -> Piece:
    """Replay page by page for as long as each gains something; a page in vain ends the turn of its node."""
    began_s = time.monotonic()
    result = replay.Replayed()
    place: replay.Place | None = at or replay.begin_replay(connection)
    gained = -1
    while place is not None and result.gained > gained and time.monotonic() < until_s:
        gained = max(result.gained, 0)
        place = replay.replay_page(
            connection, interpreter, place, result, reason=RejectionReason.NOT_BORN.value, topics=_topics(node)
        )
    return Piece(node, place, result, time.monotonic() - began_s)


def _topics(node: str) -> list[str]:
    """Patterns of `like` for the data of this node and of what is behind it."""
    group, name = node.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_").split("/")
    return [f"%{group}/_DATA/{name}", f"%{group}/_DATA/{name}/%"]


class Nodes:
    """What is said to Sparkplug nodes, and only if the settings allow it: that we listen, and a wish for a rebirth.

    It runs beside the one session that hears Sparkplug.
    """

    def __init__(self, settings: Settings, births: Births, intake: Intake, now_us: Callable[[], int]) -> None:
        self._care = BirthCare(settings, births, intake.publish, now_us)
        host_id = settings.sparkplug.host_id
        self._host = None if host_id is None else HostState(
            settings.broker, host_id, listening=lambda: intake.connected, now_ms=lambda: now_us() // 1000
        )  # fmt: skip

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._care.run(), name="births")
            if self._host is not None:
                tasks.create_task(self._host.run(), name="host state")

    async def close(self) -> None:
        """Nobody listens any more: nodes that wait for us keep what they measure from now on."""
        if self._host is not None:
            await self._host.close()
