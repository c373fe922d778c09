"""Takes a workbook apart: the stamp, people's words by their keys, and everything else, to be compared."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.report.form.fixed import MARKER, FixedRow, FixedSheet, comparable, fixed_rows
from ingest.report.form.stamp import Stamp, read_stamp
from ingest.report.form.words import clean_words
from ingest.report.read.cells import SheetRead
from ingest.report.read.wrong import Wrong
from schemas.bilingual import Bilingual

MOST_CHARACTERS = 10_000
"""The longest words of one place."""


@dataclass(slots=True)
class Words:
    """What stands in one place. `key`: section/key. `before`: the digest of what stood there when the file was made."""

    key: str
    before: str
    sheet: str
    row: int
    text: str


@dataclass(slots=True)
class Content:
    """A workbook from outside. `markers`: by sheet and row, the key of the place below it."""

    stamp: Stamp | None = None
    sheets: list[FixedSheet] = field(default_factory=list)
    words: dict[str, Words] = field(default_factory=dict)
    markers: dict[tuple[str, int], str] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)


def take_apart(sheets: list[SheetRead]) -> Content:
    """The content of a workbook, with what is wrong in it whatever report it is of."""
    content = Content()
    for sheet in sheets:
        rows = dict(sheet.rows)
        for number, row in sorted(sheet.rows.items()):
            if number not in rows:  # words, whatever they look like
                continue
            for value in row.values():
                _look_for_stamp(content, value)
            if found := _markers(row):
                _keep_row(content, sheet.name, number + 1, found, rows.pop(number + 1, {}))
        fixed = ((number, _without_stamp(row)) for number, row in sorted(rows.items()))
        content.sheets.append(FixedSheet(sheet.name, tuple(fixed_rows(fixed))))
        content.wrong += [_formula(sheet.name, address) for address in sheet.formulas]
    return content


def check_lengths(content: Content) -> list[Wrong]:
    """What is too long."""
    return [
        Wrong(
            Bilingual(
                f"記入欄 {words.key}: 長すぎます({len(words.text)} 文字。{MOST_CHARACTERS} 文字まで)",
                f"{words.key}: too long, {len(words.text)} characters: at most {MOST_CHARACTERS}",
            ),
            words.sheet,
        )
        for words in content.words.values()
        if len(words.text) > MOST_CHARACTERS
    ]


def _markers(row: Mapping[int, object]) -> dict[int, re.Match[str]]:
    """The markers of a row by their columns: several in a grid."""
    texts = ((column, comparable(value)) for column, value in sorted(row.items()) if isinstance(value, str))
    return {column: found for column, text in texts if (found := MARKER.search(text))}


def _keep_row(
    content: Content, sheet: str, row: int, markers: Mapping[int, re.Match[str]], below: Mapping[int, object]
) -> None:
    """Keep the words below one marker, or below each of a grid: there those of its columns up to the next one."""
    if len(markers) == 1:
        _keep_words(content, sheet, row, next(iter(markers.values())), below)
        content.markers[sheet, row - 1] = next(iter(markers.values()))["key"]
        return
    first = min(markers)
    for column, marker in markers.items():
        until = min((each for each in markers if each > column), default=max((column, *below)) + 1)
        begin = 0 if column == first else column
        own = {place: value for place, value in below.items() if begin <= place < until}
        _keep_words(content, sheet, row, marker, own)


def _keep_words(content: Content, sheet: str, row: int, marker: re.Match[str], below: Mapping[int, object]) -> None:
    key = marker["key"]
    if key in content.words:
        said = Bilingual(f"{sheet}: 記入欄 {key} が二つあります", f"{sheet}: there are two places {key}")
        content.wrong.append(Wrong(said, sheet))
        return
    text = "\n".join(filter(None, (clean_words(value) for _, value in sorted(below.items()))))
    content.words[key] = Words(key, marker["before"] or "", sheet, row, text)


def _look_for_stamp(content: Content, value: object) -> None:
    if isinstance(value, str) and content.stamp is None:
        content.stamp = read_stamp(value)


def _without_stamp(row: Mapping[int, object]) -> dict[int, str]:
    return {
        column: comparable(value)
        for column, value in row.items()
        if not (isinstance(value, str) and read_stamp(value) is not None)
    }


def _formula(sheet: str, address: str) -> Wrong:
    said = Bilingual(
        f"{sheet} {address}: 数式が入っています。値だけにしてください",
        f"{sheet} {address}: a formula; write its value",
    )
    return Wrong(said, sheet)


def join_words(words: Words, row: FixedRow) -> None:
    """Add a row that was inserted below a place for words to its words."""
    more = "\n".join(filter(None, (clean_words(text) for text in row.cells)))
    words.text = clean_words(f"{words.text}\n{more}")
