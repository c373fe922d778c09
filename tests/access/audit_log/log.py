"""Logs with a few entries, and what is found wrong with them."""

from datetime import UTC, datetime

from ingest.access.audit import Action, Entry, append
from ingest.access.audit_log.chain import Fault, Link, Verification
from ingest.access.audit_log.verify import verify
from tests.fixtures.database import Database

OWNER = "alter table audit_entry disable trigger user;"
"""An owner of the tables who forges: what he cannot do is make the hashes fit."""


def filled(database: Database, count: int = 5) -> None:
    """Write so many entries."""
    connection = database.connect()
    for number in range(1, count + 1):
        append(connection, Entry(Action.PERSON_CHANGED, f"person {number}", "sato", after={"n": number}), "192.0.2.1")


def forge(database: Database, statement: str) -> None:
    """Change the log as its owner can."""
    database.connect().execute(f"{OWNER} {statement}".encode())


def examined(database: Database, *noted: Link) -> tuple[list[Fault], Verification]:
    """Everything that is wrong, and how far the log goes."""
    found = Verification()
    with database.connect(autocommit=False) as connection:
        return list(verify(connection, datetime.now(UTC), noted, found)), found


def wrong(database: Database, *noted: Link) -> list[tuple[str, int]]:
    """What is wrong with which entry."""
    return [(str(fault.wrong), fault.entry_id) for fault in examined(database, *noted)[0]]
