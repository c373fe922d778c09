"""Names of the fields of a plan for people. Errors, differences and tables call them alike."""

import re
from collections.abc import Mapping, Sequence

from schemas.bilingual import Bilingual, joined
from schemas.japan import FiscalYear

FIELDS: Mapping[str, Bilingual] = {
    "project": Bilingual("事業コード", "project"),
    "title": Bilingual("計画名", "title"),
    "purpose": Bilingual("目的", "purpose"),
    "begins": Bilingual("開始日", "begins"),
    "ends": Bilingual("終了日", "ends"),
    "boxes": Bilingual("ロジックモデル", "logic model"),
    "kpis": Bilingual("指標", "KPI"),
    "grades": Bilingual("評価区分", "grades"),
    "lowest_grade": Bilingual("最も低い評価", "lowest grade"),
    "groups": Bilingual("機器グループ", "device group"),
    "costs": Bilingual("費用", "cost"),
    "incomes": Bilingual("収入・便益", "income"),
    "yen_per_hour": Bilingual("人件費単価(円/時間)", "yen per hour"),
    "stakeholders": Bilingual("関係者", "stakeholder"),
    "calendar": Bilingual("評価の日程", "review calendar"),
    "adviser_quotas": Bilingual("アドバイザーの上限", "adviser quotas"),
    "technology_weights": Bilingual("通信方式を比べる重み", "weights of the comparison of technologies"),
    "equipment": Bilingual("計画した機器", "planned equipment"),
    "count": Bilingual("計画数", "count"),
    "code": Bilingual("コード", "code"),
    "label": Bilingual("名称", "label"),
    "stage": Bilingual("段階", "stage"),
    "leads_to": Bilingual("つながる先", "leads to"),
    "box": Bilingual("ロジックモデルの箱", "box of the logic model"),
    "unit": Bilingual("単位", "unit"),
    "decimals": Bilingual("小数の桁", "decimals"),
    "formula": Bilingual("達成率の算式", "formula"),
    "baseline": Bilingual("基準値", "baseline"),
    "value": Bilingual("値", "value"),
    "fiscal_year": Bilingual("年度", "fiscal year"),
    "source": Bilingual("出典", "source"),
    "targets": Bilingual("目標", "target"),
    "final_target": Bilingual("最終目標値", "final target"),
    "final_year": Bilingual("最終目標の年度", "year of the final target"),
    "scope": Bilingual("対象", "scope"),
    "networks": Bilingual("通信網", "networks"),
    "gateways": Bilingual("基地局", "gateways"),
    "areas": Bilingual("地区", "areas"),
    "uses": Bilingual("分野", "uses"),
    "technologies": Bilingual("通信方式", "technologies"),
    "devices": Bilingual("機器", "devices"),
    "group": Bilingual("機器グループ", "device group"),
    "season": Bilingual("運用期間", "season"),
    "evidence": Bilingual("根拠", "evidence"),
    "kind": Bilingual("種別", "kind"),
    "figure": Bilingual("数値", "figure"),
    "arguments": Bilingual("引数", "arguments"),
    "sum": Bilingual("集計するもの", "sum of"),
    "kinds": Bilingual("作業の種類", "kinds of work"),
    "combine": Bilingual("まとめ方", "combined as"),
    "owner": Bilingual("担当", "owner"),
    "least_completeness": Bilingual("参考値とする取得率(%)", "least completeness (%)"),
    "note": Bilingual("備考", "note"),
    "grade": Bilingual("評価", "grade"),
    "at_least": Bilingual("達成率の下限(%)", "least rate (%)"),
    "capital": Bilingual("初期費用か", "capital cost"),
    "yen": Bilingual("金額(円)", "yen"),
    "subsidy_yen": Bilingual("うち国費(円)", "of which subsidy (yen)"),
    "basis": Bilingual("値の性格", "basis"),
    "technology": Bilingual("通信方式", "technology"),
    "covers_months": Bilingual("まとめ払いの月数", "months paid at once"),
    "sector": Bilingual("区分", "sector"),
    "name": Bilingual("名前", "name"),
    "part": Bilingual("役割", "part"),
    "monthly_day": Bilingual("月次の確定日", "day of the monthly freeze"),
    "quarterly_months": Bilingual("四半期評価の月", "months of the quarterly review"),
    "yearly": Bilingual("年次評価の月日", "day of the yearly review"),
}

_YEAR = re.compile(r"20\d\d")


def said_of_field(steps: Sequence[str | int]) -> Bilingual:
    """The place of a field as people call it: 指標 patrol_hours 目標 令和8年度(2026年度)."""
    return joined((_step(step) for step in steps), " ")


def said_of_year(fiscal_year: int) -> Bilingual:
    """A fiscal year as people call it."""
    return Bilingual(FiscalYear(fiscal_year).label, f"fiscal year {fiscal_year}")


def _step(step: str | int) -> Bilingual:
    if isinstance(step, int):
        return Bilingual(f"{step + 1}件目", f"no. {step + 1}")
    if step in FIELDS:
        return FIELDS[step]
    return said_of_year(int(step)) if _YEAR.fullmatch(step) else Bilingual(step, step)
