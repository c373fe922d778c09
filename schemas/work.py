"""Closed lists of what people enter about a project: work, causes of outages, measures. Names never change."""

from math import isfinite
from typing import Annotated

from pydantic import AfterValidator, FiniteFloat

from schemas.bilingual import Bilingual
from schemas.labelled import Labelled

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


class WorkKind(Labelled):
    """What somebody did in the field (作業の種類)."""

    PATROL = "patrol", "見回り", "patrol"
    INSPECTION = "inspection", "点検", "inspection"
    BATTERY = "battery", "電池交換", "battery change"
    CALIBRATION = "calibration", "校正", "calibration"
    CLEANING = "cleaning", "清掃", "cleaning"
    REPAIR = "repair", "修理", "repair"
    MOWING = "mowing", "草刈り", "mowing"
    INSTALLATION = "installation", "設置・移設", "installation or moving"
    OTHER = "other", "その他", "other"


class OutageCause(Labelled):
    """Why something was silent (停止の原因), as proposed by the service or decided by a human."""

    BATTERY = "battery", "電池", "battery"
    DEVICE = "device", "機器故障", "device failure"
    GATEWAY = "gateway", "基地局", "gateway"
    BACKHAUL = "backhaul", "回線", "backhaul"
    POWER = "power", "停電", "power failure"
    WEATHER = "weather", "雪・雷", "snow or lightning"
    VANDALISM = "vandalism", "いたずら・盗難", "vandalism or theft"
    DUTY = "duty", "通信規制", "transmission limit"
    PLANNED = "planned", "計画停止", "planned stop"
    UNKNOWN = "unknown", "不明", "unknown"


class Basis(Labelled):
    """How sure a value is (値の性格): never mixed without a mark."""

    MEASURED = "measured", "実績", "measured"
    ESTIMATED = "estimated", "推計", "estimated"
    ASSUMED = "assumed", "想定", "assumed"


class MeasureKind(Labelled):
    """What an improvement measure (改善措置) is; advisers' visits have a quota."""

    IMPROVEMENT = "improvement", "改善措置", "improvement"
    REGIONAL_ADVISER_SITE = "regional_adviser_site", "地域情報化アドバイザー(現地)", "regional adviser, on site"
    REGIONAL_ADVISER_ONLINE = (
        "regional_adviser_online",
        "地域情報化アドバイザー(オンライン)",
        "regional adviser, online",
    )
    DX_ADVISER = "dx_adviser", "DXアドバイザー", "DX adviser"


class MeasureState(Labelled):
    """Where an improvement measure stands."""

    PROPOSED = "proposed", "提案", "proposed"
    DECIDED = "decided", "決定", "decided"
    UNDER_WAY = "under_way", "実施中", "under way"
    DONE = "done", "実施済", "done"
    EVALUATED = "evaluated", "評価済", "evaluated"
    DROPPED = "dropped", "中止", "dropped"
