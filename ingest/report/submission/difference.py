"""What a revision changed: cell by cell, old and new, and a sheet of it (差分表). Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ingest.report.form.values import text_of
from schemas.japan import JST
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    FieldOf,
    Fields,
    Lines,
    ReportDocument,
    Row,
    Section,
    Table,
    Written,
)

TOTAL = "合計"
EVIDENCE, COMPUTED_AT = "evidence", "computed_at"
"""The list of evidence says when each figure was computed: that is of every revision its own, and no change."""
_NOW = re.compile(r"(, )?now_ => [^,]*")
_NOT_THERE = "(なし)"


class Change(NamedTuple):
    """One value that is not what it was. `old` or `new` None: it was not there, or is not there any more.

    `section`, `row` and `column` are codes, which stay the same over revisions; `place` is how people call it.
    """

    section: str
    row: str
    column: str
    place: str
    old: str | None
    new: str | None


class _Known(NamedTuple):
    place: str
    text: str


_Key = tuple[str, str, str]


def changes_between(old: ReportDocument, new: ReportDocument) -> list[Change]:
    """Every value, text and sentence that differs, in the order of the new document, then what is gone."""
    before, after = dict(_cells(old)), dict(_cells(new))
    return [*_changed(before, after), *_gone(before, after)]


def _changed(before: Mapping[_Key, _Known], after: Mapping[_Key, _Known]) -> Iterator[Change]:
    for key, now in after.items():
        was = before.get(key)
        if was is None or was.text != now.text:
            yield Change(*key, now.place, was and was.text, now.text)


def _gone(before: Mapping[_Key, _Known], after: Mapping[_Key, _Known]) -> Iterator[Change]:
    for key, was in before.items():
        if key not in after:
            yield Change(*key, was.place, was.text, None)


def _cells(document: ReportDocument) -> Iterator[tuple[_Key, _Known]]:
    """Every value by its codes. When it was made and by what is of every revision its own, and no change."""
    plan = "" if document.plan_number is None else str(document.plan_number)
    counted = f"{document.period.until.astimezone(JST):%Y-%m-%d %H:%M}"
    head = {"title": ("表題", document.title), "period": ("対象期間", document.period.label)}
    project = document.project
    head |= {"project": ("事業名", project.name), "organisation": ("事業主体", project.organisation_name or "")}
    head |= {"grant": ("交付決定番号", project.grant_number or "")}
    head |= {"until": ("集計時点", counted), "plan": ("計画の版", plan), "layout": ("様式", document.layout.edition)}
    for code, (label, text) in head.items():
        yield ("", "", code), _Known(label, text)
    for number, mark in enumerate(document.marks):
        yield ("", "marks", str(number)), _Known("注記", mark.ja)
    for section in document.sections:
        yield from _of_section(section)


def _of_section(section: Section) -> Iterator[tuple[_Key, _Known]]:
    if isinstance(section, Fields):
        for one in section.fields:
            yield (section.code, "", one.code), _Known(f"{section.title} {one.label}", _field_text(one))
    elif isinstance(section, Table):
        for row in section.rows:
            yield from _of_row(section, row, row.key)
        if section.total:
            yield from _of_row(section, section.total, TOTAL)
    elif isinstance(section, Written):
        for cell in section.cells:
            said = f"{cell.text}({cell.author})" if cell.author else cell.text
            yield (section.code, cell.key, "text"), _Known(f"{section.title} {cell.label}", said)
    else:
        yield from _of_lines(section)


def _of_lines(section: Lines) -> Iterator[tuple[_Key, _Known]]:
    for number, line in enumerate(section.lines, start=1):
        yield (section.code, str(number), "line"), _Known(f"{section.title} {number}", line)


def _of_row(table: Table, row: Row, key: str) -> Iterator[tuple[_Key, _Known]]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        text = _text(cell, column.kind)
        if table.code == EVIDENCE:
            if column.code == COMPUTED_AT:
                continue
            text = _NOW.sub("", text)
        yield (table.code, key, column.code), _Known(f"{table.title} {key} {column.heading}", text)


def _field_text(one: FieldOf) -> str:
    return _text(one.cell, one.kind, one.unit)


def _text(cell: Cell, kind: CellKind, unit: str = "") -> str:
    """The value with the reason why it is missing: another reason is a change too."""
    why = f"({cell.missing.ja})" if cell.value is None and cell.missing else ""
    return text_of(cell, kind, unit) + why


def difference_document(old: ReportDocument, new: ReportDocument, changes: list[Change], reason: str) -> ReportDocument:
    """The sheet of a revision as a report of its own: which revisions, why, and every change."""
    fields = Fields(
        code="revision",
        title="訂正の概要",
        fields=(
            _said("number", "提出番号", new.number or ""),
            _said("before", "前の版", _revision(old)),
            _said("after", "この版", _revision(new)),
            _said("reason", "訂正の理由", reason),
            FieldOf(code="count", label="変わった値の数", kind=CellKind.COUNT, cell=Cell(value=len(changes))),
        ),
    )
    table = Table(
        code="changes",
        title="差分",
        wide=True,
        columns=(
            Column(code="place", heading="場所", width=48),
            Column(code="old", heading="前の値", width=30),
            Column(code="new", heading="新しい値", width=30),
            Column(code="reason", heading="理由", width=30),
        ),
        rows=tuple(_row(change, reason) for change in changes),
        empty="変わった値はありません",
    )
    return new.model_copy(update={"title": f"{new.title} 差分表", "marks": (), "sections": (fields, table)})


def _revision(document: ReportDocument) -> str:
    return f"第{document.revision}版({document.made_at.astimezone(JST):%Y-%m-%d %H:%M} 作成)"


def _said(code: str, label: str, text: str) -> FieldOf:
    return FieldOf(code=code, label=label, cell=Cell(value=text))


def _row(change: Change, reason: str) -> Row:
    texts = (change.place, *(_NOT_THERE if text is None else text for text in (change.old, change.new)), reason)
    key = f"{change.section}/{change.row}/{change.column}"
    return Row(key=key, cells=tuple(Cell(value=text) for text in texts))
