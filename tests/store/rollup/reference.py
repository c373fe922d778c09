"""The rollups a second time: slow, plain and obviously right, to compare the database with."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from schemas.japan import JST
from schemas.quantity import CATALOGUE, Kind

HOUR = timedelta(hours=1)
KINDS = {quantity.id: quantity.kind for quantity in CATALOGUE}
RATES = {quantity.id: quantity.greatest_per_hour for quantity in CATALOGUE}
TOPS = sorted(bits * unit for bits in (2**16, 2**32) for unit in (0.1, 0.2, 0.25, 0.5, 1, 10))


class Reading(NamedTuple):
    """One reading as it is stored."""

    device: int
    quantity: int
    time: datetime
    value: float


Sums = dict[str, Any]
Key = tuple[Any, int, int]
"""Hour or day, device, quantity."""


class Step(NamedTuple):
    """What one value of a counter brought."""

    gained: float | None
    implausible: bool
    provisional: bool


def increase(before: float, value: float) -> float | None:
    """None: it stepped back, which no counter does."""
    if value >= before:
        return value - before
    for top in TOPS:
        if top * 63 / 64 <= before < top and value < top / 64:
            return top - before + value
    return value if value < before / 2 else None


def reach(quantity: int, earlier: Reading, later: Reading) -> float:
    """By how much a counter can grow from one reading to the other."""
    per_hour = RATES[quantity]
    hours = max((later.time - earlier.time).total_seconds(), 600) / 3600
    return math.inf if per_hour is None else per_hour * hours


def is_wrong(quantity: int, before: Reading, one: Reading, after: Reading) -> bool:
    """A single value that left the others, which go on as if it had not been there."""
    if one.value == before.value or after.value < before.value:
        return False
    if one.value > before.value:
        returns = after.value < one.value
        impossible = one.value - before.value > reach(quantity, before, one)
    else:
        returns = True
        impossible = after.value - one.value > reach(quantity, one, after)
    return returns and (impossible or after.value < 2 * before.value)


def steps(quantity: int, values: list[Reading]) -> list[Step]:
    wrong = {
        number
        for number in range(1, len(values) - 1)
        if is_wrong(quantity, values[number - 1], values[number], values[number + 1])
    }
    found = [Step(None, implausible=False, provisional=False)]
    for number in range(1, len(values)):
        one, neighbour = values[number], values[number - 1]
        base = values[number - 2] if number - 1 in wrong else neighbour
        gained = increase(base.value, one.value)
        implausible = number in wrong or gained is None or gained > reach(quantity, base, one)
        doubled = 0 < neighbour.value <= one.value / 2
        unsure = number == len(values) - 1 and (implausible or one.value < neighbour.value or doubled)
        found.append(Step(0.0 if implausible else gained, implausible, unsure))
    return found


def hour_of(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)


def day_of(time: datetime) -> date:
    return time.astimezone(JST).date()


def rollup(readings: Iterable[Reading], interval_s: Mapping[int, int], *, daily: bool) -> dict[Key, Sums]:
    """Every row of rollup_hourly or rollup_daily, by hour or day, device and quantity."""
    bucket = day_of if daily else hour_of
    series: dict[tuple[int, int], list[Reading]] = defaultdict(list)
    for reading in sorted(set(readings), key=lambda one: one.time):
        series[reading.device, reading.quantity].append(reading)
    rows: dict[Key, Sums] = {}
    for (device, quantity), values in series.items():
        told = steps(quantity, values)
        for reading, step in zip(values, told, strict=True):
            row = rows.setdefault((bucket(reading.time), device, quantity), _empty())
            _add(row, KINDS[quantity], reading, step)
        if KINDS[quantity] is Kind.STATE:
            for hour, state, seconds in _held(values, timedelta(seconds=3 * interval_s[device])):
                row = rows.setdefault((bucket(hour), device, quantity), _empty())
                row["durations"] = row["durations"] or {}
                row["durations"][state] = row["durations"].get(state, 0.0) + seconds
    for row in rows.values():
        row["direction"] = _direction(row)
    return rows


def _empty() -> Sums:
    names = ("minimum", "maximum", "total", "first", "last", "increase", "east", "north", "durations")
    return {"count": 0, "implausible": 0, "provisional": False, **dict.fromkeys(names)}


def _add(row: Sums, kind: Kind, reading: Reading, step: Step) -> None:
    value = reading.value
    row["count"] += 1
    row["minimum"] = value if row["minimum"] is None else min(row["minimum"], value)
    row["maximum"] = value if row["maximum"] is None else max(row["maximum"], value)
    row["total"] = (row["total"] or 0) + value
    row["first"] = value if row["first"] is None else row["first"]
    row["last"] = value
    if kind is Kind.COUNTER:
        if step.gained is not None:
            row["increase"] = (row["increase"] or 0) + step.gained
        row["implausible"] += step.implausible
        row["provisional"] |= step.provisional
    if kind is Kind.DIRECTION:
        row["east"] = (row["east"] or 0) + math.sin(math.radians(value))
        row["north"] = (row["north"] or 0) + math.cos(math.radians(value))


def _held(values: list[Reading], longest: timedelta) -> Iterable[tuple[datetime, str, float]]:
    """Pieces of one hour at most."""
    for number, reading in enumerate(values):
        following = values[number + 1].time if number + 1 < len(values) else reading.time + longest
        at, end = reading.time, min(following, reading.time + longest)
        while at < end:
            border = min(hour_of(at) + HOUR, end)
            yield at, str(int(reading.value)), (border - at).total_seconds()
            at = border


def _direction(row: Sums) -> float | None:
    if row["east"] is None or math.hypot(row["east"], row["north"]) < 1e-9 * row["count"]:
        return None
    return math.degrees(math.atan2(row["east"], row["north"])) % 360


def rounded(rows: Mapping[Key, Sums]) -> dict[Key, Sums]:
    """To a millionth: two ways to add the same numbers need not agree in their last bits."""
    return {key: {name: _round(value) for name, value in row.items()} for key, row in rows.items()}


def _round(value: Any) -> Any:
    if isinstance(value, dict):
        return {state: round(seconds, 6) for state, seconds in value.items()}
    return round(value, 6) + 0.0 if isinstance(value, float) else value
