"""The identity, kept in one place: received = stored + duplicate + quarantined + in_flight, at any moment."""

from collections import Counter
from dataclasses import replace

from ingest.store.outcome import Account, Outcome


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
