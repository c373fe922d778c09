"""Rain of a gauge that sends a running total, amounts, or both: one measure, so that a crossing is one.

Which of them a gauge sends is seen by its readings, and by nothing else: so it is known from the first one on, and the
same readings in whatever order make the same samples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ingest.watch.stages.measure import Measure
from ingest.watch.stages.sample import Sample

TOTAL, AMOUNTS = 0, 1
"""The inputs, by place."""


class Both(NamedTuple):
    """What is remembered of either: its own memory, and its last sample."""

    total: Any
    amounts: Any
    of_total: Sample | None = None
    of_amounts: Sample | None = None


@dataclass(frozen=True, slots=True)
class TotalOrAmounts:
    """The measure of the total where it came and is known whole; else the greater of both: at least so much fell.

    Amounts may be lost with their message, so they count for less: beside a whole total of the same time not at all,
    and none of them takes back what a total said less than `gap_us` ago.
    """

    total: Measure
    amounts: Measure
    gap_us: int

    @property
    def kind(self) -> str:
        """Part of the protocol."""
        return self.total.kind

    @property
    def unit(self) -> str:
        """Part of the protocol."""
        return self.total.unit

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return max(self.total.look_back_us, self.amounts.look_back_us) + self.gap_us

    def start(self) -> Both:
        """Part of the protocol."""
        return Both(self.total.start(), self.amounts.start())

    def add(self, memory: Both, time_us: int, values: Sequence[float | None]) -> tuple[Both, Sample]:
        """Part of the protocol. A sample of amounts says so by `source`."""
        if values[TOTAL] is not None:
            total, sample = self.total.add(memory.total, time_us, [values[TOTAL]])
            memory = memory._replace(total=total, of_total=sample)
        if values[AMOUNTS] is not None:
            amounts, sample = self.amounts.add(memory.amounts, time_us, [values[AMOUNTS]])
            memory = memory._replace(amounts=amounts, of_amounts=sample._replace(source=AMOUNTS))
        return memory, self._of(memory, time_us)

    def _of(self, memory: Both, time_us: int) -> Sample:
        total, amounts = memory.of_total, memory.of_amounts
        if total is not None and total.time_us == time_us and total.value is not None and not total.partial:
            return total
        known = [each for each in (total, amounts) if each is not None and time_us - each.time_us <= self.gap_us]
        return max(known, key=_worth)


def _worth(sample: Sample) -> tuple[bool, float, bool]:
    """The greater one: so much fell at least. Of two that are the same the one that is whole."""
    return sample.value is not None, sample.value or 0.0, not sample.partial
