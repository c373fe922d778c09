"""Takes silences together: one cause is one incident, of a gateway or a network. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ingest.plan.outage.group import AT_ONCE
from ingest.watch.silence.model import Silence


class Together(NamedTuple):
    """So many of so many fell silent together. `at`: when the one did that made it most of them."""

    at: datetime
    silent: int
    working: int
    members: frozenset[int]


def together(silent: dict[int, Silence], live: Iterable[int]) -> Together | None:
    """Whether most of the members of a gateway or network, and two at least, fell silent together.

    `silent` and `live`: by number. Who has been silent since long before the last one spoke has a cause of its own
    and does not count at all.
    """
    if len(silent) < AT_ONCE:
        return None
    last = max(each.since for each in silent.values())
    part = {number: each for number, each in silent.items() if each.since >= last - each.patience}
    working = len(part) + len(set(live))
    needed = max(AT_ONCE, working // 2 + 1)
    if len(part) < needed:
        return None
    moments: Sequence[datetime] = sorted(each.at for each in part.values())
    return Together(moments[needed - 1], len(part), working, frozenset(part))
