"""Sums of the work log, and values that people observed: the figures behind KPIs of work and of observations."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from ingest.figures.fetch import Database, fetch
from schemas.plan import PlanScope
from schemas.work import Basis, WorkKind

LEVELS = ("project", "kind", "month", "area", "network", "gateway", "technology", "use", "device")
"""In this order the sums are read."""


@dataclass(frozen=True, slots=True)
class WorkSums:
    """One row of `figure_work_sums`; its comment defines every field.

    `level`: project, kind, month, area, network, gateway, technology, use, device. `key`: the code within the level
    (a month as 2026-04), "" of the project, None for entries of which it cannot be told. `minutes`: minutes x people.
    `km`: None if no entry says its distance. `distances`: entries that say it.
    """

    level: str
    key: str | None
    name: str | None
    visits: int
    minutes: int
    km: float | None
    distances: int

    @property
    def hours(self) -> Fraction:
        """Hours of people, exact."""
        return Fraction(self.minutes, 60)


@dataclass(frozen=True, slots=True)
class ObservationValue:
    """An observation that counts. Both days belong to its period."""

    observation_id: int
    code: str
    first_day: date
    last_day: date
    value: float
    unit: str
    area: str
    source: str
    basis: Basis
    entered_at: datetime
    entered_by: str


def work_sums(
    connection: Database,
    project_code: str,
    first_day: date,
    until_day: date,
    kinds: Collection[WorkKind] = (),
    scope: PlanScope | None = None,
) -> list[WorkSums]:
    """Sums over the work that began within the days of Japan [first_day, until_day), at every level.

    The row of the project is always there and comes first. `kinds`: none means all. `scope.group` has to be resolved
    into `scope.devices` by the caller, who knows the plan. A scope of devices, networks, gateways, uses or technologies
    leaves out what was done at no device.
    """
    query = """
        select * from figure_work_sums(%(project)s, %(first)s, %(until)s, %(kinds)s::text[], %(networks)s::text[],
            %(gateways)s::text[], %(areas)s::text[], %(uses)s::text[], %(technologies)s::text[], %(devices)s::text[],
            %(season_from)s, %(season_to)s)
        order by array_position(%(levels)s::text[], level), key nulls last
    """
    scope = scope or PlanScope()
    values = {
        "project": project_code,
        "first": first_day,
        "until": until_day,
        "kinds": [kind.value for kind in kinds],
        "networks": list(scope.networks),
        "gateways": list(scope.gateways),
        "areas": list(scope.areas),
        "uses": list(scope.uses),
        "technologies": [kind.value for kind in scope.technologies],
        "devices": list(scope.devices),
        "season_from": scope.season.begins if scope.season else None,
        "season_to": scope.season.ends if scope.season else None,
        "levels": list(LEVELS),
    }
    return fetch(connection, WorkSums, query, values)


def observation_values(
    connection: Database, project_code: str, code: str, first_day: date, until_day: date
) -> list[ObservationValue]:
    """The observations of this code whose whole period lies in [first_day, until_day), by period."""
    query = "select * from figure_observation(%(project)s, %(code)s, %(first)s, %(until)s)"
    values = {"project": project_code, "code": code, "first": first_day, "until": until_day}
    return [replace(row, basis=Basis(row.basis)) for row in fetch(connection, ObservationValue, query, values)]
