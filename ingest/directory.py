"""The registry as the running service holds it: look-up tables, replaced as a whole when it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.profile import Profile
from schemas.profiles import shipped_maps


class DeviceEntry(NamedTuple):
    """What the path needs to know about a device."""

    device_id: int
    project_id: int
    project: str
    code: str
    enabled: bool
    profile: Profile | None
    network_id: int = 0


class NetworkEntry(NamedTuple):
    """What the path needs to know about a network."""

    network_id: int
    project: str


@dataclass(frozen=True, slots=True)
class Directory:
    """One version of the registry.

    `native`: "project/device" -> device. `dev_eui`: 16 lower-case hex digits -> device.
    `things_stack`: "application-id/device-id" -> device.
    `gateways`: id as payloads call it, lower case -> gateway_id. `projects`: code -> project_id.
    `networks`: code -> network. `gateway_networks`: id of a gateway as above -> its network.
    `maps`: profiles with a map, by code.
    """

    version: int = 0
    native: Mapping[str, DeviceEntry] = field(default_factory=dict)
    dev_eui: Mapping[str, DeviceEntry] = field(default_factory=dict)
    things_stack: Mapping[str, DeviceEntry] = field(default_factory=dict)
    gateways: Mapping[str, int] = field(default_factory=dict)
    projects: Mapping[str, int] = field(default_factory=dict)
    networks: Mapping[str, NetworkEntry] = field(default_factory=dict)
    gateway_networks: Mapping[str, NetworkEntry] = field(default_factory=dict)
    maps: Mapping[str, Profile] = field(default_factory=shipped_maps)
