"""CBOR to plain values, with bounds, and without the types that CBOR tags can call up."""

from collections.abc import Mapping
from typing import Any, NoReturn

import cbor2

from ingest.decode.limits import Limits
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

_SMALL = 1024
_COSTLY = (b"\xd8\x23", b"\xd8\x24", b"\x00\x23", b"\x00\x24")
"""How tags 35 (a regular expression) and 36 (a MIME message) may be written: reading those can cost any amount."""


def _refuse(*_: Any) -> NoReturn:
    raise ValueError("a tag that measurements have no use for")


_TAGS = (0, 1, 2, 3, 5, 25, 28, 29, 30, 35, 36, 37, 43, 52, 54, 100, 256, 258, 260, 261, 1004, 43000)
_NO_TAGS: Mapping[int, Any] = dict.fromkeys(_TAGS, _refuse)


def parse_cbor(payload: bytes, limits: Limits) -> object:
    """The CBOR value in `payload`: maps, arrays, text, bytes, numbers, `Decimal` for decimal fractions (tag 4).

    Raises Undecodable, never anything else. What follows the first value is not looked at.
    """
    size = len(payload)
    if size > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{size} bytes, at most {limits.max_bytes}")
    try:
        # Naming the tags doubles the price, so a small message without the costly ones does without.
        if size <= _SMALL and not any(tag in payload for tag in _COSTLY):
            return cbor2.loads(payload, max_depth=limits.max_depth)
        return cbor2.loads(payload, max_depth=limits.max_depth, semantic_decoders=_NO_TAGS)
    except (cbor2.CBORDecodeError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise Undecodable(RejectionReason.MALFORMED, f"not CBOR: {error}"[:200]) from None
