"""Reads one field of a byte layout: bytes to a raw number, the raw number to a value."""

import struct
from collections.abc import Callable
from typing import Protocol, TypeAlias

from ingest.decode.frame.piece import Piece
from schemas.layout import FLOATS, INTEGERS, ByteField, Endian
from schemas.line import line
from schemas.rejection import RejectionReason
from schemas.uplink import new_tuple as _new

_Raw: TypeAlias = Callable[[bytes], float | str | None]
"""(the bytes of a field) -> their raw value; None if they are no such value, as 0xA is no decimal digit."""


_FLOAT_CODES = {"f16": "e", "f32": "f", "f64": "d"}


class Read(Protocol):
    """Reads at byte `at`, adds pieces to `found`, and returns the next byte. Raises Ended, and nothing else.

    `origin`: the byte that `at` of a field counts from. `end`: the byte where reading must stop.
    """

    def __call__(self, frame: bytes, at: int, origin: int, end: int, found: list[Piece], /) -> int:
        """The byte behind what was read."""


class Ended(Exception):
    """The frame ends before its layout does, or cannot be read on."""

    def __init__(self, name: str, at: int, detail: str, reason: RejectionReason = RejectionReason.WRONG_SHAPE) -> None:
        super().__init__(detail)
        self.name = name
        self.at = at
        self.reason = reason


def reader(field: ByteField, endian: Endian) -> Read:
    """The function that reads this field."""
    size, name, offset, stay = field.width, field.name, field.at, field.stay
    raw_of = _raw_reader(field, field.endian or endian)
    value_of = _nothing if field.type == "skip" else _value_reader(field)
    unit = field.unit

    def read(frame: bytes, at: int, origin: int, end: int, found: list[Piece]) -> int:
        start = at if offset is None else origin + offset
        behind = start + size
        if behind > end:
            raise Ended(name, min(start, len(frame)), _too_short(name, start, size, end))
        raw = raw_of(frame[start:behind])
        value, reason = value_of(raw)
        shown = frame[start:behind].hex() if raw is None else raw
        detail = _DETAIL[reason] if reason else ""
        found.append(_new(Piece, (name, value, unit, start, size, shown, None, None, None, reason, detail)))
        return start if stay else behind

    return read


def _nothing(_: float | str | None) -> tuple[None, None]:
    return None, None


def _too_short(name: str, start: int, size: int, length: int) -> str:
    return f"the frame ends inside `{name}`: it needs bytes {start} to {start + size - 1}, and there are {length}"


_DETAIL = {
    RejectionReason.SENTINEL: "the device's way to say 'no measurement'",
    RejectionReason.NOT_A_NUMBER: "these bytes are no number",
    RejectionReason.UNKNOWN_STATE: "the layout has no name for this number",
}


def _raw_reader(field: ByteField, endian: Endian) -> _Raw:
    if field.type in INTEGERS:
        return _integer(field, endian)
    if field.type in FLOATS:
        unpack = struct.Struct((">" if endian == "big" else "<") + _FLOAT_CODES[field.type]).unpack
        return lambda raw: float(unpack(raw)[0])
    if field.type == "bits":
        return _bits(field)
    if field.type == "bcd":
        return lambda raw: _bcd(raw if endian == "big" else raw[::-1])
    if field.type == "text":
        return lambda raw: raw.split(b"\0", 1)[0].decode("ascii", "replace")
    return bytes.hex


def _integer(field: ByteField, endian: Endian) -> _Raw:
    signed, mask, shift = field.type.startswith("i"), field.mask, field.shift
    if mask is None and not shift:
        return lambda raw: int.from_bytes(raw, endian, signed=signed)
    width = 8 * field.width if mask is None else mask.bit_length()
    sign = 1 << (width - shift - 1) if field.signed else 0
    keep = (1 << width) - 1 if mask is None else mask

    def read(raw: bytes) -> int:
        number = (int.from_bytes(raw, endian) & keep) >> shift
        return number - 2 * sign if number & sign else number

    return read


def _bits(field: ByteField) -> _Raw:
    """Joins the pieces of bits in the order of the profile, the first one the most significant."""
    total = 8 * field.width
    pieces = tuple((total - first - count, (1 << count) - 1, count) for first, count in field.bits)
    sign = 1 << (sum(count for _, count in field.bits) - 1) if field.signed else 0

    def read(raw: bytes) -> int:
        number, whole = 0, int.from_bytes(raw, "big")
        for shift, mask, count in pieces:
            number = number << count | whole >> shift & mask
        return number - 2 * sign if number & sign else number

    return read


def _bcd(raw: bytes) -> int | None:
    digits = raw.hex()
    return int(digits) if digits.isdigit() else None


def _value_reader(field: ByteField) -> Callable[[float | str | None], tuple[object, RejectionReason | None]]:
    names, sentinels, number = field.names, frozenset(field.sentinels), _formula(field)

    def read(raw: float | str | None) -> tuple[object, RejectionReason | None]:
        if raw is None:
            return None, RejectionReason.NOT_A_NUMBER
        if isinstance(raw, str):
            return raw, None
        if sentinels and raw in sentinels:
            return None, RejectionReason.SENTINEL
        if names:
            name = names.get(f"{raw:.0f}")
            return name, None if name is not None else RejectionReason.UNKNOWN_STATE
        return number(raw), None

    return read


def _formula(field: ByteField) -> Callable[[float], float]:
    """(raw - zero) * scale + offset, and the curve.

    A scale of 0.1 divides by ten: 272 is 27.2, not 27.200000000000003.
    """
    zero, scale, offset, curve = field.zero, field.scale, field.offset, field.curve[::-1]
    divisor = round(1 / scale) if 0 < scale < 1 and abs(1 / scale - round(1 / scale)) < 1e-9 / scale else None

    def number(raw: float) -> float:
        value = raw - zero if zero else raw
        value = line(value / divisor, 1, offset) if divisor else line(value, scale, offset)
        if not curve:
            return value
        total = 0.0
        for coefficient in curve:
            total = total * value + coefficient
        return total

    def plain(raw: float) -> float:
        return raw

    return plain if (zero, scale, offset) == (0, 1, 0) and not curve else number
