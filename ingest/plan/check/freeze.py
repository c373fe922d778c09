"""Freezing (確定): what a period came to, kept as it was, with a new revision where late data changed it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.access.audit import Action, append
from ingest.access.authority import By
from ingest.errors import CallRefused
from ingest.figures.fetch import Database
from ingest.figures.plan.outage import TAIL, outages_known
from ingest.figures.project import ProjectRef
from ingest.plan.check.actual import SOFTWARE
from ingest.plan.check.body import body_of, digest_of
from ingest.plan.check.compare import comparable, differences, why_changed
from ingest.plan.check.database import frozen as database
from ingest.plan.check.database.inputs import inputs_of, place_of, sums_begun
from ingest.plan.check.keep import keep_months
from ingest.plan.check.results import kpi_results
from ingest.plan.check.spans import PeriodKind, Span, frozen_from, spans_of
from ingest.plan.document.refused import refuse_unseen
from ingest.plan.document.versions import current
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst

NO_PLAN = Bilingual("この事業には計画がまだありません", "the project has no plan yet")

MOST_REASON = 1_000
MOST_REVISIONS = 50
"""So many revisions of a period are read at a time: each has the whole body."""

FAR_BACK, FAR_AHEAD = date(1, 1, 1), date(9999, 1, 1)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A row of plan_snapshot: one revision of a frozen period. `body.py` says what is in `body`.

    `difference`: to the revision before, a list of {"what", "before", "after"}; None in the first one.
    `noted`: whether the audit log has this freezing with this digest; None: it has no entry about it. It was deleted
    after its retention then, or the snapshot came from another installation.
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
    noted: bool | None

    @property
    def intact(self) -> bool:
        """Whether the body is the one that the digest was made of, and the audit log has no other digest of it."""
        return self.noted is not False and digest_of(self.body) == self.digest


def snapshots(
    connection: Database, project_id: int, kind: PeriodKind | None = None, fiscal_year: int | None = None
) -> list[Snapshot]:
    """The newest revision of each frozen period, by first day; `fiscal_year`: those that begin in it."""
    first, until = FAR_BACK, FAR_AHEAD
    if fiscal_year is not None:
        first, until = FiscalYear(fiscal_year).first_day, FiscalYear(fiscal_year + 1).first_day
    return [_snapshot(row) for row in database.snapshot_rows(connection, project_id, kind, first, until)]


def revisions(
    connection: Database, project_id: int, span: Span, below: int | None = None, limit: int = MOST_REVISIONS
) -> list[Snapshot]:
    """The last revisions of one period, the oldest of them first; `below`: the last before this number."""
    rows = database.revision_rows(connection, project_id, span.kind, span.first_day, below, limit)
    return [_snapshot(row) for row in reversed(rows)]


def newest_revision(connection: Database, project_id: int, span: Span) -> Snapshot | None:
    """What holds of a period; None: it is not frozen."""
    return next(iter(revisions(connection, project_id, span, limit=1)), None)


def is_frozen(connection: Database, project_id: int, span: Span) -> bool:
    """Whether there is a snapshot of a period."""
    return database.is_frozen(connection, project_id, span.kind, span.first_day)


def lost_revisions(connection: Database, project_id: int, span: Span) -> list[int]:
    """The revisions of a period that the audit log says were frozen, and that are not there any more."""
    return database.lost_revisions(connection, project_id, span.kind, span.first_day)


def subject_of(span: Span) -> str:
    """What the audit log calls a period."""
    return f"{span.kind} {span.first_day}"


def awaits_outages(connection: Database, span: Span) -> bool:
    """Whether outages were not yet looked for up to the end of a period: frozen now, it would not know them.

    Where nothing was ever summed up there is nothing to wait for.
    """
    return sums_begun(connection) and not outages_known(connection, span.end + TAIL)


def freeze(
    connection: Database, by: By, project: ProjectRef, span: Span, now: datetime, reason: str = ""
) -> Snapshot | None:
    """Freeze a period, or add a revision if its results are not what was frozen. None: nothing changed.

    The entry in the audit log is written in the same transaction. `reason`: of a revision, beside what is found to
    have changed, at most `MOST_REASON` characters. Raises CallRefused for a period that is not over, for a project
    without a plan, and for a reason that is too long or has characters that nobody sees.
    """
    _check_reason(reason)
    if now < span.end:
        raise CallRefused(
            Bilingual(f"{span.label.ja}はまだ終わっていません", f"{span.label.en} is not over yet"),
        )
    with connection.transaction():
        keep_months(connection, project.code, span.first_day, span.until_day)
        database.lock_snapshots(connection, project.project_id)
        before = newest_revision(connection, project.project_id, span)
        results = kpi_results(connection, project.project_id, span.first_day, span.until_day, now)
        place = place_of(connection, project.project_id)
        if results is None or place is None:
            raise CallRefused(NO_PLAN)
        body = body_of(connection, place, span, results)
        if before is not None and comparable(before.body) == comparable(body):
            return None
        row = _row(span, before, body, by, now, results.plan.number, reason)
        database.add_snapshot(connection, project.project_id, row)
        append(connection, by.entry(Action.PLAN_FROZEN, subject_of(span), place.organisation, place.code,
                                    after={"revision": row["revision"], "reason": row["reason"],
                                           "digest": digest_of(body).hex()}), by.address)  # fmt: skip
    return newest_revision(connection, project.project_id, span)


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
        now = inputs_of(connection, project_id, row.first_day, row.until_day)
        if now != row.inputs:
            yield Span(PeriodKind(row.kind), row.first_day, row.until_day)


def _row(
    span: Span, before: Snapshot | None, body: dict[str, Any], by: By, now: datetime, plan_number: int, reason: str
) -> dict[str, object]:
    difference = None if before is None else differences(before.body, body)
    if before is not None:
        found = why_changed(before.body["inputs"], body["inputs"])
        said = f"{found.ja} / {found.en}"
        reason = f"{reason} ({said})" if reason else said
    return {
        "kind": span.kind.value, "first_day": span.first_day, "until_day": span.until_day,
        "revision": 1 if before is None else before.revision + 1, "frozen_at": now, "frozen_by": by.actor,
        "plan_number": plan_number,
        "software": SOFTWARE, "reason": reason, "body": body, "difference": difference, "digest": digest_of(body),
    }  # fmt: skip


def _check_reason(reason: str) -> None:
    """The audit log keeps an entry of bounded length, and the digest in it has to stay whole."""
    if len(reason) > MOST_REASON:
        raise CallRefused(
            Bilingual(f"理由は{MOST_REASON:,}字までです", f"a reason has at most {MOST_REASON:,} characters")
        )
    refuse_unseen(reason)


def _snapshot(row: database.SnapshotRow) -> Snapshot:
    span = Span(PeriodKind(row.kind), row.first_day, row.until_day)
    return Snapshot(
        row.plan_snapshot_id, span, row.revision, row.frozen_at, row.frozen_by, row.plan_number, row.software,
        row.reason, row.body, row.difference, bytes(row.digest), row.noted,
    )  # fmt: skip
