"""Changes of a rank as events, and how what is computed differs from what is stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import isclose

from ingest.watch.engine.database.readings import StoredChange
from ingest.watch.model import NO_STAGE, Event, Kind, Origin
from ingest.watch.stages.machine import Change
from ingest.watch.stages.rule import WatchedRule
from schemas.japan import to_datetime

SAME = 1e-6
"""Two ways to sum up the same readings differ by less than this, in relation to the value."""


def event_of(rule: WatchedRule, subject: str, change: Change, origin: Origin, committed_at: datetime | None) -> Event:
    """The event that a change of a rule is.

    `details`: what was left, what is missing, why it came to rest, and the numbers of the measure.
    """
    details: dict[str, object] = {}
    if change.left is not None:
        left = change.left.stage(rule.measure.unit)
        details["left"] = {"name": left.name, "name_en": left.name_en, "threshold": left.threshold}
    if change.partial:
        details["partial"] = True
    if change.why:
        details["why"] = change.why
    if rule.compared != rule.measure.kind:
        details["compared"] = rule.compared
    return Event(
        Kind.STAGE, subject, rule.thing(change.source), to_datetime(change.at_us), change.before_rank, change.rank,
        origin, rule=rule.code, hazard=rule.hazard, measure=rule.measure.kind, value=change.value,
        stage=NO_STAGE._replace(unit=rule.measure.unit) if change.threshold is None
        else change.threshold.stage(rule.measure.unit),
        committed_at=committed_at if origin is Origin.LIVE else None, details=details,
    )  # fmt: skip


def differences(computed: Iterable[Change], stored: Sequence[StoredChange]) -> tuple[list[Change], list[StoredChange]]:
    """What is computed and not stored, and what is stored and not computed."""
    standing = {each.at_us: each for each in stored}
    missing = []
    for change in computed:
        before = standing.get(change.at_us)
        if before is not None and _same(change, before):
            del standing[change.at_us]
        else:
            missing.append(change)
    return missing, [*standing.values()]


def _same(change: Change, stored: StoredChange) -> bool:
    if (change.before_rank, change.rank) != (stored.before_rank, stored.rank):
        return False
    if change.value is None or stored.value is None:
        return change.value is stored.value
    return isclose(change.value, stored.value, rel_tol=SAME, abs_tol=SAME)
