"""`python -m tests.report.bench --database URL --devices 2000`: what the reports of a year cost, form by form.

The database of the URL is dropped and made anew, unless `--measure-only`. Each device has five outages in the year, no
month is frozen, so that everything is computed. Beside the time by the clock stand the CPU of the server, that of the
processes that make and write (with their children), and the most memory that one of them had. The server has to be on
this machine.
"""

import os
import pickle
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg

from ingest.plan.check.keep import keep_months
from ingest.report.form.apart import cells_of
from ingest.report.form.forms import FORMS, fits_form
from ingest.report.form.options import PLAIN
from ingest.report.make import kinds_offered, make_report, period_of, span_of
from ingest.report.order.whole_set import SetWanted, make_set
from schemas.report_document import ReportKind
from tests.storage.__main__ import _make
from tests.storage.plan import NOW, _cpu_s, _enter_plan
from tests.storage.town_year import DEVICES, PROJECT, YEAR, make_town, sum_up

OUTAGES = """
    insert into outage (project_id, level, device_id, starts, ends, proposed_cause, proposed_ja)
    select d.project_id, 'device', d.device_id, t.at, t.at + interval '70 hours', 'unknown', '手がかりがありません'
    from device d
    cross join generate_series(timestamptz '2025-05-01 00:00+09', timestamptz '2026-03-01', interval '70 days') t (at)
"""
OPTIONS = "-c jit=off"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process and its children took."""

    clock_s: float
    cpu_s: float
    peak_mib: float


@click.command()
@click.option("--database", required=True, metavar="URL", help="A database that may be dropped")
@click.option("--interval", default=172_800, show_default=True, help="Seconds between two messages of a device")
@click.option("--devices", default=DEVICES, show_default=True)
@click.option("--measure-only", is_flag=True, help="The data of an earlier run")
@click.option("--make", nargs=2, hidden=True, metavar="KIND FILE", help="Be the process that makes one document")
def main(database: str, interval: int, devices: int, *, measure_only: bool, make: tuple[str, str] | None) -> None:
    """Make a year of a town, and measure its reports."""
    if make is not None:
        _make_document(database, ReportKind(make[0]), Path(make[1]))
        return
    if not measure_only:
        _make_town(database, interval, devices)
    with tempfile.TemporaryDirectory() as folder:
        for kind in (*kinds_offered(), ReportKind.SET):
            _measure(database, kind, Path(folder))


def _make_town(database: str, interval: int, devices: int) -> None:
    _make(database)
    readings = make_town(database, interval, devices)
    click.echo(f"{readings / 1e6:.1f} million readings of {devices} devices")
    sum_up(database)
    with psycopg.connect(database, autocommit=True, options=OPTIONS) as connection:
        _enter_plan(connection)
        for month in YEAR.months:
            keep_months(connection, PROJECT, month.first_day, month.next.first_day)
        connection.execute(OUTAGES)
        connection.execute("update outage_state set seen_until = %s", (NOW,))
        connection.execute("vacuum analyze")


def _measure(database: str, kind: ReportKind, folder: Path) -> None:
    kept = folder / "document"
    command = ("-m", "tests.report.bench", "--database", database, "--make", kind.value, str(kept))
    _say(f"{kind.value}: document" if kind is not ReportKind.SET else "set: all files and the ZIP", _run(*command))
    if kind is ReportKind.SET:
        return
    # This process never holds a document: the peak of a child begins at the one of its parent.
    about, *forms = kept.with_suffix(".about").read_text(encoding="ascii").splitlines()
    click.echo(f"{'':<30}{about}")
    for form in forms:
        made = folder / form
        spent = _run("-m", "ingest.report.form.apart", str(kept), form, str(made))
        _say(f"{kind.value}: {form}", spent, f"{made.stat().st_size / 2**20:.2f} MiB")


def _make_document(database: str, kind: ReportKind, kept: Path) -> None:
    with psycopg.connect(database, autocommit=True, options=OPTIONS) as connection:
        row = connection.execute("select project_id from project where code = %s", (PROJECT,)).fetchone()
        assert row is not None
        if kind is ReportKind.SET:
            make_set(connection, SetWanted(row[0], YEAR, FORMS, "bench", NOW))
            return
        document = make_report(
            connection,
            row[0],
            kind,
            period_of(kind, YEAR.months[5] if span_of(kind) == "month" else YEAR, NOW),
            NOW,
            "bench",
        )
        kept.write_bytes(pickle.dumps((document, PLAIN), pickle.HIGHEST_PROTOCOL))
        about = f"{cells_of(document):,} cells in tables, {_cpu_s(connection):.1f} s CPU of the server"
        fitting = [form.value for form in FORMS if fits_form(document, form)]
        kept.with_suffix(".about").write_text("\n".join([about, *fitting]), encoding="ascii")


def _run(*arguments: str) -> Spent:
    """Run this Python with arguments, and see what it takes. Raises SystemExit when it fails."""
    clock = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, *arguments], os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        sys.exit(f"{arguments} failed")
    return Spent(time.perf_counter() - clock, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _say(name: str, spent: Spent, more: str = "") -> None:
    click.echo(
        f"{name:<30}{spent.cpu_s:>7.1f} s CPU,{spent.peak_mib:>6.0f} MiB,{spent.clock_s:>7.1f} s by the clock,"
        f" load {os.getloadavg()[0]:.0f}  {more}"
    )


if __name__ == "__main__":
    main()
