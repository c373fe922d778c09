"""Ctrl-C and SIGTERM: the first asks for an orderly end, the second for an end without waiting."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, TypeVar

from ingest.errors import NoroshiError
from schemas.bilingual import Bilingual

_Result = TypeVar("_Result")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedEarly(NoroshiError):  # not an error of the program
    """Somebody pressed Ctrl-C before there was anything to account for."""


class Stop:
    """`event` is set by the first signal, `hurry` by the second. Must be used within the running loop."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.hurry = asyncio.Event()

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    async def unless(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """The result of `work`. Raises StoppedEarly if a signal comes first."""
        task, stopped = asyncio.ensure_future(work), asyncio.create_task(self.event.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise StoppedEarly(Bilingual("現場が動き出す前に止めました", "stopped before the field began"))
            return task.result()
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError, NoroshiError):
                    await task

    def _on_signal(self) -> None:
        (self.hurry if self.event.is_set() else self.event).set()
