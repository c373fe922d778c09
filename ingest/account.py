"""The account of messages (収支): received = stored + duplicate + quarantined + in flight, at any moment."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple


@dataclass(slots=True)
class Account:
    """Messages: received = stored + duplicate + quarantined. Readings: offered = the four below it."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    readings_offered: int = 0
    readings_stored: int = 0
    readings_duplicate: int = 0
    readings_conflict: int = 0
    readings_quarantined: int = 0
    payload_bytes: int = 0

    @property
    def settled(self) -> int:
        """Messages that are committed: stored, duplicate or quarantined."""
        return self.stored + self.duplicate + self.quarantined

    def add(self, other: "Account") -> None:
        """Count `other` in."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Outcome:
    """What one batch came to: accounts by project (0: not known), reasons of what was quarantined, splits it took."""

    accounts: dict[int, Account] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    splits: int = 0
    merged: bool = False
    """The batch held something already there, and went through the slower path."""

    def account(self, project_id: int) -> Account:
        """The account of a project, opened if need be."""
        found = self.accounts.get(project_id)
        if found is None:
            found = self.accounts[project_id] = Account()
        return found

    def add(self, other: "Outcome") -> None:
        """Count the outcome of another part of the same batch in."""
        for project_id, account in other.accounts.items():
            self.account(project_id).add(account)
        self.reasons.update(other.reasons)
        self.splits += other.splits
        self.merged = self.merged or other.merged

    @property
    def total(self) -> Account:
        """All projects together."""
        total = Account()
        for account in self.accounts.values():
            total.add(account)
        return total


class Ledger:
    """What this process has received and what became of it.

    Only the event loop writes. `settled` is replaced, never changed, so that another thread which
    reads it once sees one consistent account.
    """

    def __init__(self) -> None:
        self.received = 0
        self.settled = Account()
        self.reasons: Counter[str] = Counter()
        self.batches = 0
        self.merged_batches = 0
        self.splits = 0

    @property
    def in_flight(self) -> int:
        """Received, not yet committed."""
        return self.received - self.settled.settled

    def settle(self, outcome: Outcome) -> None:
        """Count a committed batch."""
        settled = replace(self.settled)
        settled.add(outcome.total)
        self.settled = settled
        self.reasons.update(outcome.reasons)
        self.batches += 1
        self.merged_batches += outcome.merged
        self.splits += outcome.splits


class Balance(NamedTuple):
    """Messages since this process started: `received = stored + duplicate + quarantined + in_flight`."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    in_flight: int

    @property
    def exact(self) -> bool:
        """Whether the account balances to the message."""
        return self.received == self.stored + self.duplicate + self.quarantined + self.in_flight
