"""What a frame or a message means, line by line, as `noroshi decode` prints it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ingest.decode.common import fields
from ingest.decode.frame import piece, raw
from ingest.decode.frame.piece import Piece
from ingest.errors import Undecodable
from ingest.validate.values import check_value
from schemas.bilingual import LANGUAGES, Bilingual, joined, quoted
from schemas.detail import in_japanese
from schemas.profile import Profile
from schemas.quantity import BY_CODE, Quantity
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from schemas.uplink import Doubted, Measured, Refused, Uplink

NONE = quoted("")


class Line(NamedTuple):
    """One value. `stored`: in the unit of the catalogue; `remark`: its flags, or why it is not stored."""

    at: Bilingual = NONE
    content: Bilingual = NONE
    field: Bilingual = NONE
    raw: Bilingual = NONE
    value: Bilingual = NONE
    quantity: Bilingual = NONE
    stored: Bilingual = NONE
    remark: Bilingual = NONE


HEADINGS = (
    Bilingual("バイト", "bytes"), Bilingual("16進", "hex"), Bilingual("項目", "field"), Bilingual("生の値", "raw"),
    Bilingual("値", "value"),
    Bilingual("測定項目", "quantity"), Bilingual("保存する値", "stored"), Bilingual("備考", "remark"),
)  # fmt: skip


def frame(content: bytes, port: int | None, profile: Profile) -> list[Line]:
    """Every value of a frame, also those that the profile ignores. Raises Undecodable."""
    pieces = raw.pieces(content, port, profile)
    unsure = piece.unsure(pieces, profile)
    return [_of_piece(one, content, profile, doubted=one.part in unsure) for one in pieces]


def uplink(message: Uplink) -> list[Line]:
    """Every value of a message, then what was refused."""
    measured = [_of_measured(Measured(*row)) for row in message.measured]
    return measured + [
        Line(field=quoted(one.part), value=quoted(_text(one.value)), remark=_why(one.reason, one.detail))
        for one in message.refused
    ]


def fact(ja: str, en: str, what: Bilingual) -> Bilingual:
    """One line of what a message says besides its values."""
    return Bilingual(f"{ja}  {what.ja}", f"{en:<10}{what.en}")


def about(message: Uplink) -> Iterator[Bilingual]:
    """What a message says besides its values."""
    none = Bilingual("なし。受信時刻を使います", "none: the time of receipt counts")
    yield fact("種類", "kind", quoted(message.kind.name.lower()))
    yield fact("時刻", "time", none if message.time_us is None else quoted(_time(message.time_us)))
    if message.counter is not None:
        yield fact("通し番号", "counter", quoted(message.counter))
    if message.link is not None:
        parts = message.link._asdict()
        more = parts.pop("more") or {}
        shown = [f"{name} {value}" for name, value in {**parts, **more}.items() if value is not None]
        yield fact("電波", "link", quoted(", ".join(shown)))


def table(lines: Sequence[Line]) -> Iterator[Bilingual]:
    """The lines with a heading, in columns as wide as they need; a column that is empty throughout is left out."""
    used = [index for index in range(len(HEADINGS)) if any(str(line[index]) for line in lines)]
    ja, en = (_columns(lines, used, language) for language in LANGUAGES)
    yield from map(Bilingual, ja, en)


def _columns(lines: Sequence[Line], used: Sequence[int], language: str) -> Iterator[str]:
    rows = [[f"{cell:{language}}" for cell in (row[index] for index in used)] for row in (HEADINGS, *lines)]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _of_piece(one: Piece, content: bytes, profile: Profile, *, doubted: bool) -> Line:
    meaning = piece.meaning(one, profile, None)
    where = f"{one.at}" if one.size == 1 else f"{one.at}-{one.at + one.size - 1}" if one.size else ""
    shown = content[one.at : one.at + one.size].hex()
    value = _text(one.value) + (f" {one.unit}" if one.unit else "")
    line = Line(quoted(where), quoted(shown), quoted(one.part), quoted(_text(one.raw)), quoted(value))
    if meaning is None:
        return line._replace(raw=NONE, remark=Bilingual("測定値ではない", "not a measurement"))
    if isinstance(meaning, Refused):
        return line._replace(remark=_why(meaning.reason, meaning.detail))
    interpreted = _of_measured(fields.doubtful(meaning) if doubted else meaning)
    remarks = [each for each in (interpreted.remark, _age(one)) if each.en]
    return line._replace(quantity=interpreted.quantity, stored=interpreted.stored, remark=joined(remarks, "、", ", "))


def _age(one: Piece) -> Bilingual:
    return Bilingual(f"{one.age_s:g} 秒前", f"{one.age_s:g} s earlier") if one.age_s else NONE


def _of_measured(measured: Measured) -> Line:
    doubt = 0
    if isinstance(measured.value, Doubted):
        doubt, measured = measured.value.flags, measured._replace(value=measured.value.value)
    quantity = BY_CODE.get(measured.quantity)
    channel = f" [{measured.channel}]" if measured.channel else ""
    value = f"{_text(measured.value)} {measured.unit or ''}".rstrip()
    name = measured.quantity + channel
    line = Line(value=quoted(value), quantity=quoted(name))
    if quantity is not None:
        line = line._replace(quantity=Bilingual(f"{name} {quantity.label_ja}", name))
    at = _time(measured.time_us)
    try:
        number, flags = check_value(measured, quantity)
        flags |= doubt
    except Undecodable as bad:
        return line._replace(remark=_why(bad.reason, bad.detail))
    assert quantity is not None  # check_value refuses an unknown quantity
    remarks = [quoted(flag.name.lower()) for flag in Quality if flags & flag and flag.name]
    if at:
        remarks.append(Bilingual(f"時刻 {at}", f"at {at}"))
    return line._replace(stored=_stored(number, quantity), remark=joined(remarks, "、", ", "))


def _stored(number: float, quantity: Quantity) -> Bilingual:
    state = next((name for name, code in quantity.states.items() if code == number), None)
    if state:
        return quoted(f"{number:g} ({state})")
    return Bilingual(f"{number:.10g} {quantity.unit_ja}".rstrip(), f"{number:.10g} {_unit(quantity.unit)}".rstrip())


def _unit(ucum: str) -> str:
    return "" if ucum == "1" else ucum


def _why(reason: RejectionReason, detail: str) -> Bilingual:
    more = f"({in_japanese(detail) or detail})" if detail else ""
    return Bilingual(f"{reason.label.ja} [{reason}]{more}", f"{reason}: {detail}" if detail else str(reason))


def _time(time_us: int | None) -> str:
    return "" if time_us is None else datetime.fromtimestamp(time_us / 1e6, UTC).isoformat().replace("+00:00", "Z")


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)[:60]


def _width(text: str) -> int:
    """Columns on a terminal: a Japanese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
