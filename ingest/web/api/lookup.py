"""Things by their codes, or a 404 that says what is not there; and what the numbers in rows are called."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from fastapi import HTTPException, Request

from ingest.figures.device import device_state
from ingest.figures.model import DeviceState
from ingest.figures.names import DeviceName, device_names, project_name
from ingest.figures.quantities import ProjectQuantity
from ingest.web.dependencies import dependencies
from ingest.web.fleet_cache import Fleet, cache_of
from schemas.quantity import Quantity
from schemas.reading import Quality
from schemas.uplink import EventKind


def find_fleet(request: Request, project: str | None) -> Fleet:
    """The fleet of a project, or of all that the caller may see. Raises a 404."""
    found = cache_of(request).read(dependencies(request), project)
    if found is None:
        raise _no_project(project)
    return found


def find_device(connection: Any, project: str, device: str) -> DeviceState:
    """The device of a project with its state. Raises a 404."""
    row = device_state(connection, project, device)
    if row is None:
        raise _no_device(device, project)
    return row


def find_devices(connection: Any, project: str | None, devices: Sequence[str]) -> list[DeviceName]:
    """The names of these devices of a project, of all its devices if there are none, of all projects without one.

    Raises a 404 for a project or a device that is not there, a 422 for devices without a project.
    """
    if project is None:
        if devices:
            raise HTTPException(422, "device: codes are unique within a project only; give project as well.")
        return device_names(connection, None)
    require_project(connection, project)
    found = device_names(connection, project, devices)
    there = {row.device for row in found}
    for code in devices:
        if code not in there:
            raise _no_device(code, project)
    return found


def require_project(connection: Any, project: str) -> None:
    """Raise a 404 if there is no such project."""
    if project_name(connection, project) is None:
        raise _no_project(project)


def no_quantity(code: str, project: str | None) -> HTTPException:
    """The 404 for a quantity that nobody here measures."""
    where = "any project" if project is None else f"a project {project!r}"
    return HTTPException(404, f"There is no quantity {code!r} in the catalogue or in {where}.")


def _no_project(code: str | None) -> HTTPException:
    return HTTPException(404, f"There is no project {code!r}.")


def _no_device(code: str, project: str) -> HTTPException:
    return HTTPException(404, f"There is no device {code!r} in a project {project!r}.")


EVENTS: Mapping[int, str] = {int(kind): kind.name.lower() for kind in EventKind}


class Lookup(NamedTuple):
    """Devices, gateways and quantities by number. `owners`: whose a quantity is that is not everybody's."""

    devices: Mapping[int, DeviceName]
    gateways: Mapping[int, str]
    quantities: Mapping[int, Quantity]
    owners: Mapping[int, str]


def gather_names(
    devices: Iterable[DeviceName], gateways: Mapping[int, str], known: Iterable[ProjectQuantity]
) -> Lookup:
    """What the rows of one answer may name, by its number."""
    quantities, owners = {}, {}
    for project, quantity in known:
        quantities[quantity.id] = quantity
        if project is not None:
            owners[quantity.id] = project
    return Lookup({device.device_id: device for device in devices}, gateways, quantities, owners)


def _flags_of(quality: int) -> str:
    return " ".join(flag.name.lower() for flag in Quality(quality) if flag.name)


FLAGS = [_flags_of(quality) for quality in range(sum(Quality) + 1)]
"""The remarks on quality by name, of every number that they can make together."""
