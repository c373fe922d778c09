"""`python -m tests.storage.plan --database URL --interval 28800`: what a plan costs, 2,000 devices.

The database of the URL is dropped and made anew, unless `--measure-only`. A device sends five readings every interval:
28800 s make ten million in the year, 2700 s a hundred million. Beside the time by the clock stands the CPU of the
server process, which says more on a machine that has other work. The server has to be on this machine.
"""

import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import Connection
from psycopg.types.json import Jsonb

from ingest.access.authority import By
from ingest.figures.plan.board import read_board
from ingest.figures.project import ProjectRef
from ingest.plan.check.freeze import freeze
from ingest.plan.check.keep import keep_months
from ingest.plan.check.results import kpi_results
from ingest.plan.check.spans import PeriodKind, Span
from ingest.plan.outage.find import find_outages
from schemas.japan import JST
from schemas.plan import PlanDocument
from tests.storage.__main__ import _make
from tests.storage.town_year import DEVICES, PROJECT, YEAR, make_town, sum_up

NOW = datetime(YEAR.year + 1, 4, 2, 0, 30, tzinfo=JST)
KPIS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("completeness", {}), ("completeness", {"networks": ["net0"]}), ("completeness", {"areas": ["地区1"]}),
    ("completeness", {"devices": [f"{PROJECT}-{n:05d}" for n in range(100)]}), ("sent_rate", {}), ("radio_rate", {}),
    ("availability", {}), ("devices_working", {}), ("latency_p95", {}), ("valid", {}), ("outages", {}), ("mttr", {}),
    ("mtbf", {"networks": ["net1"]}),
)  # fmt: skip


@click.command()
@click.option("--database", required=True, metavar="URL", help="A database that may be dropped")
@click.option("--interval", default=28_800, show_default=True, help="Seconds between two messages of a device")
@click.option("--devices", default=DEVICES, show_default=True)
@click.option("--measure-only", is_flag=True, help="The data of an earlier run")
def main(database: str, interval: int, devices: int, *, measure_only: bool) -> None:
    """Make a year of a town, and measure what a plan asks of it."""
    if not measure_only:
        _make(database)
        readings = make_town(database, interval, devices)
        click.echo(f"{readings / 1e6:.1f} million readings of {devices} devices")
        sum_up(database)
    with psycopg.connect(database, autocommit=True, options="-c jit=off") as connection:
        connection.execute("truncate rollup_stretch")
        project = _enter_plan(connection)
        for name, work in _work(connection, project).items():
            _measure(connection, name, work)


def _enter_plan(connection: Connection[Any]) -> ProjectRef:
    connection.execute("alter table plan_snapshot disable trigger all")
    connection.execute("delete from plan_snapshot")
    connection.execute("alter table plan_snapshot enable trigger all")
    document = PlanDocument.model_validate(
        {
            "project": PROJECT, "title": PROJECT, "begins": YEAR.first_day, "ends": date(YEAR.year + 3, 3, 31),
            "boxes": [{"code": "data", "stage": "output", "label": "データ"}],
            "kpis": [
                {
                    "code": f"kpi{n}", "label": f"{n}", "box": "data", "unit": "%", "formula": "ratio", "owner": "課",
                    "targets": {YEAR.year: 90}, "evidence": {"kind": "figure", "figure": figure}, "scope": scope,
                }
                for n, (figure, scope) in enumerate(KPIS)
            ],
        }
    )  # fmt: skip
    row = connection.execute("select project_id from project where code = %s", (PROJECT,)).fetchone()
    assert row is not None
    connection.execute(
        "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
        " values (%s, 1, %s, 'clerk', '', %s, '') on conflict do nothing",
        (row[0], YEAR.start, Jsonb(document.model_dump(mode="json"))),
    )
    return ProjectRef(row[0], PROJECT, PROJECT)


def _work(connection: Connection[Any], project: ProjectRef) -> dict[str, Callable[[], object]]:
    first, until = YEAR.first_day, YEAR.next.first_day
    last = YEAR.months[-1]
    month = Span(PeriodKind.MONTH, last.first_day, last.next.first_day)
    whole = Span(PeriodKind.YEAR, first, until)

    def kpis() -> object:
        return kpi_results(connection, project.project_id, first, until, NOW)

    def board() -> object:
        days, span = (first, until), (YEAR.start, YEAR.end)
        return read_board(connection, project.project_id, YEAR.year, days, span, NOW)

    def weeks() -> object:
        borders = [first + timedelta(days=100 + 7 * week) for week in range(9)]
        query = "select * from figure_measure_span(%s, '{}', '{}', %s, %s, false)"
        return connection.execute(query, (PROJECT, borders, NOW)).fetchall()

    return {
        f"{len(KPIS)} KPIs of the year, nothing kept": kpis,
        "a month frozen, nothing kept": lambda: freeze(connection, By("bench"), project, month, NOW),
        "the other months kept": lambda: keep_months(connection, PROJECT, first, until),
        "all months kept already": lambda: keep_months(connection, PROJECT, first, until),
        f"{len(KPIS)} KPIs of the year": kpis,
        "the year frozen": lambda: freeze(connection, By("bench"), project, whole, NOW),
        "what the board reads": board,
        "eight weeks of a measure": weeks,
        "outages, first run over the year": lambda: _find(connection),
        "outages, next run": lambda: _find(connection),
    }


def _find(connection: Connection[Any]) -> object:
    total = find_outages(connection, NOW)
    while total.behind:
        total = total.plus(find_outages(connection, NOW))
    return total


def _measure(connection: Connection[Any], name: str, work: Callable[[], object]) -> None:
    cpu_s, own_s, clock = _cpu_s(connection), time.process_time(), time.perf_counter()
    found = work()
    server_s, own_s = _cpu_s(connection) - cpu_s, time.process_time() - own_s
    spent_s, load = time.perf_counter() - clock, os.getloadavg()[0]
    said = f"{found}" if isinstance(found, (int, tuple)) and not isinstance(found, list) else ""
    click.echo(
        f"{name:<40}{spent_s:>9.2f} s by the clock,{server_s:>8.2f} s CPU of the server,{own_s:>7.2f} s of the"
        f" program, load {load:.0f}  {said[:80]}"
    )


def _cpu_s(connection: Connection[Any]) -> float:
    """Seconds of CPU that the server process of this connection has used."""
    words = Path(f"/proc/{connection.info.backend_pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
