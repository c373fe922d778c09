"""The words of the watch: what may be noticed of a thing, from its beginning to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schemas.bilingual import Bilingual


class Kind(StrEnum):
    """What was noticed. The names are parts of texts, topics and columns."""

    STAGE = "stage"
    """A measure reached a stage (基準への到達)."""
    SILENCE = "silence"
    """A device, gateway or network says nothing (途絶)."""
    BLIND = "blind"
    """A gauge says nothing while it rains nearby (監視不能)."""
    AIRTIME = "airtime"
    """A transmitter comes near the limit of its transmitting time (送信時間)."""
    QUALITY = "quality"
    """Values of a series cannot be trusted (品質)."""

    @property
    def label(self) -> Bilingual:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    Kind.STAGE: Bilingual("基準への到達", "Stage"),
    Kind.SILENCE: Bilingual("途絶", "Silence"),
    Kind.BLIND: Bilingual("監視不能", "Blind"),
    Kind.AIRTIME: Bilingual("送信時間", "Transmitting time"),
    Kind.QUALITY: Bilingual("品質", "Quality"),
}


class Origin(StrEnum):
    """How an event came to be known."""

    LIVE = "live"
    """While it happened: people are told."""
    LATE = "late"
    """From readings that came or were corrected later: the chronology is amended and says so, nobody is called."""
    DRILL = "drill"
    """A drill (訓練): nothing of it is real, and every message says so."""


class Thing(NamedTuple):
    """What an event is about: exactly one of device, gateway and network; a series where it is one of a device."""

    project_id: int
    device_id: int | None = None
    gateway_id: int | None = None
    network_id: int | None = None
    quantity_id: int | None = None
    channel: int | None = None


class StageOf(NamedTuple):
    """The stage that an event reached; of rank 0 none."""

    name: str = ""
    name_en: str = ""
    threshold: float | None = None
    unit: str = ""
    official: bool = False
    ref_level: int | None = None


NO_STAGE = StageOf()


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one condition, before it is stored. `at`: of the measurement. `rank` 0: it is over.

    `subject` names the condition: one incident of it is open at a time. Write it with `subject_of`.
    `rule`: the code of the rule in the document; empty: a stage of the registry.
    `committed_at`: when the measurement was stored, where it is live.
    """

    kind: Kind
    subject: str
    thing: Thing
    at: datetime
    before_rank: int
    rank: int
    origin: Origin
    rule: str = ""
    hazard: str | None = None
    measure: str | None = None
    value: float | None = None
    stage: StageOf = NO_STAGE
    committed_at: datetime | None = None
    details: Mapping[str, object] = field(default_factory=dict)


class Step(StrEnum):
    """What an event did to the incident of its subject. People are called for the first two, and told of the others."""

    OPENED = "opened"
    RAISED = "raised"
    LOWERED = "lowered"
    CLOSED = "closed"
    NONE = "none"
    """Nothing: the chronology alone has it."""


class StoredEvent(NamedTuple):
    """An event of `watch_event`, and what it did.

    What people are to be told follows from `step`, not from the origin: an event that was found late opens an incident
    as soon as a measurement of now confirms that its stage still lasts.
    `incident_id` None: no incident has this event. `withdrawn`: why, where the event was proven wrong just now; an
    incident that it alone had opened is closed by that.
    """

    event_id: int
    incident_id: int | None
    event: Event
    step: Step
    withdrawn: Bilingual | None = None


def subject_of(kind: Kind, thing: Thing, rule: str = "") -> str:
    """The name of a condition, stable over restarts: `stage:d12:q3:c0:RULE`, `silence:g4`, `airtime:d12`."""
    parts = [kind.value]
    for letter, number in zip("dgnqc", (*thing[1:4], *thing[4:]), strict=True):
        if number is not None:
            parts.append(f"{letter}{number}")
    return ":".join([*parts, rule] if rule else parts)
