"""Which series are worth a look: found by the database, so that the readings of all others stay there."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.store.database import Database
from ingest.watch.progress.database import Span
from ingest.watch.quality.database.series import PIECES, Piece, Series, columns_of
from schemas.watch_quality import QualityTest


class Bound(NamedTuple):
    """The least that makes a reading of a quantity worth a look; None: nothing does."""

    quantity_id: int
    jump: float | None
    rate_per_h: float | None
    low: float | None
    high: float | None


class Flat(NamedTuple):
    """For how long at most a series had not changed in some hour of a span, by the sums by hour."""

    span: Span
    series: Series
    lasted: timedelta


def _spans(spans: Sequence[Span]) -> dict[str, object]:
    return {
        "devices": [span.device_id for span in spans],
        "starts": [span.starts for span in spans],
        "ends": [span.ends for span in spans],
    }


def suspicious(connection: Database, spans: Sequence[Span], bounds: Sequence[Bound], reach: timedelta) -> set[Series]:
    """The series with a reading in or near a span that leaps, changes fast or is out of range, by the least bound."""
    rows = connection.execute(
        """
        select distinct r.device_id, r.quantity_id, r.channel
        from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) s (device_id, starts, ends)
        cross join lateral (
            select c.device_id, c.quantity_id, c.channel, c.time, c.value, lag(c.value) over earlier as before,
                greatest(extract(epoch from c.time - lag(c.time) over earlier) / 3600, 1 / 6.0) as hours
            from reading_counted c
            where c.device_id = s.device_id and c.time >= s.starts - %(reach)s and c.time < s.ends + %(reach)s
              and c.quantity_id = any(%(quantities)s::smallint[])
            window earlier as (partition by c.quantity_id, c.channel order by c.time)
        ) r
        join unnest(
            %(quantities)s::smallint[], %(jumps)s::float8[], %(rates)s::float8[], %(lows)s::float8[],
            %(highs)s::float8[]
        ) b (quantity_id, jump, rate, low, high) using (quantity_id)
        where abs(r.value - r.before) > least(b.jump, b.rate * r.hours) or r.value < b.low or r.value > b.high
        """,
        _spans(spans)
        | {
            "reach": reach,
            "quantities": [bound.quantity_id for bound in bounds],
            "jumps": [bound.jump for bound in bounds],
            "rates": [bound.rate_per_h for bound in bounds],
            "lows": [bound.low for bound in bounds],
            "highs": [bound.high for bound in bounds],
        },
    )
    return {Series(*row) for row in rows}


def flagged(connection: Database, spans: Sequence[Span], tests: Iterable[QualityTest]) -> set[Series]:
    """The series that have flags of these tests within the spans."""
    rows = connection.execute(
        """
        select distinct f.device_id, f.quantity_id, f.channel
        from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) s (device_id, starts, ends)
        join watch_flag f on f.device_id = s.device_id and f.starts < s.ends and f.ends >= s.starts
        where f.test = any(%(tests)s)
        """,
        _spans(spans) | {"tests": [test.value for test in tests]},
    )
    return {Series(*row) for row in rows}


def flat(connection: Database, spans: Sequence[Span], tolerances: Mapping[int, float], reach: timedelta) -> list[Flat]:
    """For how long each series with a reading in or soon after a span had been flat then, up to `reach` back.

    `tolerances`: the greatest difference that is none, by quantity. An hour that is not flat ends the row, but what
    was measured last in it may belong to it.
    """
    rows = connection.execute(
        """
        select x.device_id, x.starts, x.ends, x.device_id, x.quantity_id, x.channel,
            max(x.hour + interval '1 hour' - coalesce(x.broken, (
                select min(b.hour) from rollup_hour b
                where b.device_id = x.device_id and b.quantity_id = x.quantity_id and b.channel = x.channel
                  and b.hour >= x.hour - %(reach)s
            )))
        from (
            select s.starts, s.ends, a.device_id, a.quantity_id, a.channel, a.hour, (
                select max(b.hour) from rollup_hour b
                where b.device_id = a.device_id and b.quantity_id = a.quantity_id and b.channel = a.channel
                  and b.hour < a.hour and b.hour >= a.hour - %(reach)s
                  and (abs(b.maximum - a.first) > a.tolerance or abs(b.minimum - a.first) > a.tolerance)
            ) as broken
            from unnest(%(devices)s::int[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
                s (device_id, starts, ends)
            cross join lateral (
                select h.device_id, h.quantity_id, h.channel, h.hour, h.first, t.tolerance, row_number() over (
                    partition by h.quantity_id, h.channel, h.hour < s.ends order by h.hour
                ) as place
                from rollup_hour h
                join unnest(%(quantities)s::smallint[], %(tolerances)s::float8[]) t (quantity_id, tolerance)
                    using (quantity_id)
                where h.device_id = s.device_id and h.hour >= s.starts and h.hour < s.ends + interval '1 day'
                  and h.count > 0
            ) a
            where a.hour < s.ends or a.place = 1
        ) x
        group by x.device_id, x.starts, x.ends, x.quantity_id, x.channel
        """,
        _spans(spans)
        | {"reach": reach, "quantities": list(tolerances), "tolerances": [float(each) for each in tolerances.values()]},
    )
    return [Flat(Span(*row[:3]), Series(*row[3:6]), row[6]) for row in rows]


class Standing(NamedTuple):
    """A series that was flat at a moment."""

    series: Series
    at: datetime
    tolerance: float


def flat_until(connection: Database, standing: Sequence[Standing], reach: timedelta) -> list[datetime]:
    """Up to where each stays as it is, by the sums by hour: the end of the first hour that differs, if there is one."""
    if not standing:
        return []
    rows = connection.execute(
        f"""
        select coalesce(
            (
                select min(h.hour) + interval '1 hour' from rollup_hour h
                where h.device_id = s.device_id and h.quantity_id = s.quantity_id and h.channel = s.channel
                  and h.hour >= s.starts and h.hour < s.ends
                  and (abs(h.maximum - first.value) > t.tolerance or abs(h.minimum - first.value) > t.tolerance)
            ),
            (
                select max(h.hour) + interval '1 hour' from rollup_hour h
                where h.device_id = s.device_id and h.quantity_id = s.quantity_id and h.channel = s.channel
                  and h.hour >= s.starts and h.hour < s.ends
            ),
            s.starts
        )
        from {PIECES}
        join unnest(%(tolerances)s::float8[]) with ordinality t (tolerance, place) using (place)
        left join lateral (
            select h.first as value from rollup_hour h
            where h.device_id = s.device_id and h.quantity_id = s.quantity_id and h.channel = s.channel
              and h.hour >= s.starts and h.hour < s.ends and h.count > 0
            order by h.hour limit 1
        ) first on true
        order by place
        """,  # noqa: S608  made of constants
        columns_of([Piece(each.series, each.at, each.at + reach) for each in standing])
        | {"tolerances": [float(each.tolerance) for each in standing]},
    )
    return [until for (until,) in rows]
