"""The ledger of assets of a field as a clerk would have kept it: nearly whole, with what people forget. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta

from ingest.simulator.town import NETWORKS, Kind, Mast, Site, Town
from schemas.asset import Asset
from schemas.device import AirtimeRegime, NetworkKind, SiteClass

_PRICES = {
    Kind.PADDY: 68_000, Kind.SOIL: 54_000, Kind.GREENHOUSE: 92_000, Kind.TRAP: 148_000, Kind.RIVER: 860_000,
    Kind.RAIN: 320_000, Kind.SLOPE: 540_000, Kind.GATE: 410_000,
}  # fmt: skip
_MAST_PRICES = {NetworkKind.LPWA: 780_000, NetworkKind.HALOW: 520_000, NetworkKind.LOCAL5G: 4_800_000}
_SITE_CLASSES = {
    Kind.TRAP: SiteClass.FOREST, Kind.RIVER: SiteClass.VALLEY, Kind.SLOPE: SiteClass.FOREST,
    Kind.GREENHOUSE: SiteClass.INDOOR,
}  # fmt: skip
_REGIMES = {NetworkKind.LPWA: AirtimeRegime.A, NetworkKind.HALOW: AirtimeRegime.B}
_SERVICE_LIFE_YEARS = 6
_POLE_YEARS = 10
_NO_LINE_EACH, _NO_LABEL_EACH, _NO_PHOTO_EACH, _NO_MARK_EACH = 31, 9, 14, 23
"""Of so many devices one was forgotten."""
_VERIFIED_YEARS = 5


def regime_of(network: str) -> AirtimeRegime | None:
    """The rule of 920 MHz that the transmitters of a network keep to; None for another band."""
    return _REGIMES.get(NETWORKS[network].kind)


def site_class_of(kind: Kind) -> SiteClass:
    """What surrounds a device of this kind."""
    return _SITE_CLASSES.get(kind, SiteClass.OPEN)


def published(kind: Kind) -> bool:
    """Whether the town publishes the readings: those of rivers and rain."""
    return kind in (Kind.RIVER, Kind.RAIN)


def assets_of(town: Town, installed_on: date, veterans_since: date) -> Iterator[Asset]:
    """The lines of the town: gateways, devices, and a pole for each river gauge. Half of the cost was granted.

    Gateways and veterans are there from `veterans_since`, the other devices from `installed_on`.
    """
    for number, mast in enumerate(town.masts, start=1):
        yield _of_the_mast(number, mast, veterans_since)
    for number, site in enumerate(town.sites, start=1):
        since = veterans_since if site.veteran else installed_on
        if number % _NO_LINE_EACH:
            yield _of_the_site(number, site, since)
        if site.kind is Kind.RIVER:
            yield _pole(site, since)


def _of_the_mast(number: int, mast: Mast, installed_on: date) -> Asset:
    plan = NETWORKS[mast.network]
    price = _MAST_PRICES.get(plan.kind, 300_000)
    return Asset(
        code=f"k-{mast.code}", project=plan.project, name="基地局", gateway=mast.code, model=f"BS-{plan.kind.value}",
        serial=f"BS-{number:04d}", unit_price_yen=price, subsidised_yen=price, subsidy_yen=price // 2,
        acquired_on=installed_on - timedelta(days=20), service_life_years=_SERVICE_LIFE_YEARS, place=mast.name,
        technical_conformity=f"001-K{number:05d}", jc_star=f"★1 JC-{number:06d}",
        label_attached_on=installed_on - timedelta(days=10), photo=f"写真-{mast.code}",
    )  # fmt: skip


def _of_the_site(number: int, site: Site, installed_on: date) -> Asset:
    price = _PRICES[site.kind]
    verified = site.kind is Kind.RAIN
    return Asset(
        code=f"a-{site.code}", project=site.project, name=site.plan.label_ja, device=site.code,
        unit_price_yen=price, subsidised_yen=price, subsidy_yen=price // 2,
        acquired_on=installed_on - timedelta(days=20), service_life_years=_SERVICE_LIFE_YEARS,
        technical_conformity=f"001-P{site.number:05d}" if number % _NO_MARK_EACH else None,
        label_attached_on=installed_on - timedelta(days=10) if number % _NO_LABEL_EACH else None,
        photo=f"写真-{site.code}" if number % _NO_PHOTO_EACH else None,
        verification_number=f"第{site.number:05d}号" if verified else None,
        # The first rain gauge came used: its verification ends soon.
        verification_until=_verified_until(site, installed_on) if verified else None,
        jma_notified_on=installed_on + timedelta(days=14) if verified else None,
    )  # fmt: skip


def _verified_until(site: Site, installed_on: date) -> date:
    days = 60 if site.number == 1 else 365 * _VERIFIED_YEARS
    return installed_on + timedelta(days=days)


def _pole(site: Site, installed_on: date) -> Asset:
    return Asset(
        code=f"p-{site.code}", project=site.project, name="鋼管柱", quantity=1, unit_price_yen=65_000,
        subsidised_yen=65_000, subsidy_yen=32_500, acquired_on=installed_on - timedelta(days=30),
        service_life_years=_POLE_YEARS, place=f"{site.name}の脇", label_attached_on=installed_on - timedelta(days=10),
        photo=f"写真-柱-{site.code}",
    )  # fmt: skip
