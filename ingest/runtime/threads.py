"""Blocking work in threads. A machine that is short of something is StoreUnavailable: the caller tries again."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import structlog

from ingest.errors import StoreUnavailable
from schemas.bilingual import Bilingual

log = structlog.get_logger()

T = TypeVar("T")

NO_THREAD = "can't start new thread"
"""The message by which Python's RuntimeError is told from others."""


async def in_thread(work: Callable[[], T], executor: Executor | None = None) -> T:
    """The result of `work`. Raises what it raises; StoreUnavailable when descriptors, memory or threads are short."""
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
    except (OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and NO_THREAD not in str(error):
            raise
        why = str(error) or type(error).__name__
        raise StoreUnavailable(
            Bilingual(f"この機械の資源が足りません: {why}", f"this machine is short of something: {why}")
        ) from error


async def note_in_thread(work: Callable[[], None], what: str) -> None:
    """Do `work` in a thread. A StoreUnavailable is only logged, under `what`: the next start makes good for it."""
    try:
        await in_thread(work)
    except StoreUnavailable as error:
        log.warning(what, error=str(error))
