"""How much one device may use of the service: rows in the long run, and bytes in quarantine in a day.

Beyond the first, messages of a device that brings more rows than its bucket holds are quarantined one by one until
the bucket has filled again: their bytes are kept and can be replayed. Beyond the second, only the head, the length and
the SHA-256 of each message are kept. Of a device that goes on even then, a row for each round of interpreting says how
many messages and bytes there were, with one SHA-256 over all of them. Each message stays counted as quarantined, and
the row says what is not kept.

A device is its topic here, or its number where the message was understood that far: whatever else is wrong with a
message, the broker has seen to it that nobody publishes under another's topic.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import inf
from typing import Final, NamedTuple, TypeAlias

import orjson
import structlog

from ingest.rows import MessageRows, QuarantineRow
from schemas.japan import JST_OFFSET_S

log = structlog.get_logger()

Key: TypeAlias = int | str
"""The number of a device, or the topic of one that is not known."""

SHARE = 16
"""A device with less than a 16th of the messages of a round does not flood: only the others are looked at."""
LOOK_AT_ALL, EVERY = 64, 8
"""Of many messages every eighth is looked at: who floods is among them."""
BYTES_A_ROW = 256
"""Bytes of payload that count as a row: a message may keep all of its bytes in the link record."""
ROW_BYTES = 512
"""What a quarantined row takes on the disk besides its payload."""
HEAD_BYTES = 256
FOR_HEADS = 4
"""When a device has used up its bytes of a day, heads of its messages may fill a quarter as much again."""
STRANGERS = 8
"""All unknown devices together may fill this many times what one device may: topics can be invented."""
CALM_S = 10.0
"""A device whose bucket was empty is taken in again when the bucket has filled for this long."""
TOLD_S = 900.0
"""How long a device that floods is named after it last did."""
MOST_NAMED = 10
MOST_STRANGERS = 10_000
LONGEST_TOPIC = 256
_DAY_US: Final = 86_400_000_000
_JST_OFFSET_US: Final = JST_OFFSET_S * 1_000_000


class Allowed(NamedTuple):
    """The part of this process in the limits of the settings (see settings.IntakeSettings)."""

    rows_per_s: float
    burst_rows: float
    aside_bytes: int


UNLIMITED = Allowed(inf, inf, 2**63)
TOO_FAST = "sends too fast: its messages are set aside unread until it has been calm for a while"
TOO_MUCH = "has filled what may be set aside of it today: its bytes are not kept any more"


class Allowances:
    """The account of every device that floods, in one process. `aside`: bytes quarantined earlier today."""

    def __init__(
        self, allowed: Allowed, aside: Mapping[Key, int] | None = None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed = allowed
        self._now_s = now_s
        self._buckets: dict[str, tuple[float, float]] = {}
        self._aside: dict[Key, int] = dict(aside or {})
        self._heads: Counter[Key] = Counter()
        self._strangers = sum(size for key, size in self._aside.items() if isinstance(key, str))
        self._day = 0
        self._named: dict[str, tuple[float, int]] = {}
        self.too_fast: set[str] = set()
        """Topics whose bucket is empty: their messages are quarantined unread."""
        self.why_too_fast = f"more than {allowed.rows_per_s:g} rows a second, after {allowed.burst_rows:,g} at once"

    def charge(self, interpreted: Sequence[MessageRows]) -> None:
        """Charge the rows of a round to the buckets of the devices that brought most of it."""
        looked_at = interpreted if len(interpreted) < LOOK_AT_ALL else interpreted[::EVERY]
        counts = Counter([one.message.topic for one in looked_at])
        least = max(len(looked_at) // SHARE, 1)
        if max(counts.values(), default=0) >= least:
            self._take({topic for topic, count in counts.items() if count >= least} - self.too_fast, interpreted)
        if self.too_fast:
            self._readmit_calm()

    def _take(self, heavy: AbstractSet[str], interpreted: Sequence[MessageRows]) -> None:
        now_s, allowed, cost = self._now_s(), self._allowed, Counter[str]()
        for rows in interpreted:
            topic, payload_bytes = rows.message.topic, len(rows.message.payload)
            if topic in heavy:
                cost[topic] += 1 + len(rows.readings) + len(rows.quarantined) + payload_bytes // BYTES_A_ROW
        for topic, spent in cost.items():
            level = self._level(topic, now_s) - spent
            self._buckets[topic] = (level, now_s)
            if level < 0:
                self.too_fast.add(topic)
                self._name(topic, TOO_FAST)
        if len(self._buckets) > 1_000:
            full = allowed.burst_rows
            self._buckets = {key: value for key, value in self._buckets.items() if self._level(key, now_s) < full}

    def _level(self, topic: str, now_s: float) -> float:
        level, at_s = self._buckets.get(topic, (self._allowed.burst_rows, now_s))
        return min(level + (now_s - at_s) * self._allowed.rows_per_s, self._allowed.burst_rows)

    def _readmit_calm(self) -> None:
        now_s, calm = self._now_s(), min(CALM_S * self._allowed.rows_per_s, self._allowed.burst_rows)
        self.too_fast = {topic for topic in self.too_fast if self._level(topic, now_s) < calm}

    def limit(self, aside: Iterable[MessageRows]) -> None:
        """Keep as much of what a round quarantines as each device may still fill today."""
        summed: dict[Key, _Sum] = {}
        for rows in aside:
            self._turn_the_day(rows.message.received_us)
            first = rows.quarantined[0]
            key = self._stranger(first.topic) if first.device_id is None else first.device_id
            size = len(rows.message.payload) + ROW_BYTES * len(rows.quarantined)
            if self._may_keep(key, size):
                continue
            self._name(rows.message.topic, TOO_MUCH)
            if rows.uplink is not None:  # its readings say what they were
                rows.quarantined = [row._replace(payload=None) for row in rows.quarantined]
            elif self._heads[key] < self._allowed.aside_bytes // FOR_HEADS:
                self._heads[key] += HEAD_BYTES + ROW_BYTES
                rows.quarantined = [_head(first, rows.message.payload, self._why_not_kept())]
            elif key in summed:
                summed[key].add(rows)
            else:
                summed[key] = _Sum(rows)
        for each in summed.values():
            each.close(self._why_not_kept())

    @property
    def gauges(self) -> dict[str, float]:
        """Messages not taken in as they came, since the start, by the topics that flood or did so lately."""
        now_s = self._now_s()
        told = [(count, topic) for topic, (until_s, count) in self._named.items() if now_s < until_s]
        return {f"flooding_messages:{topic}": float(count) for count, topic in sorted(told, reverse=True)[:MOST_NAMED]}

    def refused(self, topic: str) -> None:
        """Count a message of this topic that is quarantined unread."""
        self._name(topic, TOO_FAST)

    def _name(self, topic: str, why: str) -> None:
        now_s = self._now_s()
        topic = topic[:LONGEST_TOPIC]
        until_s, count = self._named.get(topic, (0.0, 0))
        if now_s >= until_s:
            log.warning("device_floods", topic=topic, why=why)
            if len(self._named) >= MOST_STRANGERS:
                self._named = {each: told for each, told in self._named.items() if now_s < told[0]}
        if len(self._named) < MOST_STRANGERS or count:
            self._named[topic] = (now_s + TOLD_S, count + 1)

    def _stranger(self, topic: str) -> str:
        """A key of its own for as many topics as can be remembered; the others share one."""
        if topic in self._aside:
            return topic
        return topic if len(topic) <= LONGEST_TOPIC and len(self._aside) < MOST_STRANGERS else ""

    def _may_keep(self, key: Key, size: int) -> bool:
        used, most = self._aside.get(key, 0), self._allowed.aside_bytes
        stranger = isinstance(key, str)
        if used + size > most or (stranger and self._strangers + size > STRANGERS * most):
            return False
        self._aside[key] = used + size
        if stranger:
            self._strangers += size
        return True

    def _turn_the_day(self, received_us: int) -> None:
        day = (received_us + _JST_OFFSET_US) // _DAY_US
        if day > self._day:
            if self._day:
                self._aside.clear()
                self._heads.clear()
                self._strangers = 0
            self._day = day

    def _why_not_kept(self) -> str:
        return f"not kept: of this device {self._allowed.aside_bytes >> 20} MiB were set aside today already"


class _Sum:
    """Messages of one device in one round that become one row."""

    def __init__(self, carrier: MessageRows) -> None:
        self._all: list[MessageRows] = []
        self._sha256 = hashlib.sha256()
        self._bytes = 0
        self._row = carrier.quarantined[0]
        self.add(carrier)

    def add(self, rows: MessageRows) -> None:
        self._all.append(rows)
        self._sha256.update(rows.message.payload)
        self._bytes += len(rows.message.payload)

    def close(self, why: str) -> None:
        """The first one carries the row; the others are counted by it."""
        carrier, *others = self._all
        about = {
            "messages": len(self._all),
            "payload_bytes": self._bytes,
            "payload_sha256": self._sha256.hexdigest(),
            "payload_head": _text(carrier.message.payload),
        }
        row = _without_payload(self._row, why, about)
        carrier.quarantined = [row]
        for other in others:
            other.quarantined = []
            other.summed_in = row
            other.by_receipt = False  # there is no row a redelivery could be known by
            other.claimed_us = None


def _head(row: QuarantineRow, payload: bytes, why: str) -> QuarantineRow:
    about = {
        "messages": 1,
        "payload_bytes": len(payload),
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "payload_head": _text(payload),
    }
    return _without_payload(row, why, about)


def _without_payload(row: QuarantineRow, why: str, about: Mapping[str, object]) -> QuarantineRow:
    detail = f"{row.detail}; {why}" if row.detail else why
    return row._replace(payload=None, detail=detail, part_value=orjson.dumps(about))


def _text(payload: bytes) -> str:
    """The head of a payload, as text if it is text."""
    head = payload[:HEAD_BYTES]
    text = head.decode("utf-8", "replace")
    return text if text.isprintable() else head.hex(" ")
