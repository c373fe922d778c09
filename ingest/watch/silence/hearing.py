"""When we listened ourselves: nobody is silent while the service is deaf. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hearing:
    """When the service was deaf: no connection to the broker, no database, or not running.

    `deaf`: by time. `deaf_since`: it is deaf now; None: it listens, or has never noted whether it does.
    """

    deaf: Sequence[Span] = ()
    deaf_since: datetime | None = None

    def runs_out(self, since: datetime, patience: timedelta) -> datetime:
        """When somebody who was heard at `since` has been silent for longer than `patience`, while we listened."""
        return runs_out(since, patience, self.deaf)


def runs_out(since: datetime, patience: timedelta, apart: Iterable[Span]) -> datetime:
    """When so much time has passed since a moment, what lies in the spans `apart` left out. They are by time."""
    at, left = since, patience
    for starts, ends in apart:
        if ends <= at:
            continue
        if starts - at >= left:
            break
        left -= max(starts - at, timedelta())
        at = ends
    return at + left
