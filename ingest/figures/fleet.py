"""The whole fleet at this moment: devices, gateways, networks, projects."""

from typing import Any

from psycopg import Connection

from ingest.figures.fetch import fetch
from ingest.figures.model import DeviceState, GatewayState, NetworkState, ProjectState


def project_states(connection: Connection[Any], project: str | None = None) -> list[ProjectState]:
    """Every project (事業), or the one of this code, by code."""
    query = """
        select * from figure_project_state
        where (%(project)s::text is null or project = %(project)s) order by project
    """
    return fetch(connection, ProjectState, query, {"project": project})


def network_states(connection: Connection[Any], project: str | None = None) -> list[NetworkState]:
    """The networks (通信網) of one project or of all, by project and code."""
    query = """
        select * from figure_network_state
        where (%(project)s::text is null or project = %(project)s) order by project, network
    """
    return fetch(connection, NetworkState, query, {"project": project})


def gateway_states(connection: Connection[Any], project: str | None = None) -> list[GatewayState]:
    """The gateways (基地局) of one project or of all, by project and code."""
    query = """
        select * from figure_gateway_state
        where (%(project)s::text is null or project = %(project)s) order by project, gateway
    """
    return fetch(connection, GatewayState, query, {"project": project})


def device_states(connection: Connection[Any], project: str | None = None) -> list[DeviceState]:
    """The devices (機器) of one project or of all, by project and code."""
    query = """
        select * from figure_device_state
        where (%(project)s::text is null or project = %(project)s) order by project, device
    """
    return fetch(connection, DeviceState, query, {"project": project})
