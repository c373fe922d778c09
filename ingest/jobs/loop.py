"""Housekeeping beside the ingestion: a thread of its own, never in the way of a message."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from ingest.errors import StoreUnavailable
from ingest.jobs.runner import House, Housekeeper
from ingest.runtime.threads import in_thread
from ingest.telemetry.metrics import INTERVAL, LAST_SUCCESS

log = structlog.get_logger()

LOOK_EVERY_S = 5.0


async def keep_house(keeper: Housekeeper) -> None:
    """Until cancelled; then what is being computed is cut short."""
    # Not the threads that everybody shares: a long job must not keep the registry from being read.
    with ThreadPoolExecutor(1, thread_name_prefix="housekeeping") as thread:
        try:
            while True:
                try:
                    await in_thread(keeper.round, thread)
                except StoreUnavailable as error:
                    log.warning("housekeeping_interrupted", error=str(error))
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            keeper.stop()
            with suppress(RuntimeError):  # a thread that cannot be started has opened nothing
                thread.submit(keeper.close)


def gauges_of(houses: Sequence[House]) -> dict[str, float]:
    """The gauges of the catalogue; those of a job have its name after a colon."""
    return {
        "rollup_due_units": max(house.due_units for house in houses),
        "rollup_lag_seconds": max(house.lag_s for house in houses),
        **{f"{LAST_SUCCESS}:{name}": at for house in houses for name, at in house.succeeded_at.items()},
        **{f"{INTERVAL}:{name}": every_s for house in houses for name, every_s in house.every_s.items()},
    }
