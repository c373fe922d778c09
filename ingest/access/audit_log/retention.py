"""How long the audit log is kept, and the checkpoint by which a cut end is found."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog

from ingest.access.audit import Action, Entry, append
from ingest.access.audit_log import database
from ingest.access.audit_log.chain import Link
from ingest.settings.sign_in import AuditSettings
from ingest.store.database import Database
from schemas.japan import FiscalYear, to_jst

log = structlog.get_logger()

SERVICE = "service"
"""The actor of what the service does by itself."""


class Forgotten(NamedTuple):
    """How many entries and addresses were deleted."""

    entries: int
    addresses: int


def kept_from(keep_fiscal_years: int, now: datetime) -> datetime:
    """The time from which entries are kept: until so many fiscal years after their own have ended."""
    return FiscalYear(FiscalYear.of(to_jst(now).date()).year - keep_fiscal_years).start


def forget_old(connection: Database, settings: AuditSettings, now: datetime | None = None) -> Forgotten:
    """Delete entries and addresses whose period has passed at `now`; not given: by the clock of the database.

    That entries were deleted is an entry itself, in the same transaction: how many, up to which number, from when on.
    The connection is in autocommit mode.
    """
    now = now or database.clock(connection)
    until = kept_from(settings.keep_fiscal_years, now)
    with connection.transaction():
        entries = database.forget(connection, until)
        if entries:
            anchor = database.read_anchor(connection)
            last = None if anchor is None else anchor.entry_id
            after = {"entries": entries, "last": last, "kept_from": to_jst(until).isoformat()}
            append(connection, Entry(Action.AUDIT_FORGOTTEN, "audit_entry", SERVICE, after=after))
    addresses = database.forget_addresses(connection, now - timedelta(days=settings.address_days))
    return Forgotten(entries, addresses)


def note_checkpoint(connection: Database) -> Link | None:
    """Write number and hash of the last entry into the log of the service, and return them; None without an entry.

    Whoever deletes the end of the audit log cannot change what was collected elsewhere before.
    """
    row = database.last_link(connection)
    if row is None:
        return None
    link = Link(*row)
    log.info("audit_checkpoint", link=str(link), at=datetime.now(UTC).isoformat(timespec="seconds"))
    return link
