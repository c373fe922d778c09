"""What reviewers wrote in the year of the demonstration, and how its first year was closed. Pure."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from ingest.demo.year.diary import NEIGHBOUR_OPERATOR, REPORTER
from ingest.demo.year.events import Year
from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT
from schemas.japan import JST

AS_SHOWN = ("実績と達成率は上に示したとおり。前の期間から大きな変化はない。", "同じ運用を続け、次の期間も確かめる。")
"""Said where nothing else is known: it holds whether the target was reached, missed, or nothing was measured."""
_SAID: dict[tuple[str, int], tuple[str, str]] = {
    ("completeness", 2): ("7月8日の落雷で基地局が3日止まった。", "電源に避雷器を付けた。効果を次の四半期に確かめる。"),
    ("completeness", 3): ("12月に電池切れの土壌センサーが9日止まった。", "電池を一斉に替えた。"),
    ("completeness-halow", 1): ("尾根の陰で電波が届きにくい。", "アンテナの向きを見直す。"),
    ("completeness-halow", 2): ("第1四半期と変わらない。", "11月にアンテナの向きを変える。"),
    ("completeness-halow", 3): ("アンテナの向きを変えたが効果がなかった。", "中継機を検討する。"),
    ("completeness-halow", 4): ("2月の防水工事のほかは変わらない。", "次年度に中継機を置く。"),
    ("users", 1): ("見ているのは、おもに農政課と防災課の職員。", "使い方の説明会を開く。"),
    ("outages", 2): ("台風で回線が切れ、20時間止まった。", "予備の回線を引く。"),
}
"""(KPI, quarter; 0: the year) -> (factors, direction)."""


class Reviewed(NamedTuple):
    """What was written about one KPI of a quarter or year, and that the review was closed after it."""

    project: str
    kind: str
    first_day: date
    kpi: str
    factors: str
    direction: str
    entered_at: datetime
    by: str


def reviews(year: Year, kpis: dict[str, list[str]]) -> list[Reviewed]:
    """Every quarter of the whole year, and of the farming project the year itself. `kpis`: codes by project."""
    found = []
    for project, by in ((FARM, REPORTER), (NEIGHBOUR_PROJECT, NEIGHBOUR_OPERATOR)):
        for number in range(4):
            first = year.whole.months[number * 3]
            end = year.whole.months[number * 3 + 2].next.first_day
            found += _period(project, "quarter", first.first_day, end, kpis[project], number + 1, by)
    end = year.whole.next.first_day + timedelta(days=35)
    return found + _period(FARM, "year", year.whole.first_day, end, kpis[FARM], 0, REPORTER)


def _period(
    project: str, kind: str, first_day: date, end: date, kpis: list[str], number: int, by: str
) -> list[Reviewed]:
    entered_at = datetime.combine(end + timedelta(days=24), datetime.min.time(), JST) + timedelta(hours=10)
    return [Reviewed(project, kind, first_day, kpi, *_said(kpi, number), entered_at, by) for kpi in sorted(kpis)]


def _said(kpi: str, number: int) -> tuple[str, str]:
    if kpi == "users":
        return _SAID["users", 1]
    if number == 0 and kpi == "completeness-halow":
        return ("尾根の陰で電波が届かず、年間を通して目標を下回った。", "次年度に中継機を置く。")
    return _SAID.get((kpi, number), AS_SHOWN)
