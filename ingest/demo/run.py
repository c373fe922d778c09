"""Publishes a field over a line: its history first, then live messages, until it is stopped."""

import asyncio
import time
from collections.abc import Callable, Iterator
from enum import StrEnum

from ingest.simulator.field import Field
from ingest.simulator.line import Line
from ingest.simulator.station import Emission

TICK_S = 0.1
NOTE_EVERY_S = 5.0


class Phase(StrEnum):
    """The phase of a run."""

    STARTING = "starting"
    HISTORY = "history"
    LIVE = "live"
    STOPPING = "stopping"


class FieldRun:
    """Publishes the messages of a field. `handed_over`: messages given to the line, acknowledged or not."""

    def __init__(self, field: Field, line: Line) -> None:
        self.field = field
        self.phase = Phase.STARTING
        self.handed_over = 0
        self.said_until_s: float | None = None
        """All messages of the field up to this time (epoch seconds) are acknowledged."""
        self.live_s = 0.0
        self._line = line

    @property
    def acknowledged(self) -> int:
        """How many messages the broker has acknowledged."""
        return self._line.acknowledged_total

    async def history(self, from_s: float, until_s: float, stop: asyncio.Event) -> None:
        """Publish the messages between two times; ends early when `stop` is set."""
        self.phase = Phase.HISTORY

        def messages() -> Iterator[tuple[str, bytes]]:
            for emission in self.field.history(from_s, until_s):
                if stop.is_set():
                    return
                self.handed_over += 1
                reached_s[0] = emission.time_s
                yield emission.topic, emission.payload

        reached_s = [from_s]
        await self._line.publish_many(messages())
        self.said_until_s = reached_s[0] if stop.is_set() else until_s

    async def live(
        self, seconds: float | None, stop: asyncio.Event, note: Callable[[], None], gateway_dies_after_s: float | None
    ) -> None:
        """Publish live for some seconds, or until `stop` is set. `note` is called every few seconds."""
        began_s = noted_s = time.time()
        self.phase = Phase.LIVE
        self.field.begin(began_s, gateway_dies_after_s)
        note()
        while not stop.is_set():
            now_s = time.time()
            if seconds is not None and now_s - began_s >= seconds:
                break
            await self._send(self.field.due(now_s))
            self.said_until_s, self.live_s = now_s, now_s - began_s
            if now_s - noted_s >= NOTE_EVERY_S:
                noted_s = now_s
                note()
            await asyncio.sleep(TICK_S)
        self.live_s = time.time() - began_s

    async def finish(self) -> None:
        """Publish what stations have kept back; returns when everything is acknowledged."""
        self.phase = Phase.STOPPING
        await self._send(self.field.finish(time.time()))

    async def _send(self, emissions: list[Emission]) -> None:
        if emissions:
            self.handed_over += len(emissions)
            await self._line.publish_many([(emission.topic, emission.payload) for emission in emissions])
