"""A stored entry of the audit log, and which of them are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of `audit_entry`, with the address where it is still kept. `before`, `after`: JSON as text."""

    entry_id: int
    at: datetime
    actor: str
    department: str
    organisation: str | None
    project: str | None
    action: str
    subject: str
    before: str | None
    after: str | None
    previous: bytes
    hash: bytes
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain begins: number, hash and time of the last entry that was deleted; number 0 if none was."""

    entry_id: int
    hash: bytes
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for. A filter that is None (or empty) leaves out nothing.

    `start`, `end`: aware times, [start, end). `below`: only entries with a smaller number, for the next page.
    `organisations`: only entries about these codes; None: all, also those about nobody's data.
    """

    start: datetime | None = None
    end: datetime | None = None
    actor: str | None = None
    action: str | None = None
    organisation: str | None = None
    organisations: Sequence[str] | None = None
    below: int | None = None
    limit: int = 100
