"""Makes the readings of 2,000 devices, day after day, and COPYs them in. All but the noise is alike each time."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg import Connection

from ingest.store.batch.pack import READING_COLUMNS, UPLINK_COLUMNS
from ingest.store.registry import registry
from ingest.store.schema import migrate
from ingest.store.timescale import HYPERTABLES, Tier, ask
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.registry import RegistryDocument

PROJECT = "town"
DEVICES = 2_000
READINGS = 5
SINCE = date(2026, 1, 1)
INTERVALS_S = (600, 600, 600, 600, 600, 600, 600, 1800, 1800, 3600)
"""Of ten devices seven speak every ten minutes, two every half hour, one every hour."""


class Loaded(NamedTuple):
    """What is in the database, and how long it took."""

    readings: int
    uplinks: int
    first: datetime
    last: datetime
    copy_s: float
    columnstore_s: float


def document(devices: int = DEVICES, *, project: str = PROJECT) -> RegistryDocument:
    """Weather stations and river gauges, one project."""
    return RegistryDocument(
        projects=(Project(code=project, name=project),),
        networks=(Network(code=f"{project}-net", project=project, kind=NetworkKind.LPWA, name=project),),
        devices=tuple(
            Device(
                code=f"{project}-{number:05d}", project=project, network=f"{project}-net", name=f"{number}",
                interval_s=INTERVALS_S[number % 10], installed_on=SINCE,
            )
            for number in range(devices)
        ),
    )  # fmt: skip


# One day of messages. Even devices have a clock of their own, on whole seconds and now and then a second late; odd
# ones have the time of the network: a timer that drifts by up to 20 ppm, and 50 ms of jitter.
MADE = """
create temporary table made (
    device_id integer, number integer, interval_s integer, time timestamptz, received_at timestamptz
)
"""

MESSAGES = """
insert into made
select device_id, n, interval_s, at, at + delay_s * interval '1 second'
from device
join generate_series(0, 143) slot on slot %% (interval_s / 600) = 0
cross join lateral (select (%(day)s * 86400 + slot * 600) / interval_s as n) c
cross join lateral (select timestamptz '2026-01-01 00:00+09'
    + (n::bigint * interval_s + device_id * 7 %% interval_s) * interval '1 second' as due) d
cross join lateral (select
    case when device_id %% 2 = 0 then (random() < 0.05)::integer
         else n::bigint * interval_s * (device_id %% 40 - 20) / 1e6 + (random() - 0.5) * 0.1 end as late_s,
    case when device_id %% 2 = 0 then 1.2 + random() * 0.3 else 0.08 + random() * 0.1 end as delay_s) l
cross join lateral (select due + late_s * interval '1 second' as at) t
where project_id = (select project_id from project where code = %(project)s)
"""

UPLINKS = """
copy (
    select time, received_at, hashint8extended(number, device_id), number::bigint, null::timestamptz, device_id,
           150 + number % 4, null::integer, ((-90 - device_id % 25 - floor(random() * 12)) * 100)::integer,
           (round((5 + random() * 6) * 10) * 10)::integer, null::real, 0::smallint, 5::smallint, 0::smallint,
           null::smallint, null::smallint, null::smallint, null::jsonb
    from made order by time
) to stdout (format binary)
"""

# Weather stations: soil and air. River gauges (one device of five): levels, rain that only rises, power.
READINGS_OF_A_DAY = """
copy (
    select time, device_id, round(value * per)::integer, quantity_id::smallint, 0::smallint, per::smallint,
           null::smallint, null::double precision
    from made
    cross join lateral (select extract(epoch from time) / 13750.987 as turn, number * interval_s / 600.0 as n) t
    cross join lateral (values
        (1, 10, 30 + 8 * sin(n / 800 + device_id) + 0.3 * random(), false),
        (3, 10, 15 + 4 * sin(turn + device_id) + 0.05 * random(), false),
        (20, 100, 14 + 7 * sin(turn) + sin(n / 300) + 0.25 * (random() - 0.5), false),
        (21, 10, 70 - 18 * sin(turn) + 1.5 * (random() - 0.5), false),
        (90, 1000, 3.6 - n * 0.00002 + 0.003 * (random() - 0.5), false),
        (52, 1000, 1.2 + 0.4 * sin(n / 500 + device_id) + 0.004 * random(), true),
        (58, 10, 12 + 3 * sin(turn) + 0.1 * random(), true),
        (37, 10, floor(n / 40) * 0.5, true),
        (94, 10, 20 + 9 * sin(turn) + 0.3 * random(), true),
        (90, 1000, 12.4 + 0.6 * sin(turn) + 0.01 * (random() - 0.5), true)
    ) v (quantity_id, per, value, river)
    where v.river = (device_id % 5 = 0)
    order by time
) to stdout (format binary)
"""


def prepare(url: str, documents: list[RegistryDocument]) -> Tier:
    """A migrated database with these devices; what the server can do."""
    with psycopg.connect(url) as connection:
        migrate.upgrade(connection)
        for one in documents:
            registry.apply(connection, registry.plan(connection, one))
        connection.commit()
        return ask(connection).tier


def load(url: str, readings: int, *, first_day: int = 0) -> Loaded:
    """Day after day until so many readings are there; what is older than a chunk goes to the columnstore at once."""
    copy_s = columnstore_s = 0.0
    done = uplinks = 0
    day = first_day
    with psycopg.connect(url, autocommit=True) as maker, psycopg.connect(url, autocommit=True) as taker:
        tier = ask(taker).tier
        maker.execute(MADE)
        while done < readings:
            started = time.perf_counter()
            maker.execute("truncate made")
            maker.execute(MESSAGES.encode(), {"day": day, "project": PROJECT})
            uplinks += _pass_on(
                maker, UPLINKS, taker, f"copy uplink_packed ({UPLINK_COLUMNS}) from stdin (format binary)"
            )
            done += _pass_on(
                maker, READINGS_OF_A_DAY, taker, f"copy reading_packed ({READING_COLUMNS}) from stdin (format binary)"
            )
            day += 1
            copied = time.perf_counter()
            if tier is Tier.COMMUNITY and day % 7 == 0:
                to_columnstore(taker, SINCE + timedelta(days=day - 8))
            copy_s += copied - started
            columnstore_s += time.perf_counter() - copied
        started = time.perf_counter()
        if tier is Tier.COMMUNITY:
            to_columnstore(taker, SINCE + timedelta(days=day + 8))
        taker.execute("vacuum analyze")
        columnstore_s += time.perf_counter() - started
    begin = datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=UTC) - timedelta(hours=9)
    return Loaded(
        done, uplinks, begin + timedelta(days=first_day), begin + timedelta(days=day), copy_s, columnstore_s
    )  # fmt: skip


def to_columnstore(connection: Connection[Any], older_than: date) -> None:
    """What the policy would do later: every chunk that ends before this day."""
    for table in HYPERTABLES:
        for (chunk,) in connection.execute(
            "select format('%%I.%%I', chunk_schema, chunk_name) from timescaledb_information.chunks"
            " where hypertable_name = %s and not is_compressed and range_end <= %s",
            (table, older_than),
        ).fetchall():
            connection.execute("call convert_to_columnstore(%s::regclass)", (chunk,))


def _pass_on(maker: Connection[Any], source: str, taker: Connection[Any], target: str) -> int:
    with maker.cursor() as out, taker.cursor() as into:
        with out.copy(source.encode()) as made, into.copy(target.encode()) as taken:
            for block in _blocks(made):
                taken.write(block)
        return into.rowcount


def _blocks(made: psycopg.Copy) -> Iterator[bytes]:
    """Pieces of a megabyte: the driver hands out one row at a time."""
    pieces: list[bytes] = []
    size = 0
    for piece in made:
        pieces.append(bytes(piece))
        size += len(piece)
        if size > 1 << 20:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join(pieces)
