"""Converts cells of quantities, ranges, bindings and stages to values, as `cells` does for the other tables."""

import re
import unicodedata
from datetime import date, datetime

from ingest.registry.cells import day, folded
from schemas.bilingual import Bilingual
from schemas.own_quantity import QUANTITY_PATTERN
from schemas.quantity import Kind

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_KINDS = {
    **{kind.value: kind for kind in Kind},
    "瞬時値": Kind.GAUGE,
    "積算値": Kind.COUNTER,
    "状態": Kind.STATE,
    "回数": Kind.EVENT,
    "方位": Kind.DIRECTION,
}


def number(cell: str) -> float:
    """A decimal number."""
    plain = folded(cell)
    if not _NUMBER.fullmatch(plain):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は数値として読めません。-0.5 のように書いてください",
                f"{cell.strip()!r} is no number: write it as -0.5",
            )
        )
    return float(plain)


_SENSORS = {"ultrasonic": "ultrasonic", "超音波": "ultrasonic", "radar": "radar", "電波": "radar", "レーダー": "radar",
            "lidar": "lidar", "レーザー": "lidar"}  # fmt: skip


def sensor(cell: str) -> str:
    """The kind of a distance sensor."""
    plain = folded(cell).lower().removesuffix("式")
    if plain not in _SENSORS:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は使えません。超音波、電波、レーザー のどれかで書いてください",
                f"{cell.strip()!r} is no kind of sensor: write ultrasonic, radar or lidar",
            )
        )
    return _SENSORS[plain]


def channel(cell: str) -> int:
    """The number of one of several probes."""
    plain = folded(cell)
    if not plain.isdigit() or int(plain) > 32767:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は使えません。チャンネルは0から32767の整数で書いてください",
                f"{cell.strip()!r} is no channel: write a whole number from 0 to 32767",
            )
        )
    return int(plain)


def rank(cell: str) -> int:
    """The rank of one of several stages; 1 is the lowest."""
    return _one_of(
        cell,
        20,
        Bilingual("段階は1(最も低い)から20の整数で書いてください", "write a rank from 1 (the lowest) to 20"),
    )


def ref_level(cell: str) -> int:
    """A level of alert, which is a hint only."""
    return _one_of(
        cell,
        5,
        Bilingual(
            "警戒レベルの目安は1から5の整数で書いてください。なければ空にします",
            "write a level of alert from 1 to 5, or leave it empty",
        ),
    )


def _one_of(cell: str, highest: int, advice: Bilingual) -> int:
    plain = folded(cell).removeprefix("レベル")
    if not plain.isdigit() or not 1 <= int(plain) <= highest:
        raise ValueError(
            Bilingual(f"「{cell.strip()}」は使えません。{advice.ja}", f"{cell.strip()!r} cannot be used: {advice.en}")
        )
    return int(plain)


def metres(cell: str) -> float:
    """A height in metres; the cell may have the unit too."""
    try:
        return number(folded(cell).removesuffix("m"))
    except ValueError:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は読めません。メートルの数字だけを書いてください(例 1.80)",
                f"{cell.strip()!r} is not readable: write metres as a number alone, e.g. 1.80",
            )
        ) from None


def quantity(cell: str) -> str:
    """A code of the catalogue, or one of a project's own."""
    plain = folded(cell)
    if not re.fullmatch(QUANTITY_PATTERN, plain):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は測定項目コードではありません。半角の英小文字・数字・下線(_)で書いてください"
                "(例 river_level)。一覧は noroshi quantities で見られます",
                f"{cell.strip()!r} is no code of a quantity: write a-z, 0-9 and _, e.g. river_level;"
                " `noroshi quantities` lists them",
            )
        )
    return plain


def kind(cell: str) -> Kind:
    """How values may be summarised."""
    match = _KINDS.get(folded(cell).casefold())
    if match is None:
        names = "、".join(name for name in _KINDS if not name.isascii())
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」という種類はありません。{names} のどれかを書いてください",
                f"there is no kind {cell.strip()!r}: write one of {', '.join(Kind)}",
            )
        )
    return match


def states(cell: str) -> dict[str, int]:
    """Names of states and their numbers, as in `閉=0、開=1`."""
    match: dict[str, int] = {}
    for part in filter(str.strip, re.split(r"[,、;]", unicodedata.normalize("NFKC", cell))):
        name, _, value = part.strip().replace("=", ":").rpartition(":")
        if not name.strip() or not value.strip().isdigit():
            raise ValueError(
                Bilingual(
                    f"「{part.strip()}」は読めません。状態は「名前=番号」で書いてください(例 停止=0、運転=1)",
                    f"{part.strip()!r} is not readable: write states as name=number, e.g. off=0, on=1",
                )
            )
        match[name.strip()] = int(value)
    return match


def begin(cell: str) -> date | datetime:
    """The first day, from midnight in Japan, or a time with offset."""
    return _day_or_moment(cell)


def end(cell: str) -> date | datetime:
    """The last day, or the time from which the entry no longer holds."""
    return _day_or_moment(cell)


def _day_or_moment(cell: str) -> date | datetime:
    plain = unicodedata.normalize("NFKC", cell).strip()
    if ":" not in plain:
        return day(cell)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は日時として読めません。"
                "2026-04-01 か、2026-04-01T09:30:00+09:00 の形で書いてください",
                f"{cell.strip()!r} is no time: write 2026-04-01 or 2026-04-01T09:30:00+09:00",
            )
        )
    return moment
