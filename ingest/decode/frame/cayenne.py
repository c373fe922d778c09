"""Cayenne LPP, a series of channel, type and value: in bytes, and as ChirpStack and The Things Stack decode it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ingest.decode.common.limits import check_parts
from ingest.decode.frame.piece import Piece
from ingest.errors import Undecodable
from schemas.layout import Cayenne
from schemas.rejection import RejectionReason
from schemas.uplink import new_tuple as _new

_SECOND_US = 1_000_000


class _Value(NamedTuple):
    """One number of a type: `size` bytes, big-endian; `value = raw / divisor`."""

    size: int
    divisor: int = 1
    signed: bool = False
    suffix: str = ""


class _Type(NamedTuple):
    name: str
    values: tuple[_Value, ...]


def _one(name: str, size: int, divisor: int = 1, *, signed: bool = False) -> _Type:
    return _Type(name, (_Value(size, divisor, signed),))


def _xyz(name: str, divisor: int) -> _Type:
    return _Type(name, tuple(_Value(2, divisor, True, axis) for axis in ("_x", "_y", "_z")))


_TYPES: Mapping[int, _Type] = {
    0: _one("digital_in", 1),
    1: _one("digital_out", 1),
    2: _one("analog_in", 2, 100, signed=True),
    3: _one("analog_out", 2, 100, signed=True),
    100: _one("generic", 4),
    101: _one("luminosity", 2),
    102: _one("presence", 1),
    103: _one("temperature", 2, 10, signed=True),
    104: _one("relative_humidity", 1, 2),
    113: _xyz("accelerometer", 1000),
    115: _one("barometric_pressure", 2, 10),
    116: _one("voltage", 2, 100),
    117: _one("current", 2, 1000),
    118: _one("frequency", 4),
    120: _one("percentage", 1),
    121: _one("altitude", 2, signed=True),
    122: _one("load", 3, 1000, signed=True),
    125: _one("concentration", 2),
    128: _one("power", 2),
    130: _one("distance", 4, 1000),
    131: _one("energy", 4, 1000),
    132: _one("direction", 2),
    133: _one("unix_time", 4),
    134: _xyz("gyrometer", 100),
    135: _Type("colour", tuple(_Value(1, suffix=suffix) for suffix in ("_r", "_g", "_b"))),
    136: _Type(
        "gps",
        (
            _Value(3, 10_000, True, "_latitude"),
            _Value(3, 10_000, True, "_longitude"),
            _Value(3, 100, True, "_altitude"),
        ),
    ),
    142: _one("switch", 1),
}
_POLYLINE = 240
_CHANNELS = 256
_ELECTRIC = ("voltage", "current")
_BY_NAME = {known.name: known for known in _TYPES.values()}

_CHIRPSTACK: Mapping[str, str] = {
    "digitalInput": "digital_in", "digitalOutput": "digital_out", "analogInput": "analog_in",
    "analogOutput": "analog_out", "genericSensor": "generic", "illuminanceSensor": "luminosity",
    "presenceSensor": "presence", "temperatureSensor": "temperature", "humiditySensor": "relative_humidity",
    "accelerometer": "accelerometer", "barometer": "barometric_pressure", "voltage": "voltage", "current": "current",
    "frequency": "frequency", "percentage": "percentage", "altitude": "altitude", "concentration": "concentration",
    "power": "power", "distance": "distance", "energy": "energy", "direction": "direction", "unixTime": "unix_time",
    "gyrometer": "gyrometer", "color": "colour", "gpsLocation": "gps", "switch": "switch",
}  # fmt: skip


def of_frame(frame: bytes, options: Cayenne) -> list[Piece]:
    """Every value of a frame, named by its type, on its channel.

    An unknown type has an unknown length. What came before it counts; the rest is one refused piece
    that names the byte. Raises Undecodable if nothing at all can be read.
    """
    found: list[Piece] = []
    seen: dict[tuple[int, int], int] = {}
    at, time_us = 0, None
    while at < len(frame):
        kind = _TYPES.get(frame[at + 1]) if at + 1 < len(frame) else None
        size = 2 + (sum(value.size for value in kind.values) if kind else _unknown_size(frame, at))
        if kind is None or at + size > len(frame):
            found.append(_broken(frame, at, kind, size))
            if at + size > len(frame) and len(found) == 1:
                raise Undecodable(found[0].refused or RejectionReason.WRONG_SHAPE, found[0].detail)
        else:
            repeat = seen[frame[at], frame[at + 1]] = seen.get((frame[at], frame[at + 1]), 0) + 1
            if kind.name == "unix_time" and options.time_of_following:
                time_us = int.from_bytes(frame[at + 2 : at + 6], "big") * _SECOND_US
            else:
                pieces = _values(frame, at, kind, options, time_us)
                found.extend(pieces if repeat == 1 else (_nth(piece, repeat - 1, options) for piece in pieces))
        at += size
        check_parts(len(found), what="values")
    return found


def _unknown_size(frame: bytes, at: int) -> int:
    """A polyline carries its size. Any other unknown type takes the rest of the frame."""
    if at + 2 < len(frame) and frame[at + 1] == _POLYLINE:
        return 1 + frame[at + 2]
    return len(frame) - at


def _values(frame: bytes, at: int, kind: _Type, options: Cayenne, time_us: int | None) -> Iterator[Piece]:
    start, channel = at + 2, frame[at]
    for size, divisor, signed, suffix in kind.values:
        two_s = signed or (options.signed_electric and kind.name in _ELECTRIC)
        raw = int.from_bytes(frame[start : start + size], "big", signed=two_s)
        value = raw if divisor == 1 else raw / divisor
        yield _new(Piece, (kind.name + suffix, value, None, start, size, raw, channel, None, time_us, None, ""))
        start += size


def _nth(piece: Piece, repeat: int, options: Cayenne) -> Piece:
    """The piece of a repeated channel and type. Some firmwares send two samples so, in others it is a mistake."""
    if options.repeat_channel is None:
        return piece._replace(
            refused=RejectionReason.WRONG_SHAPE,
            detail=f"repetition {repeat} of this channel and type; `repeat_channel` of the profile would keep it",
        )
    return piece._replace(channel=(piece.channel or 0) + repeat * options.repeat_channel)


def _broken(frame: bytes, at: int, kind: _Type | None, size: int) -> Piece:
    rest = frame[at : at + size]
    if kind is not None or len(rest) < 2:
        name = kind.name if kind else "record"
        detail = f"the frame ends inside the record at byte {at}"
        return Piece(name, None, None, at, len(rest), rest.hex(), None, None, None, RejectionReason.WRONG_SHAPE, detail)
    if rest[1] == _POLYLINE:
        reason, detail = RejectionReason.UNKNOWN_QUANTITY, "a polyline is no measurement"
    else:
        detail = f"unknown type 0x{rest[1]:02x} at byte {at}: the rest of the frame cannot be read"
        reason = RejectionReason.UNKNOWN_QUANTITY
    return Piece(f"type_{rest[1]:02x}", None, None, at, len(rest), rest.hex(), None, None, None, reason, detail)


def of_object(decoded: Mapping[str, object], options: Cayenne) -> list[Piece]:
    """The same pieces from the JSON of a network server, in the shape of ChirpStack or of The Things Stack.

    A key of neither shape becomes a piece of its own name.
    """
    found: list[Piece] = []
    time_us = None
    for key, value in decoded.items():
        for name, channel, said in _entries(key, value):
            for piece in _spread(name, channel, said):
                if name == "unix_time" and options.time_of_following and isinstance(piece.value, int):
                    time_us = piece.value * _SECOND_US
                else:
                    found.append(piece)
        check_parts(len(found), what="values")
    return found if time_us is None else [piece._replace(time_us=time_us) for piece in found]


def _entries(key: str, value: object) -> Iterator[tuple[str, int | None, object]]:
    """(type, channel, value). ChirpStack: type -> channel -> value. The Things Stack: type_channel -> value."""
    name = _CHIRPSTACK.get(key)
    if name is not None and isinstance(value, Mapping):
        check_parts(len(value), _CHANNELS, "channels")
        for channel, said in value.items():
            yield name, _channel(channel), said
        return
    base, _, number = key.rpartition("_")
    channel = _channel(number)
    base = "generic" if base == "value" else base
    if base in _BY_NAME and channel is not None:
        yield base, channel, value
    else:
        yield key, None, value


def _channel(text: object) -> int | None:
    """The number of a channel; None if the text is not a number of one byte."""
    number = int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 3 else _CHANNELS
    return number if number < _CHANNELS else None


def _spread(name: str, channel: int | None, said: object) -> Iterator[Piece]:
    kind = _BY_NAME.get(name)
    if kind is None or channel is None:
        yield Piece(name, said, channel=channel)
    elif len(kind.values) == 1:
        yield Piece(name, _unblurred(said, kind.values[0].divisor), channel=channel)
    elif isinstance(said, Mapping):
        for value in kind.values:
            part = said.get(value.suffix[1:])
            if part is not None:
                yield Piece(name + value.suffix, _unblurred(part, value.divisor), channel=channel)
    else:
        detail = f"`{name}` has several values and is an object"
        yield Piece(name, said, channel=channel, refused=RejectionReason.WRONG_SHAPE, detail=detail)


def _unblurred(said: object, divisor: int) -> object:
    """The number the device sent. A server decodes in single precision, where 27.2 becomes 27.200000762939453."""
    if type(said) is float and abs(said) < 1e12:
        whole = round(said * divisor)
        return whole if divisor == 1 else whole / divisor
    return said
