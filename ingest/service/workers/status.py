"""What a worker tells its supervisor: one JSON object a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from ingest.account import Account, Ledger

Batch: TypeAlias = tuple[int, float, float, float]
"""Messages, seconds to write, age of the oldest in seconds, time of commit in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The account of one life of a worker, and what is new since its last report. Exact at the moment it was written.

    `answer`: number of the question it answers; then `gauges`, `trouble` (what
    is wrong: concern and words) and `devices` are of that moment too.
    `refused`: why it ends for good, in both languages; `wrong_setting`: and that is no refusal of the broker.
    """

    received: int = 0
    settled: Account = field(default_factory=Account)
    reasons: Mapping[str, int] = field(default_factory=dict)
    batches: int = 0
    merged_batches: int = 0
    splits: int = 0
    store_failures: int = 0
    committed: Sequence[Batch] = ()
    answer: int = 0
    gauges: Mapping[str, float] = field(default_factory=dict)
    trouble: Sequence[tuple[str, str]] = ()
    devices: int = 0
    refused: Sequence[str] = ()
    wrong_setting: bool = False


def report_of(ledger: Ledger, store_failures: int, committed: Sequence[Batch]) -> WorkerStatus:
    """The account as it stands."""
    return WorkerStatus(
        ledger.received,
        ledger.settled,
        ledger.reasons,
        ledger.batches,
        ledger.merged_batches,
        ledger.splits,
        store_failures,
        committed,
    )


def to_line(report: WorkerStatus) -> bytes:
    """A report as one line of JSON."""
    return orjson.dumps(report) + b"\n"


def from_line(line: bytes) -> WorkerStatus:
    """The report of such a line. Both ends are the same program, so nothing is checked."""
    fields: dict[str, Any] = orjson.loads(line)
    return WorkerStatus(**fields | {"settled": Account(**fields["settled"])})
