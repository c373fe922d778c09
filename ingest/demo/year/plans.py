"""The plans of the two towns of the demonstration. Pure."""

from datetime import date
from typing import Any, Literal

from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT
from schemas.japan import FiscalYear
from schemas.plan import PlanDocument

REPLAYED = (
    "デモは起動のたびに、止まっていた間(はじめは直近1日)の分をまとめて受信します。"
    "その日の遅延は、測定から受信までの時間のとおり長くなります。"
)
"""Of the delay: it is true of a field that was replayed, and it looks like a fault."""


def farm_plan(year: FiscalYear) -> PlanDocument:
    """The plan of the farming project, which begins with this fiscal year."""
    y = year.year
    return _plan(
        FARM,
        year,
        title="スマート農業・鳥獣害対策 運用計画",
        purpose="水管理と見回りの負担を減らし、獣害を早く知る。",
        boxes=[
            _box("sensors", "input", "センサー17台・気象計1台・基地局", "operate"),
            _box("staff", "input", "農政課2名・土地改良区", "operate", "patrol"),
            _box("operate", "activity", "機器の運用と点検", "data"),
            _box("patrol", "activity", "データを見て見回る", "data", "watched"),
            _box("data", "output", "水位・土壌・わなのデータ", "hours", "damage"),
            _box("watched", "output", "見回りの要る田だけを見る", "hours"),
            _box("hours", "outcome", "水管理の時間が減る"),
            _box("damage", "outcome", "獣害が減る"),
        ],
        kpis=[
            _kpi("water-hours", "水管理の見回り時間", "hours", "時間/年", "gain", {y: 200, y + 1: 150},
                 {"kind": "work", "sum": "hours", "kinds": ["patrol"]}, "農政課 佐藤",
                 baseline={"value": 260, "fiscal_year": y - 1, "source": "土地改良区の日誌"},
                 final_target=130, final_year=y + 2),
            _kpi("damage", "獣害の被害額", "damage", "円/年", "gain", {y: 400_000, y + 1: 250_000},
                 {"kind": "observation", "code": "damage_yen", "combine": "sum"}, "農政課 佐藤",
                 baseline={"value": 730_000, "fiscal_year": y - 1, "source": "農作物被害調査"}, decimals=0),
            _kpi("completeness", "データ取得率", "data", "%", "ratio", {y: 90, y + 1: 93},
                 {"kind": "figure", "figure": "completeness"}, "農政課 佐藤"),
            _kpi("completeness-halow", "データ取得率(Wi-Fi HaLow)", "data", "%", "ratio", {y: 85, y + 1: 90},
                 {"kind": "figure", "figure": "completeness"}, "農政課 佐藤", scope={"networks": ["nogyo-halow"]}),
            _kpi("availability", "稼働率", "operate", "%", "ratio", {y: 95, y + 1: 96},
                 {"kind": "figure", "figure": "availability"}, "防災課 鈴木"),
            _kpi("latency", "遅延(95%)", "data", "秒", "limit", {y: 5, y + 1: 5},
                 {"kind": "figure", "figure": "latency_p95"}, "防災課 鈴木", note=REPLAYED),
            _kpi("users", "画面の利用者数(月平均)", "watched", "人", "ratio", {y: 10, y + 1: 12},
                 {"kind": "figure", "figure": "users"}, "企画課 高橋", decimals=0),
        ],
        yen_per_hour=1_770,
        groups={"paddies": [f"paddy-{number:03d}" for number in range(1, 7)]},
        costs=_farm_costs(year),
        incomes=_farm_incomes(y),
        equipment=_planned(_FARM_EQUIPMENT),
        stakeholders=_FARM_STAKEHOLDERS,
    )  # fmt: skip


def _farm_costs(year: FiscalYear) -> list[dict[str, Any]]:
    y = year.year
    return [
        _cost("equipment", y, 8_600_000, capital=True, subsidy=4_300_000, technology="lpwa"),
        _cost("equipment", y, 5_600_000, capital=True, subsidy=2_800_000, technology="halow"),
        _cost("construction", y, 1_700_000, capital=True, subsidy=850_000, technology="lpwa"),
        _cost("construction", y, 1_400_000, capital=True, subsidy=700_000, technology="halow"),
        _cost("cloud", y, 3_000_000, subsidy=1_500_000, begins=str(year.first_day), covers_months=60),
        *(_cost("communication", y + later, 60_000, technology="lpwa") for later in range(3)),
        *(_cost("communication", y + later, 120_000, technology="halow") for later in range(3)),
        *(_cost("maintenance", y + later, 240_000, technology="lpwa") for later in range(3)),
        *(_cost("maintenance", y + later, 180_000, technology="halow") for later in range(3)),
    ]


def _farm_incomes(y: int) -> list[dict[str, Any]]:
    return [
        *({"label": "利用料(農業者28人)", "kind": "fee", "fiscal_year": y + later, "yen": 336_000,
           "basis": "measured", "source": "農政課 収納簿"} for later in range(2)),
        {"label": "見回り時間の節減", "kind": "saving", "fiscal_year": y, "yen": 163_000, "basis": "estimated",
         "source": "作業記録 × 人件費単価"},
    ]  # fmt: skip


_FARM_EQUIPMENT = {"基地局": 6, "水田水位計": 6, "土壌センサー": 5, "ハウス環境計": 3, "わなカメラ": 3, "雨量計": 1}
_FARM_STAKEHOLDERS = [
    {"sector": "industry", "name": "里谷土地改良区", "part": "水管理と日誌"},
    {"sector": "government", "name": "里谷町 農政課", "part": "事業主体"},
    {"sector": "academia", "name": "県立大学 農学部(架空)", "part": "効果の検証"},
    {"sector": "finance", "name": "里谷信用組合(架空)", "part": "農業者への融資"},
]


def channel_plan(year: FiscalYear) -> PlanDocument:
    """The plan of the neighbour, which begins with this fiscal year."""
    y = year.year
    return _plan(
        NEIGHBOUR_PROJECT,
        year,
        title="水路水位見守り 運用計画",
        purpose="大雨のときに、水路を見に行く危険と手間を減らす。",
        boxes=[
            _box("gauges", "input", "水位計3台・気象計1台・基地局1局", "watch"),
            _box("watch", "activity", "水位を画面で見守る", "data"),
            _box("data", "output", "途切れない水位のデータ", "visits", "told"),
            _box("visits", "outcome", "大雨時の現地確認が減る"),
            _box("told", "outcome", "住民へ早く知らせる"),
        ],
        kpis=[
            _kpi("visits", "大雨時の現地確認回数", "visits", "回/年", "limit", {y: 20, y + 1: 15},
                 {"kind": "work", "sum": "visits", "kinds": ["patrol"]}, "防災課 渡辺",
                 baseline={"value": 64, "fiscal_year": y - 1, "source": "水防日誌"}, decimals=0),
            _kpi("told", "浸水から連絡までの時間", "told", "分", "gain", {y: 30, y + 1: 20},
                 {"kind": "observation", "code": "minutes_to_call", "combine": "mean"}, "防災課 渡辺",
                 baseline={"value": 55, "fiscal_year": y - 1, "source": "水防日誌"}, decimals=0),
            _kpi("completeness", "データ取得率", "data", "%", "ratio", {y: 95, y + 1: 95},
                 {"kind": "figure", "figure": "completeness"}, "防災課 渡辺"),
            _kpi("outages", "停止回数", "watch", "回/年", "limit", {y: 12, y + 1: 10},
                 {"kind": "figure", "figure": "outages"}, "防災課 渡辺", decimals=0),
        ],
        equipment=_planned({"基地局": 1, "河川水位計": 3, "雨量計": 1}),
        costs=[
            _cost("equipment", y, 5_400_000, capital=True, subsidy=2_700_000),
            _cost("construction", y, 1_900_000, capital=True, subsidy=950_000),
            *(_cost("communication", y + later, 96_000) for later in range(3)),
            *(_cost("maintenance", y + later, 150_000) for later in range(3)),
        ],
        incomes=[],
        stakeholders=[
            {"sector": "government", "name": "隣谷町 防災課", "part": "事業主体"},
            {"sector": "residents", "name": "水路沿いの自治会", "part": "連絡を受ける"},
        ],
    )  # fmt: skip


def _plan(project: str, year: FiscalYear, **parts: Any) -> PlanDocument:
    last = FiscalYear(year.year + 4).last_day
    return PlanDocument.model_validate({"project": project, "begins": str(year.first_day), "ends": str(last), **parts})


def _planned(counts: dict[str, int]) -> list[dict[str, Any]]:
    """How many of a kind (品名) were to be installed."""
    return [{"kind": kind, "count": count, "source": "交付申請書"} for kind, count in counts.items()]


def _box(code: str, stage: str, label: str, *leads_to: str) -> dict[str, Any]:
    return {"code": code, "stage": stage, "label": label, "leads_to": list(leads_to)}


def _kpi(
    code: str,
    label: str,
    box: str,
    unit: str,
    formula: Literal["ratio", "gain", "limit"],
    targets: dict[int, float],
    evidence: dict[str, Any],
    owner: str,
    **more: Any,
) -> dict[str, Any]:
    return {
        "code": code, "label": label, "box": box, "unit": unit, "formula": formula, "targets": targets,
        "evidence": evidence, "owner": owner, **more,
    }  # fmt: skip


def _cost(
    kind: str, fiscal_year: int, yen: int, *, capital: bool = False, subsidy: int = 0, **more: str | int | date
) -> dict[str, Any]:
    return {
        "kind": kind, "capital": capital, "fiscal_year": fiscal_year, "yen": yen, "subsidy_yen": subsidy,
        "source": "契約書", **more,
    }  # fmt: skip
