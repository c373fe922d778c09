"""Proof: whether everything that was frozen is still what was frozen, by its digests and by the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ingest.figures.fetch import Database
from ingest.plan.check.database import frozen as database
from ingest.plan.check.freeze import Snapshot, lost_revisions, revisions, subject_of
from ingest.plan.check.spans import PeriodKind, Span, span_of
from schemas.bilingual import Bilingual


@dataclass(slots=True)
class Proven:
    """What was looked at: complete when all of `faults_of_frozen` was consumed.

    `unnoted`: revisions of which the audit log has no entry, so that their digest proves them alone.
    """

    revisions: int = 0
    unnoted: int = 0


def faults_of_frozen(connection: Database, project_id: int, found: Proven) -> Iterator[Bilingual]:
    """Everything that is wrong with the frozen periods of a project, in words, some revisions in memory at a time."""
    known = {span_of(PeriodKind(each.kind), each.first_day) for each in database.frozen_periods(connection, project_id)}
    noted = set()
    for subject in database.noted_periods(connection, project_id):
        span = _span(subject)
        if span is None:
            yield Bilingual(
                f"監査ログの確定の記録「{subject}」は期間ではありません",
                f"the audit log has a freezing of {subject}, which is no period",
            )
        else:
            noted.add(span)
    for span in sorted(known | noted, key=lambda each: (each.first_day, each.kind)):
        yield from _of_span(connection, project_id, span, found)


def _of_span(connection: Database, project_id: int, span: Span, found: Proven) -> Iterator[Bilingual]:
    for number in lost_revisions(connection, project_id, span):
        yield _said(
            span, number, Bilingual("監査ログにはありますが、ありません", "the audit log has it, and it is not there")
        )
    below: int | None = None
    while below is None or below > 1:
        some = revisions(connection, project_id, span, below)
        if not some:
            break
        for each in some:
            found.revisions += 1
            found.unnoted += each.noted is None
            if (why := _wrong(each)) is not None:
                yield _said(span, each.revision, why)
        below = some[0].revision


def _wrong(each: Snapshot) -> Bilingual | None:
    if each.noted is False:
        return Bilingual(
            "監査ログにある確定時の SHA-256 と違います", "its SHA-256 is not the one that the audit log has of it"
        )
    if not each.intact:
        return Bilingual("内容が SHA-256 と合いません", "its body is not what its SHA-256 is of")
    return None


def _said(span: Span, revision: int, why: Bilingual) -> Bilingual:
    return Bilingual(f"{span.label.ja} 第{revision}版: {why.ja}", f"{span.label.en}, revision {revision}: {why.en}")


def _span(subject: str) -> Span | None:
    """The period that the audit log names; None for another text."""
    kind, _, day = subject.partition(" ")
    try:
        span = span_of(PeriodKind(kind), date.fromisoformat(day))
    except ValueError:
        return None
    return span if subject_of(span) == subject else None
