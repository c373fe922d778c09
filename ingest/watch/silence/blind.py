"""When a gauge is blind (監視不能): it rains nearby, and the gauge says nothing, as it does for a day in calm weather.

Where nobody knows whether it rains, because every rain gauge nearby says nothing, the gauge is in doubt, at a lower
rank: no other source of rain is asked, and silence is never taken for calm. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.watch.model import Kind, Thing, subject_of
from ingest.watch.silence.hearing import Hearing
from ingest.watch.silence.model import BLIND_RANK, RAIN_UNKNOWN, RAINING, UNSURE_RANK, Condition, DeviceNow
from schemas.watch_silence import BlindRule, RainMeasure, WatchSilence

USUAL = BlindRule(gauges=("any",), rain=("any",))
"""Its limits hold where the document says nothing; its lists are found by area and distance."""


class Rain(NamedTuple):
    """What a rain gauge says now: sums over 1, 3 and 24 hours. `silent`: what it did not measure is not known."""

    device: str
    sums: Mapping[str, float | None]
    silent: bool


class Watched(NamedTuple):
    """A gauge that must be heard while it rains, and its rain gauges."""

    gauge: DeviceNow
    rain: tuple[str, ...]
    measure: RainMeasure
    at_least: float
    silent: timedelta


class Unheard(NamedTuple):
    """A watched gauge that was not heard for too long, and since when that is so."""

    watched: Watched
    since: datetime
    at: datetime


class Seen(NamedTuple):
    """How it rains at the gauges of a rule. `sum_mm`: the highest known sum; None: none is known."""

    sum_mm: float | None
    station: str
    unknown: bool

    def reaches(self, watched: Watched) -> bool:
        """Whether it rains so much that the gauge must be heard."""
        return self.sum_mm is not None and self.sum_mm >= watched.at_least


def watched_gauges(
    devices: Iterable[DeviceNow], wanted: WatchSilence, nearby: Mapping[int, Sequence[str]]
) -> Iterator[Watched]:
    """The gauges of one project that must be heard. `nearby`: by device, its rain gauges, where no rule names them."""
    if not wanted.enabled:
        return
    if wanted.blind is None:
        for device in devices:
            if device.has_calm and nearby.get(device.device_id):
                yield _watched(device, USUAL, tuple(nearby[device.device_id]))
        return
    named = {code: rule for rule in reversed(wanted.blind) for code in rule.gauges}
    for device in devices:
        if device.code in named:
            yield _watched(device, named[device.code], named[device.code].rain)


def _watched(device: DeviceNow, rule: BlindRule, rain: tuple[str, ...]) -> Watched:
    return Watched(device, rain, rule.measure, rule.at_least, timedelta(minutes=rule.silent_min))


def unheard(watched: Watched, hearing: Hearing, now: datetime) -> Unheard | None:
    """Whether a gauge was not heard for too long. One that sends by its short interval is left to the other watch."""
    gauge = watched.gauge
    if gauge.heard_at is None or not gauge.working or (gauge.has_calm and not gauge.calm):
        return None
    at = hearing.runs_out(gauge.heard_at, watched.silent)
    return Unheard(watched, gauge.heard_at, at) if at < now else None


def seen_by(watched: Watched, rain: Mapping[str, Rain]) -> Seen:
    """How it rains nearby, by the rain gauge with the most. A gauge that fell silent measured so much at least."""
    known = [
        (value, station, rain[station].silent)
        for station in watched.rain
        if station in rain and (value := rain[station].sums[watched.measure.kind]) is not None
    ]
    value, station, _ = max(known, default=(None, "", True), key=lambda each: each[0] or 0)
    return Seen(value, station, unknown=all(silent for *_, silent in known))


def condition_of(
    found: Unheard, seen: Seen, reached_at: datetime | None, group: str | None, now: datetime
) -> Condition | None:
    """What holds of a gauge that was not heard; None while it is known not to rain.

    `reached_at`: since when the rain has been above the limit. `group`: what explains that the rain is not known.
    """
    watched = found.watched
    raining = seen.reaches(watched)
    if not raining and not seen.unknown:
        return None
    gauge = watched.gauge
    details = {
        "reason": "rain" if raining else "rain_unknown", "heard_at": found.since.isoformat(),
        "rain": seen.station or " ".join(watched.rain), "silent_min": round(watched.silent.total_seconds() / 60),
    }  # fmt: skip
    return Condition(
        Kind.BLIND, Thing(gauge.project_id, gauge.device_id), BLIND_RANK if raining else UNSURE_RANK,
        max(found.at, reached_at or found.at) if raining else max(found.at, reached_at or now),
        None if raining else group, watched.measure.kind, seen.sum_mm if raining else None, watched.at_least, "mm",
        RAINING if raining else RAIN_UNKNOWN, details,
    )  # fmt: skip


def subject_of_gauge(gauge: DeviceNow) -> str:
    """The subject of a gauge that cannot be watched."""
    return subject_of(Kind.BLIND, Thing(gauge.project_id, gauge.device_id))
