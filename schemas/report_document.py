"""A report (報告書) before it has a form: sections of fields, tables and people's words, with evidence for figures.

The canonical JSON of a document is what is frozen, signed and compared; xlsx, PDF, CSV and JSON show the same document.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from schemas.bilingual import Bilingual
from schemas.japan import JST, FiscalYear, Month
from schemas.report import ReportProject

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]

SubmissionNumber = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=100)]
"""PROJECT-2026-yearly, PROJECT-2026-11-monthly: of all revisions of a report about one period."""


class ReportKind(StrEnum):
    """The kinds of reports. The names are arguments of a command and stand in the database; they never change."""

    MONTHLY = "monthly"
    YEARLY = "yearly"
    EFFECT = "effect"
    COMPLETION = "completion"
    ASSETS = "assets"
    TECHNOLOGY = "technology"
    AIRTIME = "airtime"
    OPEN_DATA = "opendata"
    TAKEOVER = "takeover"
    CHRONOLOGY = "chronology"
    SET = "set"
    """The cover letter of everything that is handed in about a year; its ZIP has all files."""

    @property
    def label(self) -> Bilingual:
        """The report as people call it."""
        return _KINDS[self]


_KINDS = {
    ReportKind.MONTHLY: Bilingual("月次運用報告", "monthly operation report"),
    ReportKind.YEARLY: Bilingual("運用状況等報告書", "yearly report on operation"),
    ReportKind.EFFECT: Bilingual("効果検証シート", "sheet for verifying the effect"),
    ReportKind.COMPLETION: Bilingual("実績報告の添付資料", "annex to the completion report"),
    ReportKind.ASSETS: Bilingual("機器台帳・取得財産等管理台帳", "ledger of equipment and acquired assets"),
    ReportKind.TECHNOLOGY: Bilingual("通信方式比較表", "comparison of radio technologies"),
    ReportKind.AIRTIME: Bilingual("920MHz送信時間台帳", "ledger of airtime at 920 MHz"),
    ReportKind.OPEN_DATA: Bilingual("観測データ公開CSV", "observations as open data"),
    ReportKind.TAKEOVER: Bilingual("事業者間の引継ぎ一覧", "list for the next operator"),
    ReportKind.CHRONOLOGY: Bilingual("災害対応時系列記録", "chronology of the watch"),
    ReportKind.SET: Bilingual("年度の一式と送付状", "whole set of a year with its cover letter"),
}


class CellKind(StrEnum):
    """What the values of a column or field are; it decides over alignment and number format."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    PERCENT = "percent"
    YEN = "yen"
    DATE = "date"
    MOMENT = "moment"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_As = Field(strict=True)
Value: TypeAlias = (
    Annotated[str, _As] | Annotated[int, _As] | Annotated[Decimal, _As] | Annotated[AwareDatetime, _As]
    | Annotated[date, _As]
)  # fmt: skip
"""What is given stays what it is: the text 222160 is no number. `document_of_json` restores what JSON cannot say."""


class Said(_Part):
    """A text in both languages, as a document keeps it."""

    ja: str
    en: str


class Cell(_Part):
    """One value. Numbers are exact, rounded once, by the decimals of their column.

    `value` None: with `missing` it cannot be computed (shown as ―, the reason beside it), without it is left empty.
    `reference_only`: 参考値. `evidence`: the id of an `Evidence` of the document; every figure has one.
    """

    value: Value | None = None
    missing: Said | None = None
    reference_only: bool = False
    evidence: Name | None = None

    @classmethod
    def of(
        cls, value: Value | None, missing: Said | None = None, *, reference_only: bool = False,
        evidence: str | None = None,
    ) -> "Cell":  # fmt: skip
        """The same cell unchecked, of values that have their types: a year of 2,000 devices has 150,000 cells.

        It is made in a third of the time, and takes half of the memory.
        """
        return cls.model_construct(
            _CELL_FIELDS, value=value, missing=missing, reference_only=reference_only, evidence=evidence
        )


_CELL_FIELDS = set(Cell.model_fields)
"""One set for all cells that are made unchecked: a set of its own would be most of what a cell takes."""


class Column(_Part):
    """A column of a table. `width` in half-width characters; `decimals` of numbers; `unit` is printed in the head."""

    code: Name
    heading: str
    kind: CellKind = CellKind.TEXT
    width: int = Field(12, ge=3, le=80)
    decimals: int = Field(0, ge=0, le=6)
    unit: str = ""


class FieldOf(_Part):
    """A label and its value."""

    code: Name
    label: str
    kind: CellKind = CellKind.TEXT
    decimals: int = Field(0, ge=0, le=6)
    unit: str = ""
    strong: bool = False
    cell: Cell


class Fields(_Part):
    """A block of labels and values, `across` pairs beside each other."""

    form: Literal["fields"] = "fields"
    code: Name
    title: str
    across: int = Field(1, ge=1, le=3)
    fields: tuple[FieldOf, ...]


class Row(_Part):
    """A row of a table; `key` names it for comparing revisions: a code, never a position."""

    key: str
    cells: tuple[Cell, ...]


class Table(_Part):
    """A table. `total`: the row of the whole, whose rates are rates of sums. `empty`: printed in place of no rows.

    `annex`: it stands behind the report as 別紙 of this number. `wide`: it needs a landscape page.
    """

    form: Literal["table"] = "table"
    code: Name
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""
    empty: str = "該当なし"
    annex: int | None = None
    wide: bool = False


class WrittenCell(_Part):
    """A place for people's words (記入欄). `key` finds it again in a file that comes back.

    `row`, `column`: where the cells of a section make a grid, as those about KPIs do; `label` says both in one.
    """

    key: str
    label: str
    row: str = ""
    column: str = ""
    text: str = ""
    author: str = ""
    written_at: AwareDatetime | None = None


class Written(_Part):
    """A section that people write: 要因分析, 課題, 改善措置, 委員の意見, ..."""

    form: Literal["written"] = "written"
    code: Name
    title: str
    prompt: str = ""
    cells: tuple[WrittenCell, ...]

    @property
    def is_grid(self) -> bool:
        """Whether every cell has a row and a column."""
        return bool(self.cells) and all(cell.row and cell.column for cell in self.cells)


class Lines(_Part):
    """Plain sentences: 算出方法, データ完全性."""

    form: Literal["lines"] = "lines"
    code: Name
    title: str
    lines: tuple[str, ...]
    annex: int | None = None


Section = Annotated[Fields | Table | Written | Lines, Field(discriminator="form")]


class Evidence(_Part):
    """Where figures come from (根拠): a query anybody with the database can repeat, and how much it rested on."""

    id: Name
    figure: str = Field(description="A function or view of the database, or a code of the catalogue of figures")
    arguments: dict[str, str]
    rows: int = Field(ge=0, description="Rows it answered")
    computed_at: AwareDatetime


class Period(_Part):
    """What a report is about: a month, a fiscal year, or the state on a day. Both days belong to it.

    `over`: False while it runs; the figures then count up to `until`.
    """

    span: Literal["month", "year", "day"]
    label: str
    first_day: date
    last_day: date
    until: AwareDatetime
    over: bool

    @classmethod
    def of_month(cls, month: Month, now: AwareDatetime) -> "Period":
        """A calendar month in Japan."""
        until, over = min(now, month.end), now >= month.end
        return cls(
            span="month", label=month.label, first_day=month.first_day, last_day=month.last_day, until=until, over=over
        )

    @classmethod
    def of_year(cls, year: FiscalYear, now: AwareDatetime) -> "Period":
        """A fiscal year."""
        until, over = min(now, year.end), now >= year.end
        return cls(
            span="year", label=year.label, first_day=year.first_day, last_day=year.last_day, until=until, over=over
        )

    @classmethod
    def of_day(cls, day: date, now: AwareDatetime) -> "Period":
        """The state on a day: at its end, or now while it runs."""
        end = datetime.combine(day, time.min, JST) + timedelta(days=1)
        label = f"{Month.of(day).label}{day.day}日現在"
        until, over = min(now, end), now >= end
        return cls(span="day", label=label, first_day=day, last_day=day, until=until, over=over)


class LayoutRef(_Part):
    """The data file that gave headings, order and wording."""

    kind: ReportKind
    edition: str
    digest: str


class Sealed(_Part):
    """How a frozen report became one: what its cover says besides number and revision.

    `replaces_frozen_at`, `reason`: of a revision, when the one before was frozen, and why there is a new one.
    `public_key`: 32 bytes in Base64, by which anybody checks the signatures of the files.
    """

    checked_at: AwareDatetime
    checked_by: str
    frozen_at: AwareDatetime
    frozen_by: str
    reason: str = ""
    replaces_frozen_at: AwareDatetime | None = None
    key_id: str
    public_key: str


class ReportDocument(_Part):
    """A report. `number`, `revision` and `sealed` are of a frozen one (提出版); a draft has none of them.

    `report_of`: n of 5 of the yearly duty, None where it is not known. `marks`: what a reader has to know first, as
    that the period runs, or that sums of it are not computed yet.
    """

    version: Literal[1] = 1
    kind: ReportKind
    title: str
    project: ReportProject
    period: Period
    report_of: tuple[int, int] | None = None
    made_at: AwareDatetime
    made_by: str = ""
    software: str
    plan_number: int | None
    layout: LayoutRef
    marks: tuple[Said, ...] = ()
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...]
    number: SubmissionNumber | None = None
    revision: int | None = None
    sealed: Sealed | None = None
