"""The dependencies of pages and API on other rooms, passed in by the composition root."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from ingest.account import Balance
from ingest.errors import StoreUnavailable
from ingest.store.database import translated
from ingest.telemetry.health import Concern, Trouble
from ingest.web.hosts import HostRule
from schemas.bilingual import quoted


@dataclass(frozen=True)
class WebDependencies:
    """Access to the database and to the running process.

    `connect`: a database connection for the length of a `with` block; called from threads.
    `live`: the balance of the intake, now. `metrics`: the text of /metrics. Both are None while it does not answer.
    `health`: what is wrong with the service; empty when all is well. `alive`: whether the loop of the intake turns.
    `connect_stream`: as `connect`, for long answers, which must not keep the others waiting.
    `hosts`: the host names that are answered.
    """

    connect: Callable[[], AbstractContextManager[Any]]
    live: Callable[[], Balance | None]
    metrics: Callable[[], bytes | None]
    health: Callable[[], list[Trouble]]
    connect_stream: Callable[[], AbstractContextManager[Any]]
    alive: Callable[[], bool] = lambda: True
    hosts: HostRule = field(default_factory=lambda: HostRule("127.0.0.1"))

    @contextmanager
    def database(self) -> Iterator[Any]:
        """A connection. Raises StoreUnavailable, or BatchRefused for a query that the database refuses."""
        with translated(), self.connect() as connection:
            yield connection

    @contextmanager
    def stream_database(self) -> Iterator[Any]:
        """A connection for a stream; raises as `database` does."""
        with translated(), self.connect_stream() as connection:
            yield connection


async def database_answers(request: Request) -> None:
    """For pages: raises StoreUnavailable while the database is known not to answer, so that nobody waits for it."""
    for trouble in dependencies(request).health():
        if trouble.concern is Concern.DATABASE:
            raise StoreUnavailable(quoted(trouble.detail))


def dependencies(request: Request) -> WebDependencies:
    """The dependencies the application was created with."""
    found = request.app.state.dependencies
    assert isinstance(found, WebDependencies)  # set by create_app
    return found
