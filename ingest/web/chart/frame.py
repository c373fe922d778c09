"""The parts of a chart, and the conversion of times and values to positions."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.web.chart.scale import ticks, time_ticks

SIZE = 1000
"""Side of the drawing area; the page stretches it to the width of the screen."""


POINTS = 240
"""About how many buckets a chart is given: more than a card of half a screen can show."""


class Window(NamedTuple):
    """The span of time a chart shows."""

    start: datetime
    end: datetime

    @property
    def bucket(self) -> timedelta:
        """About the width of one bucket."""
        return (self.end - self.start) / POINTS


class Sample(NamedTuple):
    """One bucket of a series (or one raw reading, then low = mean = high)."""

    at: datetime
    low: float
    mean: float
    high: float
    flagged: bool = False

    @property
    def states(self) -> list[int]:
        """For values that are states: the states that occurred in the bucket, the last one last."""
        return list(dict.fromkeys(map(round, (self.low, self.high, self.mean))))


class Mark(NamedTuple):
    """A label on an axis, at a percentage from the left or the top."""

    percent: float
    label: str
    day: bool = False
    minor: bool = False


class Bar(NamedTuple):
    """A rectangle in the drawing area."""

    x: float
    y: float
    width: float
    height: float


class Spot(NamedTuple):
    """A place that the pointer can read: position in per mille, and the lines of its tip."""

    x: float
    y: float
    when: str
    what: str


class Chart(NamedTuple):
    """A chart ready to be placed. Paths and bars are in `SIZE` units, marks in percent.

    `faint`: bars of values that are for reference only.
    """

    kind: str
    x_marks: list[Mark]
    y_marks: list[Mark]
    line: str = ""
    band: str = ""
    dots: str = ""
    flagged: str = ""
    last: str = ""
    bars: Sequence[Bar] = ()
    gaps: Sequence[Bar] = ()
    spots: Sequence[Spot] = ()
    stages: Sequence[Mark] = ()
    faint: Sequence[Bar] = ()


class Frame(NamedTuple):
    """The window of a chart: a span of time across, a span of values upwards."""

    start: datetime
    end: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        """Units from the left edge, kept inside the window."""
        share = (at - self.start) / (self.end - self.start)
        return round(SIZE * min(1.0, max(0.0, share)), 1)

    def y(self, value: float) -> float:
        """Units from the top edge."""
        return round(SIZE * (self.high - value) / (self.high - self.low), 1)


def value_frame(
    start: datetime,
    end: datetime,
    samples: list[Sample],
    *,
    from_zero: bool = False,
    finest: float = 0.0,
    within: Sequence[float] = (),
) -> tuple[Frame, list[float]]:
    """A frame whose value axis ends on round numbers (at least `finest` apart), and those numbers.

    `within`: values that the frame must include, whatever was measured.
    """
    low = min([*(sample.low for sample in samples), *within], default=0.0)
    high = max([*(sample.high for sample in samples), *within], default=1.0)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high, low + 1)
    # The axis spans at least 4 % of the value: small changes must not look like a storm.
    room = max(0.0, 0.04 * max(abs(low), abs(high)) - (high - low)) / 2
    steps = ticks(low - room, high + room, finest=finest)
    return Frame(start, end, steps[0], steps[-1]), steps


def time_marks(start: datetime, end: datetime) -> list[Mark]:
    """The time axis in JST."""
    span = end - start
    return [
        Mark(round(100 * ((tick.at - start) / span), 2), tick.label, tick.day, tick.minor)
        for tick in time_ticks(start, end)
    ]
