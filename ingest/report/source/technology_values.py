"""The values of radio technologies that are compared: by site class, each with the devices it rests on (n)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from ingest.figures.report.technology import (
    NOT_SAID,
    WHOLE,
    ReportTechnology,
    ReportTechnologyOutage,
    report_technologies,
    report_technology_outages,
)
from ingest.plan.check.sources import NOT_LOOKED, NOTHING_EXPECTED
from ingest.report.source.base import Asked
from ingest.report.source.body import keep, look_of
from ingest.report.source.proof import evidence_of
from ingest.report.source.technology_cost import TechnologyCost, technology_costs
from ingest.report.source.technology_score import exact
from schemas.bilingual import Bilingual
from schemas.device import NetworkKind, SiteClass
from schemas.report_document import Evidence
from schemas.technology import Criterion, technology_comparison

_NOTHING_CAME = Bilingual("有効な受信がありません", "there was no valid reception")
_NO_COUNTER = Bilingual(
    "通番を送る機器がありません(無線で失われた分を区別できません)",
    "no device sends a counter: what the radio lost cannot be told apart",
)
_NO_LATENCY = Bilingual(
    "遅延を測れるメッセージ(時計が正しく、まとめ送りでないもの)がありません",
    "there is no message of which the delay can be told (a believed clock, no backfill)",
)
_NO_OUTAGE = Bilingual("この期間に停止がありません", "there was no outage in this period")
_NO_END = Bilingual("この期間に終わった停止がありません", "no outage ended in this period")
_NO_DEVICES = Bilingual("受信を期待した機器がありません", "nothing was expected of any device")

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Told:
    """A value with the devices it rests on, exact; None where `missing` says why."""

    value: Fraction | None
    devices: int
    proof: str
    missing: Bilingual | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One technology at one class of sites, or as a whole: the sums, and the outages if they were looked for."""

    sums: ReportTechnology
    outage: ReportTechnologyOutage | None
    cost: TechnologyCost


def sides_of(asked: Asked) -> Mapping[tuple[str, str], Side]:
    """Every technology with every class of its sites, read once."""
    return keep(asked, "technologies", partial(_read_sides, asked))


def technologies_of(asked: Asked) -> list[str]:
    """The technologies of the project in the period, in the order of the enumeration."""
    found = {technology for technology, _ in sides_of(asked)}
    return [kind.value for kind in NetworkKind if kind.value in found]


def classes_of(asked: Asked) -> list[str]:
    """The classes of sites in the period: the whole first, what the registry does not say last."""
    found = {site for _, site in sides_of(asked)}
    return [site for site in (WHOLE, *(each.value for each in SiteClass), NOT_SAID) if site in found]


def class_ja(site: str) -> str:
    """A class of sites in words."""
    return {WHOLE: "全体", NOT_SAID: "(台帳に記載なし)"}.get(site) or SiteClass(site).label.ja


def proofs_of(asked: Asked) -> tuple[Evidence, ...]:
    """The evidence of every value: sums, outages, costs."""
    sides = sides_of(asked)
    common = {
        "project_code": asked.project.code, "first_day": asked.first_day, "until_day": asked.until_day,
        "now_": asked.now,
    }  # fmt: skip
    number = asked.plan.number if asked.plan else ""
    costs = len(asked.plan.document.costs) if asked.plan else 0
    return (
        evidence_of(asked, SUMS, "figure_report_technology", len(sides), **common),
        evidence_of(asked, OUTAGES, "figure_report_technology_outage", len(sides), **common),
        evidence_of(
            asked, COSTS, "plan_version", costs, project=asked.project.code, number=number,
            fiscal_year=asked.first_day.year,
        ),
    )  # fmt: skip


SUMS, OUTAGES, COSTS = "technology", "technology_outage", "technology_cost"


def _read_sides(asked: Asked) -> Mapping[tuple[str, str], Side]:
    days = (asked.first_day, asked.until_day)
    code = asked.project.code
    known = look_of(asked).outages_known(asked.until_day)
    found = report_technology_outages(asked.connection, code, *days, asked.now) if known else []
    outages = {(each.technology, each.site_class): each for each in found}
    sums = report_technologies(asked.connection, code, *days, asked.now)
    costs = {name: technology_costs(asked, name) for name in dict.fromkeys(each.technology for each in sums)}
    return {
        (each.technology, each.site_class): Side(
            each, outages.get((each.technology, each.site_class)), costs[each.technology]
        )
        for each in sums
    }


def _rate(part: int | None, base: int | None, devices: int, missing: Bilingual) -> Told:
    value = Fraction(part * 100, base) if part is not None and base else None
    return Told(value, devices, SUMS, missing)


def _number(value: float | None, devices: int, missing: Bilingual, *, times: int = 1) -> Told:
    given = exact(value)
    return Told(None if given is None else given * times, devices, SUMS, missing)


def _availability(side: Side) -> Told:
    sums = side.sums
    value, base = exact(sums.alive_s), exact(sums.active_s)
    rate = value * 100 / base if value is not None and base else None
    return Told(rate, sums.devices, SUMS, NOTHING_EXPECTED)


def _outage(of: Callable[[ReportTechnologyOutage], tuple[Fraction | None, Bilingual | None]]) -> Callable[[Side], Told]:
    def tell(side: Side) -> Told:
        if side.outage is None:
            return Told(None, side.sums.devices, OUTAGES, NOT_LOOKED)
        if not side.outage.duty_s:
            return Told(None, 0, OUTAGES, NOTHING_EXPECTED)
        value, missing = of(side.outage)
        return Told(value, side.outage.devices, OUTAGES, missing)

    return tell


def _repair(row: ReportTechnologyOutage) -> tuple[Fraction | None, Bilingual | None]:
    """MTTR in hours. Where nothing stopped there is none."""
    if row.ended:
        return Fraction(row.ended_s, row.ended * 3600), None
    return None, _NO_END if row.outages or row.open else _NO_OUTAGE


def _a_year(row: ReportTechnologyOutage) -> tuple[Fraction | None, Bilingual | None]:
    return Fraction(row.outages * 365 * DAY_S, row.duty_s), None


def _a_device(of: Callable[[TechnologyCost], tuple[Fraction | None, Bilingual]]) -> Callable[[Side], Told]:
    def tell(side: Side) -> Told:
        value, why = of(side.cost)
        devices = side.sums.devices
        each = value / devices if value is not None and devices else None
        return Told(each, devices, COSTS, why if value is None else _NO_DEVICES)

    return tell


def _per_1000(side: Side) -> Told:
    cost, sums = side.cost, side.sums
    yen = cost.of_period(technology_comparison().service_months)
    why = cost.why_no_initial if cost.initial is None else cost.why_no_running if yen is None else _NOTHING_CAME
    value = yen * 1000 / sums.valid if yen is not None and sums.valid else None
    return Told(value, sums.devices, COSTS, why)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A row of the comparison. `by_class`: whether it can be told of a class of sites; costs cannot.

    `cut`: a rate, which is cut and not rounded, as everywhere in reports.
    """

    code: str
    group: str
    label: str
    unit: str
    decimals: int
    tell: Callable[[Side], Told]
    by_class: bool = True
    cut: bool = False


def _sums(code: str, group: str, label: str, unit: str, tell: Callable[[ReportTechnology], Told]) -> Indicator:
    rate = unit == "%"
    return Indicator(code, group, label, unit, 1, lambda side: tell(side.sums), cut=rate)


_REACH, _UPTIME, _DELAY, _COST = "到達性", "可用性", "遅延", "費用"
INDICATORS: tuple[Indicator, ...] = (
    _sums(Criterion.COMPLETENESS.value, _REACH, "データ取得率", "%",
          lambda row: _rate(row.valid, row.expected, row.devices, NOTHING_EXPECTED)),
    _sums("median_rate", _REACH, "機器ごとの取得率の中央値", "%",
          lambda row: _number(row.median_rate, row.devices, NOTHING_EXPECTED, times=100)),
    _sums("low_rate", _REACH, "機器ごとの取得率の下から5%", "%",
          lambda row: _number(row.low_rate, row.devices, NOTHING_EXPECTED, times=100)),
    _sums(Criterion.RADIO_RATE.value, _REACH, "無線到達率(通番のある機器)", "%",
          lambda row: _rate(row.counted_arrived, row.counted_sent, row.devices_counted, _NO_COUNTER)),
    Indicator(Criterion.AVAILABILITY.value, _UPTIME, "稼働率", "%", 1, _availability, cut=True),
    Indicator("outages", _UPTIME, "停止回数", "回", 0, _outage(lambda row: (Fraction(row.outages), None))),
    Indicator("outages_a_year", _UPTIME, "1台1年あたりの停止回数", "回", 2, _outage(_a_year)),
    Indicator(Criterion.MTTR_H.value, _UPTIME, "平均復旧時間", "時間", 1, _outage(_repair)),
    _sums("latency_p50_s", _DELAY, "遅延(中央値)", "秒",
          lambda row: _number(row.latency_p50_s, row.devices, _NO_LATENCY)),
    _sums(Criterion.LATENCY_P95_S.value, _DELAY, "遅延(95%)", "秒",
          lambda row: _number(row.latency_p95_s, row.devices, _NO_LATENCY)),
    Indicator(Criterion.INITIAL_YEN.value, _COST, "1台あたり初期費用", "円", 0,
              _a_device(lambda cost: (cost.initial, cost.why_no_initial)), by_class=False),
    Indicator(Criterion.RUNNING_YEN.value, _COST, "1台1年あたり運用費用", "円", 0,
              _a_device(lambda cost: (cost.running_a_year, cost.why_no_running)), by_class=False),
    Indicator(Criterion.YEN_PER_1000_VALID.value, _COST, "有効受信1,000件あたり費用", "円", 1, _per_1000,
              by_class=False),
)  # fmt: skip


def told_values(asked: Asked) -> dict[str, dict[Criterion, Told]]:
    """By technology what each criterion comes to, of all its devices."""
    sides = sides_of(asked)
    known = {indicator.code: indicator for indicator in INDICATORS}
    return {
        technology: {code: known[code.value].tell(sides[technology, WHOLE]) for code in Criterion}
        for technology in technologies_of(asked)
    }


def site_mix(asked: Asked, technology: str) -> Iterator[tuple[str, int]]:
    """The classes of sites of a technology with their devices, those that have none left out."""
    for site in classes_of(asked):
        side = sides_of(asked).get((technology, site))
        if site != WHOLE and side is not None and side.sums.devices:
            yield site, side.sums.devices
