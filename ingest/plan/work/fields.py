"""The fields of what people enter, as texts: of a form, or of the cells of a table that Excel wrote."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from ingest.plan.work.model import NewObservation, NewStop, NewWork
from ingest.registry import cells
from schemas.bilingual import Bilingual
from schemas.japan import JST
from schemas.labelled import Labelled
from schemas.misfit import said_by
from schemas.work import Basis, WorkKind

New = NewWork | NewStop | NewObservation
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 4, 1, tzinfo=UTC)
"""A year of five digits is read by no program: one entry with it would make every list unreadable."""
_MINUTE = timedelta(minutes=1)


class What(Labelled):
    """What is entered."""

    WORK = "work", "作業記録", "work log"
    STOP = "stop", "計画停止", "planned stops"
    OBSERVATION = "observation", "観測", "observations"


class Fault(NamedTuple):
    """What is wrong with a field. `field`: its name, empty if it is about the whole entry."""

    field: str
    said: Bilingual


class Half(NamedTuple):
    """An entry of which some fields, `unread`, could not be read: something harmless stands in for them.

    It is never stored: by it the fields that could be read are checked.
    """

    new: New
    unread: frozenset[str]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, what a table calls it, how it is read, and whether it must not be empty."""

    name: str
    heading: Bilingual
    read: Callable[[str], object]
    needed: bool = False
    others: tuple[str, ...] = ()


_CLOCK = re.compile(r"(\d{1,2})(?::|時)(\d{1,2})(?:(?::|分)(\d{1,2})?(?:\.\d+)?秒?)?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def read_moment(cell: str) -> datetime:
    """A moment in Japan: 2026-04-01 9:30, 2026/4/1 9:30:00, 令和8年4月1日 9時30分; a day alone is its midnight."""
    plain = " ".join(unicodedata.normalize("NFKC", cell).split())
    if re.fullmatch(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)", plain):
        try:
            return datetime.fromisoformat(plain).astimezone(JST)
        except ValueError:
            raise _no_moment(cell) from None
    day, _, clock = plain.replace("T", " ", 1).partition(" ")
    found = _CLOCK.fullmatch(clock.strip()) if clock else None
    if clock and found is None:
        raise _no_moment(cell)
    try:
        at = time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else time()
    except ValueError:
        raise _no_moment(cell) from None
    return datetime.combine(cells.day(day), at, JST)


def _no_moment(cell: str) -> ValueError:
    return ValueError(
        Bilingual(
            f"「{cell.strip()}」は日時として読めません。2026-04-01 09:30 の形で書いてください",
            f"{cell.strip()!r} is no day and time: write it as 2026-04-01 09:30",
        )
    )


def read_number(cell: str) -> float:
    """A number, also with commas between thousands."""
    plain = cells.folded(cell)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は数値ではありません。数字だけを書いてください", f"{cell.strip()!r} is no number"
            )
        )
    return float(plain)


def read_whole_number(cell: str) -> int:
    """A whole number."""
    value = read_number(cell)
    if not value.is_integer():
        raise ValueError(
            Bilingual(f"「{cell.strip()}」は整数で書いてください", f"{cell.strip()!r} must be a whole number")
        )
    return int(value)


def read_kind(cell: str) -> WorkKind:
    """A kind of work by its name in either language."""
    plain = cells.folded(cell).casefold()
    names = {word.casefold().replace(" ", ""): kind for kind in WorkKind for word in (kind.value, *kind.label)}
    names |= {"電池": WorkKind.BATTERY, "設置": WorkKind.INSTALLATION, "移設": WorkKind.INSTALLATION}
    if plain in names:
        return names[plain]
    ja, en = "、".join(kind.label.ja for kind in WorkKind), ", ".join(WorkKind)
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」という種類はありません。{ja} のどれかを書いてください",
            f"there is no kind of work {cell.strip()!r}: write one of {en}",
        )
    )


def read_basis(cell: str) -> Basis:
    """How sure a value is, by its name in either language."""
    plain = cells.folded(cell).casefold()
    names = {word.casefold(): basis for basis in Basis for word in (basis.value, *basis.label)}
    if plain in names:
        return names[plain]
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」は 実績、推計、想定 のどれかで書いてください",
            f"{cell.strip()!r} must be one of {', '.join(Basis)}",
        )
    )


def read_key(cell: str) -> UUID:
    """A UUID that the sender made."""
    try:
        return UUID(cells.folded(cell))
    except ValueError:
        raise ValueError(
            Bilingual(f"「{cell.strip()}」は UUID ではありません", f"{cell.strip()!r} is no UUID")
        ) from None


def read_text(cell: str) -> str:
    """A text; its lines stay."""
    return "\n".join(line.rstrip() for line in cell.strip().splitlines())


def read_day(cell: str) -> date:
    """A day, in every form that the registry reads."""
    return cells.day(cell)


_KEY = Field("client_key", Bilingual("キー", "client_key"), read_key, others=("uuid",))
_DEVICE = Field("device", Bilingual("機器", "device"), cells.code, others=("機器コード",))
_NOTE = Field("note", Bilingual("内容", "note"), read_text, others=("備考", "メモ", "remarks"))

FIELDS: Mapping[What, tuple[Field, ...]] = {
    What.WORK: (
        Field("kind", Bilingual("種類", "kind"), read_kind, needed=True, others=("作業", "作業の種類")),
        Field(
            "starts", Bilingual("開始", "starts"), read_moment, needed=True, others=("日時", "開始日時", "日付", "date")
        ),
        Field(
            "minutes",
            Bilingual("分", "minutes"),
            read_whole_number,
            needed=True,
            others=("所要時間(分)", "作業時間(分)"),
        ),
        Field("people", Bilingual("人数", "people"), read_whole_number),
        _DEVICE,
        Field("place", Bilingual("場所", "place"), cells.text),
        _NOTE,
        Field("photo", Bilingual("写真", "photo"), cells.text),
        Field("km_before", Bilingual("開始km", "km_before"), read_number, others=("出発km", "距離計(前)")),
        Field("km_after", Bilingual("終了km", "km_after"), read_number, others=("帰着km", "距離計(後)")),
        Field("measure", Bilingual("改善措置", "measure"), read_whole_number, others=("改善措置番号",)),
        _KEY,
    ),
    What.STOP: (
        Field("starts", Bilingual("開始", "starts"), read_moment, needed=True, others=("開始日時",)),
        Field("ends", Bilingual("終了", "ends"), read_moment, needed=True, others=("終了日時",)),
        Field("reason", Bilingual("理由", "reason"), cells.text, needed=True),
        Field("network", Bilingual("通信網", "network"), cells.code),
        Field("gateway", Bilingual("基地局", "gateway"), cells.code),
        _DEVICE,
        _KEY,
    ),
    What.OBSERVATION: (
        Field("code", Bilingual("コード", "code"), cells.code, needed=True, others=("項目コード",)),
        Field("first_day", Bilingual("期間の始め", "first_day"), read_day, needed=True, others=("期間開始", "始め")),
        Field("last_day", Bilingual("期間の終わり", "last_day"), read_day, needed=True, others=("期間終了", "終わり")),
        Field("value", Bilingual("値", "value"), read_number, needed=True, others=("数値",)),
        Field("unit", Bilingual("単位", "unit"), cells.text, needed=True),
        Field("area", Bilingual("地区", "area"), cells.text),
        Field("source", Bilingual("出典", "source"), cells.text, needed=True, others=("根拠資料",)),
        Field("basis", Bilingual("性格", "basis"), read_basis, others=("実績・推計・想定",)),
        _NOTE,
        _KEY,
    ),
}
"""In the order of a table. What is written under a heading is read by the same field as in a form."""

_MAKE: Mapping[What, Callable[..., New]] = {
    What.WORK: NewWork,
    What.STOP: NewStop,
    What.OBSERVATION: NewObservation,
}


def read_entry(what: What, texts: Mapping[str, str]) -> tuple[New | Half, list[Fault]]:
    """The entry that these texts make, by field; what could be read of it with all that could not."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for field in FIELDS[what]:
        text = texts.get(field.name, "").strip()
        if not text:
            if field.needed:
                faults.append(Fault(field.name, _empty(field)))
            continue
        try:
            values[field.name] = field.read(text)
        except ValueError as error:
            faults.append(Fault(field.name, said_by(error)))
    if faults:
        stood_in = _MAKE[what](**_stand_ins(what, values) | values)
        return Half(stood_in, frozenset(fault.field for fault in faults)), faults
    return _MAKE[what](**values), []


def _stand_ins(what: What, values: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every needed field: none of them makes another field wrong."""
    if what is What.WORK:
        return {"kind": WorkKind.PATROL, "starts": EARLIEST, "minutes": 1}
    if what is What.STOP:
        later = min(values.get("starts", EARLIEST), LATEST - _MINUTE) + _MINUTE
        earlier = max(values.get("ends", LATEST), EARLIEST + _MINUTE) - _MINUTE
        return {"starts": earlier, "ends": later, "reason": "-"}
    day = values.get("first_day", values.get("last_day", EARLIEST.date()))
    return {"code": "-", "first_day": day, "last_day": day, "value": 0.0, "unit": "-", "source": "-"}


def find_field(what: What, heading: str) -> Field | None:
    """The field that a heading of a table means, in either language."""
    plain = cells.folded(heading).casefold()
    return next((field for field in FIELDS[what] if plain in _words(field)), None)


def what_of(headings: Sequence[str]) -> What | None:
    """Of what a table is, by its headings: the kind of which it has every needed column, else the most."""
    known = {what: {field.name for each in headings if each and (field := find_field(what, each))} for what in What}
    best = max(What, key=lambda what: (_needed(what) <= known[what], len(known[what])))
    return best if len(known[best]) > 1 else None


def _needed(what: What) -> set[str]:
    return {field.name for field in FIELDS[what] if field.needed}


def _words(field: Field) -> set[str]:
    return {cells.folded(word).casefold() for word in (field.name, *field.heading, *field.others)}


def _empty(field: Field) -> Bilingual:
    return Bilingual(f"{field.heading.ja}を書いてください", f"{field.heading.en} is needed")
