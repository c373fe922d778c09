"""Writes the past of the veterans, month by month, and closes each month: sums of it are never computed on the spot."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.resources import files
from threading import Event
from typing import Any, NamedTuple

from ingest.demo.year.events import Year
from ingest.jobs.schedule import Lane
from ingest.simulator.inventory import PADDY_SEASON, veterans_since
from ingest.simulator.sensing import quiet_level
from ingest.simulator.town import Kind, Site
from ingest.store.database import Database
from ingest.store.rollup import rollup
from schemas.japan import JST, Month, to_jst

LOSS = {"nogyo-lpwa": 0.04, "nogyo-halow": 0.17, "tonari-lpwa": 0.04}
"""Share of messages that nobody hears, by network: one of them is bad."""


_SPAN = """
select set_config('noroshi.year_starts', %s::text, true), set_config('noroshi.year_ends', %s::text, true),
    set_config('noroshi.year_late', %s, true), set_config('jit', 'off', true),
    set_config('statement_timeout', '0', true)
"""


_DUE = """
insert into rollup_due (device_id, hour)
select distinct u.device_id, rollup_hour_of(u.time) from uplink u
where u.device_id = %s and u.time >= %s and u.time < %s and u.kind = 4
on conflict do nothing
"""


class Made(NamedTuple):
    """What was made: messages, and seconds it took."""

    messages: int
    seconds: float


@contextmanager
def held_lane(connection: Database) -> Iterator[None]:
    """Within it no service runs the long jobs: they would close the months that are to be written."""
    connection.execute("select pg_advisory_lock(%s)", (Lane.LONG.lock,))
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (Lane.LONG.lock,))


def past_is_there(connection: Database, sites: Sequence[Site]) -> bool:
    """Whether an earlier run has made a past, or the sums are beyond it so that it cannot be made any more."""
    query = """
        select exists (select from rollup_state where materialised_until > '-infinity')
            or exists (select from tally where writer = 'year')
    """
    return not sites or connection.execute(query).fetchone() == (True,)


def make_past(connection: Database, year: Year, sites: list[Site], until: datetime, stop: Event) -> Made:
    """Write the messages of the veterans up to `until`, oldest first. The connection is in autocommit mode.

    Ends early when `stop` is set.
    """
    began = time.monotonic()
    connection.execute(_text("table.sql"))
    _describe(connection, year, sites)
    connection.execute("analyze year_device")
    made = 0
    for starts, ends in _months(year, until):
        if stop.is_set():
            break
        made += _write(connection, starts, ends)
        rollup.advance(connection, ends, stop)
    return Made(made, time.monotonic() - began)


def write_late(connection: Database, year: Year) -> None:
    """Write what came late, after `make_past` and on its connection, and sum up those days again."""
    month = Month.of(year.at(10, 1).date())
    _write(connection, month.start, month.end, late="on")
    late = "select distinct device_id from year_silence where arrives is not null"
    for (device,) in connection.execute(late).fetchall():
        connection.execute(_DUE, (device, month.start, month.end))
    rollup.refresh_all(connection)


def _write(connection: Database, starts: datetime, ends: datetime, late: str = "off") -> int:
    with connection.transaction():
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
            "insert into year_device values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
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


def _row(site: Site, device_id: int, gateway_id: int | None, since: datetime) -> tuple[Any, ...]:
    season = PADDY_SEASON if site.kind is Kind.PADDY else (None, None)
    offset_s = timedelta(minutes=3 + site.number * 4 % 50).total_seconds()
    return (
        device_id, str(site.kind), site.number, gateway_id, since, offset_s, *season,
        LOSS.get(site.network, 0.05), quiet_level(site),
    )  # fmt: skip
