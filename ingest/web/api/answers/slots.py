"""How many streams run at a time: in all, and for one client, so that slow readers leave room for others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ingest.errors import ReaderBusy
from schemas.bilingual import Bilingual

PER_CLIENT = 2
QUEUE = 8
"""So many may wait for a place; the others are told when to ask again."""
WAITS_S = 5.0
"""How long one waits for a place before it is told so too."""
PATIENCE_S = 10
"""What who is refused is told to wait, for each that waits already and once more."""


class Slots:
    """Only the event loop looks at it."""

    def __init__(
        self, most: int, per_client: int = PER_CLIENT, *, queue: int = QUEUE, waits_s: float = WAITS_S
    ) -> None:
        self._free = most
        self._per_client = per_client
        self._queue = queue
        self._waits_s = waits_s
        self._of: Counter[str] = Counter()
        self._waiting: dict[asyncio.Future[None], str] = {}
        """In the order of their coming."""

    @asynccontextmanager
    async def one(self, client: str) -> AsyncIterator[None]:
        """A place for the length of the block, waited for a little. Raises ReaderBusy."""
        if self._fits(client):
            self._take(client)
        else:
            await self._wait(client)
        try:
            yield
        finally:
            self._give_back(client)

    def _fits(self, client: str) -> bool:
        return self._free > 0 and self._of[client] < self._per_client

    def _take(self, client: str) -> None:
        self._free -= 1
        self._of[client] += 1

    async def _wait(self, client: str) -> None:
        others = sum(1 for one in self._waiting.values() if one == client)
        if len(self._waiting) >= self._queue or others >= self._per_client:
            raise self._refusal()
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[called] = client
        try:
            await asyncio.wait({called}, timeout=self._waits_s)
        except asyncio.CancelledError:
            if called.done():
                self._give_back(client)
            raise
        finally:
            self._waiting.pop(called, None)
        if not called.done():
            raise self._refusal()

    def _call_next(self) -> None:
        """The place is taken for who is called, so that nobody comes in between."""
        for called, client in list(self._waiting.items()):
            if self._fits(client):
                del self._waiting[called]
                self._take(client)
                called.set_result(None)
                return

    def _give_back(self, client: str) -> None:
        self._free += 1
        self._of[client] -= 1
        if not self._of[client]:
            del self._of[client]
        self._call_next()

    def _refusal(self) -> ReaderBusy:
        return ReaderBusy(
            Bilingual("同時に読む人が多すぎます", "Too many streams"), PATIENCE_S * (1 + len(self._waiting))
        )
