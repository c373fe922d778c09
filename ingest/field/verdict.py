"""The account at the end: does the identity hold, and is anything lost?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.field.station import Tally

SUMMARY_KEYS = (
    "received", "stored", "duplicate", "quarantined", "in_flight", "readings_stored",
    "devices", "seconds", "database", "timescaledb", "broker", "url",
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What was sent and what became of it. `counts`: the service's own metrics just before it stopped."""

    service: Mapping[str, object]
    published: int
    acknowledged: int
    tally: Tally
    counts: Mapping[str, int] | None = None

    @property
    def summary(self) -> dict[str, object]:
        """The summary every command writes, with these keys and no others."""
        return {key: self.service.get(key) for key in SUMMARY_KEYS}

    @property
    def identity_holds(self) -> bool:
        """Whether received = stored + duplicate + quarantined + in_flight."""
        parts = ("stored", "duplicate", "quarantined", "in_flight")
        return self._number("received") == sum(self._number(part) for part in parts)

    @property
    def nothing_lost(self) -> bool:
        """Everything published was acknowledged, received and settled."""
        return (
            self.published == self.acknowledged
            and self._number("received") >= self.published
            and self._number("in_flight") == 0
        )

    @property
    def good(self) -> bool:
        """Whether the demonstration proved what it is there to prove."""
        return self.identity_holds and self.nothing_lost

    def lines(self) -> Iterator[str]:
        """The account in words."""
        number = {key: f"{self._number(key):,}" for key in SUMMARY_KEYS[:6]}
        yield (
            f"{_mark(self.identity_holds)} 収支 identity: received {number['received']} = stored {number['stored']}"
            f" + duplicate {number['duplicate']} + quarantined {number['quarantined']}"
            f" + in_flight {number['in_flight']}"
        )
        yield (
            f"{_mark(self.nothing_lost)} 欠落なし nothing lost: published {self.published:,},"
            f" acknowledged {self.acknowledged:,}, received {number['received']}"
        )
        yield f"  測定値 readings stored: {number['readings_stored']}"
        for fault, count in sorted(self.tally.faults.items()):
            yield f"  故意の異常 fault: {fault} {count:,} ({fault.label_ja}; {fault.outcome})"
        yield (
            f"  送信に至らず never sent: {self.tally.lost_on_air:,} lost on air (電波で消失),"
            f" {self.tally.silenced:,} behind a dead gateway (基地局停止)"
        )

    def _number(self, key: str) -> int:
        value = self.service.get(key)
        return value if isinstance(value, int) else 0


def _mark(good: bool) -> str:  # noqa: FBT001  it is what it marks
    return "✓" if good else "✗"
