"""Makes the registry document (台帳) of a field, as an operator would have entered it."""

from datetime import date, timedelta

from ingest.simulator.assets import assets_of, published, regime_of, site_class_of
from ingest.simulator.field import Field
from ingest.simulator.misbehaviour import SENTINEL
from ingest.simulator.sensing import active_level, quiet_level
from ingest.simulator.town import (
    FARM,
    NEIGHBOUR,
    NEIGHBOUR_PROJECT,
    NETWORKS,
    SAFETY,
    TOWN,
    Kind,
    Mast,
    Site,
    Town,
)
from schemas.device import Device, Gateway, Network
from schemas.japan import FiscalYear
from schemas.profile import FieldBinding, Profile
from schemas.project import Project
from schemas.quantity import CATALOGUE
from schemas.registry import RegistryDocument
from schemas.stage import Stage

TOWN_CODE, NEIGHBOUR_CODE = "990001", "990019"
"""Codes that no municipality has, with their check digits."""
_PROJECTS = (
    (FARM, "スマート農業・鳥獣害対策通信基盤整備事業", "里情第12号", TOWN_CODE, TOWN),
    (SAFETY, "防災センサーネットワーク整備事業", "里情第13号", TOWN_CODE, TOWN),
    (NEIGHBOUR_PROJECT, "水路水位見守り事業", "隣情第1号", NEIGHBOUR_CODE, NEIGHBOUR),
)
PADDY_SEASON = ("04-15", "09-30")
"""運用期間 of the veterans in paddies: then they are taken out and stored."""
_GRANTED_BEFORE = timedelta(days=180)

_PROFILES = (
    Profile(
        code="ws-pw301",
        name="水田水位計 PW-301",
        fields={
            "level": FieldBinding(quantity="paddy_water_level", unit="mm"),
            "temp": FieldBinding(quantity="paddy_water_temperature", unit="°C"),
            "battery": FieldBinding(quantity="battery_level", unit="%"),
        },
        ignore=frozenset({"fw"}),
    ),
    Profile(
        code="ws-sp3",
        name="土壌センサー SP-3",
        fields={
            "humidity": FieldBinding(quantity="soil_moisture", unit="%", sentinels=(float(SENTINEL),)),
            "temperature": FieldBinding(quantity="soil_temperature", unit="°C", scale=0.1),
            "conductivity": FieldBinding(quantity="soil_ec", unit="µS/cm"),
            "bat": FieldBinding(quantity="battery_voltage", unit="mV"),
        },
        ignore=frozenset({"interrupt"}),
    ),
    Profile(
        code="ws-rl2",
        name="河川水位計 RL-2",
        fields={
            "waterLevel": FieldBinding(quantity="river_level", unit="cm"),
            "BatV": FieldBinding(quantity="battery_voltage", unit="V"),
        },
    ),
)

OUR_CODES = Profile(
    code="ws-codes",
    name="カタログの符号で送る機種",
    fields={each.code: FieldBinding(quantity=each.code, unit=each.unit) for each in CATALOGUE},
)
"""For products with the names and units of the catalogue, which a network server's message does not prove."""

_STAGES = ((0.3, 2), (0.7, 3), (1.2, 4))
"""(metres above the level of a quiet day, level of alert) of each stage of the town."""


def registry_document(field: Field, installed_on: date | None = None, earlier: Town | None = None) -> RegistryDocument:
    """Everything in the field. `installed_on`: the day from which messages of the devices are expected (設置日).

    `earlier`: a larger town of an earlier run. What is no longer in the field is entered as disabled.
    """
    here = {site.code for site in field.town.sites}
    gone = () if earlier is None else tuple(site for site in earlier.sites if site.code not in here)
    return RegistryDocument(
        projects=tuple(_project(*each, installed_on) for each in _PROJECTS),
        networks=tuple(
            Network(code=plan.code, project=plan.project, kind=plan.kind, name=plan.name) for plan in NETWORKS.values()
        ),
        gateways=tuple(_gateway(mast) for mast in field.town.masts),
        profiles=(*_PROFILES, OUR_CODES),
        devices=(
            *(_device(site, installed_on) for site in field.town.sites),
            *(_device(site, installed_on).model_copy(update={"enabled": False, "gateway": None}) for site in gone),
        ),
        stages=tuple(stage for site in field.town.sites if site.kind is Kind.RIVER for stage in _stages(site)),
        assets=() if installed_on is None else tuple(assets_of(field.town, installed_on, veterans_since(installed_on))),
    )


def veterans_since(first_day: date) -> date:
    """The day the veterans of a field that begins on this day were installed.

    It is two weeks before the last fiscal year that was over then, so that they have a whole one.
    """
    return FiscalYear(FiscalYear.of(first_day).year - 1).first_day - timedelta(days=14)


def neighbour_project(installed_on: date | None = None) -> Project:
    """The project of the neighbour, also for a field that has no gauge there."""
    return _project(*_PROJECTS[-1], installed_on)


def _project(
    code: str, name: str, grant_number: str, organisation: str, organisation_name: str, installed_on: date | None
) -> Project:
    """A project as a clerk would have entered it: completed at the end of the year in which its veterans came.

    So the year after is the first of the five that are reported on.
    """
    completed_on = None if installed_on is None else FiscalYear.of(veterans_since(installed_on)).last_day
    return Project(
        code=code,
        name=name,
        organisation_code=organisation,
        organisation_name=organisation_name,
        grant_number=grant_number,
        granted_on=None if completed_on is None else completed_on - _GRANTED_BEFORE,
        completed_on=completed_on,
    )


def _stages(site: Site) -> tuple[Stage, ...]:
    """Stages of the town's own: the law names none for a river of this size."""
    return tuple(
        Stage(
            project=site.project,
            device=site.code,
            rank=rank,
            name=f"市設定基準{rank}",
            level_m=round(quiet_level(site) + above_m, 1),
            ref_level=ref_level,
            source=f"{NEIGHBOUR if site.project == NEIGHBOUR_PROJECT else TOWN} 防災課",
        )
        for rank, (above_m, ref_level) in enumerate(_STAGES, start=1)
    )


def _gateway(mast: Mast) -> Gateway:
    return Gateway(
        code=mast.code,
        network=mast.network,
        name=mast.name,
        gateway_id=mast.external_id,
        latitude=mast.latitude,
        longitude=mast.longitude,
        airtime_regime=regime_of(mast.network),
    )


def _device(site: Site, installed_on: date | None) -> Device:
    season = PADDY_SEASON if site.veteran and site.kind is Kind.PADDY else (None, None)
    return Device(
        code=site.code,
        project=site.project,
        network=site.network,
        name=site.name,
        gateway=site.gateways[0][0].code,
        model=site.plan.model,
        serial=f"{site.plan.model}-{site.number:05d}",
        use=site.plan.use,
        profile=site.profile or (OUR_CODES.code if site.dev_eui else None),
        dev_eui=site.dev_eui,
        latitude=site.latitude,
        longitude=site.longitude,
        interval_s=site.registered_interval_s,
        calm_interval_s=site.calm_interval_s,
        active_level_m=None if site.calm_interval_s is None else active_level(site),
        season_from=season[0],
        season_to=season[1],
        installed_on=veterans_since(installed_on) if site.veteran and installed_on is not None else installed_on,
        airtime_regime=regime_of(site.network),
        site_class=site_class_of(site.kind),
        published=published(site.kind),
    )
