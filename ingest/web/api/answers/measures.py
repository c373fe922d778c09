"""Answers about improvement measures."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class MeasureEventAnswer(BaseModel):
    """A change of a measure: the fields that changed, before and after."""

    at: datetime
    by: str
    before: dict[str, Any]
    after: dict[str, Any]
    note: str


class MeasureAnswer(BaseModel):
    """An improvement measure. `devices`, `networks`: codes; both empty, and 0 `elsewhere`: the whole project.

    `elsewhere`: how many of its devices and networks belong to another project now.
    `effect`: as it was kept when the measure was evaluated. `effect_now`: as it is known now, where one is asked for.
    """

    model_config = ConfigDict(extra="ignore")

    number: int
    fiscal_year: int
    kind: str
    title: str
    detail: str
    owner: str
    due: date
    kpis: list[str]
    devices: list[str]
    networks: list[str]
    elsewhere: int
    figure: str
    cost_yen: int
    quota_used: float
    state: str
    done_on: date | None
    window_days: int
    result: str
    entered_at: datetime
    entered_by: str
    effect: dict[str, Any] | None
    effect_now: dict[str, Any] | None
    events: list[MeasureEventAnswer]


class MeasuresAnswer(BaseModel):
    """The measures of a project. `computed_at`: the moment of `effect_now`."""

    project: str
    computed_at: datetime
    measures: list[MeasureAnswer]
