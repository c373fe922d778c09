"""What was expected, sent, received and valid in a period, by project, network, gateway, area, use and device."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import dict_row

from ingest.figures.fetch import fetch
from schemas.plan import PlanScope

Level = Literal["project", "network", "gateway", "area", "technology", "use", "device"]

LEVELS: tuple[Level, ...] = ("project", "network", "gateway", "area", "technology", "use", "device")


@dataclass(frozen=True, slots=True)
class PlanSums:
    """One row of `figure_plan`; its comment defines every count. The rates are exact fractions, None without a base.

    `transmission` x `arrival` x `validity` = `completeness`, exactly: each count is the base of the next rate.
    `devices`: those of which something was expected; `devices_counted`: those of them that send a counter.
    `key` is the code of what `level` names (an area or a use: itself); empty where the registry says none.
    """

    level: Level
    key: str
    name: str
    devices: int
    devices_counted: int
    expected: int
    sent: int
    arrived: int
    valid: int
    active_s: float
    alive_s: float
    readings: int
    flagged: int
    quarantined: int
    uplinks: int
    payload_bytes: int
    latency_samples: int
    latency_p50_s: float | None
    latency_p95_s: float | None

    @property
    def transmission(self) -> Fraction | None:
        """送信率: sent / expected."""
        return _rate(self.sent, self.expected)

    @property
    def arrival(self) -> Fraction | None:
        """無線到達率: arrived / sent."""
        return _rate(self.arrived, self.sent)

    @property
    def validity(self) -> Fraction | None:
        """有効率: valid / arrived."""
        return _rate(self.valid, self.arrived)

    @property
    def completeness(self) -> Fraction | None:
        """取得率: valid / expected."""
        return _rate(self.valid, self.expected)

    @property
    def availability(self) -> float | None:
        """稼働率 as a share of 1: the time with a measurement that is not too old, over the time of operation."""
        return self.alive_s / self.active_s if self.active_s > 0 else None

    def reference_only(self, least: float = 80) -> bool:
        """Whether `completeness` is below `least` percent, so that what rests on it is 参考値. False without a base."""
        return self.completeness is not None and self.completeness * 100 < Fraction(str(least))


def percent(rate: Fraction | float | None, decimals: int = 1) -> float | None:
    """A share of 1 in percent, cut (never rounded up) to so many decimals; None stays None."""
    if rate is None:
        return None
    whole: int = 10**decimals
    return math.floor(Fraction(rate) * 100 * whole) / whole


def plan_sums(
    connection: Connection[Any],
    project_code: str,
    first_day: date,
    until_day: date,
    now: datetime,
    scope: PlanScope | None = None,
    *,
    levels: Iterable[Level] = LEVELS,
) -> list[PlanSums]:
    """The sums of the days from `first_day` to the day before `until_day` in Japan, as seen at `now`, at these levels.

    There is one row of the level project, even of no device; the other levels have a row for each value met in the
    period, ordered by level and key. A scope leaves out what it does not allow; a group of it must be written as
    `devices` by the caller, who has the plan: with a `group` this raises ValueError.
    """
    if scope is not None:
        _refuse_group(scope)
    query = """
        select level, key, name, devices, devices_counted, expected, sent, arrived, valid, active_s, alive_s,
            readings, flagged, quarantined, uplinks, payload_bytes, latency_samples, latency_p50_s, latency_p95_s
        from figure_plan(%(project)s, %(first)s, %(until)s, %(now)s, %(scope)s::jsonb)
        where level = any(%(levels)s)
        order by array_position(%(all)s, level), key
    """
    values = {
        "project": project_code, "first": first_day, "until": until_day, "now": now,
        "scope": scope and scope.model_dump_json(), "levels": list(levels), "all": list(LEVELS),
    }  # fmt: skip
    return fetch(connection, PlanSums, query, values)


def plan_sums_each(
    connection: Connection[Any],
    project_code: str,
    first_day: date,
    until_day: date,
    now: datetime,
    scopes: Sequence[PlanScope],
) -> list[list[PlanSums]]:
    """What `plan_sums` says of each scope, in the order given. What came is counted once, however many there are.

    All scopes have the same season, or none: else this raises ValueError, as it does for a `group`.
    """
    if len(scopes) == 1:  # what the one scope leaves out need not be counted
        return [plan_sums(connection, project_code, first_day, until_day, now, scopes[0])]
    if len({scope.season for scope in scopes}) > 1:
        raise ValueError("sums of several seasons are counted apart")
    for scope in scopes:
        _refuse_group(scope)
    query = """
        select place, level, key, name, devices, devices_counted, expected, sent, arrived, valid, active_s, alive_s,
            readings, flagged, quarantined, uplinks, payload_bytes, latency_samples, latency_p50_s, latency_p95_s
        from figure_plan_scopes(%(project)s, %(first)s, %(until)s, %(now)s, %(common)s::jsonb, %(scopes)s::jsonb)
        order by place, array_position(%(all)s, level), key
    """
    written = [scope.model_dump(mode="json") for scope in scopes]
    values = {
        "project": project_code, "first": first_day, "until": until_day, "now": now, "all": list(LEVELS),
        "common": json.dumps({"season": written[0]["season"]}) if written else None, "scopes": json.dumps(written),
    }  # fmt: skip
    found: list[list[PlanSums]] = [[] for _ in scopes]
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(query, values):
            found[row.pop("place") - 1].append(PlanSums(**row))
    return found


def _refuse_group(scope: PlanScope) -> None:
    if scope.group is not None:
        raise ValueError("a group of a scope must be resolved to its devices")


def _rate(part: int, base: int) -> Fraction | None:
    return Fraction(part, base) if base > 0 else None
