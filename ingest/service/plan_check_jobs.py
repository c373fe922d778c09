"""The background jobs of the check: periods are frozen on their day, and again where something came late."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from threading import Event

from ingest.access.authority import By
from ingest.errors import BatchRefused, CallRefused, NoroshiError, StoreTooSlow
from ingest.figures.project import ProjectRef
from ingest.jobs.schedule import Job, Lane
from ingest.plan.check.database.inputs import drop_homeless, places_with_plan
from ingest.plan.check.freeze import awaits_outages, changed_spans, due_spans, freeze
from ingest.plan.check.keep import Seen, keep_months, tidy_months
from ingest.plan.check.spans import Span
from ingest.store.database import Database, first_line, translated
from schemas.bilingual import Bilingual, quoted
from schemas.japan import FiscalYear, Month, to_jst

SERVICE = By("service")
MOST_TOLD = 5
HOUR_S, DAY_S = 3_600, 86_400
HOMELESS_AT_ONCE = 100_000
"""So many kept sums without a place are removed a day at most: a second or two of work."""


def plan_check_jobs() -> tuple[Job, ...]:
    """Freeze what is due, and revise what late data changed."""
    seen: dict[tuple[str, date], str] = {}
    return (
        Job(
            "plan_freeze", Lane.LONG, HOUR_S, partial(_freeze_due, seen),
            Bilingual("実績の確定", "Freezing of periods"),
            Bilingual("計画の暦の日に、月・四半期・年度の実績を確定します。抜けた分は次の実行で確定します。",
                      "Freezes months, quarters and years on the days of each plan; what was missed is made up."),
        ),
        Job(
            "plan_revisions", Lane.LONG, DAY_S, partial(_revise, seen),
            Bilingual("確定後の改版", "Revisions of frozen periods"),
            Bilingual("今年度と前年度の確定した期間を、遅れて届いたデータがあれば、差分と理由を付けて改版します。",
                      "Adds a revision, with difference and reason, where late data changed this or the last year."),
        ),
    )  # fmt: skip


def _freeze_due(seen: Seen, connection: Database, stop: Event) -> str:
    """A period waits until its outages were looked for: frozen before, it would say that there was none."""
    waiting = 0

    def due(project_id: int) -> Iterator[Span]:
        nonlocal waiting
        for span in due_spans(connection, project_id, datetime.now(UTC)):
            if awaits_outages(connection, span):
                waiting += 1
            else:
                yield span

    frozen = _freeze_each(connection, stop, due, lambda code: _keep_sums(connection, code, stop, seen))
    return f"{frozen} periods frozen" + (f", {waiting} wait for their outages" if waiting else "")


def _revise(seen: Seen, connection: Database, stop: Event) -> str:
    """Once a day every kept month is looked at, whatever was seen of it, and what nobody reads is removed."""
    from_day = _first_day_of_last_year(to_jst(datetime.now(UTC)).date())
    seen.clear()
    gone = drop_homeless(connection, HOMELESS_AT_ONCE)

    def keep(project_code: str) -> None:
        nonlocal gone
        gone += tidy_months(connection, project_code, from_day, stop)
        _keep_sums(connection, project_code, stop, seen)

    revised = _freeze_each(connection, stop, lambda project_id: changed_spans(connection, project_id, from_day), keep)
    return f"{revised} periods revised" + (f", {gone} kept sums removed" if gone else "")


_OF_ONE_PROJECT = (BatchRefused, CallRefused, StoreTooSlow, ArithmeticError, LookupError, ValueError)
"""What is wrong with the data or the plan of one project. A lost database is of all of them."""


class SomeNotFrozen(NoroshiError):
    """Periods that could not be frozen, after all others were."""


def _freeze_each(
    connection: Database, stop: Event, spans: Callable[[int], Iterable[Span]], keep: Callable[[str], None]
) -> int:
    """How many periods have a new snapshot. What fails in one holds up no other period and no other project.

    It is raised at the end.
    """
    frozen, failed = 0, []
    for place in places_with_plan(connection):
        project = ProjectRef(place.project_id, place.code, place.name)
        try:
            with translated():
                keep(place.code)
                chosen = list(spans(place.project_id))
        except _OF_ONE_PROJECT as error:
            failed.append(_told(place.code, error))
            continue
        for span in chosen:
            if stop.is_set():
                return frozen
            try:
                with translated():
                    frozen += freeze(connection, SERVICE, project, span, datetime.now(UTC)) is not None
            except _OF_ONE_PROJECT as error:
                failed.append(_told(f"{place.code} {span.kind} {span.first_day}", error))
    if failed:
        told, more = "; ".join(failed[:MOST_TOLD]), len(failed) - MOST_TOLD
        raise SomeNotFrozen(quoted(f"{frozen} periods frozen; {told}" + (f"; and {more} more" if more > 0 else "")))
    return frozen


def _told(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {first_line(error)}"


def _keep_sums(connection: Database, project_code: str, stop: Event, seen: Seen) -> None:
    """The closed months of this fiscal year and the last one: so pages read them, and what is frozen does."""
    today = to_jst(datetime.now(UTC)).date()
    keep_months(connection, project_code, _first_day_of_last_year(today), Month.of(today).first_day, stop, seen=seen)


def _first_day_of_last_year(today: date) -> date:
    return FiscalYear(FiscalYear.of(today).year - 1).first_day
