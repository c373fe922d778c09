"""What attacks are made of."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from ingest.decode.common.limits import Limits
from ingest.message import Received
from tests.fuzz.attacks.interpret import PROFILES

LARGEST = Limits().max_bytes
NOW_US = 1_795_478_400_000_000
NOW_MS = NOW_US // 1000
NOW_S = NOW_US // 10**6
TEXT_NOW = "2026-11-24T09:00:00+09:00"


class Attack(NamedTuple):
    """A message on a topic of the interpreter. `before`: messages that have to come first."""

    topic: str
    payload: bytes
    before: tuple[tuple[str, bytes], ...] = ()


def received(topic: str, data: bytes) -> Received:
    return Received(topic, data, NOW_US, packet_id=1)


def as_json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def grown(head: bytes, piece: Callable[[int], bytes], most: int = LARGEST, tail: bytes = b"") -> bytes:
    """As many different pieces as fit. Of protobuf, a message is the sum of its parts."""
    pieces, size = [head], len(head) + len(tail)
    for number in range(most):
        one = piece(number)
        size += len(one)
        if size > LARGEST:
            break
        pieces.append(one)
    return b"".join([*pieces, tail])


def repeated(head: bytes, one: bytes, tail: bytes, between: bytes = b",", most: int = LARGEST) -> bytes:
    count = min((LARGEST - len(head) - len(tail) + len(between)) // (len(one) + len(between)), most)
    return head + between.join([one] * count) + tail


def unknown(count: int) -> dict[str, int]:
    return {f"x{number}": 1 for number in range(count)}


def _eui(name: str) -> str:
    return f"{[*PROFILES].index(name) + 1:016x}"


def chirpstack(name: str, event: str = "up") -> str:
    return f"application/a/device/{_eui(name)}/event/{event}"
