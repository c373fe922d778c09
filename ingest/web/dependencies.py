"""What the pages need from the rest of the house, handed in by the composition root."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from ingest.store.database import translated
from ingest.web.live import LiveIdentity


@dataclass(frozen=True)
class WebDependencies:
    """Doors to the database and to the running process.

    `connect`: a database connection for the length of a `with` block; called from threads.
    `live`: the identity of this process, now. `metrics`: the text of /metrics.
    `ready`: reasons why this process is not ready; empty when it is.
    `connect_stream`: as `connect`, for answers that take their time; they must not keep the others waiting.
    """

    connect: Callable[[], AbstractContextManager[Any]]
    live: Callable[[], LiveIdentity]
    metrics: Callable[[], bytes]
    ready: Callable[[], list[str]]
    connect_stream: Callable[[], AbstractContextManager[Any]]

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


def dependencies(request: Request) -> WebDependencies:
    """The dependencies the application was created with."""
    found = request.app.state.dependencies
    assert isinstance(found, WebDependencies)  # set by create_app
    return found
