"""What the API answers about the check of a plan. Numbers that are not whole are text: no program rounds them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

Number = Annotated[str | None, Field(examples=["83.6"])]


class Said(BaseModel):
    """A sentence in both languages."""

    ja: str
    en: str


class ProofAnswer(BaseModel):
    """The evidence (根拠) of an actual: with it somebody else can compute it again."""

    figure: str = Field(description="Code of /plan/catalogue, work.<sum>, or observation.<code>")
    arguments: dict[str, str | float]
    scope: dict[str, Any]
    first_day: date
    until_day: date = Field(description="The day after the period")
    samples: int
    completeness: Number = Field(description="Of the data in the same scope and period, in percent")
    computed_at: datetime
    software: str
    plan_number: int = Field(description="Version of the plan")
    sources: list[str]
    basis: str | None = Field(description="measured, estimated or assumed: of what people entered")
    notes: list[Said]


class KpiAnswer(BaseModel):
    """A KPI of a period. Where a number is null, the field beside it says why."""

    code: str
    label: str
    box: str
    unit: str
    decimals: int
    formula: str
    formula_label: Said
    owner: str
    target: Number
    target_missing: Said | None
    baseline: Number
    actual: Number
    actual_missing: Said | None
    reference_only: bool = Field(description="参考値: the data is less complete than the plan asks for")
    evidence: ProofAnswer
    rate: Number = Field(description="達成率 in percent, cut")
    rate_missing: Said | None
    grade: str | None
    changes: list[Said] = Field(description="What was changed of this KPI within the fiscal year")


class KpisAnswer(BaseModel):
    """Every KPI of a period."""

    project: str
    kind: str
    first_day: date
    until_day: date
    plan_number: int | None = Field(description="Version of the plan; null: the project has no plan")
    notes: list[Said]
    kpis: list[KpiAnswer]


class CatalogueEntry(BaseModel):
    """A figure by which a KPI can be measured."""

    code: str
    label: Said
    unit: Said
    better: str
    formula: Said
    source: str
    arguments: dict[str, list[str]] = Field(description="Names and their values; the first holds where none is given")


class CatalogueAnswer(BaseModel):
    """The catalogue of plan figures."""

    figures: list[CatalogueEntry]


class SumsAnswer(BaseModel):
    """Rows of the sums of a period; rates in percent, cut. `devices`: those of which something was expected."""

    project: str
    kind: str
    first_day: date
    until_day: date
    sums: list[dict[str, Any]]


class UseCounts(BaseModel):
    """Counts of use of one month."""

    people: int = Field(description="Distinct people")
    sign_ins: int
    page_views: int = Field(description="One for a person, kind of page and hour")
    downloads: int = Field(description="Downloads and exports")
    reports: int = Field(description="Reports made")


class DepartmentUse(UseCounts):
    """The use by one department (所属) in the whole organisation."""

    department: str = Field(description="Empty: people without one; その他: departments of few people, put together")


class RoleUse(BaseModel):
    """The people of one role."""

    role: str = Field(description="The highest that they have today; none: they have none any more")
    people: int


class MonthUse(BaseModel):
    """The use of one month. Without counts `missing` says why.

    People, sign-ins and page views are of the whole organisation, downloads, reports and programs of the project.
    """

    month: str = Field(examples=["2026-10"])
    frozen_at: datetime | None = Field(description="When it was frozen; null: it is not, and may still grow")
    revision: int | None
    missing: Said | None
    counts: UseCounts | None
    programs: int | None = Field(description="Distinct tokens that used the API")
    notifications: int | None = Field(description="Messages of the watch that reached people; null: it had not begun")
    departments: list[DepartmentUse]
    roles: list[RoleUse]


class UseAnswer(BaseModel):
    """The use of a project in a fiscal year (利用状況). No single person is known by it."""

    project: str
    fiscal_year: int
    months: list[MonthUse]
    uses: list[str] = Field(description="分野 of which valid data came in the year")
    departments: list[str] = Field(description="Departments with enough people to be named")
    department_count: int = Field(description="All departments of which somebody used it in the year")
    diversity: int | None = Field(description="多用途度: uses x departments; null where no month is known")


class SnapshotHead(BaseModel):
    """What stands on a frozen period."""

    kind: str
    first_day: date
    until_day: date
    revision: int
    frozen_at: datetime
    frozen_by: str
    plan_number: int | None
    software: str
    reason: str
    digest: str = Field(description="SHA-256 of the canonical text of the body, in hexadecimal")
    intact: bool = Field(
        description="Whether the body is the one that the digest was made of, and the audit log has no other digest"
    )
    noted: bool | None = Field(
        description="Whether the audit log has this freezing with this digest; null: it has no entry about it"
    )


class SnapshotsAnswer(BaseModel):
    """The newest revision of each frozen period."""

    project: str
    snapshots: list[SnapshotHead]


class SnapshotAnswer(SnapshotHead):
    """One revision of a frozen period, whole."""

    body: dict[str, Any]
    difference: list[dict[str, Any]] | None


class RevisionsAnswer(BaseModel):
    """Revisions of one period, the oldest first."""

    project: str
    kind: str
    first_day: date
    revisions: list[SnapshotAnswer]
    next_below: int | None = Field(description="Give it as `below` for older revisions; null: these were the first")


class PartsAnswer(BaseModel):
    """Percentage points by stage; `whole` is their exact sum, and each number is cut to twelve decimals."""

    sent: str
    radio: str
    valid: str
    mix: str
    whole: str


class PartAnswer(BaseModel):
    """The part of one network or device."""

    key: str
    name: str
    parts: PartsAnswer
    before: Number
    after: Number


class FactorsAnswer(BaseModel):
    """The factors (要因分析) of a change of the completeness, in percentage points."""

    project: str
    before: Number
    after: Number
    missing: Said | None
    method: Said
    parts: PartsAnswer | None
    networks: list[PartAnswer]
    devices: list[PartAnswer]
    worst: list[dict[str, Any]]
    weather_before: dict[str, float | None] | None
    weather_after: dict[str, float | None] | None


class ReviewAnswer(BaseModel):
    """What was written about a period or a KPI of it (`kpi` empty: about the whole)."""

    kpi: str
    factors: str
    issues: str
    improvement: str
    opinion: str
    direction: str
    closed: bool
    entered_at: datetime
    entered_by: str


class ReviewsAnswer(BaseModel):
    """The newest of each, and what stands in the way of closing the review."""

    project: str
    kind: str
    first_day: date
    reviews: list[ReviewAnswer]
    lacking: list[Said]
    revised: int | None = Field(
        description="The newest revision, if it came after the review was closed; null: the review is about what holds"
    )
