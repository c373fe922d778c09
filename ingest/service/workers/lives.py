"""What one worker has done over all its lives, put together from its reports."""

from collections import Counter
from dataclasses import replace

from ingest.account import Account
from ingest.service.workers.status import WorkerStatus


class Lives:
    """The account of a worker that may die and come again. It never counts backwards.

    A life that ends leaves messages behind which it had received and not settled. The broker still has them for this
    session and delivers them to the next life: until it has received as many again, they are in flight, and they are
    counted as received once. What a life committed and could not report comes again too, as a duplicate.
    """

    def __init__(self) -> None:
        self.now = WorkerStatus()
        """The last report of the life that runs, or ran last."""
        self.received = 0
        self.starts = 0
        self._settled = Account()
        self._reasons: Counter[str] = Counter()
        self._counts = (0, 0, 0, 0)

    def begin(self) -> None:
        """Close the account of the life before: another one begins."""
        self._settled, self._reasons, self._counts = self.settled, self.reasons, self.counts
        self.now = WorkerStatus()
        self.starts += 1

    def take(self, report: WorkerStatus) -> None:
        """Take in the newest report of the life that runs."""
        self.now = report
        self.received = max(self.received, self._settled.settled + report.received)

    @property
    def settled(self) -> Account:
        """The account of what is settled, over all lives."""
        settled = replace(self._settled)
        settled.add(self.now.settled)
        return settled

    @property
    def reasons(self) -> Counter[str]:
        """Quarantined rows by reason, over all lives."""
        return self._reasons + Counter(self.now.reasons)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Batches, merged batches, splits and failures of the store, over all lives."""
        batches, merged, splits, failures = self._counts
        now = self.now
        return (
            batches + now.batches,
            merged + now.merged_batches,
            splits + now.splits,
            failures + now.store_failures,
        )

    @property
    def in_flight(self) -> int:
        """Received and not settled, by this life or by one before it."""
        return self.received - self.settled.settled
