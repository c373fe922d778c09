"""Reads causes of outages from the table that the page gives, as Excel writes it: every mistake with its line."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.plan.outage.explain import LONGEST_NOTE, NOTE_TOO_LONG
from ingest.registry.problem import MAX_PROBLEMS, Place, Problem
from ingest.registry.table import check_width, read_rows
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import read_cell
from schemas.work import OutageCause

HEADINGS = {
    "number": Bilingual("番号", "number"),
    "level": Bilingual("種別", "level"),
    "code": Bilingual("コード", "code"),
    "name": Bilingual("名称", "name"),
    "starts": Bilingual("始まり", "starts"),
    "ends": Bilingual("終わり", "ends"),
    "minutes": Bilingual("長さ(分)", "minutes"),
    "devices": Bilingual("機器数", "devices"),
    "planned": Bilingual("うち計画停止(分)", "planned minutes"),
    "proposed": Bilingual("推定原因", "proposed cause"),
    "why": Bilingual("推定の理由", "reason"),
    "cause": Bilingual("原因", "cause"),
    "note": Bilingual("メモ", "note"),
}
"""The columns of the file, in order. Of these `number`, `cause` and `note` are read back."""

_READ = ("number", "cause", "note")


class Explained(NamedTuple):
    """A line of the file. `cause` None: the cell is empty or wrong; `said`: something stands in it.

    `number` None: the cell is wrong. Wrong lines are there so that all mistakes of a line are told at once.
    """

    place: Place
    number: int | None
    cause: OutageCause | None
    note: str
    said: bool


def read_causes(file: str, content: bytes) -> tuple[list[Explained], list[Problem]]:
    """The lines of a file that say a cause, and what is wrong with it. Headings are Japanese or English."""
    problems: list[Problem] = []
    rows = read_rows(file, content, problems, _count_known)
    header = next((at for at, row in enumerate(rows) if any(row)), None)
    if header is None:
        return [], problems
    columns = _columns(rows[header], Place(file, header + 1), problems)
    if not {"number", "cause"} <= columns.keys():
        return [], problems
    found: list[Explained] = []
    for at, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row) and len(problems) <= MAX_PROBLEMS:  # what is wrong further down is not shown
            place = Place(file, at)
            check_width(row, rows[header], place, problems)
            line = _line(place, {name: _text(row, position) for name, position in columns.items()}, problems)
            if line.said:
                found.append(line)
    return found, problems


def _line(place: Place, texts: dict[str, str], problems: list[Problem]) -> Explained:
    number = texts["number"]
    sound = number.isascii() and number.isdigit() and len(number) < 19
    if not sound:
        no_number = Bilingual(f"「{number}」は停止の番号ではありません", f"{number!r} is no number of an outage")
        problems.append(Problem(no_number, place, HEADINGS["number"]))
    cause, wrong = _cause(texts["cause"])
    if wrong:
        problems.append(Problem(wrong, place, HEADINGS["cause"]))
    note = texts.get("note", "")
    if len(note) > LONGEST_NOTE:
        problems.append(Problem(NOTE_TOO_LONG, place, HEADINGS["note"]))
    return Explained(place, int(number) if sound else None, cause, note, said=bool(texts["cause"]))


def _cause(text: str) -> tuple[OutageCause | None, Bilingual | None]:
    """The cause of a cell, None for an empty one; and what is wrong with the cell."""
    if not text:
        return None, None
    known = next((each for each in OutageCause if text in (each.value, each.label.ja, each.label.en)), None)
    if known is not None:
        return known, None
    ja, en = "、".join(each.label.ja for each in OutageCause), ", ".join(each.label.en for each in OutageCause)
    return None, Bilingual(
        f"「{text}」という原因はありません。書けるのは {ja}", f"{text!r} is no cause; it may be {en}"
    )


def _text(row: Sequence[str], position: int) -> str:
    return read_cell(row[position]).strip() if position < len(row) else ""


def _find(heading: str) -> str | None:
    plain = heading.strip()
    return next((name for name, said in HEADINGS.items() if plain in (said.ja, said.en, name)), None)


def _count_known(headings: Sequence[str]) -> int:
    return sum(1 for each in headings if each and _find(each))


def _columns(row: Sequence[str], place: Place, problems: list[Problem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, written in enumerate(row):
        name = _find(written) if written else None
        if name is None:
            if written:
                unknown = Bilingual(f"「{written}」という見出しは分かりません", f"the heading {written!r} is not known")
                problems.append(Problem(unknown, place, quoted(written)))
        elif name in found:
            twice = Bilingual(f"見出し「{written}」が2回あります", f"the heading {written!r} is there twice")
            problems.append(Problem(twice, place, quoted(written)))
        else:
            found[name] = position
    for name in ("number", "cause"):
        if name not in found:
            heading = HEADINGS[name]
            absent = Bilingual(f"見出し「{heading.ja}」の列がありません", f"the column {heading.en} is missing")
            problems.append(Problem(absent, place))
    return {name: position for name, position in found.items() if name in _READ}
