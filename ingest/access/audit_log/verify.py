"""Verifies the whole log of a database, as of one moment."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from ingest.access.audit_log import database
from ingest.access.audit_log.chain import Fault, Link, Verification, faults_of
from ingest.store.database import Database


def verify(connection: Database, now: datetime, noted: Sequence[Link], found: Verification) -> Iterator[Fault]:
    """Everything that is wrong, while the log is read; `found` is complete at the end. Not in autocommit mode."""
    database.look_as_of_now(connection)
    yield from faults_of(database.read_anchor(connection), database.walk(connection), now, noted, found)
