"""Reads what the board (計画ボード) shows of a fiscal year: what was frozen, reviewed and done, and what is open."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from ingest.figures.fetch import Database, fetch, fetch_one
from ingest.figures.plan.outage import outages_known


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """The newest revision of a frozen period. `kind`: month, quarter, year."""

    kind: str
    first_day: date
    until_day: date
    revision: int
    frozen_at: datetime
    frozen_by: str


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Whether a period was reviewed: `closed` by `closed_by`, and how many KPIs have a text."""

    kind: str
    first_day: date
    closed: bool
    closed_by: str | None
    closed_at: datetime | None
    kpis: int


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """An improvement measure of the year, or one of an earlier year that is still open."""

    measure_id: int
    number: int
    title: str
    owner: str
    due: date
    state: str
    has_result: bool


@dataclass(frozen=True, slots=True)
class StopLine:
    """A planned stop that is still to come or under way, or that waits for a signature."""

    starts: datetime
    ends: datetime
    reason: str
    entered_by: str
    unsigned: bool


@dataclass(frozen=True, slots=True)
class Doings:
    """Counts of what was done in the year. `unexplained`: outages without a cause by a human, of the year."""

    visits: int
    minutes: int
    last_work: datetime | None
    open_outages: int
    open_since: datetime | None
    unexplained: int
    closed_at: datetime | None
    closed_by: str | None


_FROZEN: LiteralString = """
select distinct on (kind, first_day) kind, first_day, until_day, revision, frozen_at, frozen_by
from plan_snapshot where project_id = %(project)s and first_day >= %(first)s and first_day < %(until)s
order by kind, first_day, revision desc
"""

_REVIEWS: LiteralString = """
select kind, first_day,
    coalesce((array_agg(closed order by plan_review_id desc) filter (where kpi = ''))[1], false) as closed,
    (array_agg(entered_by order by plan_review_id desc) filter (where kpi = '' and closed))[1] as closed_by,
    (array_agg(entered_at order by plan_review_id desc) filter (where kpi = '' and closed))[1] as closed_at,
    count(distinct kpi) filter (where kpi <> '') as kpis
from plan_review where project_id = %(project)s and first_day >= %(first)s and first_day < %(until)s
group by kind, first_day order by kind, first_day
"""

_MEASURES: LiteralString = """
select measure_id, number, title, owner, due, state, result <> '' as has_result
from measure
where project_id = %(project)s and (fiscal_year = %(year)s
    or fiscal_year < %(year)s and state not in ('evaluated', 'dropped'))
order by due, number
"""

_STOPS: LiteralString = """
select starts, ends, reason, entered_by, signed_at is null and starts < entered_at as unsigned
from planned_stop
where project_id = %(project)s and voided_at is null
  and starts < %(end)s and ends > %(start)s
  and (ends > %(now)s or signed_at is null and starts < entered_at)
order by starts limit 5
"""

_DOINGS: LiteralString = """
with work as (
    select count(*) as visits, coalesce(sum(minutes * people), 0)::bigint as minutes, max(starts) as last_work
    from work_entry
    where project_id = %(project)s and voided_at is null and starts >= %(start)s and starts < %(end)s
), lasting as (
    select count(*) as open_outages, min(starts) as open_since
    from outage where project_id = %(project)s and ends is null and withdrawn_at is null and part_of is null
      and starts < %(end)s
), unexplained as (
    select count(*) as unexplained
    from outage where project_id = %(project)s and withdrawn_at is null and part_of is null and cause is null
      and starts >= %(start)s and starts < %(end)s
)
select w.*, l.*, u.*, c.closed_at, c.closed_by
from work w cross join lasting l cross join unexplained u
left join plan_cycle c on c.project_id = %(project)s and c.fiscal_year = %(year)s
"""


_OBSERVED: LiteralString = """
select distinct code from observation
where project_id = %(project)s and voided_at is null and first_day >= %(first)s and last_day < %(until)s
"""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the board reads of a project and a year. `observed`: codes of observations of the year.

    `outages_known`: whether outages were looked for until now, or to the end of the year.
    """

    frozen: list[FrozenPeriod]
    reviews: list[ReviewState]
    measures: list[MeasureLine]
    stops: list[StopLine]
    doings: Doings
    observed: frozenset[str]
    outages_known: bool


def read_board(
    connection: Database, project_id: int, year: int, days: tuple[date, date], span: tuple[datetime, datetime],
    now: datetime,
) -> Board:  # fmt: skip
    """The board of a fiscal year. `days`, `span`: its first day and the day after it, its beginning and its end."""
    values: dict[str, object] = {
        "project": project_id,
        "year": year,
        "first": days[0],
        "until": days[1],
        "start": span[0],
        "end": span[1],
        "now": now,
    }
    doings = fetch_one(connection, Doings, _DOINGS, values)
    assert doings is not None  # a row of aggregates
    return Board(
        fetch(connection, FrozenPeriod, _FROZEN, values),
        fetch(connection, ReviewState, _REVIEWS, values),
        fetch(connection, MeasureLine, _MEASURES, values),
        fetch(connection, StopLine, _STOPS, values),
        doings,
        frozenset(code for (code,) in connection.execute(_OBSERVED, values)),
        outages_known(connection, min(now, span[1])),
    )
