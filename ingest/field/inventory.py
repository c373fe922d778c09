"""The registry document (台帳) of a field: everything in it, as an operator would have entered it."""

from datetime import date

from ingest.field.field import Field
from ingest.field.misbehaviour import SENTINEL
from ingest.field.town import FARM, NETWORKS, SAFETY, TOWN, Mast, Site, Town
from schemas.device import Device, Gateway, Network
from schemas.profile import FieldBinding, Profile
from schemas.project import Project
from schemas.registry import RegistryDocument

_PROJECTS = (
    (FARM, "スマート農業・鳥獣害対策通信基盤整備事業"),
    (SAFETY, "防災センサーネットワーク整備事業"),
)

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


def registry_document(field: Field, installed_on: date | None = None, earlier: Town | None = None) -> RegistryDocument:
    """Everything in the field. `installed_on`: from when on something is expected of the devices (設置日).

    `earlier`: a larger town of an earlier run; what is not in the field any more is entered as disabled.
    """
    here = {site.code for site in field.town.sites}
    gone = () if earlier is None else tuple(site for site in earlier.sites if site.code not in here)
    return RegistryDocument(
        projects=tuple(Project(code=code, name=name, organisation_name=TOWN) for code, name in _PROJECTS),
        networks=tuple(
            Network(code=plan.code, project=plan.project, kind=plan.kind, name=plan.name) for plan in NETWORKS.values()
        ),
        gateways=tuple(_gateway(mast) for mast in field.town.masts),
        profiles=_PROFILES,
        devices=(
            *(_device(site, installed_on) for site in field.town.sites),
            *(_device(site, installed_on).model_copy(update={"enabled": False, "gateway": None}) for site in gone),
        ),
    )


def _gateway(mast: Mast) -> Gateway:
    return Gateway(
        code=mast.code,
        network=mast.network,
        name=mast.name,
        gateway_id=mast.external_id,
        latitude=mast.latitude,
        longitude=mast.longitude,
    )


def _device(site: Site, installed_on: date | None) -> Device:
    return Device(
        code=site.code,
        project=site.project,
        network=site.network,
        name=site.name,
        gateway=site.gateways[0][0].code,
        model=site.plan.model,
        serial=f"{site.plan.model}-{site.number:05d}",
        use=site.plan.use,
        profile=site.profile,
        dev_eui=site.dev_eui,
        latitude=site.latitude,
        longitude=site.longitude,
        interval_s=site.interval_s,
        installed_on=installed_on,
    )
