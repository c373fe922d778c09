"""Windows around what changed: from a sign of life of a device to another, so that no outage reaches out of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ingest.figures.fetch import Database
from ingest.plan.outage.compare import Recorded, Why
from ingest.plan.outage.database import rows, signs
from ingest.plan.outage.database.signs import Due
from ingest.plan.outage.silence import Gap, gaps_between

Span: TypeAlias = tuple[datetime | None, datetime | None]
"""From, until; None: from the beginning, until now."""


class Window(NamedTuple):
    """A time between two signs of life of a device, with the gaps in it. None: without a beginning, or until now."""

    device_id: int
    since: datetime | None
    until: datetime | None
    gaps: list[Gap]


def windows_around(connection: Database, dues: Iterable[Due], closed: datetime) -> list[Window]:
    """One window for each device, around everything that changed for it and every outage that reaches into that.

    `closed`: up to where the sums are; a window begins there at the latest.
    """
    spans = _spans(dues, closed)
    recorded = rows.recorded_of(connection, list(spans))
    edges = _edges(connection, spans)
    todo: Sequence[int] = list(spans)
    while todo:
        wider = {
            device: due
            for device in todo
            if (
                due := widened(
                    Window(device, *edges[device], []), _overlapping(recorded.get(device, []), edges[device])
                )
            )
        }
        for device, due in wider.items():
            spans[device] = _union(spans[device], (due.starts, due.ends))
        edges |= _edges(connection, {device: spans[device] for device in wider})
        todo = list(wider)
    inner = signs.signs(connection, [(device, *span) for device, span in spans.items()])
    return [
        Window(device, since, until, gaps_between(device, [since, *inner.get(device, []), until]))
        for device, (since, until) in edges.items()
    ]


def widened(window: Window, recorded: Sequence[Recorded]) -> Due | None:
    """What to look at instead, if an outage that overlaps the window reaches beyond it; else None.

    Then a sign of life at its edge came late. One that lasts may end with the window.
    """
    span: Span = (window.since, window.until)
    for each in recorded:
        before = window.since is not None and each.starts < window.since
        if before or (window.until is not None and each.ends is not None and each.ends > window.until):
            span = _union(span, (each.starts, each.ends))
    if span == (window.since, window.until):
        return None
    return Due(0, window.device_id, *span, Why.DATA)


def _spans(dues: Iterable[Due], closed: datetime) -> dict[int, Span]:
    spans: dict[int, Span] = {}
    for due in dues:
        span = (None if due.starts is None else min(due.starts, closed), due.ends)
        spans[due.device_id] = _union(spans.get(due.device_id, span), span)
    return spans


def _edges(connection: Database, spans: Mapping[int, Span]) -> dict[int, Span]:
    """The last sign of life before each span and the first one after it."""
    begins = {device: since for device, (since, _) in spans.items() if since is not None}
    ends = {device: until for device, (_, until) in spans.items() if until is not None}
    before = signs.signs_before(connection, list(begins), list(begins.values()))
    after = signs.signs_after(connection, list(ends), list(ends.values()))
    return {device: (before.get(device), after.get(device)) for device in spans}


def _overlapping(recorded: Sequence[Recorded], span: Span) -> list[Recorded]:
    since, until = span
    return [
        each
        for each in recorded
        if (until is None or each.starts < until) and (since is None or each.ends is None or each.ends > since)
    ]


def _union(one: Span, other: Span) -> Span:
    since = None if one[0] is None or other[0] is None else min(one[0], other[0])
    until = None if one[1] is None or other[1] is None else max(one[1], other[1])
    return since, until
