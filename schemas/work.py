"""Closed lists of what people enter about a project: work, causes of outages, measures. Names never change."""

from enum import StrEnum
from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, FiniteFloat

from schemas.bilingual import Bilingual

LEAST, MOST = 1e-9, 1e15
NO_AMOUNT = Bilingual(
    "0、または絶対値が 0.000000001 以上 1,000,000,000,000,000 以下の数にしてください",
    "write 0, or a number from 0.000000001 to 1,000,000,000,000,000 on either side of it",
)


def is_amount(value: float) -> bool:
    """Whether a value is one that people observe or aim at: sums and rates of such values fit everywhere."""
    return value == 0 or (isfinite(value) and LEAST <= abs(value) <= MOST)


def _amount(value: float) -> float:
    if not is_amount(value):
        raise ValueError(NO_AMOUNT)
    return value


Amount = Annotated[FiniteFloat, AfterValidator(_amount)]
"""A target, a baseline, an observed value."""


class WorkKind(StrEnum):
    """What somebody did in the field (作業の種類)."""

    PATROL = "patrol"
    INSPECTION = "inspection"
    BATTERY = "battery"
    CALIBRATION = "calibration"
    CLEANING = "cleaning"
    REPAIR = "repair"
    MOWING = "mowing"
    INSTALLATION = "installation"
    OTHER = "other"

    @property
    def label(self) -> Bilingual:
        """The kind as people call it."""
        return _WORK[self]


_WORK = {
    WorkKind.PATROL: Bilingual("見回り", "patrol"),
    WorkKind.INSPECTION: Bilingual("点検", "inspection"),
    WorkKind.BATTERY: Bilingual("電池交換", "battery change"),
    WorkKind.CALIBRATION: Bilingual("校正", "calibration"),
    WorkKind.CLEANING: Bilingual("清掃", "cleaning"),
    WorkKind.REPAIR: Bilingual("修理", "repair"),
    WorkKind.MOWING: Bilingual("草刈り", "mowing"),
    WorkKind.INSTALLATION: Bilingual("設置・移設", "installation or moving"),
    WorkKind.OTHER: Bilingual("その他", "other"),
}


class OutageCause(StrEnum):
    """Why something was silent (停止の原因), as proposed by the service or decided by a human."""

    BATTERY = "battery"
    DEVICE = "device"
    GATEWAY = "gateway"
    BACKHAUL = "backhaul"
    POWER = "power"
    WEATHER = "weather"
    VANDALISM = "vandalism"
    DUTY = "duty"
    PLANNED = "planned"
    UNKNOWN = "unknown"

    @property
    def label(self) -> Bilingual:
        """The cause as people call it."""
        return _CAUSES[self]


_CAUSES = {
    OutageCause.BATTERY: Bilingual("電池", "battery"),
    OutageCause.DEVICE: Bilingual("機器故障", "device failure"),
    OutageCause.GATEWAY: Bilingual("基地局", "gateway"),
    OutageCause.BACKHAUL: Bilingual("回線", "backhaul"),
    OutageCause.POWER: Bilingual("停電", "power failure"),
    OutageCause.WEATHER: Bilingual("雪・雷", "snow or lightning"),
    OutageCause.VANDALISM: Bilingual("いたずら・盗難", "vandalism or theft"),
    OutageCause.DUTY: Bilingual("通信規制", "transmission limit"),
    OutageCause.PLANNED: Bilingual("計画停止", "planned stop"),
    OutageCause.UNKNOWN: Bilingual("不明", "unknown"),
}


class Basis(StrEnum):
    """How sure a value is (値の性格): never mixed without a mark."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    ASSUMED = "assumed"

    @property
    def label(self) -> Bilingual:
        """The basis as people call it."""
        return _BASES[self]


_BASES = {
    Basis.MEASURED: Bilingual("実績", "measured"),
    Basis.ESTIMATED: Bilingual("推計", "estimated"),
    Basis.ASSUMED: Bilingual("想定", "assumed"),
}


class MeasureKind(StrEnum):
    """What an improvement measure (改善措置) is; advisers' visits have a quota."""

    IMPROVEMENT = "improvement"
    REGIONAL_ADVISER_SITE = "regional_adviser_site"
    REGIONAL_ADVISER_ONLINE = "regional_adviser_online"
    DX_ADVISER = "dx_adviser"

    @property
    def label(self) -> Bilingual:
        """The kind as people call it."""
        return _MEASURE_KINDS[self]


_MEASURE_KINDS = {
    MeasureKind.IMPROVEMENT: Bilingual("改善措置", "improvement"),
    MeasureKind.REGIONAL_ADVISER_SITE: Bilingual("地域情報化アドバイザー(現地)", "regional adviser, on site"),
    MeasureKind.REGIONAL_ADVISER_ONLINE: Bilingual("地域情報化アドバイザー(オンライン)", "regional adviser, online"),
    MeasureKind.DX_ADVISER: Bilingual("DXアドバイザー", "DX adviser"),
}


class MeasureState(StrEnum):
    """Where an improvement measure stands."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    UNDER_WAY = "under_way"
    DONE = "done"
    EVALUATED = "evaluated"
    DROPPED = "dropped"

    @property
    def label(self) -> Bilingual:
        """The state as people call it."""
        return _MEASURE_STATES[self]


_MEASURE_STATES = {
    MeasureState.PROPOSED: Bilingual("提案", "proposed"),
    MeasureState.DECIDED: Bilingual("決定", "decided"),
    MeasureState.UNDER_WAY: Bilingual("実施中", "under way"),
    MeasureState.DONE: Bilingual("実施済", "done"),
    MeasureState.EVALUATED: Bilingual("評価済", "evaluated"),
    MeasureState.DROPPED: Bilingual("中止", "dropped"),
}
