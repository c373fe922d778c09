"""What the pages need from the rest of the house, handed in by the composition root."""

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
    """Doors to the database and to the running process.

    `connect`: a database connection for the length of a `with` block; called from threads.
    `live`: the identity of the intake, now. `metrics`: the text of /metrics. Both are None while it does not answer.
    `health`: what is wrong with the service; empty when all is well. `alive`: whether the loop of the intake turns.
    `connect_stream`: as `connect`, for answers that take their time; they must not keep the others waiting.
    `hosts`: under which names we may be asked.
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
        """A connection whose errors are ours: StoreUnavailable, or BatchRefused for a question that cannot be asked."""
        with translated(), self.connect() as connection:
            yield connection

    @contextmanager
    def stream_database(self) -> Iterator[Any]:
        """The same for a stream."""
        with translated(), self.connect_stream() as connection:
            yield connection


async def database_answers(request: Request) -> None:
    """For pages: while the service says that the database does not answer, nobody waits for it too."""
    for trouble in dependencies(request).health():
        if trouble.concern is Concern.DATABASE:
            raise StoreUnavailable(quoted(trouble.detail))


def dependencies(request: Request) -> WebDependencies:
    """The dependencies the application was created with."""
    found = request.app.state.dependencies
    assert isinstance(found, WebDependencies)  # set by create_app
    return found
