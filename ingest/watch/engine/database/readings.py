"""Readings and events as a rule sees them, for many rules at once. Every function works in the caller's transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.rows import args_row

from ingest.store.database import Database
from ingest.watch.stages.rule import Series

FETCHED = 20_000
"""Readings that come from the server at once."""

# `offset 0`: the server has to go series by series. Left free it joins all of them at once, guesses far too few
# readings, and holds each one against every flag, or reads and sorts the whole table.
_READINGS = """
select wanted.n, (extract(epoch from r.time) * 1000000)::bigint, r.value
from unnest(
    %(n)s::integer[], %(device)s::integer[], %(quantity)s::smallint[], %(channel)s::smallint[],
    %(since)s::timestamptz[], %(until)s::timestamptz[]
) wanted (n, device_id, quantity_id, channel, since, until)
cross join lateral (
    select r.time, r.value from figure_sound r
    where r.device_id = wanted.device_id and r.quantity_id = wanted.quantity_id and r.channel = wanted.channel
      and r.time >= wanted.since and r.time < wanted.until
      and r.time >= %(earliest)s and r.time < %(latest)s  -- so that chunks of other times are not even planned
    offset 0
) r
"""
_IN_ORDER = _READINGS + "order by wanted.n"
_NEWEST = """
select wanted.n, (extract(epoch from r.time) * 1000000)::bigint
from unnest(%(n)s::integer[], %(device)s::integer[], %(quantity)s::smallint[], %(channel)s::smallint[])
    wanted (n, device_id, quantity_id, channel)
cross join lateral (
    select r.time from figure_sound r
    where r.device_id = wanted.device_id and r.quantity_id = wanted.quantity_id and r.channel = wanted.channel
      and r.time > now() - interval '35 days'
    order by r.time desc limit 1
) r
"""
_FIRST = """
select wanted.n, (extract(epoch from r.time) * 1000000)::bigint
from unnest(%(n)s::integer[], %(device)s::integer[], %(quantity)s::smallint[], %(channel)s::smallint[])
    wanted (n, device_id, quantity_id, channel)
cross join lateral (
    select r.time from reading r
    where r.device_id = wanted.device_id and r.quantity_id = wanted.quantity_id and r.channel = wanted.channel
    order by r.time limit 1
) r
"""
_RANKS = """
select wanted.n, e.rank from unnest(%(subjects)s::text[], %(since)s::timestamptz[])
    with ordinality wanted (subject, since, n)
cross join lateral (
    select rank from watch_event
    where subject = wanted.subject and at < wanted.since and withdrawn_at is null
      and coalesce((details ->> 'drill')::bigint, 0) = 0
    order by at desc limit 1
) e
"""
_EVENTS = """
select wanted.n::integer, e.event_id, (extract(epoch from e.at) * 1000000)::bigint, e.before_rank, e.rank, e.value
from unnest(%(subjects)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    with ordinality wanted (subject, since, until, n)
join watch_event e on e.subject = wanted.subject and e.at >= wanted.since and e.at < wanted.until
    and e.withdrawn_at is null and coalesce((e.details ->> 'drill')::bigint, 0) = 0
"""


class StoredChange(NamedTuple):
    """An event of a rule that is not withdrawn, as far as it can differ from what is computed. `n`: which rule."""

    n: int
    event_id: int
    at_us: int
    before_rank: int
    rank: int
    value: float | None


class Stretch(NamedTuple):
    """A series from a time to another: [since, until)."""

    series: Series
    since: datetime
    until: datetime


def read_series(connection: Database, stretches: Sequence[Stretch]) -> list[tuple[int, int, float]]:
    """The sound readings of each stretch, in no order: (number of the stretch, time_us, value)."""
    return connection.execute(_READINGS, _asked(stretches), binary=True).fetchall() if stretches else []


def stream_series(connection: Database, stretches: Sequence[Stretch]) -> Iterator[tuple[int, int, float]]:
    """As `read_series`, one stretch after the other, without ever holding more than a few thousand readings."""
    if not stretches:
        return
    with connection.cursor(name="readings") as cursor:
        cursor.itersize = FETCHED
        yield from cursor.execute(_IN_ORDER, _asked(stretches), binary=True)


def _asked(stretches: Sequence[Stretch]) -> dict[str, object]:
    since, until = [each.since for each in stretches], [each.until for each in stretches]
    return _columns([each.series for each in stretches]) | {
        "since": since, "until": until, "earliest": min(since), "latest": max(until),
    }  # fmt: skip


def newest_times(connection: Database, series: Sequence[Series]) -> dict[int, int]:
    """When the newest sound reading of each series was measured, within 35 days, by its place here."""
    return dict(connection.execute(_NEWEST, _columns(series)).fetchall()) if series else {}


def first_times(connection: Database, series: Sequence[Series]) -> dict[int, int]:
    """When the oldest reading was measured that is still kept of each series, by its place here."""
    return dict(connection.execute(_FIRST, _columns(series)).fetchall()) if series else {}


def _columns(series: Sequence[Series]) -> dict[str, object]:
    return {
        "n": [*range(len(series))],
        "device": [each.device_id for each in series],
        "quantity": [each.quantity_id for each in series],
        "channel": [each.channel for each in series],
    }


def ranks_before(connection: Database, subjects: Sequence[str], since: Sequence[datetime]) -> dict[int, int]:
    """The rank of each subject just before a time, by its place here; without an event none."""
    rows = connection.execute(_RANKS, {"subjects": list(subjects), "since": list(since)}).fetchall()
    return {n - 1: rank for n, rank in rows}


def stored_changes(
    connection: Database, subjects: Sequence[str], since: Sequence[datetime], until: Sequence[datetime]
) -> list[StoredChange]:
    """The events of each subject from a time to another that are not withdrawn, drills aside."""
    values = {"subjects": list(subjects), "since": list(since), "until": list(until)}
    with connection.cursor(row_factory=args_row(StoredChange)) as cursor:
        return [each._replace(n=each.n - 1) for each in cursor.execute(_EVENTS, values).fetchall()]
