"""利用状況: the use of one fiscal year, month by month, as it may be shown: nobody is known by it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from ingest.figures.fetch import Database
from ingest.figures.plan.sums import plan_sums
from ingest.figures.use import LEAST_PEOPLE
from ingest.figures.watch_record import watch_notified
from ingest.plan.check.database.inputs import place_of
from ingest.plan.check.use import database
from ingest.plan.check.use.months import DepartmentOfUse, MonthOfUse, departments_of, use_of_project
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, Month, to_jst

OTHERS = "その他"
"""The name of departments that are put together, as in `figure_use`."""

OpenLog = Callable[[], AbstractContextManager[Database]]
"""Opens a connection that may count in the audit log, for the length of a `with` block."""

NOT_BEGUN = Bilingual("まだ来ていない月です", "the month has not begun")
NOT_FROZEN = Bilingual("確定していません", "it is not frozen")
NOT_TOLD = Bilingual(
    "監査ログにこの月の記録がありません(記録を始める前か、保存期間を過ぎています)",
    "the audit log does not tell of this month: it began later, or its entries were deleted",
)
NO_ORGANISATION = Bilingual(
    "事業に団体が登録されていないため、だれの利用か数えられません",
    "the project belongs to no organisation, so that nobody's use can be counted",
)
NOT_WATCHED = Bilingual(
    "通知は、監視を始めた月から数えます", "messages are counted from the month in which the watch began"
)
NO_MONTH = Bilingual("利用の分かる月がありません", "the use of no month is known")


@dataclass(frozen=True, slots=True)
class MonthShown:
    """The use in one month, few people put together. `use` is None exactly where `missing` says why.

    `frozen_at`, `revision`: of the newest revision of the frozen month; None where it is not frozen.
    """

    month: Month
    use: MonthOfUse | None
    missing: Bilingual | None
    frozen_at: datetime | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class UsageOfYear:
    """The use of one fiscal year. `uses`: 分野 of which valid data came. `departments`: those that can be named.

    `notifications`: messages of the watch that reached people; months before it began are not among them.
    `department_count`: all of them, named or not. Sums and means are of the months that are told, None without any.
    """

    year: FiscalYear
    months: tuple[MonthShown, ...]
    uses: tuple[str, ...]
    departments: tuple[str, ...]
    department_count: int
    notifications: Mapping[Month, int] = field(default_factory=dict)

    @property
    def told(self) -> list[MonthOfUse]:
        """The months of which the use is known."""
        return [month.use for month in self.months if month.use is not None]

    @property
    def frozen(self) -> int:
        """How many of the months that are told are frozen."""
        return sum(month.use is not None and month.revision is not None for month in self.months)

    def total(self, name: str) -> int | None:
        """The sum of a count: page_views, sign_ins, downloads, reports."""
        return sum(getattr(month, name) for month in self.told) if self.told else None

    @property
    def notified(self) -> int | None:
        """Messages of the watch that reached people in the year; None where the watch had not begun."""
        return sum(self.notifications.values()) if self.notifications else None

    def mean(self, name: str) -> Fraction | None:
        """The mean of months of what is distinct in each: people, programs."""
        return Fraction(sum(getattr(month, name) for month in self.told), len(self.told)) if self.told else None

    @property
    def diversity(self) -> int | None:
        """多用途度: uses of which data came x departments that used it."""
        return len(self.uses) * self.department_count if self.told else None

    def department(self, name: str) -> list[DepartmentOfUse | None]:
        """The use by a department in each month; None where it is not named there."""
        return [
            next((each for each in (month.use.departments if month.use else ()) if each.department == name), None)
            for month in self.months
        ]

    def role(self, name: str) -> list[int | None]:
        """People of a role in each month; None where nothing is told of the month."""
        return [dict(month.use.roles).get(name, 0) if month.use else None for month in self.months]

    @property
    def roles(self) -> list[str]:
        """The roles of the people of any month."""
        return sorted({role for month in self.told for role, _ in month.roles})


def usage_of_year(
    connection: Database, project_id: int, project_code: str, year: FiscalYear, now: datetime, open_log: OpenLog | None
) -> UsageOfYear:
    """The use of a project in a fiscal year. Frozen months are as they were frozen.

    The month that is under way and the one before it are counted in the audit log by a connection of `open_log`, as
    long as they are not frozen. Without `open_log`, and of older months, only what is frozen is known.
    `connection` says which project the reader sees: it has to be asked before.
    """
    kept = database.frozen_use_rows(connection, project_id, year.first_day, year.next.first_day)
    frozen = {Month.of(row.first_day): row for row in kept}
    place = place_of(connection, project_id)
    open_months = [
        month for month in year.months
        if month not in frozen and month.start <= now and month.next.end > now and place and place.organisation
    ]  # fmt: skip
    counted = _count(project_id, open_months, open_log) if open_log and open_months else {}
    months = []
    for month in year.months:
        if month in frozen:
            row = frozen[month]
            use = MonthOfUse.of_json(row.use) if row.use else None
            months.append(_shown(month, use, row.frozen_at, row.revision))
        elif counted.get(month) is not None:
            months.append(_shown(month, counted[month]))
        else:
            known = place is not None and place.organisation is not None
            missing = NO_ORGANISATION if not known else NOT_TOLD if month in counted else NOT_FROZEN
            months.append(MonthShown(month, None, NOT_BEGUN if month.start > now else missing))
    every = departments_of([*(MonthOfUse.of_json(row.use) for row in kept if row.use), *filter(None, counted.values())])
    named = {each.department for month in months if month.use for each in month.use.departments}
    told = watch_notified(connection, project_code, year.start, year.end)
    return UsageOfYear(
        year, tuple(months), _uses(connection, project_code, year, now), tuple(sorted(named & every)), len(every),
        {Month.of(each.month): each.notifications for each in told},
    )  # fmt: skip


def _count(project_id: int, months: Iterable[Month], open_log: OpenLog) -> dict[Month, MonthOfUse | None]:
    """The use of each month by the audit log, which tells nothing of some."""
    with open_log() as log:
        found = {month: use_of_project(log, project_id, month, month.next) for month in months}
    return {month: each[0] if each else None for month, each in found.items()}


def _shown(
    month: Month, use: MonthOfUse | None, frozen_at: datetime | None = None, revision: int | None = None
) -> MonthShown:
    if use is None:
        return MonthShown(month, None, NOT_TOLD, frozen_at, revision)
    safe = replace(use, departments=tuple(put_together(use.departments)))
    return MonthShown(month, safe, None, frozen_at, revision)


def put_together(departments: Iterable[DepartmentOfUse], least: int = LEAST_PEOPLE) -> list[DepartmentOfUse]:
    """The departments by name, those with fewer than `least` people put together as OTHERS, as `figure_use` does.

    If these are too few still, the next smallest is among them. Departments without people are among them too. Their
    people are added up: who was in two of them in one month counts twice.
    """
    rows = sorted(departments, key=lambda each: (each.people, each.department))
    peopled = [each for each in rows if each.people]
    named, before = [], 0
    for each in peopled:
        if peopled[0].people >= least or (each.people >= least and before >= least):
            named.append(each)
        before += each.people
    rest = [each for each in rows if each not in named]
    named.sort(key=lambda each: each.department)
    if not rest:
        return named
    names = ("people", "page_views", "sign_ins", "downloads", "reports")
    sums = {name: sum(getattr(each, name) for each in rest) for name in names}
    return [*named, DepartmentOfUse(OTHERS, **sums)]


def _uses(connection: Database, project_code: str, year: FiscalYear, now: datetime) -> tuple[str, ...]:
    """The uses of which something valid came in the year."""
    until = min(year.next.first_day, Month.of(to_jst(now).date()).next.first_day)
    if until <= year.first_day:
        return ()
    rows = plan_sums(connection, project_code, year.first_day, until, now, levels=("use",))
    return tuple(row.key for row in rows if row.valid and row.key)
