"""What a source of a report is: a name, the codes it offers, and a function that reads them for a period."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, TypeAlias

from ingest.figures.fetch import Database
from ingest.figures.project import ProjectEntry
from ingest.plan.document.versions import PlanVersion
from schemas.report_document import Cell, Evidence, Period, ReportKind, Said, WrittenCell


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is asked about. `plan`: the version valid at the end of the period, None without a plan.

    `now`: figures are as of this moment. `kept`: what sources of one report share, by a name of their own, so that a
    figure is asked for once.
    """

    connection: Database
    project_id: int
    project: ProjectEntry
    kind: ReportKind
    period: Period
    plan: PlanVersion | None
    now: datetime
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def first_day(self) -> date:
        """The first day of the period."""
        return self.period.first_day

    @property
    def until_day(self) -> date:
        """The day after the last one, as the figures want it."""
        return date.fromordinal(self.period.last_day.toordinal() + 1)


Cells: TypeAlias = Mapping[str, Cell]
"""By code. Numbers are exact here; `compose` rounds them once, by the decimals of the layout."""


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """The answer of a source of fields."""

    cells: Cells
    evidence: tuple[Evidence, ...] = ()
    marks: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class RowRead:
    """A row of a source of a table. `key`: a code that stays the same in every revision.

    `decimals`: by code, of numbers that have other decimals than their column, as the KPIs of a plan do.
    """

    key: str
    cells: Cells
    decimals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRead:
    """The answer of a source of a table. `total`: the whole: its rates are rates of sums, never means of means.

    `without`: codes of columns about what the project does not have, which are left out.
    """

    rows: tuple[RowRead, ...]
    total: RowRead | None = None
    evidence: tuple[Evidence, ...] = ()
    marks: tuple[Said, ...] = ()
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WrittenRead:
    """The answer of a source of people's words: the cells with what was written so far."""

    cells: tuple[WrittenCell, ...]


@dataclass(frozen=True, slots=True)
class LinesRead:
    """The answer of a source of sentences, in Japanese."""

    lines: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


Read: TypeAlias = FieldsRead | TableRead | WrittenRead | LinesRead


@dataclass(frozen=True, slots=True)
class Source:
    """A subject that layouts may name. `offers`: the codes of its columns or fields, with what each is, in Japanese."""

    name: str
    form: Literal["fields", "table", "written", "lines"]
    read: Callable[[Asked], Read]
    offers: Mapping[str, str] = field(default_factory=dict)
