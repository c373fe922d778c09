"""What a frame or a message means, line by line, as `noroshi decode` prints it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.decode import piece, raw
from ingest.decode.piece import Piece
from ingest.errors import Undecodable
from ingest.validate import judge_value
from schemas.profile import Profile
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Measured, Refused, Uplink


class Line(NamedTuple):
    """One value. `stored`: in the unit of the catalogue; `remark`: its flags, or why it is not stored."""

    at: str = ""
    content: str = ""
    field: str = ""
    raw: str = ""
    value: str = ""
    quantity: str = ""
    stored: str = ""
    remark: str = ""


HEADINGS = Line("bytes", "hex", "field", "raw", "value", "quantity", "stored", "remark")


def frame(content: bytes, port: int | None, profile: Profile) -> list[Line]:
    """Every value of a frame, also those that the profile ignores. Raises Undecodable."""
    return [_of_piece(one, content, profile) for one in raw.pieces(content, port, profile)]


def uplink(said: Uplink) -> list[Line]:
    """Every value of a message, then what was set aside."""
    measured = [_of_measured(Measured(*row)) for row in said.measured]
    return measured + [
        Line(field=one.part, value=_text(one.value), remark=_why(one.reason, one.detail)) for one in said.refused
    ]


def about(said: Uplink) -> Iterator[str]:
    """What a message says besides its values."""
    yield f"kind      {said.kind.name.lower()}"
    yield f"time      {_time(said.time_us) or 'none: the time of receipt counts'}"
    if said.counter is not None:
        yield f"counter   {said.counter}"
    if said.link is not None:
        parts = said.link._asdict()
        more = parts.pop("more") or {}
        shown = [f"{name} {value}" for name, value in {**parts, **more}.items() if value is not None]
        yield f"link      {', '.join(shown)}"


def table(lines: Sequence[Line]) -> Iterator[str]:
    """The lines with a heading, in columns as wide as they need; a column that is empty throughout is left out."""
    rows = [HEADINGS, *lines]
    used = [index for index in range(len(HEADINGS)) if any(line[index] for line in lines)]
    widths = [max(_width(row[index]) for row in rows) for index in used]
    for row in rows:
        cells = (row[index] + " " * (width - _width(row[index])) for index, width in zip(used, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _of_piece(one: Piece, content: bytes, profile: Profile) -> Line:
    said = piece.meaning(one, profile, None)
    where = f"{one.at}" if one.size == 1 else f"{one.at}-{one.at + one.size - 1}" if one.size else ""
    shown = content[one.at : one.at + one.size].hex()
    value = _text(one.value) + (f" {one.unit}" if one.unit else "")
    found = Line(where, shown, one.part, _text(one.raw), value)
    if said is None:
        return found._replace(raw="", remark="not a measurement")
    if isinstance(said, Refused):
        return found._replace(remark=_why(said.reason, said.detail))
    judged = _of_measured(said)
    age = f", {one.age_s:g} s earlier" if one.age_s else ""
    return found._replace(quantity=judged.quantity, stored=judged.stored, remark=(judged.remark + age).lstrip(", "))


def _of_measured(measured: Measured) -> Line:
    quantity = BY_CODE.get(measured.quantity)
    channel = f" [{measured.channel}]" if measured.channel else ""
    value = f"{_text(measured.value)} {measured.unit or ''}".rstrip()
    name = measured.quantity + channel + (f" {quantity.label_ja}" if quantity else "")
    line = Line(value=value, quantity=name)
    at = _time(measured.time_us)
    try:
        number, flags = judge_value(measured, quantity)
    except Undecodable as bad:
        return line._replace(remark=_why(bad.reason, bad.detail))
    assert quantity is not None  # judge_value refuses an unknown quantity
    names = [flag.name.lower() for flag in Quality if flags & flag and flag.name]
    state = next((name for name, code in quantity.states.items() if code == number), None)
    stored = f"{number:g} ({state})" if state else f"{number:.10g} {quantity.unit_ja}".rstrip()
    return line._replace(stored=stored, remark=", ".join([*names, *([f"at {at}"] if at else [])]))


def _why(reason: RejectionReason, detail: str) -> str:
    return f"{reason}: {detail}" if detail else str(reason)


def _time(time_us: int | None) -> str:
    return "" if time_us is None else datetime.fromtimestamp(time_us / 1e6, UTC).isoformat().replace("+00:00", "Z")


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)[:60]


def _width(text: str) -> int:
    """Columns on a terminal: a Japanese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
