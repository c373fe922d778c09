"""The field: publishes in the background at a steady pace, whatever happens to the broker, and keeps account."""

import asyncio
import itertools
import threading
from types import TracebackType
from typing import Self

from ingest.errors import BrokerUnavailable
from ingest.simulator.publisher import Publisher
from tests.torture.sent import Sent, pieces

BURST = 50
_names = itertools.count()


def publish(url: str, sent: Sent, count: int, *, burst: int = 500) -> None:
    """Publish so many messages as fast as the broker takes them; all are acknowledged when it returns."""

    async def run() -> None:
        async with Publisher(url, f"field-{next(_names)}") as publisher:
            for numbers in pieces(sent.reserve(count), burst):
                await publisher.publish_many(sent.make(numbers))
                sent.note(numbers, acknowledged=True)

    asyncio.run(run())


class Feeder:
    """`with Feeder(url, sent, count, per_second):` live load; leaving waits until all are published."""

    def __init__(self, url: str, sent: Sent, count: int, per_second: float) -> None:
        self._url = url
        self._sent = sent
        self._count = count
        self._pause_s = BURST / per_second
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feeder")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.join()
        if self._failed is not None and error is None:
            raise self._failed

    @property
    def running(self) -> bool:
        """Whether there is more to come."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            asyncio.run(self._feed())
        except BaseException as error:  # noqa: BLE001  the border of a thread: raised again where it is joined
            self._failed = error

    async def _feed(self) -> None:
        waiting = pieces(self._sent.reserve(self._count), BURST)
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + 120
        while True:
            try:
                async with Publisher(self._url, f"field-{next(_names)}", timeout_s=2) as publisher:
                    for numbers in waiting:
                        await self._burst(publisher, numbers)
                        await asyncio.sleep(self._pause_s)
                    return
            except BrokerUnavailable:
                if loop.time() > give_up_s:
                    raise
                await asyncio.sleep(0.1)

    async def _burst(self, publisher: Publisher, numbers: range) -> None:
        """One burst. If the connection breaks in it, nobody knows which of it the broker has."""
        try:
            await publisher.publish_many(self._sent.make(numbers))
        except BrokerUnavailable:
            self._sent.note(numbers, acknowledged=False)
            raise
        self._sent.note(numbers, acknowledged=True)
