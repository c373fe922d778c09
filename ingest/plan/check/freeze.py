"""Freezing (確定): what a period came to, kept as it was, with a new revision where late data changed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.access.audit import Action, append
from ingest.access.authority import By
from ingest.errors import CallRefused
from ingest.figures.fetch import Database
from ingest.figures.project import ProjectRef
from ingest.plan.check import database
from ingest.plan.check.actual import SOFTWARE
from ingest.plan.check.body import body_of, digest_of
from ingest.plan.check.compare import comparable, differences, why_changed
from ingest.plan.check.keep import keep_months
from ingest.plan.check.results import kpi_results
from ingest.plan.check.spans import PeriodKind, Span, frozen_from, spans_of
from ingest.plan.document.versions import current
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst

NO_PLAN = Bilingual("この事業には計画がまだありません", "the project has no plan yet")

FAR_BACK, FAR_AHEAD = date(1, 1, 1), date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A row of plan_snapshot: one revision of a frozen period. `body.py` says what is in `body`.

    `difference`: to the revision before, a list of {"what", "before", "after"}; None in the first one.
    """

    snapshot_id: int
    span: Span
    revision: int
    frozen_at: datetime
    frozen_by: str
    plan_number: int | None
    software: str
    reason: str
    body: dict[str, Any]
    difference: list[dict[str, Any]] | None
    digest: bytes

    @property
    def intact(self) -> bool:
        """Whether the body is still the one that the digest was made of."""
        return digest_of(self.body) == self.digest


def snapshots(
    connection: Database, project_id: int, kind: PeriodKind | None = None, fiscal_year: int | None = None
) -> list[Snapshot]:
    """The newest revision of each frozen period, by first day; `fiscal_year`: those that begin in it."""
    first, until = FAR_BACK, FAR_AHEAD
    if fiscal_year is not None:
        first, until = FiscalYear(fiscal_year).first_day, FiscalYear(fiscal_year + 1).first_day
    return [_snapshot(row) for row in database.snapshot_rows(connection, project_id, kind, first, until)]


def revisions(connection: Database, project_id: int, span: Span) -> list[Snapshot]:
    """Every revision of one period, the oldest first."""
    return [_snapshot(row) for row in database.revision_rows(connection, project_id, span.kind, span.first_day)]


def freeze(
    connection: Database, by: By, project: ProjectRef, span: Span, now: datetime, reason: str = ""
) -> Snapshot | None:
    """Freeze a period, or add a revision if its results are not what was frozen. None: nothing changed.

    The entry in the audit log is written in the same transaction. `reason`: of a revision, beside what is found to
    have changed. Raises CallRefused for a period that is not over, and for a project without a plan.
    """
    if now < span.end:
        raise CallRefused(
            Bilingual(f"{span.label.ja}はまだ終わっていません", f"{span.label.en} is not over yet"),
        )
    with connection.transaction():
        keep_months(connection, project.code, span.first_day, span.until_day)
        database.lock_snapshots(connection, project.project_id)
        before = revisions(connection, project.project_id, span)
        results = kpi_results(connection, project.project_id, span.first_day, span.until_day, now)
        place = database.place_of(connection, project.project_id)
        if results is None or place is None:
            raise CallRefused(NO_PLAN)
        body = body_of(connection, place, span, results)
        if before and comparable(before[-1].body) == comparable(body):
            return None
        row = _row(span, before, body, by, now, results.plan.number, reason)
        database.add_snapshot(connection, project.project_id, row)
        append(connection, by.entry(Action.PLAN_FROZEN, f"{span.kind} {span.first_day}", place.organisation, place.code,
                                    after={"revision": row["revision"], "reason": row["reason"],
                                           "digest": digest_of(body).hex()}), by.address)  # fmt: skip
    return revisions(connection, project.project_id, span)[-1]


def due_spans(connection: Database, project_id: int, now: datetime) -> list[Span]:
    """What should be frozen by now by the calendar of the plan and is not, the oldest first."""
    plan = current(connection, project_id)
    if plan is None:
        return []
    today = to_jst(now).date()
    frozen = {(each.kind, each.first_day) for each in database.frozen_periods(connection, project_id)}
    return [
        span for span in spans_of(plan.document, today)
        if (span.kind.value, span.first_day) not in frozen and frozen_from(span, plan.document.calendar) <= today
    ]  # fmt: skip


def changed_spans(connection: Database, project_id: int, from_day: date) -> Iterator[Span]:
    """Frozen periods that begin at `from_day` or later and of which an input is not what it was when it was frozen."""
    for row in database.snapshot_inputs(connection, project_id, from_day):
        now = database.inputs_of(connection, project_id, row.first_day, row.until_day)
        if now != row.inputs:
            yield Span(PeriodKind(row.kind), row.first_day, row.until_day)


def _row(
    span: Span, before: list[Snapshot], body: dict[str, Any], by: By, now: datetime, plan_number: int, reason: str
) -> dict[str, object]:
    difference = differences(before[-1].body, body) if before else None
    if before:
        found = why_changed(before[-1].body["inputs"], body["inputs"])
        said = f"{found.ja} / {found.en}"
        reason = f"{reason} ({said})" if reason else said
    return {
        "kind": span.kind.value, "first_day": span.first_day, "until_day": span.until_day,
        "revision": len(before) + 1, "frozen_at": now, "frozen_by": by.actor, "plan_number": plan_number,
        "software": SOFTWARE, "reason": reason, "body": body, "difference": difference, "digest": digest_of(body),
    }  # fmt: skip


def _snapshot(row: database.SnapshotRow) -> Snapshot:
    span = Span(PeriodKind(row.kind), row.first_day, row.until_day)
    return Snapshot(
        row.plan_snapshot_id, span, row.revision, row.frozen_at, row.frozen_by, row.plan_number, row.software,
        row.reason, row.body, row.difference, bytes(row.digest),
    )  # fmt: skip
