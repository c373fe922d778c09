"""Schedules: which report goes to whom and when, and who is reminded of what is due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ingest.access.roles import Role
from ingest.report.form.forms import ReportForm
from schemas.report_calendar import About
from schemas.report_document import ReportKind


class Purpose(StrEnum):
    """What an e-mail is for. The names stand in the database; they never change."""

    REPORT = "report"
    REMINDER = "reminder"
    TEST = "test"
    """Sent by hand to see whether the settings are right. No schedule has it."""


@dataclass(frozen=True, slots=True)
class When:
    """When a report is due and of which period. `month` None: every month."""

    about: About
    day: int
    month: int | None = None


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule that somebody wants. `kind`, `when` None: reminders of every duty of the calendar.

    It goes to everybody with `role` in the project or in its organisation who has an address, and to `addresses`.
    """

    kind: ReportKind | None
    forms: tuple[ReportForm, ...]
    when: When | None
    role: Role | None
    addresses: tuple[str, ...] = ()

    @property
    def purpose(self) -> Purpose:
        """A report, or reminders."""
        return Purpose.REMINDER if self.kind is None else Purpose.REPORT


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as it is kept. What fell due before `active_since` is not sent; `paused_at`: nothing is."""

    number: int
    project_id: int
    wanted: NewSchedule
    active_since: datetime
    paused_at: datetime | None
    entered_at: datetime
    entered_by: str
