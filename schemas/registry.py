"""The registry document: what `noroshi registry apply` reads from YAML and CSV, and `export` writes."""

from pydantic import BaseModel, ConfigDict

from schemas.asset import Asset
from schemas.binding import Binding
from schemas.device import Device, Gateway, Network
from schemas.own_quantity import OwnQuantity, OwnRange
from schemas.profile import Profile
from schemas.project import Project
from schemas.stage import Stage


class RegistryDocument(BaseModel):
    """Projects with quantities of their own, networks, gateways, profiles, devices, how these hang, stages, assets.

    Everything refers to everything else by code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    projects: tuple[Project, ...] = ()
    quantities: tuple[OwnQuantity, ...] = ()
    ranges: tuple[OwnRange, ...] = ()
    networks: tuple[Network, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    profiles: tuple[Profile, ...] = ()
    devices: tuple[Device, ...] = ()
    bindings: tuple[Binding, ...] = ()
    stages: tuple[Stage, ...] = ()
    assets: tuple[Asset, ...] = ()
