"""What the wall costs: every question of a page, in turn as the owner, as the pages, and as the reader of a project.

    python -m tests.storage.wall --tier plain --days 35

200 devices of two projects, five quantities every five minutes: 35 days are ten million readings. Prints the median of
each question in milliseconds.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import median
from threading import Event
from typing import Any

from psycopg import Connection

from ingest.figures import account, device, fleet
from ingest.figures.rows import page
from ingest.figures.table import COUNTED, READING_DAILY, READING_HOURLY, UPLINK, Selection, Table
from ingest.store.rollup import rollup
from ingest.store.wall import Wall, take_pages_role
from tests.fixtures.database import Database, Servers, fresh_database

TIMES = 7
READER = "wall_reader"
QUANTITY = "soil_moisture"

FIELD = """
insert into organisation (code, name) values ('010006', '甲'), ('020001', '乙');
insert into project (code, name, organisation_code)
select 'p' || i, 'p' || i, case when i = 1 then '010006' else '020001' end from generate_series(1, 2) i;
insert into network (code, project_id, kind, name) select 'n_' || p.code, p.project_id, 'lorawan', 'n' from project p;
insert into gateway (code, network_id, name)
select n.code || i, n.network_id, 'g' from network n, generate_series(1, 3) i;
insert into device (project_id, code, network_id, gateway_id, name, interval_s, installed_on, enabled)
select n.project_id, 'd' || i, n.network_id,
    (select min(g.gateway_id) from gateway g where g.network_id = n.network_id), 'd' || i, 300, current_date - 100, true
from network n, generate_series(1, 100) i;
insert into uplink_packed (time, received_at, message_id, counter, device_id, payload_bytes, gateway_id, rssi_centi,
    snr_centi, airtime_ms, kind, offered, refused, gateway_count, spreading_factor)
select t, t, d.device_id * 1000000::bigint + (extract(epoch from t) / 300)::bigint, row_number() over (
    partition by d.device_id order by t), d.device_id, 20, d.gateway_id, -9000, 500, 60, 1, 5, 0, 1, 7
from generate_series(date_trunc('minute', now()) - interval '{days} days', now(), interval '5 min') t, device d;
insert into reading_packed (time, device_id, amount, quantity_id, channel, per)
select t, d.device_id, (100 + 50 * sin(extract(epoch from t) / 10000 + d.device_id))::integer, q, 0, 10
from generate_series(date_trunc('minute', now()) - interval '{days} days', now(), interval '5 min') t, device d,
    generate_series(1, 5) q;
insert into tally (hour, project_id, writer, stored)
select date_trunc('hour', u.time), d.project_id, 'w', count(*) from uplink_packed u join device d using (device_id)
group by 1, 2;
insert into rollup_series (device_id, quantity_id, channel)
select d.device_id, q, 0 from device d, generate_series(1, 5) q;
select rollup_fill_last(null);
"""


def main() -> None:
    """Load, ask, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tier", default="plain", help="plain, apache, or community (NOROSHI_TEST_POSTGRES)")
    parser.add_argument("--days", type=int, default=35)
    given = parser.parse_args()
    servers = Servers()
    database = fresh_database(servers.get(given.tier))
    database.connect().execute(f"create role {READER} login in role noroshi_walled")
    try:
        load(database, given.days)
        callers = {
            "owner": database.connect(), "everything": pages(database, "*"), "own": pages(database, "1"),
            "reader": reader(database),
        }  # fmt: skip
        print(f"{'':24}" + "".join(f"{name:>12}" for name in callers))
        for name, ask in questions(datetime.now(UTC)).items():
            times = measure(ask, callers)
            print(f"{name:24}" + "".join(f"{median(each) * 1000:12.1f}" for each in times.values()), flush=True)
    finally:
        database.close()
        with database.postgres.connect(database.name) as last:
            last.execute(f"drop owned by {READER}")
            last.execute(f"drop role {READER}")
        database.drop()
        servers.discard()


def load(database: Database, days: int) -> None:
    """Fill the field and sum it up."""
    connection = database.connect()
    connection.execute(FIELD.replace("{days}", str(days)).encode())
    rollup.keep(connection, stop=Event(), gently=False)
    connection.execute("vacuum analyze")
    (count,) = connection.execute("select count(*) from reading_packed").fetchone() or (0,)
    print(f"{count:,} readings, {database.tier}")


def pages(database: Database, projects: str) -> Connection[Any]:
    """A connection as a request of the pages has it."""
    connection = database.connect()
    take_pages_role(connection)
    Wall()(connection, projects, "")
    return connection


def reader(database: Database) -> Connection[Any]:
    """A connection as Grafana has it for one organisation."""
    connection = database.connect()
    connection.execute(f"insert into access_reader select '{READER}', min(organisation_id) from organisation")
    connection.execute(f"set role {READER}")
    connection.execute("set search_path = wall, public")
    return connection


def questions(now: datetime) -> Mapping[str, Callable[[Connection[Any]], object]]:
    """What the overview, the page of a device, the API and a report ask."""

    def rows(table: Table, days: int) -> Callable[[Connection[Any]], object]:
        return lambda connection: page(connection, Selection(table, now - timedelta(days=days), now, "p1"), None, 1001)

    def figure(text: str) -> Callable[[Connection[Any]], object]:
        return lambda connection: connection.execute(text.encode()).fetchall()

    def series(days: int) -> Callable[[Connection[Any]], object]:
        return lambda connection: device.series(
            connection, "p1", "d7", QUANTITY, start=now - timedelta(days=days), end=now
        )

    return {
        "states of projects": fleet.project_states,
        "states of devices": lambda connection: fleet.device_states(connection, "p1"),
        "account of the month": lambda connection: account.identity_since(connection, "p1", now - timedelta(days=29)),
        "last values of 25": lambda connection: device.latest_of_devices(connection, list(range(1, 50, 2))),
        "series of a day": series(1),
        "series of 30 days": series(30),
        "1,000 readings": rows(COUNTED, 1),
        "1,000 messages": rows(UPLINK, 1),
        "1,000 hours": rows(READING_HOURLY, 7),
        "1,000 days": rows(READING_DAILY, 31),
        "usage of a month": figure("select * from figure_usage('p1', now() - interval '30 days', now(), now())"),
        "ten series, a panel": figure(
            f"select * from figure_several(array['p1'], null, array['{QUANTITY}'], now() - interval '1 day', now(),"
            " 300, 10)"
        ),
    }


def measure(
    ask: Callable[[Connection[Any]], object], callers: Mapping[str, Connection[Any]]
) -> Mapping[str, list[float]]:
    """Seconds of each caller, asked in turn after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in callers}
    for number in range(TIMES + 1):
        for name, connection in callers.items():
            began_s = time.perf_counter()
            ask(connection)
            if number:
                times[name].append(time.perf_counter() - began_s)
    return times


if __name__ == "__main__":
    main()
