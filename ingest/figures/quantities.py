"""Reads the quantities: the catalogue, and the projects' own."""

from typing import Any, NamedTuple

from psycopg import Connection

from schemas.quantity import CATALOGUE, Kind, Quantity


class ProjectQuantity(NamedTuple):
    """A quantity and its project; None for the catalogue."""

    project: str | None
    quantity: Quantity


_OWN = """
select project.code, quantity_id, quantity.code, unit, kind, reject_low, reject_high, flag_low, flag_high,
       label_ja, label_en, unit_ja, states
from quantity join project on project.project_id = quantity.of_project_id
where %(project)s::text is null or project.code = %(project)s
order by quantity_id
"""


def quantities(connection: Connection[Any], project: str | None) -> list[ProjectQuantity]:
    """The catalogue in its order, then the own quantities of this project, or of all if None."""
    found = [ProjectQuantity(None, quantity) for quantity in CATALOGUE]
    for owner, id_, code, unit, kind, *rest in connection.execute(_OWN, {"project": project}):
        found.append(ProjectQuantity(owner, Quantity(id_, code, unit, Kind(kind), *rest)))
    return found


def quantities_by_code(connection: Connection[Any], project: str) -> dict[str, Quantity]:
    """The quantities of a project by code, which is unique within a project."""
    return {quantity.code: quantity for _, quantity in quantities(connection, project)}
