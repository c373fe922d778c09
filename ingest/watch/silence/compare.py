"""From what holds now and what stands open to events. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ingest.watch.model import Event, Origin, StageOf
from ingest.watch.silence.model import Condition, OpenIncident

TICK = timedelta(microseconds=1)


def events_of(
    wanted: Mapping[str, Condition],
    standing: Mapping[str, OpenIncident],
    last_at: Mapping[str, datetime],
    ended: Mapping[str, tuple[datetime, Mapping[str, object]]],
    now: datetime,
) -> Iterator[Event]:
    """What is new, what changed and what is over. `last_at`: of the last event of each subject of `wanted`.

    `ended`: when and why those of `standing` that hold no more ended; without an entry now, and unsaid.
    A silence whose group is over while it lasts ends, and begins anew: now people are told of it.
    """
    for subject, condition in wanted.items():
        was = standing.get(subject)
        if was is None:
            yield _begins(subject, condition, 0, _after(condition.at, last_at.get(subject), now))
        elif was.group is not None and condition.group is None:
            at = max(now, was.last_at + TICK)
            yield _ends(subject, was, at, {"group_ended": was.group})
            yield _begins(subject, condition, 0, at + TICK)
        elif was.rank != condition.rank:
            yield _begins(subject, condition, was.rank, _after(condition.at, was.last_at, now))
    for subject, was in standing.items():
        if subject not in wanted:
            at, details = ended.get(subject, (now, {}))
            yield _ends(subject, was, max(at, was.last_at + TICK), details)


def _after(at: datetime, last: datetime | None, now: datetime) -> datetime:
    """The moment, unless an event of the same subject stands there or later: then now."""
    return at if last is None or at > last else max(now, last + TICK)


def _begins(subject: str, condition: Condition, before: int, at: datetime) -> Event:
    details = dict(condition.details)
    if condition.group is not None:
        details["group"] = condition.group
    return Event(
        condition.kind, subject, condition.thing, at, before, condition.rank, Origin.LIVE, measure=condition.measure,
        value=condition.value, stage=StageOf(*condition.name, condition.threshold, condition.unit), details=details,
    )  # fmt: skip


def _ends(subject: str, was: OpenIncident, at: datetime, details: Mapping[str, object]) -> Event:
    more = dict(details) if was.group is None else {"group": was.group, **details}
    return Event(was.kind, subject, was.thing, at, was.rank, 0, Origin.LIVE, details=more)
