"""What a payload may cost before anybody parses it."""

import re
from itertools import accumulate
from typing import NamedTuple

import orjson

from ingest.errors import Undecodable
from schemas.rejection import RejectionReason


class Limits(NamedTuple):
    """Bounds on one payload: bytes, levels of nesting, and brackets plus commas."""

    max_bytes: int = 262_144
    max_depth: int = 32
    max_elements: int = 20_000


_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"{[]}")


def parse_json(payload: bytes, limits: Limits) -> object:
    """The JSON value in `payload`. Raises Undecodable with one of the reasons below, never anything else."""
    size = len(payload)
    if size > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{size} bytes, at most {limits.max_bytes}")
    brackets = payload.count(b"{") + payload.count(b"[")
    # A payload of fewer bytes than the limit cannot have more elements; most are not even counted.
    if size > limits.max_elements and brackets + payload.count(b",") > limits.max_elements:
        raise Undecodable(RejectionReason.TOO_MANY_ELEMENTS, f"more than {limits.max_elements} elements")
    if brackets > limits.max_depth and _depth(payload) > limits.max_depth:
        raise Undecodable(RejectionReason.TOO_DEEP, f"nested deeper than {limits.max_depth}")
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        if payload.startswith(_BOM):
            return parse_json(payload.removeprefix(_BOM), limits)
        raise _explain(payload, error) from None


def _explain(payload: bytes, error: orjson.JSONDecodeError) -> Undecodable:
    if not payload.strip():
        return Undecodable(RejectionReason.EMPTY_PAYLOAD)
    try:
        payload.decode()
    except UnicodeDecodeError as wrong:
        return Undecodable(RejectionReason.NOT_UTF8, f"byte {wrong.start}")
    return Undecodable(RejectionReason.NOT_JSON, str(error)[:200])


def _depth(payload: bytes) -> int:
    """Deepest nesting outside strings. Only called for payloads with many brackets."""
    brackets = _STRING.sub(b"", payload).translate(None, _NO_BRACKETS)
    return max(accumulate(1 if bracket in b"{[" else -1 for bracket in brackets), default=0)
