"""Reviews (評価): what people wrote about a period or a KPI of it, and that a reviewer called it done."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from ingest.access.audit import Action, append
from ingest.access.authority import By
from ingest.errors import CallRefused
from ingest.figures.fetch import Database
from ingest.figures.project import ProjectRef
from ingest.plan.check.database import frozen as database
from ingest.plan.check.database.inputs import place_of
from ingest.plan.check.freeze import Snapshot, is_frozen, newest_revision
from ingest.plan.check.spans import PeriodKind, Span, span_of
from ingest.plan.document.refused import refuse_unseen
from ingest.plan.document.versions import current
from schemas.bilingual import Bilingual, joined

MOST_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class ReviewText:
    """What a reviewer writes: 要因分析, 課題, 次年度の改善, 外部有識者の意見, 今後の方針."""

    factors: str = ""
    issues: str = ""
    improvement: str = ""
    opinion: str = ""
    direction: str = ""

    @property
    def anything(self) -> bool:
        """Whether it says anything at all: the entry that closes a review need not."""
        return any((self.factors, self.issues, self.improvement, self.opinion, self.direction))

    @property
    def evaluated(self) -> bool:
        """Whether it says enough for a KPI to count as evaluated: a factor or an issue, and how to go on."""
        return bool((self.factors or self.issues) and (self.direction or self.improvement))


@dataclass(frozen=True, slots=True)
class Review:
    """A row of plan_review: the newest about a KPI of a period counts. `kpi` is empty about the whole period."""

    kind: PeriodKind
    first_day: date
    kpi: str
    text: ReviewText
    closed: bool
    entered_at: datetime
    entered_by: str


def revised_since(review: Review | None, newest: Snapshot | None) -> int | None:
    """The number of the newest revision, if it came after the review was closed and the review knows nothing of it."""
    if review is None or newest is None or not review.closed or newest.frozen_at <= review.entered_at:
        return None
    return newest.revision


def reviews(connection: Database, project_id: int, kind: PeriodKind, first_day: date) -> dict[str, Review]:
    """What holds of one period, by KPI; "" is about the whole period."""
    newest: dict[str, Review] = {}
    for row in database.review_rows(connection, project_id, kind, first_day):
        newest.setdefault(row.kpi, _review(row))
    return newest


def history(
    connection: Database, project_id: int, kind: PeriodKind, first_day: date, kpi: str | None = None
) -> list[Review]:
    """Everything that was ever written about a period, the newest first; `kpi`: about this one alone."""
    rows = database.review_rows(connection, project_id, kind, first_day)
    return [_review(row) for row in rows if kpi is None or row.kpi == kpi]


def write_review(
    connection: Database, by: By, project: ProjectRef, kind: PeriodKind, first_day: date, kpi: str, text: ReviewText
) -> bool:
    """Add what somebody wrote, with an entry in the audit log; False where the same stands there already.

    Raises CallRefused: the day begins no such period, a text is too long, the period has no such KPI, or its review is
    closed.
    """
    span = _begun_by(kind, first_day)
    text = ReviewText(*(getattr(text, field.name).strip() for field in fields(text)))
    _check_texts(text)
    with connection.transaction():
        database.lock_snapshots(connection, project.project_id)  # nobody else writes or closes meanwhile
        known = reviews(connection, project.project_id, kind, first_day)
        if _is_closed(known):
            raise CallRefused(
                Bilingual(
                    f"{span.label.ja}の評価は完了しています。追記はできません",
                    f"the review of {span.label.en} is closed: nothing is added to it",
                )
            )
        if kpi and kpi not in _known_kpis(connection, project.project_id, span):
            raise CallRefused(_no_kpi(span, kpi))
        if kpi in known and known[kpi].text == text:
            return False
        _add(connection, by, project, span, kpi, text, closed=False)
    return True


def lacking(connection: Database, project_id: int, kind: PeriodKind, first_day: date) -> list[Bilingual]:
    """What stands in the way of closing the review of a period, in words; empty: it can be closed."""
    span = _begun_by(kind, first_day)
    kpis = _frozen_kpis(connection, project_id, span)
    if not is_frozen(connection, project_id, span):
        return [_not_frozen(span)]
    known = reviews(connection, project_id, kind, first_day)
    return [
        Bilingual(
            f"指標「{label}」({code})の評価(要因分析か課題、および改善か今後の方針)がありません",
            f"the KPI {code} ({label}) has no evaluation: factors or issues, and improvement or direction",
        )
        for code, label in kpis.items() if code not in known or not known[code].text.evaluated
    ]  # fmt: skip


def close_review(connection: Database, by: By, project: ProjectRef, kind: PeriodKind, first_day: date) -> None:
    """Say that the review of a period is done. Raises CallRefused with all that is missing."""
    span = _begun_by(kind, first_day)
    with connection.transaction():
        database.lock_snapshots(connection, project.project_id)
        known = reviews(connection, project.project_id, kind, first_day)
        if _is_closed(known):
            return
        missing = lacking(connection, project.project_id, kind, first_day)
        if missing:
            raise CallRefused(joined(missing))
        whole = known[""].text if "" in known else ReviewText()
        _add(connection, by, project, span, "", whole, closed=True)


def _is_closed(known: dict[str, Review]) -> bool:
    return "" in known and known[""].closed


def _frozen_kpis(connection: Database, project_id: int, span: Span) -> dict[str, str]:
    """Labels by code of the KPIs in the newest revision of a period; empty where it is not frozen."""
    frozen = newest_revision(connection, project_id, span)
    return {} if frozen is None else {each["code"]: each["label"] for each in frozen.body["kpis"]}


def _known_kpis(connection: Database, project_id: int, span: Span) -> dict[str, str]:
    """Those of the frozen results, or of the plan as it is now where nothing is frozen yet."""
    if frozen := _frozen_kpis(connection, project_id, span):
        return frozen
    plan = current(connection, project_id)
    return {each.code: each.label for each in plan.document.kpis} if plan else {}


def _begun_by(kind: PeriodKind, first_day: date) -> Span:
    span = span_of(kind, first_day)
    if span.first_day != first_day:
        raise CallRefused(
            Bilingual(f"{first_day} は{kind.label.ja}の初日ではありません", f"no {kind.label.en} begins on {first_day}")
        )
    return span


def _check_texts(text: ReviewText) -> None:
    for field in fields(text):
        if len(getattr(text, field.name)) > MOST_CHARACTERS:
            raise CallRefused(
                Bilingual(f"長すぎます({MOST_CHARACTERS} 文字まで)", f"too long: at most {MOST_CHARACTERS} characters")
            )
        refuse_unseen(getattr(text, field.name))


def _add(
    connection: Database, by: By, project: ProjectRef, span: Span, kpi: str, text: ReviewText, *, closed: bool
) -> None:
    row: dict[str, Any] = {
        "kind": span.kind.value, "first_day": span.first_day, "kpi": kpi, "closed": closed, "entered_by": by.actor,
        **{field.name: getattr(text, field.name) for field in fields(text)},
    }  # fmt: skip
    database.add_review(connection, project.project_id, row)
    place = place_of(connection, project.project_id)
    organisation = place.organisation if place else None
    subject = f"{span.kind} {span.first_day} {kpi}".strip()
    after = {"closed": closed, **{name: row[name] for name in ("factors", "issues", "improvement", "direction")}}
    append(connection, by.entry(Action.PLAN_REVIEWED, subject, organisation, project.code, after=after), by.address)


def _no_kpi(span: Span, kpi: str) -> Bilingual:
    return Bilingual(
        f"{span.label.ja}の計画に指標 {kpi} がありません",
        f"the plan of {span.label.en} has no KPI {kpi}",
    )


def _not_frozen(span: Span) -> Bilingual:
    return Bilingual(
        f"{span.label.ja}の実績がまだ確定していません", f"the results of {span.label.en} are not frozen yet"
    )


def _review(row: database.ReviewRow) -> Review:
    text = ReviewText(row.factors, row.issues, row.improvement, row.opinion, row.direction)
    return Review(PeriodKind(row.kind), row.first_day, row.kpi, text, row.closed, row.entered_at, row.entered_by)
