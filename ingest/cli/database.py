"""The database as a command has it: open for the length of one `with`."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.settings.model import Settings
from ingest.store.database import WatchedConnection, connect, translated


@contextmanager
def open_database(settings: Settings, *, autocommit: bool = False) -> Iterator[WatchedConnection]:
    """A connection to `database.url`; committed at the end, or rolled back if the command fails.

    Raises StoreUnavailable or StoreUnfit when there is none to be had; what the server says to a statement comes out
    as an error of ours.
    """
    with translated(), connect(settings.database, autocommit=autocommit) as connection:
        yield connection
