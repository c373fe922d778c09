"""Factor analysis (要因分析): what a change of the completeness came from, in parts that add up exactly.

All numbers are exact fractions of one (not percent); `split.py` has the method.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from ingest.figures.fetch import Database
from ingest.figures.plan.units import PlanUnit, plan_units
from ingest.figures.plan.weather import Weather, weather_of
from ingest.plan.check.causes import causes_of
from ingest.plan.check.split import EMPTY, Counts, Parts, split_change, split_losses
from schemas.bilingual import Bilingual
from schemas.plan import PlanScope

WORST = 10

_Unit: TypeAlias = tuple[str, str]
"""Codes of a network and of a device in it."""

CHANGE_METHOD = Bilingual(
    "取得率の変化を、機器ごとに、次に段階ごとに分けます。"
    "機器の分 = 期待受信数に占める割合(前後の平均) × その機器の取得率の変化"
    " + 割合の変化 × (その機器の平均取得率 − 全体の平均取得率)。後の項を「構成」とします(Bennet の分解)。"
    "前の項は、送信率・無線到達率・有効率を前から後へ変える6通りの順序の平均で3段階に分けます(Shapley 値)。"
    "分数のまま計算し、端数はありません。",
    "The change is split by device, then by stage. Part of a device = its share of what was expected (mean of both"
    " periods) x the change of its own rate + the change of its share x (its mean rate - the mean rate of all)."
    " The second term is the mix (Bennet's decomposition). The first is split among sending, radio and validity by"
    " the mean over the six orders in which the rates go from before to after (Shapley's value)."
    " Fractions are exact; nothing is left over.",
)
TARGET_METHOD = Bilingual(
    "期待したが得られなかった受信を、送信されなかった・届かなかった・有効でなかった、に分けて数えます。"
    "目標が許す分は、それぞれから同じ割合で差し引きます。",
    "Receptions that were expected and not had are counted as not sent, not arrived, or not valid. What the target"
    " allows is taken off each in the same proportion.",
)
NOTHING = Bilingual(
    "どちらかの期間に、受信を期待する機器がありません", "nothing was expected of any device in one of the periods"
)
REACHED = Bilingual("目標に達しています", "the target is reached")


@dataclass(frozen=True, slots=True)
class Days:
    """A period of whole days in Japan, the last one not included."""

    first_day: date
    until_day: date


@dataclass(frozen=True, slots=True)
class Part:
    """The part of one network or device. `before`, `after`: its own rates; None where nothing was expected of it."""

    key: str
    name: str
    parts: Parts
    before: Fraction | None
    after: Fraction | None


@dataclass(frozen=True, slots=True)
class WorstDevice:
    """One of the ten devices that lost the most receptions in the later period.

    `network`: where it lost more, if it was moved. `lost`: expected - valid. `stage`: where it lost most of them.
    `causes`: of its outages, the longest first.
    """

    device: str
    name: str
    network: str
    expected: int
    lost: int
    completeness: Fraction
    stage: Bilingual
    causes: tuple[Bilingual, ...]


@dataclass(frozen=True, slots=True)
class Factors:
    """The whole analysis. `before` is the rate of the earlier period, or the target.

    `missing` says why there is none; then `parts` and the lists are empty. Networks add up to `parts`, devices do too.
    """

    before: Fraction | None
    after: Fraction | None
    parts: Parts | None
    networks: tuple[Part, ...]
    devices: tuple[Part, ...]
    worst: tuple[WorstDevice, ...]
    weather_before: Weather | None
    weather_after: Weather | None
    method: Bilingual
    missing: Bilingual | None = None


def factors_between(
    connection: Database, project_code: str, before: Days, after: Days, now: datetime, scope: PlanScope | None = None
) -> Factors:
    """What the change of the completeness between two periods came from. `scope`: without a group."""
    earlier = plan_units(connection, project_code, before.first_day, before.until_day, now, scope)
    later = plan_units(connection, project_code, after.first_day, after.until_day, now, scope)
    old, new = _counts(earlier), _counts(later)
    parts = split_change({key: (old.get(key, EMPTY), new.get(key, EMPTY)) for key in [*old, *new]})
    rates = (_rate(old.values()), _rate(new.values()))
    weather = (weather_of(connection, project_code, before.first_day, before.until_day),
               weather_of(connection, project_code, after.first_day, after.until_day))  # fmt: skip
    worst = _worst(connection, project_code, later, after, now)
    if parts is None:
        return Factors(*rates, None, (), (), worst, *weather, CHANGE_METHOD, NOTHING)
    whole = sum(parts.values(), Parts())
    names = _names([*earlier, *later])
    return Factors(
        *rates, whole, _networks(parts, old, new, names), _devices(parts, old, new, names), worst, *weather,
        CHANGE_METHOD,
    )  # fmt: skip


def factors_to_target(
    connection: Database,
    project_code: str,
    target_percent: Decimal,
    period: Days,
    now: datetime,
    scope: PlanScope | None = None,
) -> Factors:
    """What a missed target of the completeness came from. `scope`: without a group."""
    units = plan_units(connection, project_code, period.first_day, period.until_day, now, scope)
    counts = _counts(units)
    target, rate = Fraction(target_percent) / 100, _rate(counts.values())
    weather = weather_of(connection, project_code, period.first_day, period.until_day)
    worst = _worst(connection, project_code, units, period, now)
    parts = split_losses(counts, target)
    if parts is None:
        why = NOTHING if rate is None else REACHED
        return Factors(target, rate, None, (), (), worst, None, weather, TARGET_METHOD, why)
    names = _names(units)
    return Factors(
        target, rate, sum(parts.values(), Parts()), _networks(parts, {}, counts, names),
        _devices(parts, {}, counts, names), worst, None, weather, TARGET_METHOD,
    )  # fmt: skip


def _counts(units: Iterable[PlanUnit]) -> dict[_Unit, Counts]:
    return {(unit.network, unit.device): Counts(unit.expected, unit.sent, unit.arrived, unit.valid) for unit in units}


def _rate(counts: Iterable[Counts]) -> Fraction | None:
    return sum(counts, EMPTY).rate


def _names(units: Iterable[PlanUnit]) -> dict[str, str]:
    """Names of networks by `network/` and of devices by `/device`."""
    names = {}
    for unit in units:
        names[f"{unit.network}/"] = unit.network_name
        names[f"/{unit.device}"] = unit.device_name
    return names


def _networks(
    parts: Mapping[_Unit, Parts], old: Mapping[_Unit, Counts], new: Mapping[_Unit, Counts], names: Mapping[str, str]
) -> tuple[Part, ...]:
    made = []
    for network in dict.fromkeys(network for network, _ in parts):
        own = [key for key in parts if key[0] == network]
        made.append(_part(network, names[f"{network}/"], own, parts, old, new))
    return tuple(sorted(made, key=_by_weight))


def _devices(
    parts: Mapping[_Unit, Parts], old: Mapping[_Unit, Counts], new: Mapping[_Unit, Counts], names: Mapping[str, str]
) -> tuple[Part, ...]:
    keys: dict[str, list[_Unit]] = {}
    for key in parts:
        keys.setdefault(key[1], []).append(key)
    made = [_part(device, names[f"/{device}"], own, parts, old, new) for device, own in keys.items()]
    return tuple(sorted(made, key=_by_weight))


def _part(
    key: str, name: str, units: Sequence[_Unit], parts: Mapping[_Unit, Parts], old: Mapping[_Unit, Counts],
    new: Mapping[_Unit, Counts],
) -> Part:  # fmt: skip
    return Part(
        key, name, sum((parts[unit] for unit in units), Parts()),
        _rate(old[unit] for unit in units if unit in old), _rate(new[unit] for unit in units if unit in new),
    )  # fmt: skip


def _by_weight(part: Part) -> tuple[Fraction, str]:
    """The largest part first, whichever way it goes."""
    return (-abs(part.parts.whole), part.key)


def _worst(
    connection: Database, project_code: str, units: Iterable[PlanUnit], period: Days, now: datetime
) -> tuple[WorstDevice, ...]:
    """The ten devices that lost most, with the causes of their outages in the period.

    A device that was moved to another network is one device. Its network is the one in which it lost more.
    """
    by_device: dict[str, list[PlanUnit]] = {}
    for unit in units:
        by_device.setdefault(unit.device, []).append(unit)
    whole = [(own, sum(_counts(own).values(), EMPTY)) for own in by_device.values()]
    losing = sorted(
        ((own, counts) for own, counts in whole if counts.expected > counts.valid),
        key=lambda pair: (pair[1].valid - pair[1].expected, pair[0][0].device),
    )[:WORST]
    causes = causes_of(
        connection, project_code, [own[0].device for own, _ in losing], period.first_day, period.until_day, now
    )
    return tuple(
        WorstDevice(
            own[0].device, own[0].device_name, max(own, key=lambda unit: unit.expected - unit.valid).network,
            counts.expected, counts.expected - counts.valid, Fraction(counts.valid, counts.expected),
            worst_stage(counts), tuple(cause.label for cause in causes.get(own[0].device, ())),
        )
        for own, counts in losing
    )  # fmt: skip


def worst_stage(unit: Counts) -> Bilingual:
    """The stage in which most was lost: sending, radio, validity."""
    lost = (unit.expected - unit.sent, unit.sent - unit.arrived, unit.arrived - unit.valid)
    return _STAGES[max(range(3), key=lost.__getitem__)]


_STAGES = (Bilingual("送信", "sending"), Bilingual("無線", "radio"), Bilingual("有効", "validity"))
