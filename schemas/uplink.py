"""Uplink: the content of one message, before validation.

These are named tuples, not pydantic models: four readings a message and tens of thousands
of messages a second leave no room for a second validation. The published model of the
native payload is `schemas.native`; a test keeps the two in step.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from schemas.reading import Quality
from schemas.rejection import RejectionReason

new_tuple = tuple.__new__
"""`new_tuple(Measured, (…))` makes a named tuple at half the price of its own constructor, and without its defaults.

For what is made once or more for every message, of reading the payload and of judging its values; nowhere else.
"""


class EventKind(IntEnum):
    """The kind of message of an uplink row."""

    UPLINK = 0
    STATUS = 1
    JOIN = 2
    LOG = 3
    BACKFILL = 4
    OTHER = 9


class Measured(NamedTuple):
    """One value as the publisher gave it: still in the publisher's unit, not yet validated.

    `quantity`: code of the catalogue. `value`: number, boolean or the name of a state.
    `unit`: unit as written by the publisher, None for the unit of the catalogue.
    `channel`: tells several probes of one quantity on one device apart (soil depths), 0 if there is one.
    `time_us`: its own time in microseconds since 1970 (UTC), None for the time of the message.
    """

    quantity: str
    value: object
    unit: str | None = None
    channel: int = 0
    time_us: int | None = None


class Doubted(NamedTuple):
    """As the `value` of a Measured: it is stored and flagged. By default the publisher itself doubts it."""

    value: object
    flags: int = Quality.PUBLISHER


class NoEcho(NamedTuple):
    """As the `value` of a Measured: a distance that the sensor cannot have measured. `value`: what was sent."""

    value: object
    detail: str


MeasuredRow: TypeAlias = tuple[str, object, str | None, int, int | None]
"""The fields of Measured as a plain tuple, which the fastest decoders return: there are four in every message."""


class Refused(NamedTuple):
    """A part of a message that is quarantined while the rest is stored.

    `part`: its name in the payload. `value`: the fragment itself, JSON-compatible.
    """

    reason: RejectionReason
    part: str
    detail: str
    value: object = None


class Link(NamedTuple):
    """The radio link of a message. Units: dBm, dB, Hz, milliseconds, metres nowhere.

    `gateway`: the receiving gateway with the best rssi, by its own id. `more`: everything
    technology-specific, JSON-compatible.
    """

    rssi_dbm: float | None = None
    snr_db: float | None = None
    gateway: str | None = None
    gateway_count: int | None = None
    spreading_factor: int | None = None
    airtime_ms: float | None = None
    more: Mapping[str, object] | None = None


class Uplink(NamedTuple):
    """The content of one message.

    `time_us`: measurement time, else network time, in microseconds since 1970 (UTC); None if the message has neither.
    `counter`: frame counter or sequence number of the device (`f_cnt`, `seq`).
    `refused`: parts the decoder could not read; the rest of the message still counts.
    """

    kind: EventKind
    time_us: int | None
    counter: int | None
    measured: Sequence[MeasuredRow]
    link: Link | None = None
    refused: tuple[Refused, ...] = ()


CLAIMED_TIMES, UNKNOWN_KEYS = "claimed_times", "unknown_keys"
"""Keys in `Link.more`: the times that were not believed, RFC 3339; and the message's keys unknown to its format."""

RELATIVE_BELOW_US = 2**28 * 1_000_000
"""In a Relative, earlier times count from the time of receipt."""


class Relative(Uplink):
    """An uplink of a publisher without a clock, which knows how long ago it measured, but not when.

    Times below RELATIVE_BELOW_US count from the time of receipt, None is the time of receipt itself.
    `time_us` is None: the time of the message depends on its receipt.
    """

    __slots__ = ()
    below_us = RELATIVE_BELOW_US

    def received(self, received_us: int) -> Uplink:
        """The same uplink with absolute times, given the time of receipt."""
        below_us = self.below_us
        measured = [
            (*row[:4], row[4] + received_us) if row[4] is not None and row[4] < below_us else row
            for row in self.measured
        ]
        return Uplink(self.kind, None, self.counter, measured, self.link, self.refused)


class Aged(Relative):
    """A Relative in which only times up to 0 count from the time of receipt: the negative ages of its values."""

    __slots__ = ()
    below_us = 1


class Misnamed(Uplink):
    """An uplink whose times stood under a key that its format does not know.

    They are not believed, but the distances between them are.
    """

    __slots__ = ()
