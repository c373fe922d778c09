"""Converts cells of the ledger of assets to values, as `cells` does for the other tables."""

import re
from typing import TypeVar

from ingest.registry.cells import folded
from schemas.asset import AssetState
from schemas.bilingual import Bilingual
from schemas.device import AirtimeRegime, SiteClass
from schemas.labelled import Labelled

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_LARGE = re.compile(r"[\d.,]*[百千万億].*")
_Word = TypeVar("_Word", bound=Labelled)


def yen(cell: str) -> int:
    """An amount of yen, written as 1234567, 1,234,567円 or ¥1,234,567."""
    plain = folded(cell).removeprefix("¥").removeprefix("\\").removesuffix("円").removesuffix("-").removesuffix(".0")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if plain.isdigit() and plain.isascii():
        return int(plain)
    refused = cell.strip()
    if _LARGE.fullmatch(plain):
        raise ValueError(
            Bilingual(
                f"「{refused}」は読めません。千円・万円ではなく円の数字で書いてください(例 1,200,000)",
                f"{refused!r} is not readable: write yen in digits, not thousands, e.g. 1,200,000",
            )
        )
    if re.fullmatch(r"\d+\.\d+", plain):
        raise ValueError(
            Bilingual(
                f"「{refused}」に円未満があります。円の整数で書いてください(端数の扱いは契約のとおり)",
                f"{refused!r} has parts of a yen: write whole yen, rounded as the contract says",
            )
        )
    raise ValueError(
        Bilingual(
            f"「{refused}」は金額として読めません。円の数字で書いてください(例 1,200,000)",
            f"{refused!r} is no amount: write yen in digits, e.g. 1,200,000",
        )
    )


def pieces(cell: str) -> int:
    """How many of a thing, written as 3, 3台 or 3本."""
    return _whole(
        re.sub("(台|本|個|基|式|枚|組)$", "", folded(cell)), cell,
        Bilingual("数量を整数で書いてください(例 3)", "write a whole number, e.g. 3"),
    )  # fmt: skip


def years(cell: str) -> int:
    """A service life, written as 6 or 6年."""
    return _whole(
        re.sub("(か年|ヶ年|年)$", "", folded(cell)), cell,
        Bilingual("耐用年数を年の整数で書いてください(例 6)", "write whole years, e.g. 6"),
    )  # fmt: skip


def _whole(plain: str, cell: str, advice: Bilingual) -> int:
    if not (plain.isdigit() and plain.isascii() and int(plain) > 0):
        raise ValueError(
            Bilingual(f"「{cell.strip()}」は使えません。{advice.ja}", f"{cell.strip()!r} cannot be used: {advice.en}")
        )
    return int(plain)


def mark(cell: str) -> str:
    """The number of a certificate of conformity (技適): half-width capitals, without the word before it."""
    plain = folded(cell).upper()
    return re.sub(r"^技適(番号)?:?", "", plain) or plain


def state(cell: str) -> AssetState:
    """What has become of an asset."""
    return _word(AssetState, cell)


def regime(cell: str) -> AirtimeRegime:
    """The rule of the 920 MHz band: a letter from A to E."""
    return _word(AirtimeRegime, folded(cell).upper().removeprefix("区分"))


def site_class(cell: str) -> SiteClass:
    """What surrounds a device."""
    return _word(SiteClass, cell)


def _word(words: type[_Word], cell: str) -> _Word:
    plain = folded(cell).casefold()
    for word in words:
        if plain in {word.value.casefold(), folded(word.label.ja).casefold(), folded(word.label.en).casefold()}:
            return word
    names = "、".join(f"{word.label.ja}({word.value})" for word in words)
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」は使えません。{names} のどれかで書いてください",
            f"{cell.strip()!r} cannot be used: write one of {', '.join(words)}",
        )
    )
