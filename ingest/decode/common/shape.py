"""Parts of a JSON document in the shape they must have; otherwise Undecodable, which names the part.

Absent and null are the same thing: None, an empty object, an empty list. Types are compared with
`is`, because JSON has no subclasses and `True` is no number.
"""

from collections.abc import Callable, Mapping, Sequence

from ingest.decode.common.limits import check_parts
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason
from schemas.uplink import Link, Refused

MOST_ROWS = 1_000
"""Rows of a list in the envelope of a frame: gateways that heard it, measurements in it. No frame has so many."""

_MAX_WHOLE = 2**63
_MAX_LEVEL = 1000
"""No radio is louder than this many decibel in either direction; a larger number fits no column."""

_NOTHING: dict[str, object] = {}


def table(value: object, name: str) -> Mapping[str, object]:
    """`value` itself if it is a JSON object."""
    if isinstance(value, dict):
        return value
    raise _wrong(name, "an object")


def table_at(parent: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The object under `key`."""
    value = parent.get(key)
    return _NOTHING if value is None else table(value, key)


def rows_at(parent: Mapping[str, object], key: str) -> Sequence[object]:
    """The array under `key`."""
    value = parent.get(key)
    if value is None:
        return ()
    if isinstance(value, list):
        if len(value) > MOST_ROWS:
            check_parts(len(value), MOST_ROWS, f"rows of `{key}`")
        return value
    raise _wrong(key, "an array")


def text_at(parent: Mapping[str, object], key: str) -> str | None:
    """The text under `key`."""
    value = parent.get(key)
    if value is None or isinstance(value, str):
        return value
    raise _wrong(key, "text")


def counter_at(parent: Mapping[str, object], key: str, refused: list[Refused]) -> int | None:
    """The counter under `key`. A bad one becomes a refused part and no error: the readings do not depend on it."""
    value = parent.get(key)
    if value is None or (type(value) is int and 0 <= value < _MAX_WHOLE):
        return value
    if type(value) is float and value.is_integer() and 0 <= value < _MAX_WHOLE:
        return int(value)
    refused.append(Refused(RejectionReason.WRONG_SHAPE, key, f"`{key}` is not a whole number from 0", value))
    return None


def sound(parent: Mapping[str, object], name: str, keys: Sequence[str], refused: list[Refused]) -> Mapping[str, object]:
    """The object without those of its `keys` that are no level in decibel. They become refused parts."""
    kept = dict(parent)
    for key in keys:
        try:
            level_at(parent, key)
        except Undecodable as bad:
            refused.append(Refused(bad.reason, f"{name}.{key}", bad.detail, kept.pop(key)))
    return kept


def link_or_none(read: Callable[[], Link], name: str, value: object, refused: list[Refused]) -> Link | None:
    """The link record; None if it has the wrong shape. Then it is a refused part: the readings do not depend on it."""
    try:
        return read()
    except Undecodable as bad:
        if bad.reason is not RejectionReason.WRONG_SHAPE:
            raise
        refused.append(Refused(bad.reason, name, bad.detail, value))
        return None


def whole_at(parent: Mapping[str, object], key: str) -> int | None:
    """The whole number under `key`: from 0, and small enough for a signed 64-bit column."""
    value = parent.get(key)
    if value is None or (type(value) is int and 0 <= value < _MAX_WHOLE):
        return value
    raise _wrong(key, "a whole number from 0")


def number_at(parent: Mapping[str, object], key: str) -> float | None:
    """The number under `key`."""
    value = parent.get(key)
    if value is None or type(value) is float or type(value) is int:
        return value
    raise _wrong(key, "a number")


def level_at(parent: Mapping[str, object], key: str) -> float | None:
    """The level under `key`, in dB or dBm."""
    value = parent.get(key)
    if value is None or ((type(value) is float or type(value) is int) and -_MAX_LEVEL < value < _MAX_LEVEL):
        return value
    raise _wrong(key, "a level in decibel")


def _wrong(name: str, expected: str) -> Undecodable:
    return Undecodable(RejectionReason.WRONG_SHAPE, f"`{name}` is not {expected}")
