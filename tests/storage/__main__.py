"""`python -m tests.storage --database URL --millions 1,10,100`: load, ask, backfill; prints a table a step.

The database of the URL is dropped and made anew.
"""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import click
import psycopg
from psycopg import sql

from ingest.store import timescale
from ingest.store.status.sizes import size_of
from schemas.device import Device, Network, NetworkKind
from schemas.japan import JST
from schemas.project import Project
from schemas.registry import RegistryDocument
from tests.storage import ingest, rollups
from tests.storage.load import DEVICES, PROJECT, SINCE, Loaded, document, load, prepare
from tests.storage.questions import questions, timed_ms

OTHERS = 8_000
LATE = 50
LIVE_MESSAGES = 100_000
BACKFILL_DAYS = 90


@click.command()
@click.option("--database", required=True, metavar="URL", help="A database that may be dropped")
@click.option("--millions", default="1,10,100", show_default=True, help="Readings at each step, in millions")
@click.option("--backfill/--no-backfill", default=True, show_default=True, help="The backfill after the last step")
def main(database: str, millions: str, *, backfill: bool) -> None:
    """Make the store large, step by step, and measure it at each."""
    _make(database)
    tier = prepare(database, [document(), others()])
    with psycopg.connect(database) as connection:
        click.echo(f"PostgreSQL {timescale.ask(connection).postgresql}, {timescale.ask(connection).timescaledb_text}")
    empty = _rate(database)
    click.echo(f"{'ingest rate, empty tables':<46}{empty:>12,.0f} readings/s")
    last = Loaded(0, 0, datetime.now(UTC), datetime.now(UTC), 0, 0)
    days = done = 0
    for step in map(int, millions.split(",")):
        last = load(database, step * 1_000_000 - done, first_day=days)
        done += last.readings
        days = (last.last - datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=JST)).days
        click.echo(f"\n== {done / 1e6:.1f} million readings, {days} days, tier {tier}")
        _tell_load(database, last, done)
        for name, question in questions(last.last.astimezone(JST)).items():
            ms, rows = timed_ms(database, question)
            click.echo(f"{name:<46}{ms:>12,.0f} ms {rows:>10,} rows")
        rate = _rate(database)
        click.echo(f"{'ingest rate':<46}{rate:>12,.0f} readings/s {rate / empty:>6.2f} of the empty tables'")
    if backfill:
        _backfill(database, last)


def others() -> RegistryDocument:
    """Devices of other projects, so that the fleet has ten thousand, and loggers that come late."""
    more = [("fleet", number) for number in range(OTHERS)] + [("late", number) for number in range(LATE)]
    return RegistryDocument(
        projects=tuple(Project(code=code, name=code) for code in ("fleet", "late")),
        networks=tuple(
            Network(code=f"{code}-net", project=code, kind=NetworkKind.LPWA, name=code) for code in ("fleet", "late")
        ),
        devices=tuple(
            Device(code=f"{code}-{number:05d}", project=code, network=f"{code}-net", name=f"{number}")
            for code, number in more
        ),
    )


def _make(url: str) -> None:
    name = urlsplit(url).path.removeprefix("/")
    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _rate(url: str) -> float:
    """Readings a second of live messages, written as the service writes them, by one writer."""
    devices = [f"fleet-{number:05d}" for number in range(OTHERS)]
    stored, spent_s = ingest.write(url, ingest.live("fleet", devices, LIVE_MESSAGES, datetime.now().astimezone()))
    return stored / spent_s


def _tell_load(url: str, loaded: Loaded, readings: int) -> None:
    rollups.forget(url, loaded.first)
    rollup_s = rollups.advance(url)
    with psycopg.connect(url) as connection:
        total = 0
        for table in timescale.HYPERTABLES:
            size = size_of(connection, table).bytes
            total += size
            click.echo(f"{table:<46}{size / 2**20:>12,.0f} MiB")
    click.echo(f"{'bytes a reading, its share of the uplink in it':<46}{total / readings:>12.2f}")
    click.echo(f"{'COPY':<46}{(loaded.readings + loaded.uplinks) / loaded.copy_s:>12,.0f} rows/s")
    click.echo(f"{'to the columnstore':<46}{loaded.columnstore_s:>12,.0f} s")
    click.echo(f"{'rollups brought up to date in':<46}{rollup_s:>12,.0f} s")


def _backfill(url: str, last: Loaded) -> None:
    devices = [f"{PROJECT}-{number:05d}" for number in range(DEVICES)]
    late = [f"late-{number:05d}" for number in range(LATE)]
    since = last.last - timedelta(days=BACKFILL_DAYS)
    alone = ingest.latency(url, PROJECT, devices, 30)
    old = ingest.backfill("late", late, since, BACKFILL_DAYS)
    beside, stored, spent_s = ingest.latency_beside_backfill(url, PROJECT, devices, old)
    click.echo(f"\n== {BACKFILL_DAYS} days of {LATE} devices into old chunks")
    click.echo(f"{'backfill':<46}{stored / spent_s:>12,.0f} readings/s ({stored:,} readings)")
    click.echo(f"{'live batch, p50/p99, alone':<46}{alone.p50_ms:>12,.0f} / {alone.p99_ms:,.0f} ms")
    click.echo(f"{'live batch, p50/p99, beside the backfill':<46}{beside.p50_ms:>12,.0f} / {beside.p99_ms:,.0f} ms")
    click.echo(f"{'rollups right again after':<46}{rollups.advance(url):>12,.0f} s")


if __name__ == "__main__":
    main()
