"""Reads values of Sparkplug B metrics: the announced datatype says how to read the field that came."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from struct import Struct, iter_unpack
from typing import Any

from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

Value = float | bool | str | list[float] | list[bool] | list[str]

_COUNT = Struct("<I")
_ARRAYS = {**dict(zip(range(22, 32), "bhiqBHIQfd", strict=True)), 34: "Q"}
_SIZES = {datatype: Struct(f"<{code}").size for datatype, code in _ARRAYS.items()}
_FIRST_ARRAY, _BOOLEANS, _TEXTS = 22, 32, 33
_LONGEST_SHOWN = 600
_NAMES = {16: "DataSet", 17: "Bytes", 18: "File", 19: "Template", 20: "PropertySet", 21: "PropertySetList"}


def _signed(bits: int) -> Callable[[int], int]:
    """Two's complement of the declared width: publishers send a negative Int16 in 16 bits or in 32."""
    mask, half = (1 << bits) - 1, 1 << (bits - 1)
    return lambda sent: ((sent & mask) ^ half) - half


def _same(sent: float) -> float:
    return sent


def _text(sent: bytes) -> str:
    return sent.decode("utf-8", "replace")


def _array(code: str) -> Callable[[bytes], list[float]]:
    """Packed little-endian. Raises Undecodable if that is no whole number of items."""
    size = Struct(f"<{code}").size

    def read(sent: bytes) -> list[float]:
        if len(sent) % size:
            raise Undecodable(RejectionReason.WRONG_SHAPE, f"{len(sent)} bytes are no array of items of {size} bytes")
        return [item for (item,) in iter_unpack(f"<{code}", sent)]

    return read


def booleans(sent: bytes, *, low_first: bool = False) -> list[bool]:
    """A count, then bits, the first in the highest bit of a byte, as in the example of the specification.

    `low_first`: in the lowest, as a well-known library packs them. Raises Undecodable if bits are missing.
    """
    count = _COUNT.unpack_from(sent)[0] if len(sent) >= _COUNT.size else 0
    if len(sent) < _COUNT.size or count > 8 * (len(sent) - _COUNT.size):
        raise Undecodable(RejectionReason.WRONG_SHAPE, f"{len(sent)} bytes are no count with {count} bits behind it")
    places = range(8) if low_first else range(7, -1, -1)
    return [bool(byte >> place & 1) for byte in sent[_COUNT.size :] for place in places][:count]


def items(datatype: int, sent: object) -> int:
    """How many values an array holds at most, by its bytes alone; 1 for anything else."""
    if not isinstance(sent, bytes) or datatype < _FIRST_ARRAY:
        return 1
    if datatype == _BOOLEANS:
        count = _COUNT.unpack_from(sent)[0] if len(sent) >= _COUNT.size else 0
        return int(min(count, 8 * len(sent)))
    return sent.count(b"\0") + 1 if datatype == _TEXTS else len(sent) // _SIZES.get(datatype, 1)


def _texts(sent: bytes) -> list[str]:
    return [_text(part) for part in sent.removesuffix(b"\0").split(b"\0")] if sent else []


def _readers() -> Mapping[tuple[int, str], Callable[[Any], Value]]:
    whole = {1: _signed(8), 2: _signed(16), 3: _signed(32), 4: _signed(64), 5: _same, 6: _same, 7: _same, 8: _same}
    readers: dict[tuple[int, str], Callable[[Any], Value]] = {}
    for (
        datatype,
        reader,
    ) in whole.items():  # some stacks put a UInt32 into long_value, some a small Int64 into int_value
        readers[datatype, "int_value"] = readers[datatype, "long_value"] = reader
    for datatype in (9, 10):
        readers[datatype, "float_value"] = readers[datatype, "double_value"] = _same
    readers[11, "boolean_value"] = _same
    for datatype in (12, 14, 15):
        readers[datatype, "string_value"] = _text
    readers[13, "long_value"] = _same
    for datatype, code in _ARRAYS.items():
        readers[datatype, "bytes_value"] = _array(code)
    readers |= {(_BOOLEANS, "bytes_value"): booleans, (_TEXTS, "bytes_value"): _texts}
    return readers


READERS = _readers()
"""(datatype, field that came) -> how to read it."""

UNAMBIGUOUS = {"float_value": 9, "double_value": 10, "boolean_value": 11, "string_value": 12}
"""Fields whose datatype is clear without an announcement; a whole number may be any of eight."""


def refused(datatype: int, field: str) -> Undecodable:
    """The error for a field that the announced datatype cannot be read from."""
    if datatype in _NAMES:
        return Undecodable(RejectionReason.NOT_A_NUMBER, f"a {_NAMES[datatype]} is no single value")
    return Undecodable(RejectionReason.WRONG_SHAPE, f"datatype {datatype} was announced, and {field} came")


def shown(sent: object) -> object:
    """The value as a fragment for the quarantine."""
    return b64encode(sent[:_LONGEST_SHOWN]).decode() if isinstance(sent, bytes) else sent
