"""What is due: by the calendar, the project and what is kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from ingest.figures.project import ProjectEntry
from ingest.report.due import DueState, due_lines
from ingest.report.order.model import KeptReport
from ingest.report.order.whole_set import kinds_of_set
from schemas.report_document import ReportKind

PROJECT = ProjectEntry("tea", "茶園", None, None, None, date(2025, 4, 1), date(2025, 9, 30))
OFFERED = (ReportKind.YEARLY, ReportKind.MONTHLY)
DRAFT = KeptReport(
    7, ReportKind.YEARLY, date(2026, 4, 1), date(2027, 3, 31), "draft", "年報", "2026年度", None, None,
    datetime(2027, 4, 2, tzinfo=UTC), "sato", None, "1", b"", (),
)  # fmt: skip


def _close(kept: list[KeptReport], today: date) -> DueState:
    (line,) = (line for line in due_lines(PROJECT, kept, OFFERED, today) if line.due.duty.code == "close")
    return line.state


def test_a_duty_goes_from_to_come_to_submitted_or_late() -> None:
    assert _close([], date(2027, 3, 20)) is DueState.SOON
    assert _close([], date(2027, 4, 10)) is DueState.NOW
    assert _close([DRAFT], date(2027, 4, 10)) is DueState.DRAFTED
    assert _close([DRAFT], date(2027, 5, 10)) is DueState.LATE
    assert _close([DRAFT, replace(DRAFT, state="frozen")], date(2027, 5, 10)) is DueState.SUBMITTED
    assert _close([replace(DRAFT, first_day=date(2025, 4, 1))], date(2027, 5, 10)) is DueState.LATE


def test_what_shows_in_no_report_is_never_late() -> None:
    states = {line.due.duty.code: line.state for line in due_lines(PROJECT, [], OFFERED, date(2026, 11, 30))}
    assert (states["next_plan"], states["budget"]) == (DueState.BY_PEOPLE, DueState.OVER)


def test_a_project_of_long_ago_has_no_completion_to_report() -> None:
    def codes(completed: date | None) -> set[str]:
        project = replace(PROJECT, completed_on=completed)
        return {line.due.duty.code for line in due_lines(project, [], OFFERED, date(2027, 3, 10))}

    assert "completion" not in codes(date(2025, 9, 30))
    assert "completion" in codes(date(2027, 2, 1))
    assert "completion" in codes(None)


def test_the_set_of_a_year_is_handed_in_with_the_last_of_its_reports() -> None:
    def state(kinds: Sequence[ReportKind]) -> DueState:
        kept = [replace(DRAFT, kind=kind, state="frozen") for kind in kinds]
        found = due_lines(PROJECT, kept, (*OFFERED, ReportKind.SET), date(2027, 7, 1))
        return next(line.state for line in found if line.due.duty.code == "submit")

    assert state(kinds_of_set()) is DueState.SUBMITTED
    assert state(kinds_of_set()[1:]) is DueState.NOW
