"""Compares outages as they stand in the table with those that should stand there: what has to change, and why."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ingest.plan.outage import said
from ingest.plan.outage.silence import Spell
from schemas.bilingual import Bilingual


class Recorded(NamedTuple):
    """An outage of a device as it stands in the table."""

    outage_id: int
    device_id: int
    project_id: int
    network_id: int | None
    gateway_id: int | None
    starts: datetime
    ends: datetime | None


class What(StrEnum):
    """What became of an outage. The names stand in the table; they never change."""

    ENDED = "ended"
    SHORTENED = "shortened"
    LENGTHENED = "lengthened"
    SPLIT = "split"
    WITHDRAWN = "withdrawn"
    CAUSE = "cause"
    GROUPED = "grouped"


class Why(StrEnum):
    """What made us look again."""

    DATA = "data"
    REGISTRY = "registry"


class Change(NamedTuple):
    """`now`: how it has to stand; None: there was no outage."""

    recorded: Recorded
    now: Spell | None
    what: What
    reason: Bilingual


class Difference(NamedTuple):
    """Outages that are new, and changes of those that were there."""

    new: list[Spell]
    changes: list[Change]


_BECAUSE = {
    Why.DATA: Bilingual("遅れて届いたデータにより", "by data that came late"),
    Why.REGISTRY: Bilingual("台帳の変更により", "by a change of the registry"),
}


def compare(recorded: Sequence[Recorded], spells: Sequence[Spell], why: Why = Why.DATA) -> Difference:
    """Both of one device, and neither overlapping among themselves.

    An outage keeps its number as long as something of it is left: the part that begins with it, else its first part.
    """
    new: list[Spell] = []
    kept: dict[int, list[Spell]] = {}
    for spell in sorted(spells, key=lambda each: each.starts):
        same = [each for each in recorded if each.project_id == spell.project_id and _overlap(each, spell)]
        home = min(same, key=lambda each: (bool(kept.get(each.outage_id)), each.starts != spell.starts), default=None)
        if home is None:
            new.append(spell)
            continue
        parts = kept.setdefault(home.outage_id, [])
        parts.append(spell)
        if len(parts) > 1:
            new.append(spell)
    changes: list[Change] = []
    for each in recorded:
        change = _change(each, kept.get(each.outage_id, []), why)
        if change is not None:
            changes.append(change)
    return Difference(new, changes)


def _overlap(one: Recorded, other: Spell) -> bool:
    return (other.ends is None or one.starts < other.ends) and (one.ends is None or other.starts < one.ends)


def _change(recorded: Recorded, parts: Sequence[Spell], why: Why) -> Change | None:
    because = _BECAUSE[why]
    was = said.span(recorded.starts, recorded.ends)
    if not parts:
        reason = Bilingual(
            f"{because.ja}、{was.ja}の停止はなかったことが分かりました", f"no outage {was.en} after all, {because.en}"
        )
        return Change(recorded, None, What.WITHDRAWN, reason)
    now = parts[0]
    if (now.starts, now.ends) == (recorded.starts, recorded.ends):
        return None
    if len(parts) > 1:
        reason = Bilingual(
            f"{because.ja}、{was.ja}の停止を{len(parts)}つに分けました",
            f"the outage {was.en} became {len(parts)} outages, {because.en}",
        )
        return Change(recorded, now, What.SPLIT, reason)
    if recorded.ends is None and now.ends is not None and now.starts == recorded.starts:
        return Change(recorded, now, What.ENDED, said.back(now.ends))
    what = What.SHORTENED if _within(now, recorded) else What.LENGTHENED
    reason = said.moved(recorded.starts, recorded.ends, now.starts, now.ends, because)
    return Change(recorded, now, what, reason)


def _within(now: Spell, was: Recorded) -> bool:
    if now.starts < was.starts:
        return False
    return was.ends is None or (now.ends is not None and now.ends <= was.ends)
