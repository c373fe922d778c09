"""What is ordered, and what was kept of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ingest.report.form.forms import ReportForm
from ingest.report.form.options import PLAIN, FormOptions
from schemas.bilingual import Bilingual
from schemas.report_document import Period, ReportKind

ZIP = "zip"
"""The form of the file with the whole set of a year."""


class OrderState(StrEnum):
    """How far an order is."""

    WAITING = "waiting"
    RUNNING = "running"
    MADE = "made"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Bilingual:
        """How far it is, for people."""
        return _STATES[self]


_STATES = {
    OrderState.WAITING: Bilingual("順番待ち", "waiting"),
    OrderState.RUNNING: Bilingual("作成中", "being made"),
    OrderState.MADE: Bilingual("できました", "made"),
    OrderState.FAILED: Bilingual("できませんでした", "failed"),
    OrderState.CANCELLED: Bilingual("取り消し", "called off"),
}


class Purpose(StrEnum):
    """What an order is for. The names stand in the database; they never change."""

    MAKE = "make"
    FREEZE = "freeze"
    """A checked report becomes a submission (提出版)."""
    COMPARE = "compare"
    """A frozen report is held against what would be computed now."""

    @property
    def label(self) -> Bilingual:
        """What is done, for people."""
        return _PURPOSES[self]


_PURPOSES = {
    Purpose.MAKE: Bilingual("作成", "making"),
    Purpose.FREEZE: Bilingual("確定(提出版にする)", "freezing as a submission"),
    Purpose.COMPARE: Bilingual("提出版といまの値の比較", "comparing the frozen one with now"),
}


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A report that somebody wants. `client_key`: made by the sender, so that one order is taken once."""

    kind: ReportKind
    period: Period
    forms: tuple[ReportForm, ...]
    client_key: UUID | None = None
    options: FormOptions = PLAIN


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `done` of `steps` are done; `doing`: what is being made. `report`: what came of it.

    `of_report`: the one to be frozen or compared; `reason`: of a revision.
    """

    number: int
    kind: ReportKind
    first_day: date
    last_day: date
    forms: tuple[ReportForm, ...]
    options: FormOptions
    purpose: Purpose
    of_report: int | None
    reason: str
    ordered_at: datetime
    ordered_by: str
    tries: int
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    steps: int
    doing: str
    report: int | None
    cancelled_by: str | None
    failed: Bilingual | None

    @property
    def state(self) -> OrderState:
        """How far it is."""
        if self.cancelled_by is not None:
            return OrderState.CANCELLED
        if self.ended_at is not None:
            return OrderState.MADE if self.failed is None else OrderState.FAILED
        return OrderState.WAITING if self.started_at is None else OrderState.RUNNING

    @property
    def is_open(self) -> bool:
        """Whether somebody waits for it."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of an order. `already`: it had been placed before."""

    number: int
    already: bool


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a report, without its bytes. `form`: a `ReportForm`, `zip` or `difference`."""

    form: str
    name: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report that is kept. `submission` and `revision`: of a frozen one."""

    number: int
    kind: ReportKind
    first_day: date
    last_day: date
    state: str
    title: str
    period: str
    submission: str | None
    revision: int | None
    made_at: datetime
    made_by: str
    plan_number: int | None
    software: str
    digest: bytes
    files: tuple[KeptFile, ...]

    @property
    def is_draft(self) -> bool:
        """Whether it may be thrown away."""
        return self.state == "draft"
