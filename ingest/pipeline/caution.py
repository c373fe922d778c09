"""After an end without a stop: messages that may have caused it are tried out first, and refused if they did.

The broker delivers again what was under way when the process died. One of these messages may have killed it, and
would at every start. So each is interpreted in a process of its own first (rehearsal.py). A message that ends that
process too is quarantined whole, undecoded.

What kills this process and not that one is found by notes: before a group of suspects is interpreted and stored, their
digests are durable in the database. If the service dies meanwhile, the next life takes the group in smaller ones, and
a message that was alone under way when it died is quarantined whole, unless it is stored: then it came to its end
before the service did. What was quarantined so and comes again is quarantined again.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from itertools import compress
from operator import not_
from typing import Protocol, TypeVar

import structlog

from ingest.errors import StoreUnavailable
from ingest.message import Intake, Received
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.rehearsal import first_fatal
from ingest.rows import MessageRows
from ingest.runtime.threads import in_thread
from ingest.store.batch.pack import pack_readings, pack_uplinks
from schemas.rejection import RejectionReason

log = structlog.get_logger()

T = TypeVar("T")

GROUP = 500
"""Suspects under way together."""
SMALLER = 8
"""How much smaller the groups are into which one is divided that was under way when the service died."""
QUIET_S = 2.0
"""When nothing has come for this long, the broker has delivered again what it had to."""
REDELIVERED_WITHIN_US = 5_000_000
"""A message that comes later than this after the first one, without the duplicate flag, is new."""
AGAIN_IN_S = 1.0

UNDER_WAY_ALONE = "it was alone under way when the service died, for the second time at least"


class Notes(Protocol):
    """See store/status/life.py."""

    def note(self, digests: Sequence[bytes]) -> None:
        """Record that these messages and no others are under way."""

    def is_stored(self, device_id: int, message_id: int) -> bool:
        """Whether a message of these bytes is stored as a measurement."""

    def close(self) -> None:
        """Close the connection."""


class Caution:
    """Passes the suspects of one session. `most`: as many messages as the broker may have had under way.

    `under_way`, `set_aside`: as the earlier life left them. `over` is called when the last one has passed.
    """

    def __init__(
        self, notes: Notes, under_way: Mapping[bytes, int], set_aside: AbstractSet[int] = frozenset(), *, most: int,
        over: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._notes = notes
        self._under_way = under_way
        self._set_aside = set_aside
        self._most = most
        self._over = over
        self._passed = self._quarantined = 0
        self._first_us: int | None = None

    async def pass_suspects(
        self,
        intake: Intake,
        interpreter: Interpreter,
        admit: Callable[[list[MessageRows]], Awaitable[None]],
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        """Try out, interpret and admit messages until none of them can be a suspect any more.

        `admit` takes interpreted messages on; `settled` waits until all of them are committed and acknowledged.
        """
        log.warning("earlier_life_ended_without_a_stop", under_way=len(self._under_way))
        last = False
        while not last and (messages := await _next(intake)):
            last = self._none_comes_after(messages)
            for group, digests in self._groups(messages):
                await self._note(digests)
                await admit(await self._interpret_group(interpreter, group, digests))
                await settled()
        await self._note(())
        self._notes.close()
        log.info("suspects_have_passed", messages=self._passed, set_aside=self._quarantined)
        self._over()

    def _none_comes_after(self, messages: Sequence[Received]) -> bool:
        """Whether what follows these is new: redeliveries come first, nearly always with the duplicate flag."""
        if self._first_us is None:
            self._first_us = messages[0].received_us
        self._passed += len(messages)
        enough = self._passed >= self._most or messages[-1].received_us - self._first_us > REDELIVERED_WITHIN_US
        return enough and not any(message.duplicate for message in messages)

    def _groups(self, messages: Sequence[Received]) -> Iterator[tuple[list[Received], list[bytes]]]:
        """The messages in order. What was under way at a death comes in groups an eighth as large as it was in then."""
        group: list[Received] = []
        digests: list[bytes] = []
        most = GROUP
        for message in messages:
            digest = digest_of(message)
            own = max(self._under_way.get(digest, GROUP * SMALLER) // SMALLER, 1)
            if group and len(group) >= min(most, own):
                yield group, digests
                group, digests, most = [], [], GROUP
            group.append(message)
            digests.append(digest)
            most = min(most, own)
        if group:
            yield group, digests

    async def _interpret_group(
        self, interpreter: Interpreter, group: Sequence[Received], digests: Sequence[bytes]
    ) -> list[MessageRows]:
        """Interpret a group in this process, except for what is fatal: that is quarantined unread."""
        aside = [interpreter.identity(message)[1] in self._set_aside for message in group]
        if not any(aside) and len(group) == 1 and self._under_way.get(digests[0]) == 1:
            aside = [not await self._is_stored(*interpreter.identity(group[0]))]
        others = iter(await self._interpret_all(interpreter, list(compress(group, map(not_, aside)))))
        return [
            self._refuse(interpreter, message, UNDER_WAY_ALONE) if refused else next(others)
            for message, refused in zip(group, aside, strict=True)
        ]

    async def _interpret_all(self, interpreter: Interpreter, group: Sequence[Received]) -> list[MessageRows]:
        interpreted: list[MessageRows] = []
        while len(interpreted) < len(group):
            rest = group[len(interpreted) :]
            fatal = await _retry_until_done(partial(first_fatal, partial(rehearse, interpreter), rest))
            interpreted += [
                interpreter.interpret(message) for message in rest[: None if fatal is None else fatal.position]
            ]
            if fatal is not None:
                interpreted.append(self._refuse(interpreter, rest[fatal.position], fatal.how))
        return interpreted

    async def _is_stored(self, device_id: int | None, message_id: int) -> bool:
        return device_id is not None and await _retry_until_done(partial(self._notes.is_stored, device_id, message_id))

    def _refuse(self, interpreter: Interpreter, message: Received, why: str) -> MessageRows:
        self._quarantined += 1
        log.error("message_set_aside_undecoded", topic=message.topic, bytes=len(message.payload), why=why)
        return interpreter.refuse(message, RejectionReason.ENDED_THE_SERVICE, why)

    async def _note(self, digests: Sequence[bytes]) -> None:
        await _retry_until_done(partial(self._notes.note, digests))


async def _retry_until_done(work: Callable[[], T]) -> T:
    """The result of `work`, in a thread, as soon as the database and the machine allow it."""
    while True:
        try:
            return await in_thread(work)
        except StoreUnavailable as error:
            log.error("suspects_wait", error=str(error), again_in_s=AGAIN_IN_S)
            await asyncio.sleep(AGAIN_IN_S)


async def _next(intake: Intake) -> list[Received]:
    """The next messages; none when the broker has delivered again what it had to."""
    while True:
        try:
            async with asyncio.timeout(QUIET_S):
                return await intake.take_in_order(GROUP)  # redeliveries come first
        except TimeoutError:
            if intake.connected and intake.held == 0:
                return []


def rehearse(interpreter: Interpreter, message: Received) -> None:
    """Interpret and pack a message: all that is done with it before the database has it."""
    interpreted = interpreter.interpret(message)
    with suppress(Exception):  # a row that cannot be packed is quarantined when it is written
        pack_readings(interpreted.readings)
        pack_uplinks(() if interpreted.uplink is None else (interpreted.uplink,))


def digest_of(message: Received) -> bytes:
    """By what a message is recognised over several lives of the service: packet ids may be given anew."""
    return hashlib.sha256(message.topic.encode("utf-8", "surrogatepass") + b"\0" + message.payload).digest()
