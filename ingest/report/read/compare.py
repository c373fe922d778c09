"""Compares a workbook that came back with the report it came from: which cell was what, and is what now."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from openpyxl.utils import get_column_letter

from ingest.report.form.fixed import FixedRow, FixedSheet
from ingest.report.read.content import Content, join_words
from ingest.report.read.wrong import Wrong
from schemas.bilingual import Bilingual

MOST_TOLD = 20
_MOST_ROWS = 1_500
"""More rows than these are compared by their places: finding which were added would take too long."""

_NUMBER = re.compile(r"-?\d+\.\d{6}")


def compare_sheets(expected: Sequence[FixedSheet], content: Content) -> list[Wrong]:
    """What differs, at most 20 of it and how much more there is. Rows added below a place are its words."""
    found = {sheet.name: sheet for sheet in content.sheets}
    told = [each for sheet in expected for each in _sheet(sheet, found.get(sheet.name), content)]
    if len(told) <= MOST_TOLD:
        return told
    more = len(told) - MOST_TOLD
    return [*told[:MOST_TOLD], Wrong(Bilingual(f"ほかに {more} か所", f"and {more} more"))]


def _sheet(expected: FixedSheet, found: FixedSheet | None, content: Content) -> Iterator[Wrong]:
    if found is None:
        yield Wrong(
            Bilingual(f"シート「{expected.name}」がありません", f"the sheet {expected.name} is missing"), expected.name
        )
        return
    for block in _blocks([row.cells for row in expected.rows], [row.cells for row in found.rows]):
        yield from _block(expected, found, block, content)


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows that are not the same: of what was, and of what is."""

    was: range
    now: range


def _blocks(was: list[tuple[str, ...]], now: list[tuple[str, ...]]) -> Iterator[_Block]:
    same = next((place for place, (one, two) in enumerate(zip(was, now, strict=False)) if one != two), None)
    begin = min(len(was), len(now)) if same is None else same
    end = 0
    while end < min(len(was), len(now)) - begin and was[-1 - end] == now[-1 - end]:
        end += 1
    old, new = was[begin : len(was) - end], now[begin : len(now) - end]
    if not old and not new:
        return
    if max(len(old), len(new)) > _MOST_ROWS or len(old) == len(new):
        yield _Block(range(begin, begin + len(old)), range(begin, begin + len(new)))
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield _Block(range(begin + old_from, begin + old_to), range(begin + new_from, begin + new_to))


def _block(expected: FixedSheet, found: FixedSheet, block: _Block, content: Content) -> Iterator[Wrong]:
    now = [found.rows[place] for place in block.now]
    above = found.rows[block.now.start - 1].number if block.now.start else 0
    key = content.markers.get((found.name, above))
    while key and len(now) > len(block.was):  # written below the place instead of in it
        join_words(content.words[key], now.pop(0))
    for was, row in zip_longest((expected.rows[place] for place in block.was), now):
        if was is None:
            yield _added(found.name, row)
        elif row is None:
            yield _removed(found.name, was)
        else:
            yield from _changed(found.name, was, row)


def _changed(sheet: str, was: FixedRow, now: FixedRow) -> Iterator[Wrong]:
    for column, (old, new) in enumerate(zip_longest(was.cells, now.cells, fillvalue="")):
        if old != new:
            address = f"{get_column_letter(column + 1)}{now.number}"
            said = Bilingual(
                f"{sheet} {address}: 「{_shown(old)}」が「{_shown(new)}」に書き換えられています",
                f"{sheet} {address}: was {_shown(old)!r}, is {_shown(new)!r}",
            )
            yield Wrong(said, sheet, address, _shown(old), _shown(new))


def _added(sheet: str, row: FixedRow) -> Wrong:
    text = " ".join(filter(None, map(_shown, row.cells)))[:60]
    said = Bilingual(
        f"{sheet} {row.number}行目: 記入欄の外に書かれています: {text}",
        f"{sheet} row {row.number}: written outside of the places for words: {text}",
    )
    return Wrong(said, sheet)


def _removed(sheet: str, row: FixedRow) -> Wrong:
    text = " ".join(filter(None, map(_shown, row.cells)))[:60]
    return Wrong(Bilingual(f"{sheet}: 行がありません: {text}", f"{sheet}: a row is missing: {text}"), sheet)


def _shown(text: str) -> str:
    return text.rstrip("0").rstrip(".") if _NUMBER.fullmatch(text) else text
