"""What a payload may cost before anybody parses it."""

import re
from itertools import accumulate
from math import isfinite
from typing import NamedTuple

import orjson

from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

MOST_PARTS = 3_000
"""Readings and refused parts of one message, unless the settings say otherwise.

What a network server passes on is one frame: that is never more, whatever the settings say.
"""


class Limits(NamedTuple):
    """Bounds on one payload: bytes, levels of nesting, brackets plus commas, and what it may become.

    `max_parts`: readings and refused parts together. A message of more is set aside as a whole, before it is expanded.
    """

    max_bytes: int = 262_144
    max_depth: int = 32
    max_elements: int = 20_000
    max_parts: int = MOST_PARTS


def check_parts(count: int, most: int = MOST_PARTS, what: str = "readings") -> None:
    """Raises Undecodable if a message would become more than `most` parts."""
    if count > most:
        raise Undecodable(RejectionReason.TOO_MANY_ELEMENTS, f"more than {most} {what} in one message")


_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A text, also one that never ends: a search that fails would begin again at each of its quotation marks."""
_NUMBER = rb"-?[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_TOKEN = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|(?P<number>'
    + _NUMBER
    + rb")|(?<![A-Za-z0-9_])[+-]?+(?:nan|inf(?:inity)?+)(?![A-Za-z0-9_])",
    re.DOTALL | re.IGNORECASE,
)
"""A text, a number, or what programs print for a number that is none."""
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf(?:inity)?)|-?[0-9.]+e[+]?[0-9]{3,}", re.IGNORECASE | re.ASCII)
_LONGEST_TOKEN = 40
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
        if not payload.startswith(_BOM):
            return _without_bad_tokens(payload, error)
    payload = payload.removeprefix(_BOM)  # one is no obstacle; a second one is no JSON
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        return _without_bad_tokens(payload, error)


def _without_bad_tokens(payload: bytes, error: orjson.JSONDecodeError) -> object:
    """The value of a text that would be JSON without some numbers that are none, or without NULs behind it.

    Such a number becomes the text it was written as: the value it stands for is refused, and no other.
    """
    mended = _TOKEN.sub(_as_text, payload.rstrip(b"\0 \t\r\n"))
    try:
        return orjson.loads(mended)
    except orjson.JSONDecodeError:
        raise _explain(payload, error) from None


def _as_text(found: re.Match[bytes]) -> bytes:
    token = found[0]
    if token.startswith(b'"') or (found["number"] and isfinite(float(token))):
        return token
    return b'"' + token + b'"'


def is_no_number(said: object) -> bool:
    """Whether it is text that stands for a number which is none, such as `NaN`; JSON has no other way to write it."""
    return isinstance(said, str) and len(said) < _LONGEST_TOKEN and _NO_NUMBER.fullmatch(said) is not None


def _explain(payload: bytes, error: orjson.JSONDecodeError) -> Undecodable:
    if not payload.strip():
        return Undecodable(RejectionReason.EMPTY_PAYLOAD)
    if payload.startswith(_GZIP):
        return Undecodable(RejectionReason.NOT_UTF8, "compressed with gzip: publish it as it is")
    try:
        payload.decode()
    except UnicodeDecodeError as wrong:
        return Undecodable(RejectionReason.NOT_UTF8, f"byte {wrong.start}")
    return Undecodable(RejectionReason.NOT_JSON, str(error)[:200])


def _depth(payload: bytes) -> int:
    """Deepest nesting outside strings. Only called for payloads with many brackets."""
    brackets = _STRING.sub(b"", payload).translate(None, _NO_BRACKETS)
    return max(accumulate(1 if bracket in b"{[" else -1 for bracket in brackets), default=0)
