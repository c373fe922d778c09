"""Whether the durable session lags behind the field: the evidence, and the decision. No socket, no clock, no loop."""

from collections.abc import Sequence
from typing import Final

from ingest.rows import MessageRows
from schemas.uplink import EventKind

LOOK_BACK: Final = 16
"""How many messages of a batch are looked at for their time: one right clock among them is enough."""

PERSISTS_S: Final = 0.5
"""How long everything must be old before it is called a lag: one device that reports late is none."""

SETTLING_S: Final = 1.0
"""After a connect the broker may need a moment before its queue begins to flow."""

CAUGHT_UP_S: Final = 1.0
"""A message whose two copies arrive within this time did not wait in a queue."""

CAUGHT_UP_COPIES: Final = 3
MOST_MARKERS: Final = 64

_FIRST_PAUSE_S: Final = 10.0
_LONGEST_PAUSE_S: Final = 1800.0


class Lag:
    """Decides whether the fresh lane is `wanted`: `tick` is called a few times a second, `committed` once a batch.

    What opens it: a session that the broker kept while we were away, or measurements that are all older than `old_s`
    while messages keep flowing. What closes it: the session ran dry, or messages that came by the lane come by the
    session at the same time. The latter needs no clock of a device. If the times alone had told of a lag where there
    was none (devices that always report late), they are believed less and less often.
    """

    def __init__(self, old_s: float) -> None:
        self._old_s = old_s
        self._newest_us: int | None = None
        self._news = False
        self._old_since_s: float | None = None
        self._settling_until_s = 0.0
        self._evidence_since_s: float | None = None
        self._proven = False
        self._not_before_s = 0.0
        self._pause_s = _FIRST_PAUSE_S
        self._markers: dict[bytes, int] = {}
        self._marker_due = False
        self._copies_at_once = 0
        self._dry = True
        self.wanted = False

    def seconds(self, now_us: int) -> float:
        """Age of the newest measurement that came lately; 0 while the broker has nothing more for us."""
        if self._dry or self._newest_us is None:
            return 0.0
        return max((now_us - self._newest_us) / 1e6, 0.0)

    def connecting(self, now_s: float) -> None:
        """Open the lane before a connection is made: what the broker kept for us may be hours old."""
        self._open(proven=False)
        self._settling_until_s = now_s + SETTLING_S

    def nothing_kept(self) -> None:
        """Close the lane: the broker began a new session with us, so there is no queue."""
        self.wanted = False

    def committed(self, batch: Sequence[MessageRows]) -> None:
        """Look at the times of a stored batch and, while the lane is open, for copies of the lane's messages."""
        newest_us = newest_own_us(batch)
        if newest_us is not None:
            self._newest_us = max(self._newest_us or 0, newest_us) if self._news else newest_us
        self._news = True
        if self.wanted:
            self._compare(batch)

    def tick(self, now_s: float, now_us: int, *, dry: bool) -> None:
        """Decide whether the lane is wanted.

        `dry`: the session has brought nothing for a while and holds nothing unacknowledged.
        """
        self._dry = dry
        if dry:
            self._newest_us = None
        news, self._news = self._news, False
        old = self.seconds(now_us) > self._old_s
        if dry or (news and not old):
            self._old_since_s = None
            self._pause_s = _FIRST_PAUSE_S
        elif old and self._old_since_s is None:
            self._old_since_s = now_s
        if self.wanted:
            self._marker_due = True
            self._consider_closing(now_s, dry=dry, news=news)
        elif self._persists(now_s) and now_s >= self._not_before_s:
            self._open(proven=True)

    def _consider_closing(self, now_s: float, *, dry: bool, news: bool) -> None:
        if news and self._evidence_since_s is None:
            self._evidence_since_s = now_s
        self._proven = self._proven or self._persists(now_s)
        if self._copies_at_once >= CAUGHT_UP_COPIES:
            if self._old_since_s is not None:
                self._not_before_s = now_s + self._pause_s
                self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self.wanted = False
        elif now_s >= self._settling_until_s:
            unproven_s = 0.0 if self._evidence_since_s is None or self._proven else now_s - self._evidence_since_s
            self.wanted = not dry and unproven_s < SETTLING_S

    def _persists(self, now_s: float) -> bool:
        return self._old_since_s is not None and now_s - self._old_since_s >= PERSISTS_S

    def _open(self, *, proven: bool) -> None:
        self.wanted = True
        self._proven = proven
        self._evidence_since_s = None
        self._copies_at_once = 0
        self._markers.clear()

    def _compare(self, batch: Sequence[MessageRows]) -> None:
        """Remember a message of the lane now and then, and see how much later its durable copy comes."""
        if self._marker_due:
            for rows in batch:
                if rows.message.fresh:
                    self._marker_due = False
                    self._markers[rows.message.payload] = rows.message.received_us
                    if len(self._markers) > MOST_MARKERS:
                        del self._markers[next(iter(self._markers))]
                    break
        if not self._markers:
            return
        for rows in batch:
            message = rows.message
            if message.payload in self._markers and not message.fresh:
                later_s = (message.received_us - self._markers.pop(message.payload)) / 1e6
                self._copies_at_once = self._copies_at_once + 1 if abs(later_s) <= CAUGHT_UP_S else 0


def newest_own_us(batch: Sequence[MessageRows]) -> int | None:
    """The newest time that a device gave, among the first messages of the durable session in a batch.

    A backfill is old by nature, and a time of receipt says nothing of the time in the queue.
    """
    newest_us: int | None = None
    for rows in batch[:LOOK_BACK]:
        row = rows.uplink
        if row is None or rows.by_receipt or row.kind == EventKind.BACKFILL or rows.message.fresh:
            continue
        if newest_us is None or row.time_us > newest_us:
            newest_us = row.time_us
    return newest_us
