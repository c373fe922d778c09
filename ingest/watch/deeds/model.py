"""Who does a deed, on which way, and what comes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ingest.access.authority import By
from schemas.labelled import Labelled


class Way(Labelled):
    """How somebody came to do it. The names stand in the table."""

    PAGE = "page", "画面", "page"
    API = "api", "API", "API"
    MQTT = "mqtt", "MQTT", "MQTT"
    LINK = "link", "メッセージのリンク", "link of a message"
    CLI = "cli", "コマンド", "command"


class ActionKind(StrEnum):
    """What was done. The names stand in the table."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    MARK = "mark"
    MISSED = "missed"
    NOT_MISSED = "not_missed"


class Mark(Labelled):
    """Whether an incident was right, as people say afterwards."""

    TRUE = "true", "的中", "true"
    FALSE = "false", "空振り", "false alarm"


@dataclass(frozen=True, slots=True)
class Doer:
    """Whoever does it, and on which way. `way`: it stands in the row beside their name."""

    by: By
    way: Way


class Incident(NamedTuple):
    """An incident as a deed finds it, locked until the end of the transaction."""

    incident_id: int
    project_id: int
    rank: int
    top_rank: int
    closed_at: datetime | None
    acknowledged_rank: int | None
    drill_id: int | None
    mark: str | None
    mark_note: str
    subject: str


class Done(NamedTuple):
    """What became of a deed. `number`: of its row. `already`: it had been done before, and nothing changed."""

    number: int
    already: bool


class Acknowledged(NamedTuple):
    """What became of an acknowledgement. `rank`: up to where the incident is taken now. `already`: it was before.

    `needs_more`: the incident stands higher than that, so that somebody has to take it again.
    """

    incident_id: int
    rank: int
    already: bool
    needs_more: bool


@dataclass(frozen=True, slots=True)
class NewMissed:
    """Something that the watch did not notice (見逃し). `device`: code of the station there, `place`: in words."""

    at: datetime
    note: str
    device: str | None = None
    place: str = ""
    client_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewMaintenance:
    """A time in which nobody is told of a thing: code of a device, gateway or network; of none, the whole project."""

    starts: datetime
    ends: datetime
    reason: str
    device: str | None = None
    gateway: str | None = None
    network: str | None = None
    client_key: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewDuty:
    """Who is on duty from when until when, beside the rota. `person`: a code of the document."""

    person: str
    starts: datetime
    ends: datetime
    client_key: UUID | None = None


class Where(NamedTuple):
    """The thing of a maintenance window by its numbers; without any of them the whole project."""

    device_id: int | None = None
    gateway_id: int | None = None
    network_id: int | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One row of what people did, as lists show it. `device`: code of the station of a missed one."""

    action_id: int
    incident_id: int | None
    kind: ActionKind
    at: datetime
    recorded_at: datetime
    by: str
    way: Way
    rank: int | None
    mark: Mark | None
    device: str | None
    place: str
    note: str
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A maintenance window as lists show it; codes of its thing, without any of them the whole project."""

    maintenance_id: int
    project_id: int
    device: str | None
    gateway: str | None
    network: str | None
    starts: datetime
    ends: datetime
    reason: str
    entered_by: str
    entered_at: datetime
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class Duty:
    """A change of the duty as lists show it."""

    duty_id: int
    project_id: int
    person: str
    starts: datetime
    ends: datetime
    entered_by: str
    entered_at: datetime
    voided_by: str | None


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill (訓練). `ended_at`: None while it lasts. `ended_by`: empty if it ended by itself."""

    drill_id: int
    project_id: int
    title: str
    starts: datetime
    ends: datetime
    begun_by: str
    ended_at: datetime | None
    ended_by: str | None
