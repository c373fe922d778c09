"""What one device may make of the service: rows in the long run, and bytes that are set aside in a day.

Nothing is lost beyond that. A device that brings more rows than its bucket holds is set aside, message by message,
until the bucket has filled again: its bytes can be taken in later. Of a device that has used up what may be set aside
in a day, only the head, the length and the SHA-256 of each message are kept, and of one that goes on, how many there
were, how long, and one SHA-256 over all of them, a row for each round of interpreting. Each message stays counted as
quarantined, and the row says what is not kept.

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
"""Who has less than this part of the messages of one round does not flood: nobody else is looked at."""
LOOK_AT_ALL, EVERY = 64, 8
"""Of many messages every eighth is looked at: who floods is among them."""
BYTES_A_ROW = 256
"""So many bytes of payload count as a row: a message may keep all of its bytes in the link record."""
ROW_BYTES = 512
"""What a row set aside takes on the disk besides its payload."""
HEAD_BYTES = 256
FOR_HEADS = 4
"""A quarter of what may be set aside in full may be used for heads once that is gone."""
STRANGERS = 8
"""All devices that are not known may together fill so many times what one may: topics can be invented."""
CALM_S = 10.0
"""A bucket that was empty is used again when it has filled for so long."""
TOLD_S = 900.0
"""How long a device that floods is named after it last did."""
MOST_NAMED = 10
MOST_STRANGERS = 10_000
LONGEST_TOPIC = 256
_DAY_US: Final = 86_400_000_000
_JST_OFFSET_US: Final = JST_OFFSET_S * 1_000_000


class Allowed(NamedTuple):
    """The settings (see settings.IntakeSettings), in this process's part."""

    rows_per_s: float
    burst_rows: float
    aside_bytes: int


UNLIMITED = Allowed(inf, inf, 2**63)
TOO_FAST = "sends too fast: its messages are set aside unread until it has been calm for a while"
TOO_MUCH = "has filled what may be set aside of it today: its bytes are not kept any more"


class Allowances:
    """The account of every device that floods, in one process. `aside`: bytes set aside today, by earlier lives too."""

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
        """Topics whose bucket is empty: their messages are set aside unread."""
        self.why_too_fast = f"more than {allowed.rows_per_s:g} rows a second, after {allowed.burst_rows:,g} at once"

    def charge(self, interpreted: Sequence[MessageRows]) -> None:
        """Take what a round brought out of the buckets of those who brought most of it."""
        looked_at = interpreted if len(interpreted) < LOOK_AT_ALL else interpreted[::EVERY]
        counts = Counter([one.message.topic for one in looked_at])
        least = max(len(looked_at) // SHARE, 1)
        if max(counts.values(), default=0) >= least:
            self._take({topic for topic, count in counts.items() if count >= least} - self.too_fast, interpreted)
        if self.too_fast:
            self._let_off()

    def _take(self, heavy: AbstractSet[str], interpreted: Sequence[MessageRows]) -> None:
        now_s, allowed, cost = self._now_s(), self._allowed, Counter[str]()
        for one in interpreted:
            topic = one.message.topic
            if topic in heavy:
                cost[topic] += 1 + len(one.readings) + len(one.quarantined) + len(one.message.payload) // BYTES_A_ROW
        for topic, rows in cost.items():
            level = self._level(topic, now_s) - rows
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

    def _let_off(self) -> None:
        now_s, calm = self._now_s(), min(CALM_S * self._allowed.rows_per_s, self._allowed.burst_rows)
        self.too_fast = {topic for topic in self.too_fast if self._level(topic, now_s) < calm}

    def limit(self, aside: Iterable[MessageRows]) -> None:
        """Keep of what is set aside in one round as much as each device may still fill today."""
        summed: dict[Key, _Sum] = {}
        for one in aside:
            self._turn_the_day(one.message.received_us)
            first = one.quarantined[0]
            key = self._stranger(first.topic) if first.device_id is None else first.device_id
            size = len(one.message.payload) + ROW_BYTES * len(one.quarantined)
            if self._may_keep(key, size):
                continue
            self._name(one.message.topic, TOO_MUCH)
            if one.uplink is not None:  # its readings say what they were
                one.quarantined = [row._replace(payload=None) for row in one.quarantined]
            elif self._heads[key] < self._allowed.aside_bytes // FOR_HEADS:
                self._heads[key] += HEAD_BYTES + ROW_BYTES
                one.quarantined = [_head(first, one.message.payload, self._why_not_kept())]
            elif key in summed:
                summed[key].add(one)
            else:
                summed[key] = _Sum(one)
        for each in summed.values():
            each.close(self._why_not_kept())

    @property
    def gauges(self) -> dict[str, float]:
        """Of the devices that flood, or did so lately: messages that were not taken as they came, since the start."""
        now_s = self._now_s()
        told = [(count, topic) for topic, (until_s, count) in self._named.items() if now_s < until_s]
        return {f"flooding_messages:{topic}": float(count) for count, topic in sorted(told, reverse=True)[:MOST_NAMED]}

    def refused(self, topic: str) -> None:
        """A message of this topic is set aside unread."""
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

    def add(self, one: MessageRows) -> None:
        self._all.append(one)
        self._sha256.update(one.message.payload)
        self._bytes += len(one.message.payload)

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
        for one in others:
            one.quarantined = []
            one.summed_in = row
            one.by_receipt = False  # there is no row a redelivery could be known by
            one.claimed_us = None


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
