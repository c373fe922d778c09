"""The end of a fiscal year (年度の締め): what is missing, closing it, and the draft of the next plan.

A year is closed once. Its measures stay as they are then; those that are still open go on as measures of the next year.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.audit_log.database import organisation_of
from ingest.access.authority import By, ChangeRefused
from ingest.figures.project import ProjectRef
from ingest.plan.act import database
from ingest.plan.act.carry import Outcome, draft_of_next_year
from ingest.plan.act.checks import check_text
from ingest.plan.act.measures import carry_measure, check_open_year
from ingest.plan.act.model import Measure
from ingest.plan.check.freeze import is_frozen, newest_revision
from ingest.plan.check.results import plan_of_period
from ingest.plan.check.review import ReviewText, reviews
from ingest.plan.check.spans import PeriodKind, year_span
from ingest.plan.document import versions
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst
from schemas.plan import PlanDocument


@dataclass(frozen=True, slots=True)
class Lacking:
    """Something without which a year cannot be closed. `kind`: year, plan, frozen, kpi, measure.

    `key`: the code of the KPI or the number of the measure, else empty.
    """

    kind: str
    key: str
    said: Bilingual
    measure_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A closed year. `draft`: the plan of the next year as a proposal."""

    fiscal_year: int
    closed_at: datetime
    closed_by: str
    note: str
    draft: PlanDocument


def cycle_of(connection: Database, project_id: int, fiscal_year: int) -> Cycle | None:
    """The closed year; None while it is open."""
    row = database.select_cycle(connection, project_id, fiscal_year)
    if row is None:
        return None
    year, closed_at, closed_by, note, draft = row
    return Cycle(year, closed_at, closed_by, note, PlanDocument.model_validate(draft))


def lacking_of(connection: Database, project_id: int, fiscal_year: int, now: datetime) -> list[Lacking]:
    """What is missing before the year can be closed; empty: it can."""
    year = FiscalYear(fiscal_year)
    found = []
    if to_jst(now).date() <= year.last_day:
        found.append(
            Lacking(
                "year", "", Bilingual(f"{year.label}がまだ終わっていません", f"fiscal {fiscal_year} is not over yet")
            )
        )
    plan = plan_of_period(connection, project_id, year.next.first_day)
    if plan is None:
        found.append(Lacking("plan", "", Bilingual("この事業には計画がありません", "this project has no plan")))
    if not is_frozen(connection, project_id, year_span(year)):
        found.append(
            Lacking("frozen", "", Bilingual("年次の実績が確定されていません", "the actuals of the year are not frozen"))
        )
    if plan is not None:
        found += _kpis_lacking(connection, project_id, year, plan[0].document)
    return found + _measures_lacking(connection, project_id, fiscal_year)


def _kpis_lacking(connection: Database, project_id: int, year: FiscalYear, document: PlanDocument) -> list[Lacking]:
    written = reviews(connection, project_id, PeriodKind.YEAR, year.first_day)
    return [
        Lacking(
            "kpi", kpi.code,
            Bilingual(f"指標「{kpi.label}」の年度の評価がありません",
                      f"the KPI {kpi.label} has no evaluation of the year"),
        )
        for kpi in document.kpis
        if kpi.code not in written or not written[kpi.code].text.evaluated
    ]  # fmt: skip


def _measures_lacking(connection: Database, project_id: int, fiscal_year: int) -> list[Lacking]:
    return [
        Lacking(
            "measure", str(measure.number),
            Bilingual(f"改善措置{measure.number}「{measure.title}」の結果が書かれていません",
                      f"measure {measure.number} ({measure.title}) has no result"),
            measure.measure_id,
        )
        for measure in database.select_measures(connection, project_id, fiscal_year)
        if measure.lacks_result
    ]  # fmt: skip


def draft_of(connection: Database, project_id: int, fiscal_year: int) -> PlanDocument | None:
    """The draft of the next plan as it would be if the year were closed now; None without a plan."""
    version = versions.current(connection, project_id)
    if version is None:
        return None
    open_ones = open_measures(connection, project_id, fiscal_year)
    outcomes = _outcomes(connection, project_id, FiscalYear(fiscal_year))
    return draft_of_next_year(version.document, fiscal_year, outcomes, carried=len(open_ones))


def open_measures(connection: Database, project_id: int, fiscal_year: int) -> list[Measure]:
    """The measures of a year that go on: not evaluated, not dropped."""
    return [each for each in database.select_measures(connection, project_id, fiscal_year) if each.is_open]


def _outcomes(connection: Database, project_id: int, year: FiscalYear) -> dict[str, Outcome]:
    """By code of the KPI: what was frozen of the year, and what people wrote about it."""
    frozen = newest_revision(connection, project_id, year_span(year))
    rows: dict[str, dict[str, Any]] = {} if frozen is None else {row["code"]: row for row in frozen.body["kpis"]}
    written = reviews(connection, project_id, PeriodKind.YEAR, year.first_day)
    found = {}
    for code in {*rows, *written} - {""}:
        row = rows.get(code, {})
        text = written[code].text if code in written else ReviewText()
        found[code] = Outcome(row.get("actual"), row.get("rate"), row.get("grade"), text.factors, text.improvement)
    return found


def close_year(
    connection: Database, by: By, project: ProjectRef, fiscal_year: int, now: datetime, note: str = ""
) -> Cycle:
    """Close a year: store the draft of the next plan, and let open measures go on as measures of the next year.

    All of it happens, or none. Raises ChangeRefused with everything that is missing, and for a year that is closed.
    """
    check_text("note", note)
    with connection.transaction():
        database.lock_measures(connection, project.project_id)
        check_open_year(connection, project.project_id, fiscal_year)
        lacking = lacking_of(connection, project.project_id, fiscal_year, now)
        if lacking:
            raise ChangeRefused(
                Bilingual(
                    "締められません: " + "。".join(each.said.ja for each in lacking),
                    "the year cannot be closed: " + "; ".join(each.said.en for each in lacking),
                )
            )
        draft = draft_of(connection, project.project_id, fiscal_year)
        assert draft is not None  # without a plan something would be lacking
        open_ones = open_measures(connection, project.project_id, fiscal_year)
        database.insert_cycle(
            connection, project.project_id, fiscal_year, by.actor, note, draft.model_dump(mode="json")
        )
        carried = [carry_measure(connection, by, project, measure, fiscal_year + 1) for measure in open_ones]
        after = {"fiscal_year": fiscal_year, "carried": carried, "note": note}
        organisation = organisation_of(connection, project.code)
        entry = by.entry(Action.CYCLE_CLOSED, f"{project.code} {fiscal_year}", organisation, project.code, after=after)
        audit.append(connection, entry, by.address)
    closed = cycle_of(connection, project.project_id, fiscal_year)
    assert closed is not None  # it was just stored
    return closed
