"""What people wrote down in the year of the demonstration: work, stops, observations, measures, reviews. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ingest.demo.year.events import Year
from ingest.simulator.inventory import PADDY_SEASON
from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT
from schemas.work import MeasureState, OutageCause, WorkKind

REPORTER, OPERATOR, NEIGHBOUR_OPERATOR = "hokoku", "unyo", "tonari"
"""Logins of the demonstration."""


class Work(NamedTuple):
    """A line of the work log, entered an hour after the work."""

    project: str
    kind: WorkKind
    starts: datetime
    minutes: int
    by: str
    device: str | None = None
    place: str = ""
    note: str = ""
    people: int = 1
    km: float | None = None


class Stop(NamedTuple):
    """A planned stop of a network, entered days before it."""

    project: str
    network: str
    starts: datetime
    ends: datetime
    reason: str
    by: str
    entered_at: datetime


class Observed(NamedTuple):
    """What people observed in a period."""

    project: str
    code: str
    first_day: date
    last_day: date
    value: float
    unit: str
    source: str
    by: str


class Step(NamedTuple):
    """A step of a measure to another state."""

    state: MeasureState
    at: datetime
    note: str = ""


class Planned(NamedTuple):
    """An improvement measure with its steps. `result`: what came of it; empty while nobody knows."""

    project: str
    title: str
    detail: str
    owner: str
    due: date
    kpis: tuple[str, ...]
    networks: tuple[str, ...]
    cost_yen: int
    by: str
    steps: tuple[Step, ...]
    done_on: date | None = None
    result: str = ""
    fiscal_year: int = 0


class Explained(NamedTuple):
    """The cause of all outages of a project that began at this time or up to six hours later, as a human sees it."""

    project: str
    at: datetime
    cause: OutageCause
    note: str
    by: str


def works(year: Year, until: datetime) -> Iterator[Work]:
    """The work log up to a moment, in order."""
    found = [*_patrols(year), *_single(year)]
    yield from sorted((each for each in found if each.starts < until), key=lambda each: each.starts)


def _patrols(year: Year) -> Iterator[Work]:
    """Rounds through the paddies: four a week in the whole year, three in the next one; and looks at the channel."""
    for later, days, minutes in ((0, (0, 2, 4, 6), 118), (1, (0, 3, 5), 110)):
        day = year.at(*_month_day(PADDY_SEASON[0]), 6, later=later)
        end = year.at(*_month_day(PADDY_SEASON[1]), 6, later=later)
        while day <= end:
            if day.weekday() in days:
                device = f"paddy-{day.toordinal() % 6 + 1:03d}"
                yield Work(FARM, WorkKind.PATROL, day, minutes, REPORTER, device, "", "水位の確認", km=14.5)
            day += timedelta(days=1)
    for rain in year.rains():
        if rain.metres >= 0.5:
            at = rain.starts + timedelta(hours=5)
            yield Work(
                NEIGHBOUR_PROJECT, WorkKind.PATROL, at, 45, NEIGHBOUR_OPERATOR, None, "水路 下流部", "大雨の確認", 2, 6
            )


def _single(year: Year) -> Iterator[Work]:
    yield Work(FARM, WorkKind.MOWING, year.at(6, 14, 8), 90, REPORTER, None, "基地局の周り", "", 3)
    yield Work(FARM, WorkKind.REPAIR, year.at(7, 11, 9), 150, OPERATOR, None, "基地局", "落雷で故障、交換", 2, 22)
    yield Work(FARM, WorkKind.INSTALLATION, year.at(7, 18, 10), 60, OPERATOR, None, "基地局", "避雷器を付けた", 2, 22)
    yield Work(
        NEIGHBOUR_PROJECT, WorkKind.REPAIR, year.at(9, 6, 4), 70, NEIGHBOUR_OPERATOR, None, "基地局", "回線の復旧"
    )
    yield Work(
        FARM, WorkKind.INSPECTION, year.at(11, 20, 13), 120, OPERATOR, None, "校舎の屋上", "アンテナの向きを変えた", 2
    )
    yield Work(FARM, WorkKind.CALIBRATION, year.at(11, 25, 10), 40, OPERATOR, "soil-004", "", "土壌水分の校正")
    yield Work(FARM, WorkKind.BATTERY, year.at(12, 12, 14), 25, REPORTER, "soil-005", "", "電池を交換", km=9)
    yield Work(
        FARM,
        WorkKind.BATTERY,
        year.at(12, 20, 9),
        180,
        REPORTER,
        None,
        "畑・果樹",
        "土壌センサーの電池を一斉交換",
        2,
        31,
    )
    yield Work(FARM, WorkKind.REPAIR, year.at(1, 29, 10), 50, OPERATOR, "trap-002", "", "傾いた支柱を直した", 1, 12)
    yield Work(FARM, WorkKind.CLEANING, year.at(3, 10, 9), 75, REPORTER, None, "水田", "水位計の清掃", 2)
    yield Work(FARM, WorkKind.REPAIR, year.at(6, 6, 15, later=1), 35, OPERATOR, "soil-002", "", "ケーブルを交換")


def stops(year: Year) -> list[Stop]:
    """Planned stops."""
    return [
        Stop(
            FARM,
            "nogyo-halow",
            year.at(2, 10, 9),
            year.at(2, 10, 17),
            "校舎の屋上の防水工事",
            OPERATOR,
            year.at(2, 3, 11),
        ),
    ]  # fmt: skip


def observations(year: Year) -> list[Observed]:
    """What people observed."""
    y = year.whole.year
    halves = ((date(y, 4, 1), date(y, 9, 30), 214_000.0), (date(y, 10, 1), date(y + 1, 3, 31), 131_000.0))
    return [
        *(
            Observed(FARM, "damage_yen", first, last, yen, "円", "農作物被害調査(農政課)", REPORTER)
            for first, last, yen in halves
        ),
        Observed(
            FARM, "damage_yen", date(y + 1, 4, 1), date(y + 1, 9, 30), 96_000, "円", "農作物被害調査(農政課)", REPORTER
        ),
        *(
            Observed(NEIGHBOUR_PROJECT, "minutes_to_call", rain, rain, minutes, "分", "水防日誌", NEIGHBOUR_OPERATOR)
            for rain, minutes in ((date(y, 7, 3), 34.0), (date(y, 9, 5), 26.0), (date(y + 1, 7, 3), 22.0))
        ),
    ]


def measures(year: Year) -> list[Planned]:
    """Three measures of the whole year, of which one failed; two of the next, of which one is late; the neighbour's."""
    return [*_measures_of_the_whole(year), *_measures_of_the_next(year)]


def _measures_of_the_whole(year: Year) -> list[Planned]:
    y, at = year.whole.year, year.at
    state = MeasureState
    return [
        Planned(
            FARM, "基地局の電源に避雷器を付ける", "7月8日の落雷で3日停止したため。", "防災課 鈴木", date(y, 7, 31),
            ("completeness", "availability"), ("nogyo-lpwa",), 88_000, OPERATOR,
            (Step(state.DECIDED, at(7, 14, 10)), Step(state.UNDER_WAY, at(7, 15, 9)), Step(state.DONE, at(7, 18, 16)),
             Step(state.EVALUATED, at(9, 1, 10))),
            date(y, 7, 18), "以後、落雷による停止はない。", y,
        ),
        Planned(
            FARM, "HaLow のアンテナの向きを変える", "取得率が目標に届かないため。", "防災課 鈴木", date(y, 11, 30),
            ("completeness-halow",), ("nogyo-halow",), 35_000, OPERATOR,
            (Step(state.DECIDED, at(11, 4, 10)), Step(state.DONE, at(11, 20, 16)), Step(state.EVALUATED, at(1, 8, 10))),
            date(y, 11, 20), "効果がなかった。尾根で見通しが取れない。中継機を検討する。", y,
        ),
        Planned(
            FARM, "土壌センサーの電池を一斉に替える", "1台が電池切れで止まったため。", "農政課 佐藤", date(y, 12, 25),
            ("completeness",), ("nogyo-lpwa",), 24_000, REPORTER,
            (Step(state.DECIDED, at(12, 15, 10)), Step(state.DONE, at(12, 20, 15)),
             Step(state.EVALUATED, at(2, 2, 10))),
            date(y, 12, 20), "以後、電池による停止はない。", y,
        ),
    ]  # fmt: skip


def _measures_of_the_next(year: Year) -> list[Planned]:
    y, at = year.whole.year, year.at
    state = MeasureState
    return [
        Planned(
            FARM, "HaLow の中継機を置く", "前年度の措置で効果がなかったため。", "防災課 鈴木", date(y + 1, 9, 30),
            ("completeness-halow",), ("nogyo-halow",), 240_000, OPERATOR,
            (Step(state.DECIDED, at(5, 12, 10, later=1)), Step(state.UNDER_WAY, at(8, 20, 9, later=1))),
            None, "", y + 1,
        ),
        Planned(
            FARM, "水位の基準を土地改良区と決め直す", "見回りをさらに減らすため。", "農政課 佐藤", date(y + 2, 2, 27),
            ("water-hours",), ("nogyo-lpwa",), 0, REPORTER, (), None, "", y + 1,
        ),
        Planned(
            NEIGHBOUR_PROJECT, "基地局に予備の回線を引く", "台風で20時間止まったため。", "防災課 渡辺", date(y, 12, 26),
            ("completeness", "outages"), ("tonari-lpwa",), 120_000, NEIGHBOUR_OPERATOR,
            (Step(state.DECIDED, at(9, 22, 10)), Step(state.DONE, at(12, 18, 15))), date(y, 12, 18), "", y,
        ),
    ]  # fmt: skip


def explanations(year: Year) -> list[Explained]:
    """Causes that somebody has entered."""
    at, cause = year.at, OutageCause
    return [
        Explained(FARM, at(7, 8, 14), cause.WEATHER, "落雷で基地局の電源が故障", OPERATOR),
        Explained(NEIGHBOUR_PROJECT, at(9, 5, 6), cause.BACKHAUL, "台風で回線が切れた", NEIGHBOUR_OPERATOR),
        Explained(FARM, at(12, 3, 0), cause.BATTERY, "電池切れ", REPORTER),
        Explained(FARM, at(1, 15, 2), cause.WEATHER, "雪で支柱が傾いた", OPERATOR),
    ]


def _month_day(said: str) -> tuple[int, int]:
    return int(said[:2]), int(said[3:])
