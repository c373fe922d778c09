"""A rule of one thing as the machine follows it: everything looked up, nothing left to ask."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from ingest.watch.model import Kind, StageOf, Thing, subject_of
from ingest.watch.stages.measure import Measure
from schemas.japan import JST_OFFSET_S, to_datetime

EVER_US = -(2**62)
"""Before every reading."""

NEVER_US = 2**62
"""After every reading."""

HOUR_US = 3_600_000_000


NOBODY = -1
"""The place of a partner that is not there any more: nothing is known of it."""


class Series(NamedTuple):
    """One quantity of one device on one channel."""

    device_id: int
    quantity_id: int
    channel: int


class Condition(NamedTuple):
    """What has to hold beside the value before a stage is reached: one of the rule's `partners` at least at a level."""

    partner: int
    """Its place, or NOBODY."""
    at_least: float


class Threshold(NamedTuple):
    """One stage, from when to when it holds: [from_us, to_us). A rule has at most one of each rank at a time."""

    rank: int
    value: float
    name: str = ""
    name_en: str = ""
    official: bool = False
    ref_level: int | None = None
    from_us: int = EVER_US
    to_us: int = NEVER_US
    conditions: tuple[Condition, ...] = ()
    any_condition: bool = False
    """One of the conditions is enough; else all are needed."""

    def stage(self, unit: str) -> StageOf:
        """What an event says of it."""
        return StageOf(self.name, self.name_en, self.value, unit, self.official, self.ref_level)


class Partner(NamedTuple):
    """A measure of other stations that stages ask for beside their own. `inputs`: places in `WatchedRule.inputs`."""

    measure: Measure
    inputs: tuple[int, ...]
    patience_us: int
    """A sample older than this says nothing."""


class Working(NamedTuple):
    """When a rule works: days of the year and hours of the day in Japan, both ends of the days, [from, to) of hours.

    It may wrap the year end or midnight. At other times the rule is at rest: its rank is 0.
    """

    days: tuple[str, str] | None = None
    """MM-DD."""
    minutes: tuple[int, int] | None = None
    """Since midnight."""

    def holds(self, time_us: int) -> bool:
        """Whether the rule works at a time."""
        at = to_datetime(time_us) + timedelta(seconds=JST_OFFSET_S)
        return _between(self.days, f"{at.month:02}-{at.day:02}") and self._hours_hold(at.hour * 60 + at.minute)

    def _hours_hold(self, minute: int) -> bool:
        return self.minutes is None or _between((self.minutes[0], self.minutes[1] - 1), minute)


def _between(ends: tuple[str, str] | tuple[int, int] | None, value: str | int) -> bool:
    if ends is None:
        return True
    low, high = ends
    if low <= high:  # type: ignore[operator]  # both are of one kind
        return low <= value <= high  # type: ignore[operator]
    return value >= low or value <= high  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class WatchedRule:
    """A rule for one series of one device. `code` is empty for the stages of the registry.

    `inputs`: every series it needs; those in `own` (by place) feed its measure. The first of `own` is the series
    that it is named after, whether or not the device sends it.
    """

    code: str
    project_id: int
    hazard: str
    inputs: tuple[Series, ...]
    measure: Measure
    thresholds: tuple[Threshold, ...]
    """By rank. Of one rank several may stand one after the other, each with its time."""
    own: tuple[int, ...] = (0,)
    below: bool = False
    """Stages are reached downwards: frost, a dry paddy."""
    hysteresis: float = 0.0
    hold_us: int = 0
    patience_us: int = HOUR_US
    """Three intervals of the device: after a longer silence nothing is known to have lasted."""
    working: tuple[Working, ...] = ()
    """All of them must hold: the season of the rule, and that of the device."""
    partners: tuple[Partner, ...] = ()
    compared: str = "value"
    """The measure with its numbers, as events keep it: `rise(hours=1)`."""

    @property
    def series(self) -> Series:
        """What it is named after."""
        return self.inputs[self.own[0]]

    @property
    def own_series(self) -> tuple[Series, ...]:
        """What its measure is computed of."""
        return tuple(self.inputs[place] for place in self.own)

    def thing(self, source: int = 0) -> Thing:
        """What an event is about whose value is of this one of its own inputs, by its place in `own`."""
        device_id, quantity_id, channel = self.inputs[self.own[source]]
        return Thing(self.project_id, device_id, None, None, quantity_id, channel)

    @property
    def subject(self) -> str:
        """The name of its condition. It is the same whatever the device sends."""
        return subject_of(Kind.STAGE, self.thing(), self.code)

    @property
    def look_back_us(self) -> int:
        """Readings since so long before a time make the state what it is after all readings before that time."""
        longest = max(self.measure.look_back_us, *(each.measure.look_back_us for each in self.partners), 0)
        patience_us = max(self.patience_us, *(each.patience_us for each in self.partners), 0)
        return longest + self.hold_us + patience_us

    def may_reach(self, value: float, place: int) -> bool:
        """Whether a reading of this value may be beyond a stage: a guess, for what is to be looked at first.

        Of a measure over time, and of a partner, any reading but 0 may. `place`: which of the inputs it is of.
        """
        if self.measure.kind != "value" or place not in self.own:
            return value != 0
        return any((value <= each.value) if self.below else (value >= each.value) for each in self.thresholds)

    def threshold_of(self, rank: int, time_us: int) -> Threshold | None:
        """The stage of a rank at a time; None if there is none."""
        return next(
            (each for each in self.thresholds if each.rank == rank and each.from_us <= time_us < each.to_us), None
        )
