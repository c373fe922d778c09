"""Reads KPIs from a table as Excel saves it: one row for each, in any of its encodings, headings in either language."""

from collections.abc import Mapping, Sequence
from typing import Any

from ingest.plan.document.columns import PROJECT, Column, find, known_headings, nearest
from ingest.plan.document.source import Row
from ingest.registry.cells import EXCEL_ERRORS
from ingest.registry.problem import Place, Problem
from ingest.registry.table import check_width, read_rows
from schemas.bilingual import Bilingual, quoted
from schemas.foreign import read_cell, unseen_in
from schemas.misfit import said_by

_OF_KIND = {"figure": "figure", "work": "sum", "observation": "code"}
"""The field of an evidence that says what it is of."""

_BELONGS_TO = {"arguments": "figure", "kinds": "work", "combine": "observation"}


def read_kpis(file: str, content: bytes, problems: list[Problem]) -> list[Row]:
    """The rows of one CSV file."""
    rows = read_rows(file, content, problems, known_headings)
    header = next((index for index, row in enumerate(rows) if any(row)), None)
    if header is None:
        return []
    columns = _columns(rows[header], Place(file, header + 1), problems)
    if columns is None:
        return []
    found = []
    for index, row in enumerate(rows[header + 1 :], start=header + 2):
        if any(row):
            place = Place(file, index)
            check_width(row, rows[header], place, problems)
            found.append(_row(row, columns, place, problems))
    return found


def _columns(row: Sequence[str], place: Place, problems: list[Problem]) -> dict[int, Column] | None:
    found: dict[int, Column] = {}
    for position, written in enumerate(row):
        column = find(written) if written else None
        if column is not None and column.path in {each.path for each in found.values()}:
            twice = Bilingual(
                "同じ内容の列が二つあります。どちらか一方にしてください", "two columns mean the same: keep one of them"
            )
            problems.append(Problem(twice, place, quoted(written)))
        elif column is not None:
            found[position] = column
        elif written:
            near = nearest(written)
            unknown = Bilingual(
                f"指標の表に「{written}」という見出しはありません。{near.ja}",
                f"a table of KPIs has no heading {written!r}: {near.en}",
            )
            problems.append(Problem(unknown, place, quoted(written)))
    if ("code",) not in {each.path for each in found.values()}:
        absent = Bilingual(
            "見出し「指標コード」の列がありません。指標の表には必ず要ります",
            "the column code is missing, and a table of KPIs needs it",
        )
        problems.append(Problem(absent, place))
        return None
    return found


def _row(row: Sequence[str], columns: Mapping[int, Column], place: Place, problems: list[Problem]) -> Row:
    body: dict[str, Any] = {}
    project = ""
    for position, column in columns.items():
        text = read_cell(row[position]) if position < len(row) else ""
        if not text:
            continue
        try:
            value = _parsed(column, text)
        except ValueError as error:
            problems.append(Problem(said_by(error), place, quoted(column.heading)))
            continue
        if column is PROJECT:
            project = value
        else:
            _put(body, column.path, value)
    if "code" not in body:
        empty = Bilingual("空です。必ず書いてください", "it is empty, and must be written")
        problems.append(Problem(empty, place, Bilingual("指標コード", "code")))
    _complete_evidence(body, place, problems)
    names = frozenset(column.path[0] for column in columns.values() if column is not PROJECT)
    years = frozenset(column.path[1] for column in columns.values() if column.path[0] == "targets")
    return Row(place, project, body, names, years)


def _parsed(column: Column, text: str) -> Any:
    if text in EXCEL_ERRORS:
        raise ValueError(
            Bilingual(
                f"Excel のエラー値「{text}」です。式を直すか、値を入力してください",
                f"{text} is an error of Excel: correct the formula, or enter the value",
            )
        )
    unseen = unseen_in(text.replace("\r\n", "\n").replace("\r", "\n"))
    if unseen is not None:
        raise ValueError(
            Bilingual(
                f"見えない文字({unseen})が入っています。消して入力し直してください",
                f"there is a character that nobody sees ({unseen}): enter the cell again",
            )
        )
    return column.parse(text)


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value


def _complete_evidence(body: dict[str, Any], place: Place, problems: list[Problem]) -> None:
    """Give what the evidence is of its name in the model, and refuse what another kind of evidence would have."""
    evidence = body.get("evidence")
    if evidence is None:
        return
    kind = evidence.get("kind", "")
    if "of" in evidence and kind in _OF_KIND:
        evidence[_OF_KIND[kind]] = evidence.pop("of")
    for field, of in _BELONGS_TO.items():
        if field in evidence and kind in _OF_KIND and kind != of:
            del evidence[field]
            why = Bilingual(
                f"根拠の種類が {kind} の指標には書けません", f"a KPI whose evidence is {kind} has nothing of the kind"
            )
            problems.append(Problem(why, place, quoted(field)))
