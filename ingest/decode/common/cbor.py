"""CBOR to plain values, with bounds, and without the types that CBOR tags can call up."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import cbor2

from ingest.decode.common.limits import Limits
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_SMALL = 1024
_COSTLY = re.compile(rb"[\xd8-\xdb]\x00*[\x23\x24]").search
"""How tags 35 (a regular expression) and 36 (a MIME message) may be written: reading those can cost any amount."""


_BYTES, _TEXT = 2, 3
_IN_HEAD, _INDEFINITE = 23, 31
"""Of the five low bits of a head: a length of up to 23 stands there; 31 says that the length is indefinite."""


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("a tag that measurements have no use for")


_TAGS = (0, 1, 2, 3, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54, 100, 256, 258, 260, 261, 1004, 43000)
_NO_TAGS: Mapping[int, Any] = dict.fromkeys(_TAGS, _refuse)


def _has_more_items(payload: bytes, most: int) -> bool:
    """Whether there are more than `most` values, keys, tags and pieces. Only their heads are read."""
    at, count, size = 0, 0, len(payload)
    while at < size and count <= most:
        head = payload[at]
        kind, length = head >> 5, head & 31
        at += 1
        count += 1
        if _IN_HEAD < length < _INDEFINITE - 3:
            behind = at + (1 << (length - _IN_HEAD - 1))
            length, at = int.from_bytes(payload[at:behind], "big"), behind
        if kind in (_BYTES, _TEXT) and head & 31 != _INDEFINITE:
            at += length
    return count > most


def _has_long_tag(payload: bytes) -> bool:
    """Whether a byte may begin a tag of more than one byte. Four searches for one byte are cheaper than a pattern."""
    return b"\xd8" in payload or b"\xd9" in payload or b"\xda" in payload or b"\xdb" in payload


def parse_cbor(payload: bytes, limits: Limits) -> object:
    """The CBOR value in `payload`: maps, arrays, text, bytes, numbers, `Decimal` for decimal fractions (tag 4).

    Raises Undecodable, never anything else. What follows the first value is not looked at.
    """
    size = len(payload)
    if size > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{size} bytes, at most {limits.max_bytes}")
    # A payload of fewer bytes than the limit cannot have more items; most are not even counted.
    if size > limits.max_elements and _has_more_items(payload, limits.max_elements):
        raise Undecodable(RejectionReason.TOO_MANY_ELEMENTS, f"more than {limits.max_elements} elements")
    try:
        # Refusing the tags doubles the cost, so a small message without a costly tag is read without that.
        if size <= _SMALL and (not _has_long_tag(payload) or _COSTLY(payload) is None):
            return cbor2.loads(payload, max_depth=limits.max_depth)
        return cbor2.loads(payload, max_depth=limits.max_depth, semantic_decoders=_NO_TAGS)
    except (cbor2.CBORDecodeError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Undecodable(RejectionReason.MALFORMED, f"not CBOR: {error}"[:200]) from None
