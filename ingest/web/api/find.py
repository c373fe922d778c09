"""Things by their codes, or a 404 that says what is not there."""

from typing import Any

from fastapi import HTTPException, Request

from ingest.figures.device import device_state
from ingest.figures.model import DeviceState
from ingest.web.fleet_cache import Fleet, FleetCache


def fleet_of(request: Request, project: str | None) -> Fleet:
    """The fleet of a project, or of all."""
    cache = request.app.state.fleet
    assert isinstance(cache, FleetCache)  # set by create_app
    found = cache.read(project)
    if found is None:
        raise HTTPException(404, f"There is no project {project!r}.")
    return found


def device_of(connection: Any, project: str, device: str) -> DeviceState:
    """The device of a project with its state."""
    row = device_state(connection, project, device)
    if row is None:
        raise HTTPException(404, f"There is no device {device!r} in a project {project!r}.")
    return row
