"""What a replay of past days costs: `python -m tests.watch.replay.bench --devices 2000 --days 35`.

A plain PostgreSQL of its own is made, and removed at the end: half of the devices are river gauges with three stages in
the registry, half are rain gauges with a rule of rain within an hour. Each measures every ten minutes. Readings lie in
the order of time, as a service stores them. Every twentieth device has readings that failed a test of quality, every
hundredth has readings that somebody corrected. `--database URL`: a new database of `noroshi db upgrade` instead, which
is left as it is, or with `--measure-only` one that an earlier run left.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import psycopg
from psycopg.types.json import Jsonb

from ingest.store.schema.migrate import upgrade
from schemas.watch import WatchDocument
from tests.figures.field import Field
from tests.fixtures.database import FIRST, installed
from tests.fixtures.postgres import Postgres

BEGIN = date(2026, 6, 1)

_DEVICES = """
insert into device (project_id, code, network_id, name, interval_s)
select p.project_id, case when i %% 2 = 0 then 'river-' else 'rain-' end || lpad(i::text, 5, '0'), n.network_id, 'x',
    600
from project p, network n, generate_series(1, %(devices)s) i where n.code = 'lora' order by i
"""
_STAGES = """
insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)
select d.device_id, q.quantity_id, 0, rank, '市設定基準' || rank, '', rank, false
from device d, quantity q, generate_series(1, 3) rank
where d.code like 'river-%' and q.code = 'river_level'
"""
_READINGS = """
insert into reading_packed (time, device_id, amount, quantity_id, channel, per)
select t + d.device_id %% 600 * interval '1 second', d.device_id,
    case when d.code like 'river-%%'
        then 80 + 30 * sin(n / 70.0 + d.device_id)
            + 220 * greatest(sin(n / 300.0 + d.device_id %% 7) - 0.93, 0) / 0.07
        when (n + 37 * d.device_id) %% 600 < 30 then (n * 7 + d.device_id * 13) %% 90
        else 0 end::integer,
    q.quantity_id, 0, case when d.code like 'river-%%' then 100 else 10 end
from generate_series(%(since)s::timestamptz, %(until)s::timestamptz, '10 minutes') with ordinality times (t, n)
cross join device d
join quantity q on q.code = case when d.code like 'river-%%' then 'river_level' else 'rain_amount' end
where t < %(until)s
order by 1, d.device_id
"""
_FLAGS = """
insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)
select d.device_id, q.quantity_id, 0, 'spike', t, t + interval '1 hour', 6, 4
from generate_series(%(since)s::timestamptz, %(until)s::timestamptz, '5 days') t
cross join device d
join quantity q on q.code = case when d.code like 'river-%%' then 'river_level' else 'rain_amount' end
where d.device_id %% 20 = 0
"""
_CORRECTIONS = """
insert into correction (device_id, kind, starts, ends, who, why)
select d.device_id, 'annul', %(since)s::timestamptz + interval '2 days', %(since)s::timestamptz + interval '3 days',
    'a', 'b'
from device d where d.device_id %% 100 = 0
"""


def say(line: str) -> None:
    """Write a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def own_database(tier: str) -> Iterator[str]:
    """The URL of a new database on a server that is removed at the end."""
    server = Postgres(installed(tier))
    try:
        with server.connect() as connection:
            connection.execute("create database replay")
        with server.connect("replay") as connection:
            upgrade(connection)
        yield server.url("replay")
    finally:
        server.discard()


def fill(url: str, devices: int, days: int) -> None:
    """Devices, rules, readings, flags and corrections. Two days of readings stand before the period."""
    begun = time.monotonic()
    span = {
        "since": f"{BEGIN - timedelta(days=2)} 00:00+09",
        "until": f"{BEGIN + timedelta(days=days)} 00:00+09",
    }
    with psycopg.connect(url, autocommit=True, options="-c jit=off") as connection:
        field = Field(connection)
        connection.execute(_DEVICES, {"devices": devices})
        connection.execute(_STAGES)
        codes = [row[0] for row in connection.execute("select code from device where code like 'rain-%' order by 1")]
        body = _document(codes).model_dump(mode="json", by_alias=True)
        connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by) values (%s, 1, %s, '', 'x')",
            (field.project_id, Jsonb(body)),
        )
        for statement in (_READINGS, _FLAGS, _CORRECTIONS):
            connection.execute(statement.encode(), span)
        connection.execute("vacuum analyze")
        row = connection.execute("select count(*), pg_database_size(current_database()) from reading_packed").fetchone()
    assert row is not None
    say(f"made: {row[0]:,} readings, {row[1] / 2**20:,.0f} MiB, {time.monotonic() - begun:.0f} s")


def _document(codes: list[str]) -> WatchDocument:
    stages = [{"rank": rank, "name": f"{mm} mm", "name_en": f"{mm} mm", "value": mm} for rank, mm in ((1, 20), (2, 30))]
    rule = {
        "code": "hour", "hazard": "rain", "devices": codes, "quantity": "rain_amount", "measure": {"kind": "rain_1h"},
        "stages": stages,
    }  # fmt: skip
    return WatchDocument.model_validate({"project": "tea", "rules": [rule]})


def measure(url: str, days: int) -> None:
    """Run the command once, in a process of its own."""
    period = ["--from", str(BEGIN), "--to", str(BEGIN + timedelta(days=days - 1))]
    command = [sys.executable, "-m", "ingest", "watch", "replay", *period, "--database", url, "--format", "json"]
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)
    clock_s, used = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    found = json.loads(done.stdout)
    say(f"{found['rules']:,} rules, {found['readings']:,} readings, {len(found['crossings']):,} crossings")
    say(f"{clock_s:.1f} s by the clock, {cpu_s:.1f} s of CPU in the command, {used.ru_maxrss / 1024:.0f} MiB at most")


def main() -> None:
    """Make, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--tier", default=FIRST, help="plain, apache, or what NOROSHI_TEST_POSTGRES brings")
    parser.add_argument("--database")
    parser.add_argument("--measure-only", action="store_true")
    asked = parser.parse_args()
    if asked.database is None:
        with own_database(asked.tier) as url:
            fill(url, asked.devices, asked.days)
            measure(url, asked.days)
        return
    if not asked.measure_only:
        fill(asked.database, asked.devices, asked.days)
    measure(asked.database, asked.days)


if __name__ == "__main__":
    main()
