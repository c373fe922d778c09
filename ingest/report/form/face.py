"""What a font has: which characters, and how wide each is. Read from the file, so that pages can be counted before."""

import re
import struct
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular

LACKING = "〓"
"""In place of a character that the font does not have, as in CP932."""

_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_LONE_SELECTOR = re.compile(rf"(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[{_SELECTORS}]+")
_SELECTOR = re.compile(f"[{_SELECTORS}]")
_KEPT = "\n\u200b"


class Face:
    """One weight of the font. `glyph_of` and `width_of` are asked once for each character."""

    def __init__(self, path: Path) -> None:
        tables = _tables(path, ("cmap", "hmtx", "hhea", "head"))
        self._starts, self._groups = _read_cmap(tables["cmap"])
        self._metrics = tables["hmtx"]
        self._measured: int = struct.unpack_from(">H", tables["hhea"], 34)[0]
        self._per_em: int = struct.unpack_from(">H", tables["head"], 18)[0]

    def glyph_of(self, sign: str) -> int:
        """The number of the glyph of a character; 0 where the font has none."""
        place = bisect_right(self._starts, ord(sign)) - 1
        if place < 0:
            return 0
        start, end, glyph = self._groups[place]
        return glyph + ord(sign) - start if ord(sign) <= end else 0

    def width_of(self, sign: str) -> float:
        """How wide a character is at a size of one point."""
        place = min(self.glyph_of(sign), self._measured - 1)
        advance: int = struct.unpack_from(">H", self._metrics, place * 4)[0]
        return advance / self._per_em


@cache
def regular() -> Face:
    """The face of most text."""
    return Face(_only_font(Path(noto_cjk_sans_jp_regular.__file__).parent))


@cache
def bold() -> Face:
    """The face of heads and totals."""
    return Face(_only_font(Path(noto_cjk_sans_jp_bold.__file__).parent))


def in_print(text: str) -> str:
    """The text with 〓 for each character that the font lacks: a page that keeps for decades can show no other."""
    if text.isascii():
        return text
    lacking = {sign for sign in set(text) if not _has(sign)}
    text = _LONE_SELECTOR.sub("", text)
    return "".join(LACKING if sign in lacking else sign for sign in text) if lacking else text


def without_selectors(text: str) -> str:
    """The text with the usual shape of each character (異体字セレクタを除く)."""
    return text if text.isascii() else _SELECTOR.sub("", text)


@cache
def _has(sign: str) -> bool:
    return sign in _KEPT or bool(_SELECTOR.match(sign)) or regular().glyph_of(sign) != 0


def _only_font(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*")) if path.suffix in (".otf", ".ttf"))


def _tables(path: Path, wanted: tuple[str, ...]) -> Mapping[str, bytes]:
    """The tables of an OpenType file that are wanted, by name."""
    found = {}
    with path.open("rb") as file:
        many = struct.unpack(">4xH6x", file.read(12))[0]
        entries = [struct.unpack(">4s4xII", file.read(16)) for _ in range(many)]
        for tag, offset, length in entries:
            if tag.decode("latin-1") in wanted:
                file.seek(offset)
                found[tag.decode("latin-1")] = file.read(length)
    return found


def _read_cmap(table: bytes) -> tuple[list[int], list[tuple[int, int, int]]]:
    """The groups (first character, last one, glyph of the first) of the table for all of Unicode, and their firsts."""
    many = struct.unpack_from(">2xH", table)[0]
    offsets = [struct.unpack_from(">HHI", table, 4 + 8 * place) for place in range(many)]
    offset = next(at for platform, encoding, at in offsets if (platform, encoding) == (3, 10))
    count = struct.unpack_from(">I", table, offset + 12)[0]
    groups = [struct.unpack_from(">III", table, offset + 16 + 12 * place) for place in range(count)]
    return [start for start, _, _ in groups], groups
