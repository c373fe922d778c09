"""What a payload may cost before anybody parses it."""

from typing import NamedTuple

import orjson

from ingest.errors import Undecodable
from schemas.rejection import RejectionReason


class Limits(NamedTuple):
    """Bounds on one payload: bytes, levels of nesting, and brackets plus commas."""

    max_bytes: int = 262_144
    max_depth: int = 32
    max_elements: int = 20_000


def parse_json(payload: bytes, limits: Limits) -> object:
    """The JSON value in `payload`. Raises Undecodable with one of the reasons below, never anything else."""
    if len(payload) > limits.max_bytes:
        raise Undecodable(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {limits.max_bytes}")
    if not payload.strip():
        raise Undecodable(RejectionReason.EMPTY_PAYLOAD)
    brackets = payload.count(b"{") + payload.count(b"[")
    if brackets > limits.max_depth and _depth(payload) > limits.max_depth:
        raise Undecodable(RejectionReason.TOO_DEEP, f"nested deeper than {limits.max_depth}")
    if brackets + payload.count(b",") > limits.max_elements:
        raise Undecodable(RejectionReason.TOO_MANY_ELEMENTS, f"more than {limits.max_elements} elements")
    try:
        return orjson.loads(payload.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _explain(payload, error) from None


def _explain(payload: bytes, error: orjson.JSONDecodeError) -> Undecodable:
    try:
        payload.decode()
    except UnicodeDecodeError as wrong:
        return Undecodable(RejectionReason.NOT_UTF8, f"byte {wrong.start}")
    return Undecodable(RejectionReason.NOT_JSON, str(error)[:200])


def _depth(payload: bytes) -> int:
    """Deepest nesting outside strings. Only called for payloads with many brackets."""
    deepest = depth = 0
    in_string = escaped = False
    for byte in payload:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest
