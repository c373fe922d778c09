"""Writes the past of the veterans, month by month, and closes each month: sums of it are never computed on the spot."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from threading import Event
from typing import Any, NamedTuple

from ingest.demo.year.events import Year
from ingest.jobs.schedule import Lane
from ingest.simulator.inventory import PADDY_SEASON, veterans_since
from ingest.simulator.sensing import active_level, quiet_level
from ingest.simulator.town import Kind, Site
from ingest.store.database import Database
from ingest.store.rollup import rollup
from schemas.japan import JST, Month, to_jst

LOSS = {"nogyo-lpwa": 0.04, "nogyo-halow": 0.17, "tonari-lpwa": 0.04}
"""Share of messages that nobody hears, by network: one of them is bad."""

_MONTH = timedelta(days=31)
_HURRY = "set work_mem = '64MB'; set default_statistics_target = 10; set enable_nestloop = off"
"""A month is sorted in memory, and looked through once. What the server knows of a table, it knows soon and roughly."""
_REST = "reset work_mem; reset default_statistics_target; reset enable_nestloop"

_SPAN = """
select set_config('noroshi.year_starts', %s::text, true), set_config('noroshi.year_ends', %s::text, true),
    set_config('noroshi.year_late', %s, true), set_config('jit', 'off', true),
    set_config('statement_timeout', '0', true)
"""


_WRITTEN = "select exists (select from tally where writer = 'year' and hour >= %s and hour < %s)"
_LATE_WRITTEN = """
select exists (
    select from uplink u join year_device using (device_id) where u.time >= %s and u.time < %s and u.kind = 4
)
"""
_DUE = """
insert into rollup_due (device_id, hour)
select distinct u.device_id, rollup_hour_of(u.time) from uplink u
where u.device_id = %s and u.time >= %s and u.time < %s and u.kind = 4
on conflict do nothing
"""


_FLOODS = """
insert into year_flood
select d.device_id, h.hour
from (
    select t.hour, (date_part('epoch', t.hour) / 3600)::bigint as n, pg_temp.rise(t.hour) as rise
    from (
        select distinct r.starts + n * interval '1 hour' as hour from year_rain r cross join generate_series(1, 95) n
    ) t
) h
cross join year_device d
where d.active_cm is not null and h.hour >= d.since
  and pg_temp.centimetres(d.device_id, h.n, d.quiet, h.rise) >= d.active_cm
"""
"""A flood is longer than an hour: whether a gauge sends often is decided at the full hour."""


Say = Callable[[float], None]
"""Is told which share of the work is done, from 0 to 1."""


def say_nothing(_share: float) -> None:
    """For callers that tell nobody."""


class Made(NamedTuple):
    """What was made: messages, and seconds it took."""

    messages: int
    seconds: float


@contextmanager
def held_lane(connection: Database) -> Iterator[None]:
    """Within it no service runs the long jobs: they would close the months that are to be written.

    Nor does it make reports: what is ordered waits, so that the first one has the whole year.
    """
    lanes = (Lane.LONG, Lane.REPORTS)
    for lane in lanes:
        connection.execute("select pg_advisory_lock(%s)", (lane.lock,))
    try:
        yield
    finally:
        for lane in lanes:
            connection.execute("select pg_advisory_unlock(%s)", (lane.lock,))


def past_is_there(connection: Database, sites: Sequence[Site]) -> bool:
    """Whether an earlier run has made all of the past, or the sums are beyond it so that it cannot be made any more."""
    query = """
        select s.materialised_until > coalesce(
            (select max(t.hour) + interval '1 day' from tally t where t.writer = 'year'), '-infinity'
        ) from rollup_state s
    """
    return not sites or year_is_closed(connection) or connection.execute(query).fetchone() == (True,)


def year_is_closed(connection: Database) -> bool:
    """Whether all of the past is there: its closed year is entered last."""
    return connection.execute("select exists (select from plan_cycle)").fetchone() == (True,)


def make_past(
    connection: Database, year: Year, sites: list[Site], until: datetime, stop: Event, say: Say = say_nothing
) -> Made:
    """Write the messages of the veterans up to `until`, oldest first. The connection is in autocommit mode.

    Ends early when `stop` is set; the next call goes on from there. `say` is told after each month which share is done.
    """
    began = time.monotonic()
    connection.execute(_text("table.sql"))
    _describe(connection, year, sites)
    connection.execute("analyze year_device, year_silence")
    made, months = 0, list(_months(year, _end(connection, until)))
    connection.execute(_HURRY)
    for number, (starts, ends) in enumerate(months, start=1):
        if stop.is_set():
            break
        made += _write(connection, starts, ends)
        _close(connection, ends, stop)
        say(number / len(months))
    connection.execute(_REST)
    return Made(made, time.monotonic() - began)


def _end(connection: Database, until: datetime) -> datetime:
    """Where the past ends: at `until`, or where an earlier run began to publish."""
    query = "select min(hour) from tally where writer <> 'year' and project_id <> 0 and stored > 0"
    (published,) = connection.execute(query).fetchone() or (None,)
    return until if published is None else min(until, published)


def _close(connection: Database, until: datetime, stop: Event) -> None:
    """Sum up a month in one step: steps of hours, as beside an ingestion, would each look through all of it."""
    connection.execute("analyze reading_packed, uplink_packed, rollup_hour")
    rollup.close(connection, until)
    rollup.wait_for_writers(connection, stop)
    reached = None
    while not stop.is_set() and (reached is None or reached < until):
        reached, _ = rollup.materialise(connection, until, _MONTH)


def write_late(connection: Database, year: Year) -> None:
    """Write what came late, after `make_past` and on its connection, and sum up those days again."""
    month = Month.of(year.at(10, 1).date())
    _write(connection, month.start, month.end, late="on")
    late = "select distinct device_id from year_silence where arrives is not null"
    for (device,) in connection.execute(late).fetchall():
        connection.execute(_DUE, (device, month.start, month.end))
    rollup.refresh_all(connection)


def _write(connection: Database, starts: datetime, ends: datetime, late: str = "off") -> int:
    """Write a month, unless an earlier run has done so; returns how many messages."""
    with connection.transaction():
        written = _WRITTEN if late == "off" else _LATE_WRITTEN
        if connection.execute(written, (starts, ends)).fetchone() == (True,):
            return 0
        connection.execute(_SPAN, (starts, ends, late))
        connection.execute(_text("message.sql"))
        (made,) = connection.execute("select count(*) from year_message").fetchone() or (0,)
    return int(made)


def _months(year: Year, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    month = Month.of(veterans_since(year.whole.next.first_day))
    end = to_jst(until).replace(minute=0, second=0, microsecond=0)
    while month.start < end:
        yield month.start, min(month.end, end)
        month = month.next


def _text(name: str) -> bytes:
    return files("ingest.demo.year").joinpath("sql", name).read_bytes()


def _describe(connection: Database, year: Year, sites: list[Site]) -> None:
    numbers: dict[str, tuple[int, int | None]] = {
        code: (device, gateway)
        for code, device, gateway in connection.execute(
            "select code, device_id, gateway_id from device where code = any(%s)", ([site.code for site in sites],)
        )
    }
    since = datetime.combine(veterans_since(year.whole.next.first_day), datetime.min.time(), JST)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into year_device values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [_row(site, *numbers[site.code], since) for site in sites],
        )
        cursor.executemany("insert into year_rain values (%s, %s)", year.rains())
        cursor.executemany(
            "insert into year_silence values (%s, %s, %s, %s, %s, %s)",
            [(numbers[each.device][0], *each[1:]) for each in year.silences(sites) if each.device in numbers],
        )
        cursor.executemany(
            "insert into year_drift values (%s, %s, %s, %s)",
            [(numbers[each.device][0], *each[1:]) for each in year.drifts() if each.device in numbers],
        )

    connection.execute(_FLOODS)


def _row(site: Site, device_id: int, gateway_id: int | None, since: datetime) -> tuple[Any, ...]:
    season = PADDY_SEASON if site.kind is Kind.PADDY else (None, None)
    gauge, interval_s = site.calm_interval_s is not None, site.calm_interval_s or site.registered_interval_s
    offset_s = timedelta(minutes=1 + site.number if gauge else 3 + site.number * 4 % 50).total_seconds()
    return (
        device_id, str(site.kind), site.number, gateway_id, since, interval_s // 3600, offset_s,
        *season, LOSS.get(site.network, 0.05), quiet_level(site),
        round(100 * active_level(site)) if gauge else None,
    )  # fmt: skip
