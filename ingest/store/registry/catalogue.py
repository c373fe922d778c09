"""Quantities, ranges and bindings in the database, as the running service needs them."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from psycopg import Connection
from psycopg.rows import dict_row

from ingest.store.registry.rows import BINDINGS, RANGES
from schemas.binding import Binding
from schemas.own_quantity import OwnRange, catalogue_of
from schemas.profile import Profile
from schemas.quantity import BY_CODE, Kind, Quantity
from schemas.unit import learn

Catalogues: TypeAlias = Mapping[int, Mapping[str, Quantity]]
"""Project id -> the catalogue as this project sees it; projects without anything of their own are absent."""

_OWN = """
select of_project_id, quantity_id, code, unit, kind, reject_low, reject_high, flag_low, flag_high,
       label_ja, label_en, unit_ja, states
from quantity where of_project_id is not null order by quantity_id"""


def load_catalogues(connection: Connection[Any]) -> dict[int, Mapping[str, Quantity]]:
    """Own quantities and narrowed ranges of every project that has some."""
    own: dict[int, dict[str, Quantity]] = {}
    ranges: dict[int, dict[str, Quantity]] = {}
    for project_id, id_, code, unit, kind, *rest in connection.execute(_OWN):
        own.setdefault(project_id, {})[code] = Quantity(id_, code, unit, Kind(kind), *rest)
    projects = dict(connection.execute("select code, project_id from project").fetchall())
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(RANGES):
            narrowed = OwnRange.model_construct(**row)
            quantity = BY_CODE.get(narrowed.quantity)
            if quantity is not None:
                ranges.setdefault(projects[row["project"]], {})[quantity.code] = narrowed.of(quantity)
    return {each: catalogue_of(own.get(each, {}), ranges.get(each, {})) for each in own.keys() | ranges.keys()}


def catalogue_of_project(connection: Connection[Any], project: str) -> Mapping[str, Quantity] | None:
    """The catalogue as one project sees it; None if there is no such project."""
    found = connection.execute("select project_id from project where code = %s", (project,)).fetchone()
    return None if found is None else load_catalogues(connection).get(found[0], BY_CODE)


def load_bindings(connection: Connection[Any]) -> dict[int, list[Binding]]:
    """The bindings of every device that has some, by device id."""
    found: dict[int, list[Binding]] = {}
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(BINDINGS):
            fields = {name: value for name, value in row.items() if name not in ("id", "device_id")}
            found.setdefault(row["device_id"], []).append(Binding.model_construct(**fields))
    return found


def own_units(catalogues: Catalogues) -> dict[str, set[str]]:
    """Code -> units, of everything that is not in the catalogue; two projects may call different things alike."""
    found: dict[str, set[str]] = {}
    for catalogue in catalogues.values():
        for code in catalogue.keys() - BY_CODE.keys():
            found.setdefault(code, set()).add(catalogue[code].unit)
    return found


def check_own(profile: Profile, own: Mapping[str, set[str]]) -> None:
    """Learn the units of its fields for own quantities. Raises ValueError if it names one that nobody has."""
    for binding in profile.own_quantities().values():
        if binding.quantity not in own:
            raise ValueError(f"there is no quantity {binding.quantity!r}")
        for unit in own[binding.quantity]:
            if binding.unit is not None:
                learn(binding.unit, unit)
