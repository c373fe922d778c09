"""The PDCA plan (運用計画) of one project, as a file says it: boxes of the logic model, KPIs, costs, calendar."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schemas.device import MonthDay, NetworkKind
from schemas.labelled import Labelled
from schemas.project import Code
from schemas.work import Amount, Basis, WorkKind

Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]
Year = Annotated[int, Field(ge=2015, le=2100, description="年度: the year (A.D.) in which it begins")]
Day = Annotated[date, Field(ge=date(2015, 4, 1), le=date(2101, 3, 31), description="A day of these fiscal years")]
Yen = Annotated[int, Field(ge=0, le=10**13)]


class Stage(Labelled):
    """Where a box stands in the logic model."""

    INPUT = "input", "投入", "input"
    ACTIVITY = "activity", "活動", "activity"
    OUTPUT = "output", "アウトプット", "output"
    OUTCOME = "outcome", "アウトカム", "outcome"


class Formula(Labelled):
    """How an achievement rate (達成率) is computed. The name is printed beside the rate."""

    RATIO = "ratio", "比率: 実績 ÷ 目標", "ratio: actual / target"
    GAIN = "gain", "改善度: (実績 - 基準) ÷ (目標 - 基準)", "gain: (actual - base) / (target - base)"
    CUMULATIVE = "cumulative", "累計: 増分の累計 ÷ 目標の累計", "cumulative: sum of increments / target sum"
    LIMIT = "limit", "上限: 目標以下なら100、超えたら目標 ÷ 実績", "limit: 100 up to the target, then target / actual"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Box(_Strict):
    """A box of the logic model. `leads_to`: codes of boxes of the next stage."""

    code: Code
    stage: Stage
    label: Text
    leads_to: tuple[Code, ...] = ()


class Season(_Strict):
    """A part of each year (運用期間): both days belong to it; it may wrap the year end."""

    begins: MonthDay
    ends: MonthDay


class PlanScope(_Strict):
    """What a figure is about: everything of the project, or what all the given lists allow. Empty lists allow all."""

    networks: tuple[Code, ...] = ()
    gateways: tuple[Code, ...] = ()
    areas: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    technologies: tuple[NetworkKind, ...] = ()
    devices: tuple[Code, ...] = ()
    group: Code | None = Field(None, description="Name of a device group of this plan")
    season: Season | None = None


class FigureEvidence(_Strict):
    """The actual is a figure of the catalogue of plan figures (`ingest/figures/plan`)."""

    kind: Literal["figure"] = "figure"
    figure: Code
    arguments: dict[str, str | float] = Field(default_factory=dict)


class WorkEvidence(_Strict):
    """The actual is a sum over the work log. `minutes`: minutes x people; `visits`: entries."""

    kind: Literal["work"] = "work"
    sum: Literal["hours", "minutes", "visits", "km"] = "hours"
    kinds: tuple[WorkKind, ...] = Field((), description="Empty: every kind")


class ObservationEvidence(_Strict):
    """The actual is what people entered under this code, with its source."""

    kind: Literal["observation"] = "observation"
    code: Code
    combine: Literal["sum", "mean", "last"] = "sum"


Evidence = Annotated[FigureEvidence | WorkEvidence | ObservationEvidence, Field(discriminator="kind")]


class Baseline(_Strict):
    """What was before (基準値)."""

    value: Amount
    fiscal_year: Year
    source: Text


class Kpi(_Strict):
    """A key figure (KPI) with its targets and its evidence."""

    code: Code
    label: Text
    box: Code = Field(description="The box of the logic model it hangs on")
    unit: str = Field(max_length=40)
    decimals: int = Field(1, ge=0, le=3)
    formula: Formula
    baseline: Baseline | None = None
    targets: dict[Year, Amount] = Field(default_factory=dict, description="目標値 by fiscal year")
    final_target: Amount | None = None
    final_year: Year | None = None
    scope: PlanScope = PlanScope()
    evidence: Evidence
    owner: Text
    least_completeness: float = Field(80, ge=0, le=100, description="Below it an actual is 参考値")
    note: str = ""


class Grade(_Strict):
    """A grade is given from this achievement rate (%) on; the last one has none below it."""

    grade: Text
    at_least: Amount


class CostKind(Labelled):
    """What a cost is for."""

    EQUIPMENT = "equipment", "機器", "equipment"
    CONSTRUCTION = "construction", "工事", "construction"
    COMMUNICATION = "communication", "通信", "communication"
    CLOUD = "cloud", "クラウド", "cloud"
    MAINTENANCE = "maintenance", "保守", "maintenance"
    PERSONNEL = "personnel", "人件費", "personnel"
    OTHER = "other", "その他", "other"


class Cost(_Strict):
    """An amount of yen of one fiscal year. `covers_months`: paid at once for so many months from `begins` on."""

    kind: CostKind
    capital: bool = Field(description="True: 初期費用; False: 運用費用 of that year")
    fiscal_year: Year
    yen: Yen
    subsidy_yen: Yen = Field(0, description="国費; the rest is 地方負担")
    basis: Basis = Basis.MEASURED
    technology: NetworkKind | None = None
    begins: Day | None = None
    covers_months: int | None = Field(None, ge=1, le=60)
    source: str = ""
    note: str = ""


class Income(_Strict):
    """Income, or a saving (便益), of one fiscal year in yen."""

    label: Text
    kind: Literal["fee", "saving", "avoided_damage", "other"]
    fiscal_year: Year
    yen: Yen
    basis: Basis
    source: Text


class Stakeholder(_Strict):
    """Somebody who takes part: 産, 官, 学, 金, or a resident."""

    sector: Literal["industry", "government", "academia", "finance", "residents"]
    name: Text
    part: Text = Field(description="役割")


class Calendar(_Strict):
    """When is reviewed: the day of the next month a month is frozen, months of the quarterly and yearly reviews."""

    monthly_day: int = Field(10, ge=1, le=28)
    quarterly_months: tuple[int, ...] = (7, 10, 1, 4)
    yearly: MonthDay = "05-31"


class PlannedEquipment(_Strict):
    """How many of a kind were to be installed: 品名 as the ledger of assets calls it, else 分野 of the devices."""

    kind: Text = Field(description="種別")
    count: int = Field(ge=1, le=100_000, description="計画数")
    source: str = ""


class PlanDocument(_Strict):
    """A whole plan of one project. Codes of boxes, KPIs and groups are unique; what they name must be there."""

    project: Code
    title: Text
    purpose: str = ""
    begins: Day
    ends: Day
    boxes: tuple[Box, ...] = Field((), max_length=60)
    kpis: tuple[Kpi, ...] = Field((), max_length=60)
    grades: tuple[Grade, ...] = (
        Grade(grade="A", at_least=100),
        Grade(grade="B", at_least=80),
        Grade(grade="C", at_least=60),
    )
    lowest_grade: Text = "D"
    groups: dict[Code, tuple[Code, ...]] = Field(default_factory=dict, description="機器グループ: codes of devices")
    costs: tuple[Cost, ...] = Field((), max_length=500)
    incomes: tuple[Income, ...] = Field((), max_length=500)
    yen_per_hour: Yen | None = Field(None, description="人件費単価 for hours saved")
    stakeholders: tuple[Stakeholder, ...] = Field((), max_length=100)
    calendar: Calendar = Calendar()
    adviser_quotas: dict[str, float] = Field(
        default_factory=dict,
        description="Of a fiscal year, by MeasureKind; what is not said is the quota of the data file",
    )
    technology_weights: dict[str, float] = Field(
        default_factory=dict,
        description="Weights of the criteria by which radio technologies are compared; none: those of the data file",
    )
    equipment: tuple[PlannedEquipment, ...] = Field((), max_length=200, description="計画した機器の数, by kind")
