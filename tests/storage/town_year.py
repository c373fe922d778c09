"""A fiscal year of 2,000 devices, written on the server: what the figures of a plan are measured on."""

from datetime import date, datetime, timedelta

import psycopg

from ingest.store.registry import registry
from ingest.store.rollup.statements import HOUR_COLUMNS, UPLINK_COLUMNS, USAGE_COLUMNS
from ingest.store.schema import migrate
from ingest.store.timescale import Tier, ask
from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.japan import JST, FiscalYear
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.storage.load import to_columnstore

PROJECT = "town"
YEAR = FiscalYear(2025)
DEVICES = 2_000
NETWORKS = 8
GATEWAYS = 40
MOVED, STOPS = 50, 40
USES = ("農業", "見守り", "生活")
KINDS = tuple(NetworkKind)


def town(interval_s: int, devices: int = DEVICES) -> RegistryDocument:
    """Of twenty devices one is a river gauge of two intervals, two work in season only, the others all year."""
    return RegistryDocument(
        projects=(Project(code=PROJECT, name=PROJECT),),
        networks=tuple(
            Network(code=f"net{n}", project=PROJECT, kind=KINDS[n % len(KINDS)], name=f"網{n}") for n in range(NETWORKS)
        ),
        gateways=tuple(
            Gateway(code=f"gw{n:02}", network=f"net{n % NETWORKS}", name=f"基地局{n}") for n in range(GATEWAYS)
        ),
        devices=tuple(_device(number, interval_s) for number in range(devices)),
    )


def _device(number: int, interval_s: int) -> Device:
    gauge = number % 20 == 0
    return Device(
        code=f"{PROJECT}-{number:05d}", project=PROJECT, network=f"net{number % NETWORKS}",
        gateway=f"gw{number % GATEWAYS:02}", name=f"{number}", installed_on=date(2025, 3, 1),
        interval_s=600 if gauge else interval_s, calm_interval_s=86400 if gauge else None,
        active_level_m=2.0 if gauge else None, area=f"地区{number % 20}", use="防災" if gauge else USES[number % 3],
        season_from="04-15" if number % 10 == 1 else None, season_to="10-15" if number % 10 == 1 else None,
    )  # fmt: skip


# Every device every interval; of a gauge once a day, and every ten minutes of six hours a month. A twentieth is lost,
# and now and then a device is silent for three days.
MESSAGES = """
insert into made
select d.device_id, s.number, d.calm_interval_s is not null, s.flood,
    timestamptz '2025-04-01 00:00+09' + (s.at_s + d.device_id * 7 %% d.interval_s + random()) * interval '1 second',
    0.2 + random() * 3
from device d
cross join lateral (
    select n as number, n * d.interval_s as at_s, false as flood
    from generate_series(%(day)s * 86400 / d.interval_s, (%(day)s + %(days)s) * 86400 / d.interval_s - 1) n
    where d.calm_interval_s is null
    union all
    select n * 200, n * 86400 + 9 * 3600, false from generate_series(%(day)s, %(day)s + %(days)s - 1) n
    where d.calm_interval_s is not null
    union all
    select n * 200 + 1 + i, n * 86400 + 12 * 3600 + i * 600, true
    from generate_series(%(day)s, %(day)s + %(days)s - 1) n, generate_series(0, 35) i
    where d.calm_interval_s is not null and (n + d.device_id) %% 30 = 0
) s
where random() > 0.05 and hashint4(d.device_id * 4096 + s.at_s / 259200) %% 200 <> 0
"""

UPLINKS = """
insert into uplink_packed (time, received_at, message_id, counter, device_id, payload_bytes, gateway_id, rssi_centi,
    snr_centi, kind, offered, refused)
select m.time, m.time + m.late_s * interval '1 second', hashint8extended(m.number, m.device_id),
    case when d.network_id % 2 = 0 then m.number end, m.device_id, 40, d.gateway_id, -9000, 500, 0, 5, 0
from made m join device d using (device_id) order by m.time
"""

READINGS = """
insert into reading_packed (time, device_id, amount, quantity_id, channel, per)
select m.time, m.device_id, (v.value * v.per)::integer, v.quantity_id, 0, v.per
from made m
cross join lateral (values
    (1, 10, 30 + 8 * sin(m.number / 80.0 + m.device_id), false), (3, 10, 15 + 4 * sin(m.number / 8.0), false),
    (20, 100, 14 + 7 * sin(m.number / 3.0) + random(), false), (21, 10, 70 - 18 * sin(m.number / 3.0), false),
    (90, 1000, 3.6 - random() / 100, false),
    (52, 1000, case when m.flood then 2.5 else 0.8 end + random() / 10, true), (90, 1000, 12.4 + random() / 10, true)
) v (quantity_id, per, value, gauge)
where v.gauge = m.gauge order by m.time
"""

# Devices that went to another network in the middle of the year, and planned stops.
MOVES = """
with went as (
    update device_placement p set valid_to = timestamptz '2025-10-20 13:30+09'
    where p.device_id in (select d.device_id from device d where d.code like '%%7' order by d.code limit %(moved)s)
    returning p.*
)
insert into device_placement
select w.device_id, w.valid_to, null, w.project_id, n.network_id, null, w.use, w.area, w.interval_s, w.calm_interval_s,
    w.active_level_m, w.season_from, w.season_to, w.installed_on, w.enabled
from went w cross join lateral (select max(network_id) as network_id from network) n
"""
STOPS_OF_THE_YEAR = """
insert into planned_stop (project_id, gateway_id, starts, ends, reason, entered_at, entered_by)
select p.project_id, (select min(gateway_id) from gateway) + i, at, at + interval '7 hours', '点検',
    at - interval '3 days', 'clerk'
from project p, generate_series(0, %(stops)s - 1) i
cross join lateral (select timestamptz '2025-04-05 09:20+09' + i * interval '8 days' as at) a
"""


# What the figures of a plan read of the sums; by hour only the levels of the gauges, and when messages came.
# Outages are looked for from the last message back.
SUMS = (
    f"""
    insert into rollup_usage_day ({USAGE_COLUMNS}) select {USAGE_COLUMNS} from rollup_usage(null, %(from)s, %(to)s)
    """,
    f"""
    insert into uplink_day (day, {UPLINK_COLUMNS})
    select rollup_day_of(starts), {UPLINK_COLUMNS} from rollup_uplinks(null, %(from)s, %(to)s, '1 day')
    """,
    f"""
    insert into uplink_hour (hour, {UPLINK_COLUMNS})
    select starts, {UPLINK_COLUMNS} from rollup_uplinks(null, %(from)s, %(to)s, '1 hour')
    """,
    f"""
    insert into rollup_hour (hour, {HOUR_COLUMNS})
    select hour, {HOUR_COLUMNS} from rollup_hours(
        array(select device_id from device where calm_interval_s is not null), %(from)s, %(to)s
    )
    """,
    "select rollup_keep_last(null, %(from)s, %(to)s)",
)


def sum_up(url: str) -> None:
    """The sums of the whole year, month by month, and the beginning of the next one."""
    with psycopg.connect(url, autocommit=True, options="-c jit=off -c work_mem=64MB") as connection:
        for month in (*YEAR.months, YEAR.next.months[0]):
            end = min(month.end, datetime(YEAR.year + 1, 4, 2, tzinfo=JST))
            for statement in SUMS:
                connection.execute(statement.encode(), {"from": month.start, "to": end})
        connection.execute(
            "update rollup_state set materialised_until = %(end)s, closing_until = %(end)s", {"end": end}
        )
        connection.execute("vacuum analyze")


def make_town(url: str, interval_s: int, devices: int = DEVICES) -> int:
    """The registry and the year in an empty database; returns the number of readings."""
    with psycopg.connect(url, autocommit=True) as connection:
        migrate.upgrade(connection)
        with connection.transaction():
            registry.apply(connection, registry.plan(connection, town(interval_s, devices)))
        tier = ask(connection).tier
        readings = 0
        connection.execute(
            "create temporary table made (device_id integer, number bigint, gauge boolean, flood boolean,"
            " time timestamptz, late_s double precision)"
        )
        whole = (YEAR.next.first_day - YEAR.first_day).days + 2
        for day in range(0, whole, 7):
            connection.execute("truncate made")
            connection.execute(MESSAGES.encode(), {"day": day, "days": min(7, whole - day)})
            connection.execute(UPLINKS.encode())
            readings += connection.execute(READINGS.encode()).rowcount
            if tier is Tier.COMMUNITY:
                to_columnstore(connection, YEAR.first_day + timedelta(days=day - 7))
        connection.execute(MOVES, {"moved": MOVED})
        connection.execute(STOPS_OF_THE_YEAR, {"stops": STOPS})
        connection.execute("vacuum analyze")
    return readings
