"""An improvement measure (改善措置), its history, and which state may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from schemas.work import MeasureKind, MeasureState

TRANSITIONS: Mapping[MeasureState, tuple[MeasureState, ...]] = MappingProxyType(
    {
        MeasureState.PROPOSED: (MeasureState.DECIDED, MeasureState.DROPPED),
        MeasureState.DECIDED: (MeasureState.UNDER_WAY, MeasureState.DONE, MeasureState.DROPPED),
        MeasureState.UNDER_WAY: (MeasureState.DONE, MeasureState.DROPPED),
        MeasureState.DONE: (MeasureState.EVALUATED, MeasureState.UNDER_WAY),
        MeasureState.EVALUATED: (MeasureState.DONE,),
        MeasureState.DROPPED: (MeasureState.PROPOSED,),
    }
)
"""The states that may follow a state, the usual one first. It is a closed list: nothing else may follow."""

TO_BE_DONE = (MeasureState.PROPOSED, MeasureState.DECIDED, MeasureState.UNDER_WAY)
"""States in which a measure is still to be done, so that its due day counts."""

OPEN = (*TO_BE_DONE, MeasureState.DONE)
"""States in which something is still expected of somebody: at last, an evaluation."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as it stands now.

    `devices`, `networks`: ids of what it is about; both empty: the whole project. `figure`: a code of `SERIES` of
    `ingest/plan/act/series.py`, whose change is the effect. `done_on`: the day in Japan on which it was done.
    `window_days`: so many days before and after are compared. `quota_used`: visits or hours of an adviser.
    """

    measure_id: int
    project_id: int
    number: int
    fiscal_year: int
    kind: MeasureKind
    title: str
    detail: str
    owner: str
    due: date
    kpis: tuple[str, ...]
    devices: tuple[int, ...]
    networks: tuple[int, ...]
    figure: str
    cost_yen: int
    quota_used: float
    state: MeasureState
    done_on: date | None
    window_days: int
    result: str
    carried_from: int | None
    entered_at: datetime
    entered_by: str

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done, or to be evaluated."""
        return self.state in OPEN

    @property
    def lacks_result(self) -> bool:
        """Whether a year cannot be closed because of it: nobody wrote what came of it, or how far it got."""
        return not self.result.strip()

    def is_late(self, today: date) -> bool:
        """Whether it should have been done before this day of Japan, and is not."""
        return self.state in TO_BE_DONE and self.due < today

    def is_due(self, today: date) -> bool:
        """Whether somebody has to act by this day of Japan: it is late, or it has to be done today."""
        return self.state in TO_BE_DONE and self.due <= today


@dataclass(frozen=True, slots=True)
class MeasureEvent:
    """A change of a measure: what was there before and what after, of the fields that changed."""

    at: datetime
    by: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class MeasureDraft:
    """What people enter about a measure. Ids of devices and networks are those of the project."""

    title: str
    owner: str
    due: date
    fiscal_year: int
    kind: MeasureKind = MeasureKind.IMPROVEMENT
    detail: str = ""
    kpis: tuple[str, ...] = ()
    devices: tuple[int, ...] = ()
    networks: tuple[int, ...] = ()
    figure: str = "completeness"
    cost_yen: int = 0
    quota_used: float = 0
    window_days: int = 28
    result: str = ""
