"""The registry as the running service holds it: look-up tables, replaced as a whole when it changes."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.validate.bindings import Bindings
from schemas.profile import Profile
from schemas.profiles import shipped_maps
from schemas.quantity import BY_CODE, Quantity


class DeviceEntry(NamedTuple):
    """What the path needs to know about a device."""

    device_id: int
    project_id: int
    project: str
    code: str
    enabled: bool
    profile: Profile | None
    network_id: int = 0
    catalogue: Mapping[str, Quantity] = BY_CODE
    """As the project of the device sees it: one object for all devices of a project."""
    bindings: Bindings | None = None


class NetworkEntry(NamedTuple):
    """What the path needs to know about a network."""

    network_id: int
    project: str


class GatewayEntry(NamedTuple):
    """What the path needs to know about a gateway that speaks for itself, or for devices behind it."""

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
    """Edge nodes that have anything in the registry: themselves, or a device behind them."""

    def __post_init__(self) -> None:
        nodes = frozenset("/".join(name.split("/")[:2]) for name in self.sparkplug)
        object.__setattr__(self, "sparkplug_nodes", nodes)
