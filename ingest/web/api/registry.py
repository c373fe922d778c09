"""/api/v1: what the registry and the catalogue know: networks, gateways, one device, quantities."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, Field

from ingest.figures.model import DeviceState, GatewayState, NetworkState
from ingest.figures.names import project_name
from ingest.figures.quantities import quantities
from ingest.web.api.find import device_of, fleet_of
from ingest.web.api.model import in_japan
from ingest.web.dependencies import WebDependencies, dependencies
from schemas.quantity import Kind

Deps = Annotated[WebDependencies, Depends(dependencies)]
ProjectCode = Annotated[str | None, Query(description="Code of a project; without it, all of them", max_length=63)]

router = APIRouter(tags=["registry"])


class NetworksAnswer(BaseModel):
    """Networks with the states of their devices."""

    networks: list[NetworkState]


class GatewaysAnswer(BaseModel):
    """Gateways with the states of their devices."""

    gateways: list[GatewayState]


class QuantityEntry(BaseModel):
    """A quantity of the catalogue, or one that a project has registered for itself."""

    quantity: str = Field(description="Code", examples=["river_level"])
    label_ja: str = Field(examples=["河川水位"])
    label_en: str = Field(examples=["River level"])
    unit: str = Field(description="UCUM code", examples=["m"])
    unit_ja: str = Field(examples=["m"])
    kind: Kind
    states: dict[str, int] = Field(description="Names of the values of a state")
    project: str | None = Field(description="Whose own quantity it is; null: of the catalogue, everybody's")


class QuantitiesAnswer(BaseModel):
    """The catalogue of quantities (測定項目), then own ones."""

    quantities: list[QuantityEntry]


@router.get("/networks", response_model_exclude={"networks": {"__all__": {"network_id"}}})
def read_networks(request: Request, project: ProjectCode = None) -> NetworksAnswer:
    """Networks (通信網) by project and code, with the states of their devices."""
    return NetworksAnswer(networks=in_japan(fleet_of(request, project).networks))


@router.get("/gateways", response_model_exclude={"gateways": {"__all__": {"gateway_id"}}})
def read_gateways(request: Request, project: ProjectCode = None) -> GatewaysAnswer:
    """Gateways (基地局) by project and code, with the states of the devices behind them."""
    return GatewaysAnswer(gateways=in_japan(fleet_of(request, project).gateways))


@router.get("/devices/{project}/{device}", response_model_exclude={"device_id"})
def read_device(project: str, device: str, deps: Deps) -> DeviceState:
    """One device (機器) with its state."""
    with deps.database() as connection:
        return in_japan([device_of(connection, project, device)])[0]


@router.get("/quantities")
def read_quantities(deps: Deps, project: ProjectCode = None) -> QuantitiesAnswer:
    """What can be measured: codes, units and labels of the catalogue, then of own quantities (独自の測定項目)."""
    with deps.database() as connection:
        if project is not None and project_name(connection, project) is None:
            raise HTTPException(404, f"There is no project {project!r}.")
        known = quantities(connection, project)
    entries = [
        QuantityEntry(
            quantity=quantity.code,
            label_ja=quantity.label_ja,
            label_en=quantity.label_en,
            unit=quantity.unit,
            unit_ja=quantity.unit_ja,
            kind=quantity.kind,
            states=dict(quantity.states),
            project=owner,
        )
        for owner, quantity in known
    ]
    return QuantitiesAnswer(quantities=entries)
