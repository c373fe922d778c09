"""One look at a project: what figures are read from, once each, and what a figure comes to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import TypeAlias, TypeVar, cast

from ingest.figures.fetch import Database
from ingest.figures.plan.outage import OutageSums, outage_sums, outages_known
from ingest.figures.plan.sums import PlanSums, plan_sums_each
from ingest.figures.plan.work import WorkSums, work_sums
from ingest.figures.watch_record import WatchSums, WatchUptime, watch_sums, watch_uptime
from ingest.plan.check.use.months import MonthOfUse, use_of_project
from schemas.bilingual import Bilingual
from schemas.japan import JST, Month
from schemas.plan import PlanDocument, PlanScope
from schemas.work import Basis, WorkKind

Number: TypeAlias = int | float | Decimal | Fraction

_Kept = TypeVar("_Kept")
_Row = TypeVar("_Row", PlanSums, OutageSums)

DIGITS = Context(prec=30, rounding=ROUND_DOWN)
"""So many digits are kept of a fraction; the rest is cut, never rounded up."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with what it rests on. `value` is None exactly where `missing` says why.

    `samples`: of what the value was computed from. `completeness`: of the data of the same scope and period, a fraction
    of one; None where the value does not rest on data of devices.
    """

    value: Number | None
    missing: Bilingual | None = None
    samples: int = 0
    completeness: Fraction | None = None
    sources: tuple[str, ...] = ()
    basis: Basis | None = None
    notes: tuple[Bilingual, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a project: every figure of it is as of the same moment, and is read once however many KPIs use it.

    `foreseen`: scopes that will be asked for. Sums of devices are read of all of them at once, with the first of them.
    """

    connection: Database
    project_id: int
    project_code: str
    document: PlanDocument
    now: datetime
    foreseen: tuple[PlanScope, ...] = ()
    kept: dict[tuple[object, ...], object] = field(default_factory=dict)

    def sums(self, scope: PlanScope, first_day: date, until_day: date) -> PlanSums:
        """The sums of all devices of the scope. A scope of one place is a row of the sums of everything."""
        place = _place_of(scope)
        found = place and _row_of(place, self.levels(PlanScope(), first_day, until_day))
        return found or self.levels(scope, first_day, until_day)[0]

    def levels(self, scope: PlanScope, first_day: date, until_day: date) -> list[PlanSums]:
        """The sums of the scope at every level."""
        key = _levels_of(scope, first_day, until_day)
        if key not in self.kept:
            like = [each for each in self.foreseen if each.season == scope.season and each != scope]
            scopes = [scope, *dict.fromkeys(like)]
            found = plan_sums_each(self.connection, self.project_code, first_day, until_day, self.now, scopes)
            for each, rows in zip(scopes, found, strict=True):
                self.kept.setdefault(_levels_of(each, first_day, until_day), rows)
        return cast("list[PlanSums]", self.kept[key])

    def working(self, level: str, scope: PlanScope, first_day: date, until_day: date) -> list[str]:
        """Keys of this level of which something valid came, those without a name left out."""
        rows = self.levels(scope, first_day, until_day)
        return [row.key for row in rows if row.level == level and row.valid and row.key]

    def outages(self, scope: PlanScope, first_day: date, until_day: date) -> OutageSums | None:
        """The outages of all devices of the scope; None where the project has none of these devices."""
        place = _place_of(scope)
        found = place and _row_of(place, self.outage_rows(PlanScope(), first_day, until_day))
        return found or _row_of(_EVERYTHING, self.outage_rows(scope, first_day, until_day))

    def outage_rows(self, scope: PlanScope, first_day: date, until_day: date) -> list[OutageSums]:
        """The outages of the scope at every level."""
        return self._keep(
            ("outages", scope.model_dump_json(), first_day, until_day),
            lambda: outage_sums(self.connection, self.project_code, first_day, until_day, self.now, scope),
        )

    def outages_known(self, until_day: date) -> bool:
        """Whether outages before this day were looked for."""
        end = min(datetime.combine(until_day, time(), JST), self.now)
        return self._keep(("outages_known", until_day), lambda: outages_known(self.connection, end))

    def work(self, kinds: tuple[WorkKind, ...], scope: PlanScope, first_day: date, until_day: date) -> WorkSums:
        """The work of these kinds in the scope."""
        return self._keep(
            ("work", kinds, scope.model_dump_json(), first_day, until_day),
            lambda: work_sums(self.connection, self.project_code, first_day, until_day, kinds, scope)[0],
        )

    def watch(self, first_day: date, until_day: date) -> WatchSums | None:
        """How the watch of the project did; None where the project is not seen."""
        span = _moments(first_day, until_day)
        return self._keep(("watch", *span), lambda: watch_sums(self.connection, self.project_code, *span))

    def watch_uptime(self, first_day: date, until_day: date) -> WatchUptime | None:
        """For which part of the days the watch ran; None without a document of it."""
        span = _moments(first_day, until_day)
        return self._keep(("watch_uptime", *span), lambda: watch_uptime(self.connection, self.project_code, *span))

    def use(self, first: Month, until: Month) -> list[MonthOfUse] | None:
        """The use of each month; None where no month can be told."""
        return self._keep(
            ("use", first, until),
            lambda: use_of_project(self.connection, self.project_id, first, until),
        )

    def _keep(self, key: tuple[object, ...], read: Callable[[], _Kept]) -> _Kept:
        if key not in self.kept:
            self.kept[key] = read()
        return cast("_Kept", self.kept[key])

    def cut(self, first_day: date, until_day: date) -> tuple[date, date]:
        """The part of a period in which the plan runs; empty (first = until) where it does not run at all."""
        first = max(first_day, self.document.begins)
        return first, max(first, min(until_day, self.document.ends + timedelta(days=1)))


def _moments(first_day: date, until_day: date) -> tuple[datetime, datetime]:
    return datetime.combine(first_day, time(), JST), datetime.combine(until_day, time(), JST)


def _levels_of(scope: PlanScope, first_day: date, until_day: date) -> tuple[object, ...]:
    return ("levels", scope.model_dump_json(), first_day, until_day)


_EVERYTHING = ("project", "")


def _row_of(place: tuple[str, str], rows: Iterable[_Row]) -> _Row | None:
    return next((row for row in rows if row.level == place[0] and place[1] in ("", row.key)), None)


def _place_of(scope: PlanScope) -> tuple[str, str] | None:
    """Level and key of the row of sums that is about this scope: everything, or one place; None if none is."""
    if scope.season is not None or scope.devices:
        return None
    narrowed = [
        (level, keys)
        for level, keys in (
            ("network", scope.networks), ("gateway", scope.gateways), ("area", scope.areas), ("use", scope.uses),
            ("technology", scope.technologies),
        )
        if keys
    ]  # fmt: skip
    if not narrowed:
        return _EVERYTHING
    level, keys = narrowed[0]
    return (level, str(keys[0])) if len(narrowed) == len(keys) == 1 else None


def to_decimal(value: Number) -> Decimal:
    """The value as a decimal number; of a fraction 30 digits, the rest cut."""
    if isinstance(value, Fraction):
        return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))
    return value if isinstance(value, Decimal) else Decimal(repr(value))
