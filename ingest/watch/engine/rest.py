"""How much of the time goes to what came late: little while readings go on coming, all of it otherwise."""

import time
from datetime import UTC, datetime, timedelta

from ingest.watch.engine.database.notes import Waits

REST = 9.0
"""After a turn of what came late it rests so many times as long as the turn took, as long as the intake is busy."""
PATIENCE = timedelta(minutes=5)
"""What has waited for so long does not rest."""


class LateRest:
    """Says when what came late has its turn. On a small machine its questions would slow down the intake."""

    def __init__(self, rest: float = REST) -> None:
        self._rest = rest
        self._over_s = 0.0
        self._busy = False
        self._newest_late = 0

    def note_live(self) -> None:
        """A turn of what is of now found something."""
        self._busy = True

    def is_over(self, waits: Waits) -> bool:
        """Whether a turn of what came late may begin."""
        if waits.late_since is not None and datetime.now(UTC) - waits.late_since > PATIENCE:
            return True
        came = self._busy or (waits.newest_late or 0) > self._newest_late
        return not came or time.monotonic() >= self._over_s

    def begin(self, waits: Waits, took_s: float) -> None:
        """A turn of what came late took so long."""
        self._over_s = time.monotonic() + self._rest * took_s
        self._busy = False
        self._newest_late = max(self._newest_late, waits.newest_late or 0)
