"""What a message counter says about the messages in between: lost, repeated, late, or counted anew.

The rule, for two messages of a device in the order of their times, `p` the counter before and `c` the current one:

    joined in between, or another session     rejoin          0 lost, counted anew
    c = p, the same message                   duplicate       0
    c = p, another message                    retransmission  0  (a retry, or a replay where no server checks counters)
    c = p + 1                                 next            0
    p + 1 < c <= p + 32768                    lost            c - p - 1
    c > p + 32768                             reset           0  (no outage is so long: it was set anew)
    64512 <= p <= 65535 and c < 1024          roll-over       c + 65536 - p - 1  (a counter of 16 bits)
    c > 16 and p - 16 <= c < p                late            c - p - 1  (negative: it gives back what counted as lost)
    else, c < p                               reset           0  (a device that was restarted without a join)

Nothing here needs more than the two numbers and whether the session is the same, so `rollup_uplinks` says it in SQL
over `lag`, and a test compares both; summed in the order of time, late messages come out right. Loss counted this way
is from end to end: it has what our own side lost in it, where the broker was spoken to with QoS 0.
"""

from enum import StrEnum
from typing import NamedTuple

FURTHEST_AHEAD = 32_768
WRAPS_AT = 65_536
WRAP_MARGIN = 1_024
LATEST = 16
"""Messages this far out of order still happen; below this counter it is a new beginning instead."""


class Step(StrEnum):
    """How a message follows the one before."""

    FIRST = "first"
    NEXT = "next"
    LOST = "lost"
    LATE = "late"
    ROLL_OVER = "roll_over"
    RETRANSMISSION = "retransmission"
    DUPLICATE = "duplicate"
    REJOIN = "rejoin"
    RESET = "reset"


class Frame(NamedTuple):
    """A counted message. `session`: the device address of LoRaWAN, None where nobody tells it.

    `message_id`: tells the same message twice from the same counter twice.
    """

    counter: int
    session: str | None = None
    message_id: int | str | None = None


class Classified(NamedTuple):
    """How a message follows, and how many were lost before it; negative gives back what counted as lost."""

    step: Step
    lost: int = 0


def classify(previous: Frame | None, current: Frame, *, joined: bool = False) -> Classified:
    """How `current` follows `previous`, by the rule above. `joined`: the device joined between the two."""
    if previous is None:
        return Classified(Step.FIRST)
    if joined or _other_session(previous.session, current.session):
        return Classified(Step.REJOIN)
    if current.counter == previous.counter:
        same = current.message_id is not None and current.message_id == previous.message_id
        return Classified(Step.DUPLICATE if same else Step.RETRANSMISSION)
    return _step(previous.counter, current.counter)


def _step(before: int, counter: int) -> Classified:
    if counter > before:
        return _ahead(counter - before)
    if WRAPS_AT - WRAP_MARGIN <= before < WRAPS_AT and counter < WRAP_MARGIN:
        return Classified(Step.ROLL_OVER, counter + WRAPS_AT - before - 1)
    if counter > LATEST and before - counter <= LATEST:
        return Classified(Step.LATE, counter - before - 1)
    return Classified(Step.RESET)


def _ahead(by: int) -> Classified:
    if by == 1:
        return Classified(Step.NEXT)
    return Classified(Step.LOST, by - 1) if by <= FURTHEST_AHEAD else Classified(Step.RESET)


def _other_session(before: str | None, now: str | None) -> bool:
    return before is not None and now is not None and before.lower() != now.lower()
