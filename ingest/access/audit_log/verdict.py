"""Whether the chain of the audit log is whole, as it was found last: pages and metrics read it, and walk no log."""

from collections.abc import Iterator
from datetime import datetime
from threading import Event
from typing import NamedTuple

from ingest.access.audit_log import database
from ingest.access.audit_log.chain import FIRST_HASH, Link, Verification, faults_of
from ingest.access.audit_log.entry import AuditEntry
from ingest.store.database import Database
from schemas.bilingual import Bilingual

MOST_FAULTS = 1_000
"""After so many nothing more is looked for."""


class Verdict(NamedTuple):
    """What a verification came to. `faults`: at most MOST_FAULTS; `first`: the first of them, empty without one."""

    verified_at: datetime
    entries: int
    faults: int
    first: Bilingual


class _Stopped(Exception):
    """The service ends: what was seen so far says nothing."""


def read_verdict(connection: Database) -> Verdict | None:
    """The last one; None before the first verification."""
    row = database.select_verdict(connection)
    return None if row is None else Verdict(row[0], row[1], row[2], Bilingual(row[3], row[4]))


def judge(connection: Database, now: datetime, stop: Event) -> Verdict | None:
    """Walk along the whole chain, keep what that came to, and return it; None if it was stopped on the way.

    Some thousand entries are in memory at a time. An end that was cut off since the last time is found, too. The
    connection is in autocommit mode.
    """
    found, faults = Verification(), list[Bilingual]()
    try:
        with connection.transaction():
            database.look_as_of_now(connection)
            anchor = database.read_anchor(connection)
            noted = [Link(*kept) for kept in database.select_last_verified(connection)]
            noted = [link for link in noted if anchor is None or link.entry_id > anchor.entry_id]
            for fault in faults_of(anchor, _until(database.walk(connection), stop), now, noted, found):
                faults.append(fault.said)
                if len(faults) == MOST_FAULTS:
                    break
    except _Stopped:
        return None
    first = faults[0] if faults else Bilingual("", "")
    verdict = Verdict(now, found.entries, len(faults), first)
    last = found.last or Link(0, FIRST_HASH)
    database.keep_verdict(connection, (now, verdict.entries, *last, verdict.faults, first.ja, first.en))
    return verdict


def _until(entries: Iterator[AuditEntry], stop: Event) -> Iterator[AuditEntry]:
    for entry in entries:
        if stop.is_set():
            raise _Stopped
        yield entry
