"""Reads causes of outages from the table that the page gives, as Excel writes it: every mistake with its line."""

from collections.abc import Sequence
from typing import NamedTuple

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
    """A line of the file. `cause` None: the cell is empty, and the outage stays as it is."""

    place: Place
    number: int
    cause: OutageCause | None
    note: str


def read_causes(file: str, content: bytes) -> tuple[list[Explained], list[Problem]]:
    """The lines of a file and everything that is wrong with it. Headings are Japanese or English."""
    problems: list[Problem] = []
    rows = read_rows(file, content, problems, _count_known)
    header = next((at for at, row in enumerate(rows) if any(row)), None)
    if header is None:
        return [], problems
    columns = _columns(rows[header], Place(file, header + 1), problems)
    if problems:
        return [], problems
    found: list[Explained] = []
    for at, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row):
            place = Place(file, at)
            check_width(row, rows[header], place, problems)
            line = _line(place, {name: _text(row, position) for name, position in columns.items()}, problems)
            if line is not None and line.cause is not None:
                found.append(line)
    return found, problems[:MAX_PROBLEMS]


def _line(place: Place, texts: dict[str, str], problems: list[Problem]) -> Explained | None:
    number, cause = texts["number"], texts["cause"]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        problems.append(
            Problem(
                Bilingual(f"「{number}」は停止の番号ではありません", f"{number!r} is no number of an outage"),
                place,
                HEADINGS["number"],
            )
        )
        return None
    if not cause:
        return Explained(place, int(number), None, "")
    known = next((each for each in OutageCause if cause in (each.value, each.label.ja, each.label.en)), None)
    if known is None:
        names = Bilingual(
            "、".join(each.label.ja for each in OutageCause), ", ".join(each.label.en for each in OutageCause)
        )
        problems.append(
            Problem(
                Bilingual(
                    f"「{cause}」という原因はありません。書けるのは {names.ja}",
                    f"{cause!r} is no cause; it may be {names.en}",
                ),
                place,
                HEADINGS["cause"],
            )
        )
        return None
    return Explained(place, int(number), known, texts.get("note", ""))


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
