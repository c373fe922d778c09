"""What the API answers about the watch: incidents, events, messages. Observed by the operator; nothing official."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from schemas.watch_message import WatchProblem


class WatchIncidentAnswer(BaseModel):
    """A condition of one thing from its beginning to its end (事象). From `name` on it is of its last change."""

    incident_id: int
    project: str = Field(description="Code of the project")
    kind: str = Field(description="stage, silence, blind, airtime or quality")
    hazard: str | None = Field(description="Of stages: river, rain, landslide and the like")
    subject: str = Field(description="What it is about; one incident of it is open at a time")
    device: str | None
    gateway: str | None
    network: str | None
    title: str | None = Field(description="Name of the device, gateway or network")
    opened_at: datetime
    closed_at: datetime | None = Field(description="null: it lasts")
    rank: int = Field(description="Now; 0: it is over")
    top_rank: int
    live: bool = Field(description="false: it was found out later, and nobody was called")
    drill_id: int | None = Field(description="Of a drill (訓練): nothing of it is real")
    acknowledged_rank: int | None = Field(description="Somebody took it up to this rank")
    taken_by: str | None
    taken_at: datetime | None
    escalate_at: datetime | None = Field(description="When the next person is told unless somebody takes it")
    mark: str | None = Field(description="true or false, as a person says")
    in_maintenance: bool = Field(description="Nobody is told of it now")
    name: str | None = Field(description="Of the stage")
    name_en: str | None
    rule: str | None = Field(description="Code of the rule; empty: a stage of the registry")
    quantity: str | None
    channel: int | None
    measure: str | None = Field(description="What was compared: value, rise, rain_1h and the like")
    at: datetime | None = Field(description="Of the measurement")
    value: float | None
    threshold: float | None
    unit: str | None
    official: bool | None = Field(description="The stage was set by the state or the prefecture")
    ref_level: int | None = Field(description="The level of alert it is held against: a hint, nobody announces it")
    delivered: int = Field(description="Messages that arrived")
    waiting: int
    failed: int
    doubtful: int = Field(description="On their way when the answer was lost")
    withheld: int


class WatchEventAnswer(BaseModel):
    """A change of a condition (監視イベント). One that late data proved wrong is withdrawn and stays."""

    event_id: int
    project: str = Field(description="Code of the project")
    incident_id: int | None = Field(description="null: late data amends what nobody was told of")
    kind: str
    hazard: str | None
    rule: str
    device: str | None
    gateway: str | None
    network: str | None
    title: str | None
    quantity: str | None
    channel: int | None
    measure: str | None
    at: datetime = Field(description="Of the measurement")
    before_rank: int
    rank: int = Field(description="0: below all stages, or well again")
    name: str
    name_en: str
    value: float | None
    threshold: float | None
    unit: str
    official: bool
    ref_level: int | None
    origin: str = Field(description="live, late or drill")
    drill_id: int | None
    details: dict[str, Any]
    committed_at: datetime | None = Field(description="When the measurement was stored, of live ones")
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_ja: str | None
    withdrawn_en: str | None


class WatchDeliveryAnswer(BaseModel):
    """A message to people or machines, without its address."""

    delivery_id: int
    project: str = Field(description="Code of the project")
    incident_id: int | None
    event_id: int | None
    channel: str = Field(description="Code of the channel in the watch document, person or mqtt")
    kind: str = Field(description="mail, webhook, slack, teams, line_works, web_push, mqtt")
    recipient: str = Field(description="Code of the person; empty where it is none")
    recipient_name: str | None
    purpose: str = Field(description="event, escalation, digest, drill or test")
    step: int = Field(description="Of the escalation")
    state: str = Field(description="delivered, waiting, doubtful, failed or withheld")
    withheld: str = Field(description="Why it was not sent")
    queued_at: datetime
    due_at: datetime
    delivered_at: datetime | None
    delay_s: float | None = Field(
        description="Seconds from the commit of the measurement to the delivery; of silence, quality and airtime from "
        "queueing. Null for what was found out later and for corrections of it"
    )
    tries: int
    answer: str = Field(description="What the receiver said last")
    failed_ja: str | None
    failed_en: str | None
    drill: bool


class WatchActionAnswer(BaseModel):
    """What somebody did about an incident."""

    action: str = Field(description="acknowledge, note or mark")
    at: datetime
    by: str
    way: str = Field(description="page, api, mqtt, link or cli")
    rank: int | None
    mark: str | None
    note: str


class WatchHealthAnswer(BaseModel):
    """Whether anybody watches. While `state` is `stopped` or `late`, an empty list says nothing."""

    state: str = Field(description="none (nothing is to be watched), stopped, late or well")
    looked_at: datetime | None
    notes: int = Field(description="Stored and not looked at yet")
    lag_s: float = Field(description="How long the oldest of them waits")
    series: int = Field(description="Series that are watched")


class WatchProblemAnswer(WatchProblem):
    """Why an empty list does not mean that nothing is the matter."""

    model_config = ConfigDict(extra="ignore")


PROBLEMS = "Of now, the gravest first. While there are any, what is not listed may be the matter all the same"


class _Rows(BaseModel):
    project: str = Field(description="Code of the project")
    problems: list[WatchProblemAnswer] = Field(description=PROBLEMS)
    next_before: int | None = Field(description="Give it as `before` for older rows; null: these were the last")


class WatchIncidentsAnswer(_Rows):
    """Incidents, the newest first."""

    watch: WatchHealthAnswer
    incidents: list[WatchIncidentAnswer]


class WatchEventsAnswer(_Rows):
    """Events, the newest first."""

    events: list[WatchEventAnswer]


class WatchDeliveriesAnswer(_Rows):
    """Messages, the newest first."""

    deliveries: list[WatchDeliveryAnswer]


class WatchOneIncidentAnswer(BaseModel):
    """One incident with its events, messages and what people did."""

    watch: WatchHealthAnswer
    problems: list[WatchProblemAnswer] = Field(description=PROBLEMS)
    incident: WatchIncidentAnswer
    events: list[WatchEventAnswer]
    deliveries: list[WatchDeliveryAnswer]
    complete: bool = Field(description="False: it has more events or messages than are here, which are the newest")
    actions: list[WatchActionAnswer]


class AcknowledgedAnswer(BaseModel):
    """What became of an acknowledgement."""

    incident_id: int
    rank: int = Field(description="Up to where it is taken now")
    already: bool = Field(description="It was before; nothing changed")
    needs_more: bool = Field(description="It stands higher: somebody has to take it again")
