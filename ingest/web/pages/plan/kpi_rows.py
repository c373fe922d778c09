"""The key figures of a period as pages show them: what was frozen, or what they come to now, in one form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ingest.plan.check.body import kpi_json
from ingest.plan.check.freeze import Snapshot, snapshots
from ingest.plan.check.results import kpi_results
from ingest.plan.check.spans import PeriodKind
from ingest.store.database import Database
from ingest.web.pages.plan.looked import Looked
from schemas.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class KpiRow:
    """A key figure of a period. What is None has its reason beside it, as `..._missing`."""

    code: str
    label: str
    unit: str
    decimals: int
    formula: Bilingual
    owner: str
    target: Decimal | None
    target_missing: Bilingual | None
    baseline: Decimal | None
    actual: Decimal | None
    actual_missing: Bilingual | None
    reference_only: bool
    rate: Decimal | None
    rate_missing: Bilingual | None
    grade: str | None
    changes: list[Bilingual]
    evidence: Mapping[str, Any]

    @property
    def completeness(self) -> Decimal | None:
        """Percent of the data in the scope of the figure; None where that says nothing."""
        return _number(self.evidence["completeness"])

    @property
    def notes(self) -> list[Bilingual]:
        """What a reader has to know about the actual."""
        return [said for note in self.evidence["notes"] if (said := _said(note)) is not None]


@dataclass(frozen=True, slots=True)
class Period:
    """The key figures of a period. `frozen`: None while they are computed anew for each reader."""

    rows: list[KpiRow]
    frozen: Snapshot | None
    notes: list[Bilingual]
    at: datetime

    def row(self, code: str) -> KpiRow | None:
        """The key figure of this code."""
        return next((row for row in self.rows if row.code == code), None)


def row_of(kpi: Mapping[str, Any]) -> KpiRow:
    """A row of the body of a snapshot."""
    return KpiRow(
        kpi["code"], kpi["label"], kpi["unit"], kpi["decimals"], _said(kpi["formula_label"]) or Bilingual("", ""),
        kpi["owner"], _number(kpi["target"]), _said(kpi["target_missing"]), _number(kpi["baseline"]),
        _number(kpi["actual"]), _said(kpi["actual_missing"]), kpi["reference_only"], _number(kpi["rate"]),
        _said(kpi["rate_missing"]), kpi["grade"],
        [said for change in kpi["changes"] if (said := _said(change)) is not None], kpi["evidence"],
    )  # fmt: skip


def frozen_period(snapshot: Snapshot) -> Period:
    """The key figures as they were frozen."""
    notes = [said for note in snapshot.body["notes"] if (said := _said(note)) is not None]
    return Period([row_of(kpi) for kpi in snapshot.body["kpis"]], snapshot, notes, snapshot.frozen_at)


def year_period(connection: Database, looked: Looked) -> Period | None:
    """The key figures of the year that is looked at: as they were frozen, else as they are now. None without a plan."""
    if looked.project is None or looked.plan is None:
        return None
    frozen = snapshots(connection, looked.project.project_id, PeriodKind.YEAR, looked.year.year)
    if frozen:
        return frozen_period(frozen[-1])
    year = looked.year
    found = kpi_results(connection, looked.project.project_id, year.first_day, year.next.first_day, looked.now)
    if found is None:
        return None
    return Period([row_of(kpi_json(result)) for result in found.kpis], None, list(found.notes), looked.now)


def months_of(connection: Database, looked: Looked) -> dict[date, Period]:
    """The frozen months of the year by their first day."""
    if looked.project is None:
        return {}
    found = snapshots(connection, looked.project.project_id, PeriodKind.MONTH, looked.year.year)
    return {each.span.first_day: frozen_period(each) for each in found}


def years_frozen(connection: Database, project_id: int) -> dict[int, Period]:
    """Every frozen fiscal year."""
    return {
        each.span.first_day.year: frozen_period(each) for each in snapshots(connection, project_id, PeriodKind.YEAR)
    }


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _said(text: Mapping[str, str] | None) -> Bilingual | None:
    return None if text is None else Bilingual(text["ja"], text["en"])
