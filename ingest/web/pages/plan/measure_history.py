"""The history of a measure in words: what was changed, from what to what, by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.plan.act.model import MeasureEvent
from ingest.plan.act.series import SERIES
from ingest.web.pages.plan.measure_fields import Things
from ingest.web.text.writer import Writer
from schemas.work import MeasureKind, MeasureState


@dataclass(frozen=True, slots=True)
class Told:
    """An event in words. `changes`: label, before, after. `effect`: as it was known when it was evaluated."""

    what: str
    at: datetime
    by: str
    note: str
    changes: list[tuple[str, str, str]]
    effect: str


def told(events: Sequence[MeasureEvent], things: Things, writer: Writer) -> list[Told]:
    """Every event, the newest first."""
    return [_told(event, things, writer) for event in reversed(events)]


def _told(event: MeasureEvent, things: Things, writer: Writer) -> Told:
    state = event.after.get("state")
    what = writer.texts["measure_changed"] if state is None else writer.said(MeasureState(state).label)
    effect = event.after.get("effect")
    changes = [
        (
            writer.texts[f"field_{name}"],
            _value(name, event.before[name], things, writer),
            _value(name, after, things, writer),
        )
        for name, after in event.after.items()
        if name in event.before and name != "state"
    ]
    return Told(what, event.at, event.by, event.note, changes, effect["said"][writer.language.value] if effect else "")


def _value(name: str, value: Any, things: Things, writer: Writer) -> str:
    """A value of an event as people know it; empty for none."""
    if value in (None, "", []):
        return ""
    if name == "kind":
        return writer.said(MeasureKind(value).label)
    if name == "figure":
        return writer.said(SERIES[value].name) if value in SERIES else str(value)
    if name in ("devices", "networks"):
        known: Mapping[int, tuple[str, str]] = things.devices if name == "devices" else things.networks
        return writer.texts["and_so_on"].join(known.get(each, (str(each), ""))[0] for each in value)
    if isinstance(value, list):
        return writer.texts["and_so_on"].join(map(str, value))
    return f"{value:,}" if name == "cost_yen" else str(value)
