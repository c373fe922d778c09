"""Messages of a transmitter as pieces of time on the air. Pure.

What the transmitter says itself counts first: its own counter of milliseconds (`tx_airtime_ms`), then the share of the
hour it has used (`duty_pct`). Else each frame counts with its time on the air, and frames that the counter of messages
tells to be lost count as the next one that was heard, spread evenly since the one before: that is an estimate (推定).
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from ingest.watch.airtime.sliding import HOUR_S, Most, Piece, most_used

FARTHEST_S = 35 * 24 * HOUR_S
"""Losses are spread over so long at most."""


class Sent(NamedTuple):
    """One message. `lost`: frames before it that were not heard, by the counter; None: it has none.

    `before_at`: of the message its counter was compared with. `counter_ms`: the transmitter's own sum of airtime.
    """

    at: datetime
    airtime_ms: float | None
    lost: int | None = None
    before_at: datetime | None = None
    counter_ms: float | None = None
    duty_percent: float | None = None
    told: bool = False
    """Of a gateway: its network server tells of every frame, none is estimated. Without airtime: not how long."""


class OnAir(NamedTuple):
    """What is known of a transmitter. `told`: seconds of the last hour, as it says itself at these moments."""

    pieces: tuple[Piece, ...]
    told: tuple[Most, ...]
    estimated: bool

    @property
    def known(self) -> bool:
        """Whether anything tells how long it was on the air."""
        return bool(self.pieces or self.told)

    def most(self, from_s: float, until_s: float) -> Most:
        """The most within 60 minutes that end in [from_s, until_s]."""
        if self.told:
            inside = [each for each in self.told if from_s <= each.at_s <= until_s]
            return max(inside, key=lambda each: each.seconds, default=Most(0.0, from_s))
        return most_used(self.pieces, from_s, until_s)

    def used(self, at_s: float) -> float:
        """Seconds within the 60 minutes before a moment."""
        if self.told:
            return max((each.seconds for each in self.told if at_s - HOUR_S < each.at_s <= at_s), default=0.0)
        return most_used(self.pieces, at_s, at_s).seconds


def longest_ms(sent: Sequence[Sent], starts: datetime, ends: datetime) -> float | None:
    """The longest transmission in [starts, ends]; None: of none it is known."""
    inside = [each.airtime_ms for each in sent if each.airtime_ms is not None and starts <= each.at <= ends]
    return max(inside, default=None)


def untold(sent: Sequence[Sent], starts: datetime, ends: datetime) -> int:
    """How many frames in (starts, ends] were sent, of which nobody tells how long they were."""
    return sum(1 for each in sent if each.told and each.airtime_ms is None and starts < each.at <= ends)


def on_air(sent: Sequence[Sent]) -> OnAir:
    """What the messages of one transmitter tell, in the order of their time."""
    counted = [each for each in sent if each.counter_ms is not None]
    if len(counted) > 1:
        return OnAir(tuple(_of_counter(counted)), (), False)
    told = [
        Most(each.duty_percent / 100 * HOUR_S, each.at.timestamp()) for each in sent if each.duty_percent is not None
    ]
    if told:
        return OnAir((), tuple(told), False)
    return OnAir(tuple(_of_frames(sent)), (), not sent or not sent[0].told)


def _of_counter(sent: Sequence[Sent]) -> list[Piece]:
    pieces = []
    for before, here in pairwise(sent):
        now_ms, before_ms = here.counter_ms or 0.0, before.counter_ms or 0.0
        grown_ms = now_ms - before_ms if now_ms >= before_ms else now_ms  # it began anew
        pieces.append(Piece(before.at.timestamp(), here.at.timestamp(), grown_ms / 1000))
    return pieces


def _of_frames(sent: Sequence[Sent]) -> list[Piece]:
    pieces = []
    for each in sent:
        if each.airtime_ms is None:
            continue
        seconds, ends_s = each.airtime_ms / 1000, each.at.timestamp()
        pieces.append(Piece(ends_s - seconds, ends_s, seconds))
        if each.lost and each.before_at is not None:
            starts_s = max(each.before_at.timestamp(), ends_s - FARTHEST_S)
            pieces.append(Piece(starts_s, max(ends_s - seconds, starts_s), each.lost * seconds))
    return pieces
