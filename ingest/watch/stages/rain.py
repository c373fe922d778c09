"""Measures of rain: sums over hours, rain since it began, effective rain, and the soil-water index.

Where rain may have fallen that is not known, because the gauge was silent or is new, the true value is at least what is
computed: such a sample reaches a stage, and leaves none.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from operator import itemgetter, sub
from typing import NamedTuple

from ingest.watch.stages.fallen import MARGIN, Gain, Gauge, gains, undoubted
from ingest.watch.stages.sample import Lacking, Sample
from ingest.watch.stages.soil import EMPTY, Tanks, filled
from ingest.watch.stages.window import DIGITS, HOUR_US, Point, Points, added

FORGOTTEN = 20
"""Half-lives after which rain is a millionth of what it was."""

KNOWN = 3
"""Half-lives after which what is not known is an eighth of what it was: then the value is taken as it is."""

_TIME = itemgetter(0)


@dataclass(frozen=True, slots=True)
class RainSum:
    """Rain of the readings within a span, in mm. A gauge that reports more rarely than that has none."""

    kind: str
    span_us: int
    gauge: Gauge
    unit: str = "mm"

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return self.span_us + MARGIN * self.gauge.gap_us

    def start(self) -> Points:
        """Part of the protocol."""
        return ()

    def add(self, memory: Points, time_us: int, values: Sequence[float | None]) -> tuple[Points, Sample]:
        """Part of the protocol."""
        points = added(memory, time_us, values[0], self.look_back_us)
        return points, self._sample(time_us, points)

    def _sample(self, time_us: int, points: Points) -> Sample:
        if self.gauge.interval_us > self.span_us:
            return Sample(time_us, None, lacking=Lacking.COARSE)
        first_us = time_us - self.span_us
        first = max(bisect_right(points, first_us, key=_TIME), 1)
        brought = undoubted(self.gauge, points[max(first - 2, 0) :])
        if brought is None:
            return self._judged(time_us, points)
        known = brought[-len(points[first:]) :] if first < len(points) else []
        times = [point.time_us for point in points[first - 1 :]]
        gaps = [place for place, lasted in enumerate(map(sub, times[1:], times)) if lasted > self.gauge.gap_us]
        lost = bool(gaps) and (not self.gauge.counter or (gaps[0] == 0 and times[0] < first_us))
        if lost and self.gauge.counter:
            known = known[1:]  # it may have fallen before
        return Sample(time_us, round(fsum(known), DIGITS), lost or points[0].time_us > first_us)

    def _judged(self, time_us: int, points: Points) -> Sample:
        """The sample by each gain; a few times as slow."""
        fallen = gains(self.gauge, points)
        if fallen and fallen[-1].doubtful:
            return Sample(time_us, None, lacking=Lacking.DOUBTFUL)
        first_us = time_us - self.span_us
        inside = [gain for gain in fallen if gain.time_us > first_us]
        known = [gain.mm for gain in inside if self._is_known(gain, first_us)]
        partial = len(known) < len(inside) or points[0].time_us > first_us or self._has_gap(inside)
        return Sample(time_us, round(fsum(known), DIGITS), partial)

    def _is_known(self, gain: Gain, first_us: int) -> bool:
        """Whether what a reading brought fell within the span. A total says so of a gap that lies within it."""
        return not self.gauge.counter or gain.time_us - gain.base_us <= self.gauge.gap_us or gain.base_us >= first_us

    def _has_gap(self, inside: Sequence[Gain]) -> bool:
        """Whether rain fell unseen: what a silent gauge of amounts did not report is lost."""
        return not self.gauge.counter and any(gain.time_us - gain.base_us > self.gauge.gap_us for gain in inside)


class Tail(NamedTuple):
    """The last readings, whose gains may still change, and since when the rain is known without a gap."""

    points: Points = ()
    known_us: int = 0
    settled_us: int | None = None
    """Gains up to this time are part of what was summed."""


def lengthened(gauge: Gauge, tail: Tail, time_us: int, value: float) -> tuple[Tail, list[Gain], list[Gain]]:
    """The tail with a new reading, the gains that are settled by it, and those that the next reading may change."""
    points = (*tail.points, Point(time_us, value))[-MARGIN:]
    done_us = time_us if tail.settled_us is None else tail.settled_us
    new = [gain for gain in gains(gauge, points) if gain.time_us > done_us]
    open_ = 1 if gauge.counter else 0
    settled, pending = (new[:-open_], new[-open_:]) if open_ else (new, [])
    gap = not tail.points or (not gauge.counter and time_us - tail.points[-1].time_us > gauge.gap_us)
    settled_us = settled[-1].time_us if settled else done_us
    return Tail(points, time_us if gap else tail.known_us, settled_us), settled, pending


def _is_doubtful(pending: Sequence[Gain]) -> bool:
    return bool(pending) and pending[-1].doubtful


class Spell(NamedTuple):
    """Rain since it began. `whole`: since a dry spell was seen before it."""

    tail: Tail = Tail()
    mm: float = 0.0
    wet_us: int | None = None
    dry_since_us: int = 0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class RainCumulative:
    """Rain since it began (累加雨量), in mm. It has ended when there was none for `dry_us`.

    It is looked back for 31 days: rain that began before is summed from there, and is at least so much.
    """

    dry_us: int
    gauge: Gauge
    unit: str = "mm"
    kind: str = "rain_cumulative"
    look_back_us: int = 31 * 24 * HOUR_US

    def start(self) -> Spell:
        """Part of the protocol."""
        return Spell()

    def add(self, memory: Spell, time_us: int, values: Sequence[float | None]) -> tuple[Spell, Sample]:
        """Part of the protocol."""
        value = values[0]
        assert value is not None  # it has one input
        tail, settled, pending = lengthened(self.gauge, memory.tail, time_us, value)
        if tail.known_us == time_us:  # the first reading, or the first after a gap
            memory = memory._replace(dry_since_us=time_us, whole=False)
        memory = self._with(memory, settled)._replace(tail=tail)
        if _is_doubtful(pending):
            return memory, Sample(time_us, None, lacking=Lacking.DOUBTFUL)
        now = self._ended(self._with(memory, pending), time_us)
        return memory, Sample(time_us, round(now.mm, DIGITS), not now.whole)

    def _with(self, spell: Spell, fallen: Sequence[Gain]) -> Spell:
        for gain in fallen:
            spell = self._ended(spell, gain.time_us)
            if gain.mm > 0:
                spell = spell._replace(mm=spell.mm + gain.mm, wet_us=gain.time_us, dry_since_us=gain.time_us)
        return spell

    def _ended(self, spell: Spell, time_us: int) -> Spell:
        """The spell at a time: at its end it is nothing, and what comes after is known whole."""
        if spell.wet_us is not None and time_us - spell.wet_us >= self.dry_us:
            spell = spell._replace(mm=0.0)
        return spell._replace(whole=spell.whole or time_us - spell.dry_since_us >= self.dry_us)


class Remembered(NamedTuple):
    """Effective rain up to a time."""

    tail: Tail = Tail()
    mm: float = 0.0
    at_us: int = 0


@dataclass(frozen=True, slots=True)
class RainEffective:
    """Rain of which half is forgotten after each half-life (実効雨量), in mm.

    Rain of before the look-back is less than a millionth of itself. For three half-lives after a beginning or a gap the
    value is at least so much.
    """

    half_life_us: int
    gauge: Gauge
    unit: str = "mm"
    kind: str = "rain_effective"

    @property
    def look_back_us(self) -> int:
        """Part of the protocol."""
        return FORGOTTEN * self.half_life_us

    def start(self) -> Remembered:
        """Part of the protocol."""
        return Remembered()

    def add(self, memory: Remembered, time_us: int, values: Sequence[float | None]) -> tuple[Remembered, Sample]:
        """Part of the protocol."""
        value = values[0]
        assert value is not None  # it has one input
        tail, settled, pending = lengthened(self.gauge, memory.tail, time_us, value)
        memory = self._with(memory, settled)._replace(tail=tail)
        if _is_doubtful(pending):
            return memory, Sample(time_us, None, lacking=Lacking.DOUBTFUL)
        now = self._with(memory, pending)
        partial = time_us - tail.known_us < KNOWN * self.half_life_us
        return memory, Sample(time_us, round(now.mm * self._left(time_us - now.at_us), 6), partial)

    def _with(self, memory: Remembered, fallen: Sequence[Gain]) -> Remembered:
        for gain in fallen:
            left = self._left(gain.time_us - memory.at_us)
            memory = memory._replace(mm=memory.mm * left + gain.mm, at_us=gain.time_us)
        return memory

    def _left(self, span_us: int) -> float:
        return float(0.5 ** (span_us / self.half_life_us))


class Soil(NamedTuple):
    """Tanks up to a time."""

    tail: Tail = Tail()
    tanks: Tanks = EMPTY
    at_us: int | None = None


@dataclass(frozen=True, slots=True)
class SoilWaterIndex:
    """Soil-water index (土壌雨量指数) of one gauge, in mm: an estimate (推定値).

    The official one is computed on a mesh of 1 km. The tanks begin empty. Water of before the look-back of 60 days is
    less than a millionth of itself. For three days after a beginning or a gap the value is at least so much.
    """

    gauge: Gauge
    unit: str = "mm"
    kind: str = "soil_water_index"
    look_back_us: int = 60 * 24 * HOUR_US
    known_us: int = 72 * HOUR_US

    def start(self) -> Soil:
        """Part of the protocol."""
        return Soil()

    def add(self, memory: Soil, time_us: int, values: Sequence[float | None]) -> tuple[Soil, Sample]:
        """Part of the protocol."""
        value = values[0]
        assert value is not None  # it has one input
        tail, settled, pending = lengthened(self.gauge, memory.tail, time_us, value)
        memory = self._with(memory, settled)._replace(tail=tail)
        if _is_doubtful(pending):
            return memory, Sample(time_us, None, lacking=Lacking.DOUBTFUL)
        now = self._with(memory, pending)
        partial = time_us - tail.known_us < self.known_us
        return memory, Sample(time_us, round(now.tanks.water, 6), partial)

    def _with(self, memory: Soil, fallen: Sequence[Gain]) -> Soil:
        """The tanks after the rain of these readings, each spread evenly over the time since the one before."""
        for gain in fallen:
            since_us = gain.base_us if memory.at_us is None else memory.at_us
            hours = (gain.time_us - since_us) / HOUR_US
            memory = memory._replace(tanks=filled(memory.tanks, gain.mm, hours), at_us=gain.time_us)
        return memory
