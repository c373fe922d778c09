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

A message of a network server is one frame, which never has more, whatever the settings say.
"""


class Limits(NamedTuple):
    """Bounds on one payload: bytes, levels of nesting, brackets plus commas, and what it may become.

    `max_parts`: readings and refused parts together. A message of more is quarantined whole, before it is expanded.
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
"""A JSON string, also one without an end: else a failing search would begin again at each of its quotation marks."""
_NUMBER = rb"-?[0-9]++(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_TOKEN = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|(?P<number>'
    + _NUMBER
    + rb")|(?<![A-Za-z0-9_])[+-]?+(?:nan|inf(?:inity)?+)(?![A-Za-z0-9_])",
    re.DOTALL | re.IGNORECASE,
)
"""A JSON string, a number, or a word such as NaN that programs print for a number they do not have."""
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
    payload = payload.removeprefix(_BOM)  # only one: text after a second one is not JSON
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        return _without_bad_tokens(payload, error)


def _without_bad_tokens(payload: bytes, error: orjson.JSONDecodeError) -> object:
    """The value of a text that is JSON but for tokens such as NaN, or but for NULs at its end.

    Such a token becomes the text it was written as. So only the value it stands for is refused later.
    """
    without_bad = _TOKEN.sub(_as_text, payload.rstrip(b"\0 \t\r\n"))
    try:
        return orjson.loads(without_bad)
    except orjson.JSONDecodeError:
        raise _explain(payload, error) from None


def _as_text(match: re.Match[bytes]) -> bytes:
    token = match[0]
    if token.startswith(b'"') or (match["number"] and isfinite(float(token))):
        return token
    return b'"' + token + b'"'


def is_no_number(value: object) -> bool:
    """Whether a value is a text such as `NaN` in place of a number; JSON cannot write it otherwise."""
    return isinstance(value, str) and len(value) < _LONGEST_TOKEN and _NO_NUMBER.fullmatch(value) is not None


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
