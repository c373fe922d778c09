"""The registry as the running service holds it: look-up tables, replaced as a whole when it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.bindings import Bindings
from schemas.profile import Profile
from schemas.quantity import BY_CODE, Quantity


class DeviceEntry(NamedTuple):
    """What the path needs to know about a device."""

    device_id: int
    project_id: int
    project: str
    code: str
    enabled: bool
    profile: Profile | None
    catalogue: Mapping[str, Quantity] = BY_CODE
    """As the project of the device sees it: one object for all devices of a project."""
    bindings: Bindings | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """One version of the registry.

    `native`: "project/device" -> device. `dev_eui`: 16 lower-case hex digits -> device.
    `things_stack`: "application-id/device-id" -> device.
    `gateways`: id as payloads call it, lower case -> gateway_id. `projects`: code -> project_id.
    """

    version: int = 0
    native: Mapping[str, DeviceEntry] = field(default_factory=dict)
    dev_eui: Mapping[str, DeviceEntry] = field(default_factory=dict)
    things_stack: Mapping[str, DeviceEntry] = field(default_factory=dict)
    gateways: Mapping[str, int] = field(default_factory=dict)
    projects: Mapping[str, int] = field(default_factory=dict)
