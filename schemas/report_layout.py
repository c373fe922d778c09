"""The layout of a report kind: a data file that says which sections stand in it, in which order, under which words.

Programmes change their wording every year: a new edition is a new file under `schemas/reports/`, no code.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.report_document import CellKind, Name, ReportKind


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnLayout(_Part):
    """A column: `code` is one that the source offers; the heading, width and decimals are the file's."""

    code: Name
    heading: str
    kind: CellKind = CellKind.TEXT
    width: int = Field(12, ge=3, le=80)
    decimals: int = Field(0, ge=0, le=6)
    unit: str = ""


class FieldLayout(_Part):
    """A labelled value: `code` is one that the source offers."""

    code: Name
    label: str
    kind: CellKind = CellKind.TEXT
    decimals: int = Field(0, ge=0, le=6)
    unit: str = ""
    strong: bool = False


class FieldsLayout(_Part):
    """A block of labels and values."""

    form: Literal["fields"]
    code: Name
    title: str
    source: Name
    across: int = Field(1, ge=1, le=3)
    fields: tuple[FieldLayout, ...] = Field(min_length=1)


class TableLayout(_Part):
    """A table. `total`: its last row is that of the whole, if the source has one."""

    form: Literal["table"]
    code: Name
    title: str
    source: Name
    columns: tuple[ColumnLayout, ...] = Field(min_length=1)
    total: bool = False
    note: str = ""
    empty: str = "該当なし"
    annex: int | None = None
    wide: bool = False


class WrittenLayout(_Part):
    """Cells for people's words. `source` offers the cells: one for the whole, or one for each KPI."""

    form: Literal["written"]
    code: Name
    title: str
    source: Name
    prompt: str = ""


class LinesLayout(_Part):
    """Sentences. `lines` of the file come first, those of the source after them."""

    form: Literal["lines"]
    code: Name
    title: str
    source: Name | None = None
    lines: tuple[str, ...] = ()
    annex: int | None = None


SectionLayout = Annotated[FieldsLayout | TableLayout | WrittenLayout | LinesLayout, Field(discriminator="form")]


class ReportLayout(_Part):
    """A data file. `edition`: of which fiscal year the wording is; `valid_from`: reports of periods from here on.

    `also`: what else than `span` it may be about: open data of a year is daily, of a month hourly.
    """

    kind: ReportKind
    edition: str
    valid_from: date
    title: str
    span: Literal["month", "year", "day"]
    also: tuple[Literal["month", "year"], ...] = ()
    programme: str = Field("", description="事業名・補助金名 as printed on the cover")
    sections: tuple[SectionLayout, ...] = Field(min_length=1)
