"""Makes the past of a demonstration beside it: the pages are there at once, and the year fills in while one looks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import UTC, date, datetime
from threading import Event

import structlog

from ingest.demo.year.database import held_lane, make_past, past_is_there, year_is_closed
from ingest.demo.year.events import whole_year
from ingest.demo.year.papers import enter_papers
from ingest.demo.year.told import Told
from ingest.errors import NoroshiError
from ingest.settings.model import DatabaseSettings
from ingest.simulator.field import Field
from ingest.store.database import Database, connect, translated

log = structlog.get_logger()


class Past:
    """The past of one database: made once, by a thread, as long as the demonstration runs."""

    def __init__(self, url: str, field: Field, first_day: date, until_s: float) -> None:
        self._sites = [site for site in field.town.sites if site.veteran]
        self._year = whole_year(first_day)
        self._until = datetime.fromtimestamp(until_s, UTC)
        self._stop = Event()
        self._task: asyncio.Task[None] | None = None
        self._held = ExitStack()
        self._connection: Database | None = None
        self._url = url

    def open(self) -> None:
        """Keep the long jobs of the service from running until the past is there, if it is to be made."""
        connection = self._held.enter_context(connect(DatabaseSettings(url=self._url), autocommit=True))
        if not past_is_there(connection, self._sites):
            self._held.enter_context(held_lane(connection))
            self._connection = connection
            Told(connection).begin()
        elif year_is_closed(connection):
            Told(connection).done()

    def begin(self) -> None:
        """Make it, beside everything else."""
        self._task = asyncio.create_task(asyncio.to_thread(self._make))

    async def end(self) -> None:
        """Stop making it; returns when nothing more is written."""
        self._stop.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(NoroshiError):
            await asyncio.to_thread(self._held.close)

    def _make(self) -> None:
        if self._connection is None:
            return
        told = Told(self._connection)
        try:
            with translated():
                made = make_past(self._connection, self._year, self._sites, self._until, self._stop, told.months)
                if not self._stop.is_set():
                    enter_papers(self._connection, self._year, self._until, self._stop)
                if self._stop.is_set():
                    told.unfinished()
                else:
                    told.done()
        except NoroshiError as error:
            log.warning("no past", reason=str(error))
            return
        finally:
            self._held.close()
        log.info("past made", messages=made.messages, seconds=round(made.seconds, 1))


@asynccontextmanager
async def past_of(url: str, field: Field, first_day: date, until_s: float) -> AsyncIterator[Past]:
    """The past of a demonstration for the length of the block, in which `begin` starts making it.

    `first_day`: of the demonstration; `until_s`: the moment from which its devices publish (epoch seconds).
    """
    past = Past(url, field, first_day, until_s)
    await asyncio.to_thread(past.open)
    try:
        yield past
    finally:
        await past.end()
