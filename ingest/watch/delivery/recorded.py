"""Events as figures have them, in the form in which they are told: for feeds and drafts."""

from ingest.figures.watch_events import WatchEvent
from ingest.watch.delivery.model import Effect, Fact
from ingest.watch.model import Kind, Origin
from schemas.bilingual import Bilingual


def fact_of(event: WatchEvent, project_name: str) -> Fact:
    """An event of `figure_watch_event` as it is told."""
    withdrawn = event.withdrawn_ja
    return Fact(
        event_id=event.event_id,
        incident_id=event.incident_id,
        project=event.project,
        project_name=project_name,
        kind=Kind(event.kind),
        hazard=event.hazard,
        subject="",
        rule=event.rule,
        thing=event.device or (f"gateway:{event.gateway}" if event.gateway else f"network:{event.network}"),
        title=event.title or project_name,
        area=None,
        quantity=event.quantity,
        label=None if event.label_ja is None else Bilingual(event.label_ja, event.label_en or event.label_ja),
        channel=event.channel,
        measure=event.measure,
        at=event.at,
        before_rank=event.before_rank,
        rank=event.rank,
        now_rank=None,
        name=Bilingual(event.name, event.name_en),
        value=event.value,
        threshold=event.threshold,
        unit=event.unit,
        official=event.official,
        ref_level=event.ref_level,
        origin=Origin(event.origin),
        drill_id=event.drill_id,
        withdrawn=None if withdrawn is None else Bilingual(withdrawn, event.withdrawn_en or withdrawn),
        committed_at=event.committed_at,
        effect=_effect_of(event),
    )


def _effect_of(event: WatchEvent) -> Effect:
    if event.withdrawn_at is None and event.origin == Origin.LATE and event.rank > event.before_rank:
        return Effect.LATE
    return Effect.RISE if event.rank > event.before_rank and event.withdrawn_at is None else Effect.FALL
