"""The registry document: what `noroshi registry apply` reads from YAML and CSV, and `export` writes."""

from pydantic import BaseModel, ConfigDict

from schemas.device import Device, Gateway, Network
from schemas.profile import Profile
from schemas.project import Project


class RegistryDocument(BaseModel):
    """Projects, networks, gateways, profiles and devices. Everything refers to everything else by code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    projects: tuple[Project, ...] = ()
    networks: tuple[Network, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    profiles: tuple[Profile, ...] = ()
    devices: tuple[Device, ...] = ()
