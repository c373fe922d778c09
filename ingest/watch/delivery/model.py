"""The words of delivery: what happened, who is to be told, and what became of a message."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ingest.watch.model import Kind, Origin, Step
from schemas.bilingual import Bilingual
from schemas.watch_notice import WatchNotice


class Way(StrEnum):
    """How a message travels: the column `kind` of a delivery. Each way has senders of its own."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"
    LINE_WORKS = "line_works"
    WEB_PUSH = "web_push"
    MQTT = "mqtt"

    @property
    def is_for_people(self) -> bool:
        """Whether a person reads it, who may sleep. Programs are told at any hour."""
        return self not in (Way.WEBHOOK, Way.MQTT)


class Purpose(StrEnum):
    """Why something is said."""

    EVENT = "event"
    ESCALATION = "escalation"
    DIGEST = "digest"
    """Several crossings in one message. Of a drill it is DRILL, without an event of its own."""
    DRILL = "drill"
    TEST = "test"


class Withheld(StrEnum):
    """Why nobody was told. The names stand in the column `withheld`."""

    NO = ""
    QUIET_HOURS = "quiet_hours"
    """It is said when the quiet hours end, in one message with the others."""
    MAINTENANCE = "maintenance"
    """Somebody works on the thing: it is only recorded."""
    NOBODY = "nobody"
    """Nobody is on duty, and there is no backup."""
    NO_ADDRESS = "no_address"
    """The person has no address to write to."""
    NO_PHONE = "no_phone"
    """No phone of the person is registered for notices."""
    UNREADABLE = "unreadable"
    """This version of the program cannot read the receiver, or the rule that names it, in the document."""


class Effect(StrEnum):
    """What people are to be told of an event, as it follows from its step."""

    RISE = "rise"
    FALL = "fall"
    LATE = "late"
    """It was found out late, and nothing that is open follows it."""

    @classmethod
    def of(cls, step: Step) -> "Effect":
        """The effect of a step."""
        if step in (Step.OPENED, Step.RAISED):
            return cls.RISE
        return cls.LATE if step is Step.NONE else cls.FALL


@dataclass(frozen=True, slots=True)
class Happening:
    """A stored event with what matters for telling: its incident and the place of its thing.

    `thing`: the code of the device, or `gateway:CODE`, `network:CODE`. `rank`: of the event; `now_rank`: of its
    incident; `top_rank`: the highest of it. `told`: somebody was or will be told of the incident before. `explained`:
    it is part of something of which people are told instead, as the silence behind a silent gateway. `gateway_id`
    and `network_id` are those of the thing or of its device. `knew`: of an event that was proven wrong, whoever was or
    will be told of it.
    """

    event_id: int
    incident_id: int | None
    project_id: int
    project: str
    kind: Kind
    hazard: str | None
    thing: str
    area: str | None
    device_id: int | None
    gateway_id: int | None
    network_id: int | None
    before_rank: int
    rank: int
    now_rank: int
    top_rank: int
    origin: Origin
    acknowledged_rank: int = 0
    told: bool = False
    explained: bool = False
    effect: Effect = Effect.RISE
    knew: Sequence["Receiver"] = ()

    @property
    def is_drill(self) -> bool:
        """Whether nothing of it is real."""
        return self.origin is Origin.DRILL

    @property
    def reached(self) -> int:
        """The rank that decides who is told: of what is over, the highest it had."""
        if self.effect is not Effect.FALL:
            return self.rank
        return max(self.before_rank, self.rank, self.top_rank if self.now_rank == 0 else 0)


class Work(NamedTuple):
    """A thing somebody works on; all three None: the whole project."""

    device_id: int | None
    gateway_id: int | None
    network_id: int | None


LOST_RULE = re.compile(r"notify(\[\d+\])?|document")
"""The places of whole rules of notice."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What holds in a project at the moment. `addresses` and `phones` by login."""

    now: datetime
    notice: WatchNotice = field(default_factory=WatchNotice)
    changed_duty: str | None = None
    """Who took the duty over, beside the document."""
    work: Sequence[Work] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unread: Sequence[str] = ()
    """Places of the document that this version of the program cannot read."""

    @property
    def lost_rules(self) -> list[str]:
        """Rules of notice of which nothing can be read: whom they would have told is not known."""
        return [place for place in self.unread if LOST_RULE.fullmatch(place)]


class Receiver(NamedTuple):
    """Where one message goes. `target` never holds a secret. `why_not`: nobody can be reached there."""

    channel: str
    way: Way
    target: str
    recipient: str = ""
    why_not: Withheld = Withheld.NO


class Wanted(NamedTuple):
    """A message that is to be said, or withheld with the reason. `until`: when the quiet hours end.

    `again`: it was withheld while somebody worked on the thing, and the work is done.
    """

    happening: Happening
    receiver: Receiver
    purpose: Purpose
    withheld: Withheld = Withheld.NO
    until: datetime | None = None
    step: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as it is told. `title`: the name of the station. `withdrawn`: why, if it was proven wrong.

    `now_rank`: of its incident at the moment, 0 when it is over; None without one.
    """

    event_id: int
    incident_id: int | None
    project: str
    project_name: str
    kind: Kind
    hazard: str | None
    subject: str
    rule: str
    thing: str
    title: str
    area: str | None
    quantity: str | None
    label: Bilingual | None
    channel: int | None
    measure: str | None
    at: datetime
    before_rank: int
    rank: int
    now_rank: int | None
    name: Bilingual
    value: float | None
    threshold: float | None
    unit: str
    official: bool
    ref_level: int | None
    origin: Origin
    drill_id: int | None
    withdrawn: Bilingual | None
    committed_at: datetime | None
    effect: Effect = Effect.RISE

    @property
    def is_drill(self) -> bool:
        """Whether nothing of it is real."""
        return self.origin is Origin.DRILL

    @property
    def is_late(self) -> bool:
        """Whether it is known from readings that came or were corrected later."""
        return self.origin is Origin.LATE


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of the outbox that is being sent. `key`: the same for every attempt."""

    delivery_id: int
    project_id: int
    incident_id: int | None
    event_id: int | None
    channel: str
    way: Way
    target: str
    recipient: str
    step: int
    purpose: Purpose
    key: UUID
    queued_at: datetime
    due_at: datetime
    tries: int
    resent: bool

    @property
    def lane(self) -> str:
        """Messages of one lane are sent one after the other."""
        return f"{self.way} {self.project_id} {self.channel} {self.target}"


class Fate(StrEnum):
    """What became of an attempt to send."""

    DELIVERED = "delivered"
    LATER = "later"
    """It was not taken; it may be later."""
    NEVER = "never"
    """It is not taken, however often it is sent."""
    DOUBT = "doubt"
    """All of it was sent, and no answer came."""
    GONE = "gone"
    """The receiver exists no more."""
    STOPPED = "stopped"
    """Nothing was sent, because the service ends."""


class Outcome(NamedTuple):
    """What became of an attempt. `of_receiver`: the next message there would fare the same. `after_s`: it asked so."""

    fate: Fate
    answer: str = ""
    why: Bilingual = Bilingual("", "")
    of_receiver: bool = False
    after_s: float | None = None
