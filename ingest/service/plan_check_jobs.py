"""The background jobs of the check: periods are frozen on their day, and again where something came late."""

from datetime import UTC, date, datetime
from threading import Event

from ingest.access.authority import By
from ingest.figures.project import ProjectRef
from ingest.jobs.schedule import Job, Lane
from ingest.plan.check.database import places_with_plan
from ingest.plan.check.freeze import changed_spans, due_spans, freeze
from ingest.store.database import Database
from schemas.bilingual import Bilingual
from schemas.japan import FiscalYear, to_jst

SERVICE = By("service")
HOUR_S, DAY_S = 3_600, 86_400


def plan_check_jobs() -> tuple[Job, ...]:
    """Freeze what is due, and revise what late data changed."""
    return (
        Job(
            "plan_freeze", Lane.LONG, HOUR_S, _freeze_due,
            Bilingual("実績の確定", "Freezing of periods"),
            Bilingual("計画の暦の日に、月・四半期・年度の実績を確定します。抜けた分は次の実行で確定します。",
                      "Freezes months, quarters and years on the days of each plan; what was missed is made up."),
        ),
        Job(
            "plan_revisions", Lane.LONG, DAY_S, _revise,
            Bilingual("確定後の改版", "Revisions of frozen periods"),
            Bilingual("今年度と前年度の確定した期間を、遅れて届いたデータがあれば、差分と理由を付けて改版します。",
                      "Adds a revision, with difference and reason, where late data changed this or the last year."),
        ),
    )  # fmt: skip


def _freeze_due(connection: Database, stop: Event) -> str:
    frozen = 0
    for place in places_with_plan(connection):
        project = ProjectRef(place.project_id, place.code, place.name)
        for span in due_spans(connection, place.project_id, datetime.now(UTC)):
            if stop.is_set():
                return f"{frozen} periods frozen, stopped"
            frozen += freeze(connection, SERVICE, project, span, datetime.now(UTC)) is not None
    return f"{frozen} periods frozen"


def _revise(connection: Database, stop: Event) -> str:
    revised = 0
    from_day = _first_day_of_last_year(to_jst(datetime.now(UTC)).date())
    for place in places_with_plan(connection):
        project = ProjectRef(place.project_id, place.code, place.name)
        for span in changed_spans(connection, place.project_id, from_day):
            if stop.is_set():
                return f"{revised} periods revised, stopped"
            revised += freeze(connection, SERVICE, project, span, datetime.now(UTC)) is not None
    return f"{revised} periods revised"


def _first_day_of_last_year(today: date) -> date:
    return FiscalYear(FiscalYear.of(today).year - 1).first_day
