"""Asks the database again what the evidence of a report names, as an auditor would."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from psycopg.rows import dict_row

from ingest.plan.check.actual import look_at
from ingest.plan.check.cost import View, balances, costs_by_month
from ingest.plan.check.look import to_decimal
from ingest.plan.check.results import result_of
from ingest.plan.check.sources import measure_figure
from ingest.plan.document.versions import version_of
from schemas.japan import FiscalYear
from schemas.plan import PlanScope
from schemas.report_document import Evidence
from tests.plan.check.town import Town


def answers(town: Town, evidence: Evidence, now: datetime) -> list[dict[str, Any]]:
    """The rows that the evidence names: of a function by its arguments, of a view or table by its columns, of a KPI."""
    arguments = evidence.arguments
    if evidence.figure == "plan_version":
        return _plan(town, arguments)
    if evidence.figure.startswith(("figure_", "plan_snapshot", "measure")):
        return _rows(town, evidence)
    plan = version_of(town.connection, town.project.project_id, int(arguments["plan_number"]))
    assert plan is not None
    look = look_at(town.connection, town.project.project_id, plan, now)
    days = (date.fromisoformat(arguments["first_day"]), date.fromisoformat(arguments["until_day"]))
    kpi = next((each for each in plan.document.kpis if each.code == arguments.get("kpi")), None)
    if kpi is None:
        value = measure_figure(look, evidence.figure, {}, PlanScope(), days).value
        return [{"value": value}]
    found = result_of(look, plan, kpi, *days)
    base, actual = found.baseline, found.actual.value
    gain = None if actual is None or base is None else actual - base
    proof = found.actual.evidence
    return [{"value": actual, "rate": found.rate, "gain": gain, "samples": proof.samples, "of": proof.completeness}]


def numbers(rows: list[dict[str, Any]]) -> set[Decimal]:
    """Every number of the rows, and what the comments of the figures make of them: rates in percent, hours, counts."""
    found = {Decimal(len(rows))}
    for row in rows:
        plain = {name: _exact(value) for name, value in row.items() if _is_number(value)}
        found |= {to_decimal(value) for value in plain.values()}
        found |= {to_decimal(value / 3600) for value in plain.values()} | {to_decimal(v / 60) for v in plain.values()}
        found |= {
            to_decimal(plain[part] * 100 / plain[base]) for part, base in _RATES
            if part in plain and plain.get(base)
        }  # fmt: skip
        found |= {
            to_decimal(value * 100) for name, value in plain.items() if name.endswith("_rate") or name == "uptime"
        }
        if "received" in plain:
            found.add(to_decimal(_sent(row)))
        if "outages" in plain and plain.get("duty_s"):
            found.add(to_decimal(plain["outages"] * 365 * 86_400 / plain["duty_s"]))
        if plain.get("ended"):
            found.add(to_decimal(plain["ended_s"] / plain["ended"] / 3600))
        if {"duty_s", "downtime_s", "outages"} <= plain.keys() and plain["outages"]:
            found.add(to_decimal((plain["duty_s"] - plain["downtime_s"]) / plain["outages"] / 3600))
        if {"expected", "valid"} <= plain.keys():
            found.add(to_decimal(plain["expected"] - plain["valid"]))
    return found


def sums(rows: list[dict[str, Any]]) -> set[Decimal]:
    """The sums of the rows by column, and how many of them are so or so: for a total, and for a summary."""
    names = {name for row in rows for name, value in row.items() if _is_number(value)}
    found = {Decimal(sum(row.get(name) is not None for row in rows)) for name in {name for row in rows for name in row}}
    for name in names:
        values = [_exact(row[name]) for row in rows if _is_number(row.get(name))]
        found.add(to_decimal(sum(values, Fraction(0))))
    found.add(to_decimal(sum((_sent(row) for row in rows if "received" in row), Fraction(0))))
    devices = [row for row in rows if row.get("level") == "device"]
    found.add(Decimal(sum(1 for row in devices if row.get("valid"))))
    found.add(Decimal(sum(1 for row in devices if row.get("valid", 0) * 100 < row.get("expected", 0) * 80)))
    rises = [row for row in rows if "before_rank" in row and row["rank"] > row["before_rank"]]
    return found | {Decimal(len(rises)), Decimal(len({(row.get("device"), row["channel"]) for row in rises}))}


def groups(rows: list[dict[str, Any]]) -> set[Decimal]:
    """Rows and devices with the same value in a column, or with none at all, and the sums of these rows."""
    found: set[Decimal] = set()
    for name in {name for row in rows for name in row}:
        blank = {row.get("device") for row in rows} - {row.get("device") for row in rows if row.get(name) is not None}
        found.add(Decimal(len(blank)))
        for value in {str(row.get(name)) for row in rows if not _is_number(row.get(name))}:
            same = [row for row in rows if str(row.get(name)) == value]
            found |= sums(same) | {Decimal(len(same)), Decimal(len({row.get("device") for row in same}))}
    return found


def of_row(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """The rows about this row of a table: of the same code or codes, or of the whole project; else all of them."""
    if key in ("", "total"):
        return [row for row in rows if row.get("level", "project") == "project"]
    named = [row for row in rows if key in _codes(row)]
    parts = set(key.split("."))
    if not named and len(parts) > 1:
        named = [row for row in rows if parts <= set(map(str, row.values()))]
    return named or rows


def _codes(row: dict[str, Any]) -> set[str]:
    named = (row.get(name) for name in ("key", "device", "outage_id", "number"))
    return {str(each) for each in named if each is not None}


def _sent(row: dict[str, Any]) -> Fraction:
    """Messages of a device: received, and lost by its counter where it sends one."""
    return _exact(row["received"]) + max(_exact(row.get("lost") or 0), Fraction(0))


_RATES = (
    ("valid", "expected"), ("sent", "expected"), ("arrived", "sent"), ("valid", "arrived"), ("alive_s", "active_s"),
)  # fmt: skip


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)


def _exact(value: float | Decimal | Fraction) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _rows(town: Town, evidence: Evidence) -> list[dict[str, Any]]:
    kind = town.connection.execute(
        "select prokind from pg_proc where proname = %s", (evidence.figure,)
    ).fetchone()  # fmt: skip
    arguments = {name: None if value == "null" else value for name, value in evidence.arguments.items()}
    with town.connection.cursor(row_factory=dict_row) as cursor:
        if kind is not None:
            return cursor.execute(_call(evidence.figure, arguments), arguments).fetchall()
        query = "select column_name from information_schema.columns where table_name = %s"
        known = {name for (name,) in town.connection.execute(query, (evidence.figure,))}
        chosen = {name: value for name, value in arguments.items() if name in known and value is not None}
        where = " and ".join(f"{name}::text = %({name})s" for name in chosen) or "true"
        return cursor.execute(f"select * from {evidence.figure} where {where}".encode(), chosen).fetchall()


def _call(figure: str, arguments: dict[str, str | None]) -> bytes:
    """The function with its arguments by name; those that are not named and have no default are null."""
    given = ", ".join(f"{name} => %({name})s" for name in arguments if name != "project")
    return f"select * from {figure}({given})".encode()


def _plan(town: Town, arguments: dict[str, str]) -> list[dict[str, Any]]:
    """What the page of costs shows: the balance of each year by each view, and the amounts by kind."""
    plan = version_of(town.connection, town.project.project_id, int(arguments["number"]))
    assert plan is not None
    document, months = plan.document, set(FiscalYear(int(arguments["fiscal_year"])).months)
    rows = [asdict(row) for view in View for row in balances(document, view)]
    rows += [{"rate": row.self_sufficiency * 100} for row in balances(document) if row.self_sufficiency]
    groups = {(cost.kind, cost.capital): [each for each in document.costs if (each.kind, each.capital) == (
        cost.kind, cost.capital)] for cost in document.costs}  # fmt: skip
    for chosen in (*groups.values(), list(document.costs)):
        yen = {
            view.value: sum(yen for month, yen in costs_by_month(document, view, chosen).items() if month in months)
            for view in View
        }
        rows.append({**yen, "subsidy": yen["total"] - yen["local"]})
    incomes = sum(each.yen for each in document.incomes if each.kind in ("fee", "other"))
    running = sum(yen for month, yen in costs_by_month(document, View.RUNNING).items() if month in months)
    return [*rows, *(each.model_dump() for each in document.incomes), {"running_net": incomes - running}]
