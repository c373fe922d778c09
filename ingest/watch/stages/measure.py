"""What a measure promises to the machine, and the measure that is the value itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ingest.watch.stages.sample import Sample


class Measure(Protocol):
    """Makes samples of readings, one for each time. It never changes a memory: it returns another.

    Where older readings than those of the look-back still count a little, the docstring of the measure bounds it.
    """

    @property
    def kind(self) -> str:
        """Its name in the document: `schemas/watch_measures.py` MeasureKind."""

    @property
    def unit(self) -> str:
        """Of its values, in UCUM."""

    @property
    def look_back_us(self) -> int:
        """Readings since so long before a time make the memory what it is after all readings before that time."""

    def start(self) -> Any:
        """The memory before the first reading."""

    def add(self, memory: Any, time_us: int, values: Sequence[float | None]) -> tuple[Any, Sample]:
        """The memory after the readings of one time, and the sample there.

        `values`: of each of its inputs, None where that has no reading of this time. Times rise from call to call.
        """


@dataclass(frozen=True, slots=True)
class Value:
    """The reading as it is."""

    unit: str
    kind: str = "value"
    look_back_us: int = 0

    def start(self) -> None:
        """Part of the protocol: it remembers nothing."""

    def add(self, memory: None, time_us: int, values: Sequence[float | None]) -> tuple[None, Sample]:
        """Part of the protocol."""
        return memory, Sample(time_us, values[0])


@dataclass(frozen=True, slots=True)
class State(Value):
    """The number of a state. A stage is reached where the state is the one of the stage, and left with any other."""

    unit: str = "1"
    kind: str = "state"
