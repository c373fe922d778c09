"""Reads outages (停止): the list, how many are open, and their sums by place (停止回数, MTTR, MTBF, downtime)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString

from psycopg import Connection

from ingest.figures.fetch import fetch, fetch_one
from schemas.plan import PlanScope

TAIL = timedelta(days=2)
"""So much of the past is scanned message by message at each run of the job; what is longer, by the sums first."""


@dataclass(frozen=True, slots=True)
class OutageSums:
    """Outages of one place in a period. Everything is cut to the period; planned stops are counted apart.

    `level`: project, network, gateway, area, technology, use or device; `key`: its code (or text), `name` as shown.
    `outages`: 停止回数: incidents outside planned stops; a dead gateway is one, however many devices were silent.
    `ended`: of these the ones that ended in the period; `ended_s`: how long these lasted together, from their start.
    `open`: those that last at the end of the period. `longest_s`: of the longest one, None without any.
    `planned`, `planned_s`: outages within planned stops, and the seconds of devices that lay in planned stops.
    `downtime_s`: seconds of all devices together, outside planned stops. `duty_s`: seconds in which they were to work.
    """

    level: str
    key: str
    name: str
    devices: int
    outages: int
    ended: int
    ended_s: int
    open: int
    longest_s: int | None
    planned: int
    planned_s: int
    downtime_s: int
    duty_s: int

    @property
    def mttr_s(self) -> float | None:
        """平均復旧時間: mean length of the outages that ended, in seconds; None if none ended."""
        return self.ended_s / self.ended if self.ended else None

    @property
    def mtbf_s(self) -> float | None:
        """平均故障間隔: seconds at work of one device between two outages; None without an outage."""
        return max(self.duty_s - self.downtime_s, 0) / self.outages if self.outages else None


def outage_sums(
    connection: Connection[Any],
    project_code: str,
    first_day: date,
    until_day: date,
    now: datetime,
    scope: PlanScope | None = None,
) -> list[OutageSums]:
    """The sums of every place of the project from `first_day` to the day before `until_day` (days of Japan).

    Reckoned up to `now` at the latest; the row of the project comes first and is always there. `scope`: only devices
    that it allows; a group of it must be written as `devices` by the caller: with a `group` this raises ValueError.
    """
    if scope is not None and scope.group is not None:
        raise ValueError("a group of a scope must be resolved to its devices")
    query = "select * from figure_outage_sums(%(project)s, %(first)s, %(until)s, %(now)s, %(scope)s::jsonb)"
    values = {
        "project": project_code,
        "first": first_day,
        "until": until_day,
        "now": now,
        "scope": scope and scope.model_dump_json(),
    }
    return fetch(connection, OutageSums, query, values)


def outages_known(connection: Connection[Any], until: datetime) -> bool:
    """Whether outages were looked for up to this aware time. Where they were not, that there is none means nothing.

    The job is said to be there up to two days before its last run: these it goes through again each time.
    """
    query = "select coalesce(bool_or(seen_until >= %s), false) from outage_state"
    return connection.execute(query, (until - TAIL,)).fetchone() == (True,)


@dataclass(frozen=True, slots=True)
class OutageWanted:
    """Which outages are asked for. Empty or None: all. Days of Japan, both included; `open_only`: those that last.

    `cause`: a code of OutageCause as shown (by a human, else proposed), or `unexplained`: no human said anything yet.
    `place`: code of a network, gateway or device. `top`: without those that are part of another one.
    """

    project: str
    first_day: date | None = None
    last_day: date | None = None
    open_only: bool = False
    cause: str = ""
    level: str = ""
    place: str = ""
    top: bool = True


@dataclass(frozen=True, slots=True)
class OutageRow:
    """One row of `figure_outage`; its comment defines every field."""

    outage_id: int
    project_id: int
    project: str
    level: str
    part_of: int | None
    starts: datetime
    ends: datetime | None
    found_at: datetime
    seconds: int
    network: str | None
    network_name: str | None
    technology: str | None
    gateway: str | None
    gateway_name: str | None
    device: str | None
    device_name: str | None
    area: str | None
    use: str | None
    devices: int
    proposed_cause: str | None
    proposed_ja: str | None
    proposed_en: str | None
    cause: str | None
    cause_note: str | None
    cause_at: datetime | None
    cause_by: str | None
    shown_cause: str | None
    planned_s: int

    @property
    def title(self) -> str:
        """What was out: the name of the device, the gateway or the network."""
        names = {"device": self.device_name, "gateway": self.gateway_name, "network": self.network_name}
        return names.get(self.level) or ""

    @property
    def code(self) -> str:
        """The code of what was out."""
        codes = {"device": self.device, "gateway": self.gateway, "network": self.network}
        return codes.get(self.level) or ""


_WANTED = """
    from figure_outage o
    where o.project = %(project)s
      and (%(first)s::date is null or o.ends is null or o.ends >= rollup_midnight(%(first)s::date))
      and (%(last)s::date is null or o.starts < rollup_midnight(%(last)s::date + 1))
      and (not %(open_only)s or o.ends is null)
      and (not %(top)s or o.part_of is null)
      and (%(level)s = '' or o.level = %(level)s)
      and (%(place)s = '' or %(place)s in (o.device, o.gateway, o.network))
      and (
          %(cause)s = '' or o.shown_cause = %(cause)s
          or %(cause)s = 'unexplained' and o.cause is null
      )
"""


def outages(connection: Connection[Any], wanted: OutageWanted, limit: int = 50, offset: int = 0) -> list[OutageRow]:
    """The wanted outages, those that last first, then the newest."""
    query: LiteralString = (
        f"select o.* {_WANTED} order by o.ends is not null, o.starts desc, o.outage_id limit %(limit)s"
    )
    query += " offset %(offset)s"
    return fetch(connection, OutageRow, query, _values(wanted) | {"limit": limit, "offset": offset})


@dataclass(frozen=True, slots=True)
class OutagesCounted:
    """How many outages are wanted, how many of them last, and how many no human has explained."""

    outages: int
    open: int
    unexplained: int


def outages_counted(connection: Connection[Any], wanted: OutageWanted) -> OutagesCounted:
    """The counts of the wanted outages."""
    query: LiteralString = f"""
        select count(*) as outages, count(*) filter (where o.ends is null) as open,
            count(*) filter (where o.cause is null) as unexplained {_WANTED}
    """
    counted = fetch_one(connection, OutagesCounted, query, _values(wanted))
    assert counted is not None  # an aggregate has one row
    return counted


def outage(connection: Connection[Any], outage_id: int) -> OutageRow | None:
    """One outage, or None if there is none of this number that this connection sees."""
    return fetch_one(connection, OutageRow, "select * from figure_outage where outage_id = %(id)s", {"id": outage_id})


def parts_of(connection: Connection[Any], outage_id: int) -> list[OutageRow]:
    """The outages that are part of this one, by what was out."""
    query = "select * from figure_outage where part_of = %(id)s order by level, device, outage_id"
    return fetch(connection, OutageRow, query, {"id": outage_id})


@dataclass(frozen=True, slots=True)
class OutageChange:
    """What became of an outage after it was found. `what`: ended, shortened, lengthened, split, withdrawn, cause."""

    at: datetime
    by: str
    what: str
    reason_ja: str
    reason_en: str


def outage_changes(connection: Connection[Any], outage_id: int) -> list[OutageChange]:
    """The history of one outage, oldest first."""
    query = """
        select at, by, what, reason_ja, reason_en from outage_change where outage_id = %(id)s order by outage_change_id
    """
    return fetch(connection, OutageChange, query, {"id": outage_id})


@dataclass(frozen=True, slots=True)
class OpenOutages:
    """How many outages of a level last in a project, those that are part of another one apart."""

    project: str
    level: str
    count: int


def open_outages(connection: Connection[Any]) -> list[OpenOutages]:
    """Every project with every level, 0 included."""
    query = """
        select p.code as project, l.level, count(o.outage_id) as count
        from project p cross join (values ('device'), ('gateway'), ('network')) l (level)
        left join outage o on o.project_id = p.project_id and o.level = l.level and o.ends is null
            and o.withdrawn_at is null and o.part_of is null
        group by 1, 2 order by 1, 2
    """
    return fetch(connection, OpenOutages, query)


def _values(wanted: OutageWanted) -> dict[str, object]:
    return {
        "project": wanted.project, "first": wanted.first_day, "last": wanted.last_day, "open_only": wanted.open_only,
        "cause": wanted.cause, "level": wanted.level, "place": wanted.place, "top": wanted.top,
    }  # fmt: skip
