"""A message that is ready to be sent: its events, its words, its links; and its body for programs."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ingest.watch.delivery.model import Delivery, Fact, Purpose
from ingest.watch.delivery.wording import Links, Words, headline
from schemas.bilingual import Bilingual
from schemas.watch_message import EventSaid, Text, WatchMessage


class Message(NamedTuple):
    """A message with everything in it."""

    delivery: Delivery
    project: str
    project_name: str
    facts: Sequence[Fact]
    words: Words
    links: Links

    @property
    def is_drill(self) -> bool:
        """Whether nothing of it is real."""
        return self.delivery.purpose is Purpose.DRILL or any(fact.is_drill for fact in self.facts)


MessageType = Literal["watch.event", "watch.digest", "watch.escalation", "watch.test"]


def body_of(message: Message) -> WatchMessage:
    """A message as a program reads it. It never has the link that takes an incident: a program has a token."""
    delivery = message.delivery
    return WatchMessage(
        type=_type_of(message),
        drill=message.is_drill,
        resent=delivery.resent,
        project=message.project,
        project_name=message.project_name,
        queued_at=delivery.queued_at,
        step=delivery.step,
        count=len(message.facts),
        events=tuple(event_said(fact) for fact in message.facts),
        text=_text(message.words.text),
        page=message.links.page or None,
    )


def _type_of(message: Message) -> MessageType:
    if not message.facts:
        return "watch.test"
    if message.delivery.event_id is None:
        return "watch.digest"
    return "watch.escalation" if message.delivery.step else "watch.event"


def event_said(fact: Fact) -> EventSaid:
    """An event as a program reads it."""
    return EventSaid(
        event=fact.event_id,
        incident=fact.incident_id,
        kind=fact.kind.value,
        hazard=fact.hazard,
        subject=fact.subject,
        rule=fact.rule,
        thing=fact.thing,
        title=fact.title,
        area=fact.area,
        quantity=fact.quantity,
        channel=fact.channel,
        measure=fact.measure,
        at=fact.at,
        before_rank=fact.before_rank,
        rank=fact.rank,
        name=_text(fact.name),
        value=fact.value,
        threshold=fact.threshold,
        unit=fact.unit,
        official=fact.official,
        ref_level=fact.ref_level,
        late=fact.is_late,
        drill=fact.is_drill,
        withdrawn=None if fact.withdrawn is None else _text(fact.withdrawn),
        text=_text(headline(fact, fact.at)),
    )


def _text(said: Bilingual) -> Text:
    return Text(ja=said.ja, en=said.en)
