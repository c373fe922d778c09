"""Puts a report together: the layout says what stands where, the sources say the values, rounding happens here."""

from decimal import Decimal
from typing import TypeVar

from ingest import __version__
from ingest.report.layouts import LayoutFile
from ingest.report.rounding import cut, round_half_up
from ingest.report.source.base import Asked, Cells, FieldsRead, LinesRead, Read, RowRead, TableRead, WrittenRead
from ingest.report.source.table import SOURCES
from schemas.japan import JST
from schemas.report import ReportProject
from schemas.report_document import (
    Cell,
    CellKind,
    Column,
    Evidence,
    FieldOf,
    Fields,
    LayoutRef,
    Lines,
    ReportDocument,
    Row,
    Said,
    Section,
    Table,
    Written,
)
from schemas.report_layout import ColumnLayout, FieldLayout, FieldsLayout, LinesLayout, SectionLayout, TableLayout

SOFTWARE = f"Noroshi {__version__}"
_EMPTY = Cell()
Answer = TypeVar("Answer", FieldsRead, TableRead, WrittenRead, LinesRead)


def compose_report(asked: Asked, file: LayoutFile, made_by: str, report_of: tuple[int, int] | None) -> ReportDocument:
    """The document of what is asked, in this layout. Reads every figure once, from one look at the database.

    The caller holds the transaction (`ingest.figures.fetch.snapshot`).
    """
    layout = file.layout
    evidence: dict[str, Evidence] = {}
    asked.kept["evidence"] = evidence  # the list of evidence reads what the sections before it rest on
    sections: list[Section] = []
    marks: dict[Said, None] = {}
    for section in layout.sections:
        read = SOURCES[section.source].read(asked) if section.source else LinesRead(())
        evidence |= {} if isinstance(read, WrittenRead) else {each.id: each for each in read.evidence}
        marks |= dict.fromkeys(read.marks if isinstance(read, FieldsRead | TableRead) else ())
        sections.append(compose_section(section, read))
    return ReportDocument(
        kind=layout.kind,
        title=layout.title,
        project=_project(asked),
        period=asked.period,
        report_of=report_of,
        made_at=asked.now.astimezone(JST),
        made_by=made_by,
        software=SOFTWARE,
        plan_number=asked.plan and asked.plan.number,
        layout=LayoutRef(kind=layout.kind, edition=layout.edition, digest=file.digest),
        marks=tuple(marks),
        sections=tuple(sections),
        evidence=tuple(evidence.values()),
    )


def compose_section(layout: SectionLayout, read: Read) -> Section:
    """One section from what its source answered, with every number rounded by the layout."""
    if isinstance(layout, FieldsLayout):
        cells = _answer(read, FieldsRead).cells
        fields = tuple(_field(field, cells) for field in layout.fields)
        return Fields(code=layout.code, title=layout.title, across=layout.across, fields=fields)
    if isinstance(layout, TableLayout):
        return _table(layout, _answer(read, TableRead))
    if isinstance(layout, LinesLayout):
        lines = layout.lines + _answer(read, LinesRead).lines
        return Lines(code=layout.code, title=layout.title, lines=lines, annex=layout.annex)
    return Written(code=layout.code, title=layout.title, prompt=layout.prompt, cells=_answer(read, WrittenRead).cells)


def _answer(read: Read, wanted: type[Answer]) -> Answer:
    assert isinstance(read, wanted)  # layouts are checked against their sources when they are read
    return read


def _table(layout: TableLayout, read: TableRead) -> Table:
    columns = tuple(column for column in layout.columns if column.code not in read.without)
    return Table(
        code=layout.code,
        title=layout.title,
        columns=tuple(Column(**column.model_dump()) for column in columns),
        rows=tuple(compose_row(columns, row) for row in read.rows),
        total=compose_row(columns, read.total) if layout.total and read.total else None,
        note=layout.note,
        empty=layout.empty,
        annex=layout.annex,
        wide=layout.wide,
    )


def compose_row(columns: tuple[ColumnLayout, ...], row: RowRead) -> Row:
    """A row with the columns of the layout, its numbers rounded once."""
    return Row(key=row.key, cells=tuple(_cell(column, row) for column in columns))


def _cell(column: ColumnLayout, row: RowRead) -> Cell:
    """The cell of a column. Numbers in the unit of a KPI are held against a target, so they are cut."""
    cell = row.cells.get(column.code, _EMPTY)
    own = row.decimals.get(column.code)
    return _rounded(cell, column, column.decimals) if own is None else _numbered(cell, own, decides=True)


def _field(layout: FieldLayout, cells: Cells) -> FieldOf:
    return FieldOf(**layout.model_dump(), cell=_rounded(cells.get(layout.code, _EMPTY), layout, layout.decimals))


def _rounded(cell: Cell, layout: ColumnLayout | FieldLayout, decimals: int) -> Cell:
    """The cell with its number rounded once. A percentage decides over targets and grades, so it is cut."""
    return _numbered(cell, decimals, decides=layout.kind is CellKind.PERCENT)


def _numbered(cell: Cell, decimals: int, *, decides: bool) -> Cell:
    if not isinstance(cell.value, Decimal):
        return cell
    rounded = cut(cell.value, decimals) if decides else round_half_up(cell.value, decimals)
    if rounded.as_tuple() == cell.value.as_tuple():  # rows of open data share cells
        return cell
    return Cell.of(rounded, reference_only=cell.reference_only, evidence=cell.evidence)


def _project(asked: Asked) -> ReportProject:
    entry = asked.project
    return ReportProject(
        code=entry.code,
        name=entry.name,
        organisation_code=entry.organisation_code,
        organisation_name=entry.organisation_name,
        grant_number=entry.grant_number,
    )
