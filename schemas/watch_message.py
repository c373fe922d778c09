"""What programs are told of the watch: the body of a webhook, and the messages at the broker. Published as schemas."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.watch_notice import EventKind

DISCLAIMER_JA = "観測値であり、気象庁・河川管理者の発表ではありません"
DISCLAIMER_EN = "Observations; not an announcement of the meteorological agency or the river administrator"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Text(_Said):
    """The same in both languages."""

    ja: str
    en: str


class EventSaid(_Said):
    """One change of one condition. `rank` 0: it is over."""

    event: int = Field(description="Number of the event; the same in every message")
    incident: int | None = Field(
        description="Number of the incident (事象) it belongs to; null: only the record has it"
    )
    kind: EventKind
    hazard: str | None = Field(description="Of stages: river, rain, ...")
    subject: str = Field(description="The condition; one incident of it is open at a time")
    rule: str = Field(description="Code of the rule; empty: a stage of the registry")
    thing: str = Field(description="Code of the device, or gateway:CODE, network:CODE")
    title: str = Field(description="Name of the station")
    area: str | None
    quantity: str | None
    channel: int | None
    measure: str | None = Field(description="What was compared, as value or rise(hours=1)")
    at: datetime = Field(description="Of the measurement")
    before_rank: int
    rank: int
    name: Text = Field(description="Of the stage")
    value: float | None
    threshold: float | None
    unit: str
    official: bool = Field(description="Whether the state or the prefecture set the stage")
    ref_level: int | None = Field(description="警戒レベルの目安: a hint, never an announcement")
    late: bool = Field(description="Known from readings that came or were corrected later")
    drill: bool = Field(description="Nothing of it is real (訓練)")
    withdrawn: Text | None = Field(description="Why the event was taken back; null: it holds")
    text: Text = Field(description="In one line, for people")


class WatchMessage(_Said):
    """The body of a webhook. The header webhook-id names the message: who knows it already may drop it."""

    version: Literal[1] = 1
    type: Literal["watch.event", "watch.digest", "watch.escalation", "watch.test"]
    drill: bool = Field(description="Nothing of it is real (訓練): do not act on it")
    resent: bool = Field(description="It may have arrived before, under the same webhook-id")
    project: str
    project_name: str
    queued_at: datetime
    step: int = Field(description="Of the escalation; 0: the first message")
    count: int = Field(description="How many events are in it")
    events: tuple[EventSaid, ...]
    text: Text = Field(description="The whole message, for people")
    page: str | None = Field(description="Where people see it")
    disclaimer: Text = Text(ja=DISCLAIMER_JA, en=DISCLAIMER_EN)


class WatchProblem(_Said):
    """Why what is not said may be the matter all the same."""

    reason: Literal["intake", "stopped", "late", "fails", "unread", "none"] = Field(
        description="intake: nothing is taken in; stopped, late: the watch is; fails: parts of it do not work; unread: "
        "parts of the watch document cannot be read; none: nothing is to be watched"
    )
    text_ja: str
    text_en: str
    places: tuple[str, ...] = Field(description="Of `unread`: what cannot be read, as rules[0] or notify[1].kinds")


class WatchHealthSaid(_Said):
    """Retained, and said anew every 10 seconds. Absent, or `at` more than 60 seconds ago: unknown, and not calm."""

    version: Literal[1] = 1
    project: str
    at: datetime = Field(description="When it was so")
    problems: tuple[WatchProblem, ...] = Field(
        description="The gravest first. While there are any, an absent state does not mean that nothing is the matter"
    )


class OpenIncident(_Said):
    """An incident that is open, in the state of its thing."""

    incident: int
    kind: EventKind
    hazard: str | None
    subject: str
    rank: int
    top_rank: int
    name: Text
    opened_at: datetime
    acknowledged_rank: int | None
    value: float | None
    unit: str
    at: datetime | None


class WatchState(_Said):
    """Retained on the topic of a thing while something of it is open; empty when it is over. Drills are never in it."""

    version: Literal[1] = 1
    project: str
    thing: str
    rank: int = Field(description="The highest of the open incidents")
    incidents: tuple[OpenIncident, ...]
    disclaimer: Text = Text(ja=DISCLAIMER_JA, en=DISCLAIMER_EN)
