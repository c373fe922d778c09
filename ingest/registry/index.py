"""The registry as the running service holds it: look-up tables, replaced as a whole when it changes."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.validate.bindings import Bindings, bind
from schemas.device import Device
from schemas.own_quantity import FIRST_OWN_ID, catalogue_of
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles
from schemas.quantity import BY_CODE, Quantity
from schemas.registry import RegistryDocument


class DeviceEntry(NamedTuple):
    """What interpreting a message needs to know about its device."""

    device_id: int
    project_id: int
    project: str
    code: str
    enabled: bool
    profile: Profile | None
    network_id: int = 0
    catalogue: Mapping[str, Quantity] = BY_CODE
    """The catalogue with the quantities of the device's project; one object for all devices of a project."""
    bindings: Bindings | None = None


class NetworkEntry(NamedTuple):
    """What interpreting a message needs to know about a network."""

    network_id: int
    project: str


class GatewayEntry(NamedTuple):
    """What interpreting a message needs to know about a gateway that publishes for itself or for devices behind it."""

    gateway_id: int
    project_id: int
    project: str
    code: str
    network_id: int = 0


@dataclass(frozen=True, slots=True)
class Directory:
    """One version of the registry.

    `native`: "project/device" -> device. `dev_eui`: 16 lower-case hex digits -> device.
    `things_stack`: "application-id/device-id" -> device.
    `sparkplug`: "group/edge node" or "group/edge node/device" -> device.
    `gateways`: id as payloads call it, lower case -> gateway_id; `gateway_entries`: the same id -> gateway.
    `projects`: code -> project_id. `networks`: code -> network. `maps`: profiles with a map, by code.
    """

    version: int = 0
    native: Mapping[str, DeviceEntry] = field(default_factory=dict)
    dev_eui: Mapping[str, DeviceEntry] = field(default_factory=dict)
    things_stack: Mapping[str, DeviceEntry] = field(default_factory=dict)
    gateways: Mapping[str, int] = field(default_factory=dict)
    gateway_entries: Mapping[str, GatewayEntry] = field(default_factory=dict)
    projects: Mapping[str, int] = field(default_factory=dict)
    networks: Mapping[str, NetworkEntry] = field(default_factory=dict)
    maps: Mapping[str, Profile] = field(default_factory=shipped_maps)
    sparkplug: Mapping[str, DeviceEntry] = field(default_factory=dict)
    sparkplug_nodes: AbstractSet[str] = field(init=False)
    """Edge nodes that are in the registry themselves, or that have a device behind them there."""

    def __post_init__(self) -> None:
        nodes = frozenset("/".join(name.split("/")[:2]) for name in self.sparkplug)
        object.__setattr__(self, "sparkplug_nodes", nodes)


def directory_of(document: RegistryDocument) -> Directory:
    """The tables of one document, for looking at one message without a database.

    Ids are counted up, as nobody will store by them.
    """
    projects = {project.code: number for number, project in enumerate(document.projects, start=1)}
    networks = {
        network.code: NetworkEntry(number, network.project) for number, network in enumerate(document.networks, start=1)
    }
    profiles = shipped_profiles() | {profile.code: profile for profile in document.profiles}
    gateways = _gateways(document, projects, networks)
    by_key = list(_devices(document, projects, networks, profiles))
    return Directory(
        native={f"{device.project}/{device.code}": entry for device, entry in by_key},
        dev_eui={device.dev_eui: entry for device, entry in by_key if device.dev_eui},
        things_stack={device.things_stack_id: entry for device, entry in by_key if device.things_stack_id},
        sparkplug={device.sparkplug_id: entry for device, entry in by_key if device.sparkplug_id},
        gateways={name: entry.gateway_id for name, entry in gateways.items()},
        gateway_entries=gateways,
        projects=projects,
        networks=networks,
        maps={code: profile for code, profile in profiles.items() if profile.map is not None},
    )


def _devices(
    document: RegistryDocument,
    projects: Mapping[str, int],
    networks: Mapping[str, NetworkEntry],
    profiles: Mapping[str, Profile],
) -> Iterator[tuple[Device, DeviceEntry]]:
    catalogues = {code: _catalogue(document, code) for code in projects}
    for number, device in enumerate(document.devices, start=1):
        catalogue = catalogues.get(device.project, BY_CODE)
        held = [each for each in document.bindings if (each.project, each.device) == (device.project, device.code)]
        network = networks.get(device.network)
        yield (
            device,
            DeviceEntry(
                number,
                projects.get(device.project, 0),
                device.project,
                device.code,
                device.enabled,
                _profile(profiles, device.profile),
                0 if network is None else network.network_id,
                catalogue,
                bind(held, catalogue, profiles) if held else None,
            ),
        )


def _gateways(
    document: RegistryDocument, projects: Mapping[str, int], networks: Mapping[str, NetworkEntry]
) -> dict[str, GatewayEntry]:
    found: dict[str, GatewayEntry] = {}
    for number, gateway in enumerate(document.gateways, start=1):
        network = networks.get(gateway.network)
        if network is not None and gateway.gateway_id is not None:
            project_id = projects.get(network.project, 0)
            found[gateway.gateway_id] = GatewayEntry(
                number, project_id, network.project, gateway.code, network.network_id
            )
    return found


def _profile(profiles: Mapping[str, Profile], code: str | None) -> Profile | None:
    return None if code is None else profiles.get(code)


def _catalogue(document: RegistryDocument, project: str) -> Mapping[str, Quantity]:
    own = {
        quantity.code: quantity.as_quantity(FIRST_OWN_ID + number)
        for number, quantity in enumerate(document.quantities)
        if quantity.project == project
    }
    ranges = {each.quantity: each.of(BY_CODE[each.quantity]) for each in document.ranges if each.project == project}
    return catalogue_of(own, ranges)
