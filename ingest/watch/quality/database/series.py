"""The series of an installation, and what was measured of one."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeAlias

from ingest.store.database import Database
from ingest.watch.quality.checks import Reading

ROWS_AT_ONCE = 10_000
"""So many readings are fetched at once: 2 MB or so."""


class Series(NamedTuple):
    """What one sensor of a device measures."""

    device_id: int
    quantity_id: int
    channel: int


class Place(NamedTuple):
    """A device, as documents name it."""

    device_id: int
    code: str
    project_id: int


class Piece(NamedTuple):
    """A time of one series, [starts, ends)."""

    series: Series
    starts: datetime
    ends: datetime


def columns_of(pieces: Sequence[Piece]) -> dict[str, object]:
    """Pieces as the parameters of `PIECES`."""
    return {
        "devices": [piece.series.device_id for piece in pieces],
        "quantities": [piece.series.quantity_id for piece in pieces],
        "channels": [piece.series.channel for piece in pieces],
        "starts": [piece.starts for piece in pieces],
        "ends": [piece.ends for piece in pieces],
    }


PIECES = """
unnest(
    %(devices)s::int[], %(quantities)s::smallint[], %(channels)s::smallint[], %(starts)s::timestamptz[],
    %(ends)s::timestamptz[]
) with ordinality s (device_id, quantity_id, channel, starts, ends, place)
"""
"""What follows `from` in a query of many pieces. `place`: the number of each, from 1 on."""

_READINGS = f"""
select s.place, r.time, r.value from {PIECES}
cross join lateral (
    select c.time, c.value from reading_counted c
    where c.device_id = s.device_id and c.quantity_id = s.quantity_id and c.channel = s.channel
      and c.time >= s.starts and c.time < s.ends
    order by c.time offset 0
) r
"""  # noqa: S608  made of constants


def devices(connection: Database) -> list[Place]:
    """Every device of the installation."""
    return [Place(*row) for row in connection.execute("select device_id, code, project_id from device")]


def quantities(connection: Database) -> dict[int, str]:
    """The code of every quantity that is a gauge, by its id."""
    return dict(connection.execute("select quantity_id, code from quantity where kind = 'gauge'").fetchall())


def readings_of(connection: Database, pieces: Sequence[Piece]) -> Iterator[list[Reading]]:
    """What counts in each piece, in the order of time; the pieces in theirs. One of them is held at a time.

    All as of the moment when the first is asked for, by one statement, whose rows are fetched by and by. Within a
    transaction; between two pieces others may be executed.
    """
    if not pieces:
        return
    place, held = 1, list[Reading]()
    for here, at, value in _rows(connection, pieces):
        if here < place:
            raise RuntimeError("the readings of a series did not come together")
        while place < here:
            yield held
            place, held = place + 1, []
        held.append(Reading(at, value))
    yield held
    for _ in range(place, len(pieces)):
        yield []


def _rows(connection: Database, pieces: Sequence[Piece]) -> Iterator[tuple[int, datetime, float]]:
    """The database goes from piece to piece: nothing has to be sorted, and the first rows come at once."""
    with connection.cursor("noroshi_quality", binary=True) as cursor:
        cursor.execute(_READINGS, columns_of(pieces))
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


class Means(NamedTuple):
    """The days [first, until) of some devices."""

    devices: Sequence[int]
    quantity_id: int
    channel: int
    first: date
    until: date


DailyMeans: TypeAlias = dict[int, dict[date, tuple[float, int]]]
"""Mean and number of readings, by device and day."""


def daily_means(connection: Database, asked: Sequence[Means]) -> list[DailyMeans]:
    """Mean and number of readings of each closed day, for each of what is asked."""
    rows = connection.execute(
        """
        select a.place, d.device_id, d.day, d.total / d.count, d.count
        from unnest(
            %(places)s::int[], %(devices)s::int[], %(quantities)s::smallint[], %(channels)s::smallint[],
            %(first)s::date[], %(until)s::date[]
        ) a (place, device_id, quantity_id, channel, first, until)
        cross join rollup_state s
        join rollup_day d on d.device_id = a.device_id and d.quantity_id = a.quantity_id and d.channel = a.channel
            and d.day >= a.first and d.day < a.until
        where d.count > 0 and rollup_midnight(d.day + 1) <= s.materialised_until
        """,
        _by_device(asked),
    )
    means: list[DailyMeans] = [{} for _ in asked]
    for place, device_id, day, mean, count in rows:
        means[place].setdefault(device_id, {})[day] = mean, count
    return means


def _by_device(asked: Sequence[Means]) -> dict[str, object]:
    every = [(place, each, device_id) for place, each in enumerate(asked) for device_id in each.devices]
    return {
        "places": [place for place, _, _ in every],
        "devices": [device_id for _, _, device_id in every],
        "quantities": [each.quantity_id for _, each, _ in every],
        "channels": [each.channel for _, each, _ in every],
        "first": [each.first for _, each, _ in every],
        "until": [each.until for _, each, _ in every],
    }
