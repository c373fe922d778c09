"""/api/v1: what the registry and the catalogue know: projects, networks, gateways, devices, quantities."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from ingest.figures.model import DeviceState, GatewayState, NetworkState, State
from ingest.figures.quantities import quantities
from ingest.web.api.answers.models import DevicesAnswer, ProjectsAnswer, in_japan
from ingest.web.api.cursor import link_header, next_address, read_device_cursor, write_device_cursor
from ingest.web.api.lookup import find_device, find_fleet, require_project
from ingest.web.api.parameters import DEVICES, MOST_DEVICES, BoundedProjectCode, Deps, ProjectCode
from ingest.web.device_search import matching
from ingest.web.rules import SEE, allow
from schemas.quantity import Kind

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


@router.get("/projects", response_model_exclude={"projects": {"__all__": {"project_id"}}})
@allow(SEE)
def read_projects(request: Request) -> ProjectsAnswer:
    """Projects (事業) with the states of their devices."""
    return ProjectsAnswer(projects=in_japan(find_fleet(request, None).projects))


@router.get("/networks", response_model_exclude={"networks": {"__all__": {"network_id"}}})
@allow(SEE)
def read_networks(request: Request, project: BoundedProjectCode = None) -> NetworksAnswer:
    """Networks (通信網) by project and code, with the states of their devices."""
    return NetworksAnswer(networks=in_japan(find_fleet(request, project).networks))


@router.get("/gateways", response_model_exclude={"gateways": {"__all__": {"gateway_id"}}})
@allow(SEE)
def read_gateways(request: Request, project: BoundedProjectCode = None) -> GatewaysAnswer:
    """Gateways (基地局) by project and code, with the states of the devices behind them."""
    return GatewaysAnswer(gateways=in_japan(find_fleet(request, project).gateways))


@router.get("/devices", response_model_exclude={"devices": {"__all__": {"device_id"}}})
@allow(SEE)
def read_devices(
    request: Request,
    response: Response,
    project: ProjectCode = None,
    state: Annotated[State | None, Query(description="Only devices in this state")] = None,
    q: Annotated[
        str, Query(max_length=200, description="Words in the name, code, network, gateway, model or use")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_DEVICES)] = DEVICES,
    cursor: Annotated[str | None, Query(description="next_cursor of the page before")] = None,
) -> DevicesAnswer:
    """Devices (機器) with their states, by project and code."""
    after = read_device_cursor(cursor) if cursor else ("", "")
    fitting = [
        row for row in matching(find_fleet(request, project).devices, q, None)
        if (state is None or row.state == state) and (row.project, row.device) > after
    ]  # fmt: skip
    fitting.sort(key=lambda row: (row.project, row.device))
    rows, more = fitting[:limit], len(fitting) > limit
    next_cursor = write_device_cursor(rows[-1].project, rows[-1].device) if more else None
    link = next_cursor and next_address(request, next_cursor)
    if link:
        response.headers["Link"] = link_header(link)
    return DevicesAnswer(devices=in_japan(rows), next_cursor=next_cursor, next=link)


@router.get("/devices/{project}/{device}", response_model_exclude={"device_id"})
@allow(SEE)
def read_device(project: str, device: str, deps: Deps) -> DeviceState:
    """One device (機器) with its state."""
    with deps.database() as connection:
        return in_japan([find_device(connection, project, device)])[0]


@router.get("/quantities")
@allow(SEE)
def read_quantities(deps: Deps, project: BoundedProjectCode = None) -> QuantitiesAnswer:
    """What can be measured: codes, units and labels of the catalogue, then of own quantities (独自の測定項目)."""
    with deps.database() as connection:
        if project is not None:
            require_project(connection, project)
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
