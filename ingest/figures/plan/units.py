"""Reads what each device had in each network: the rows that a change of the completeness is split among."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch
from schemas.plan import PlanScope


@dataclass(frozen=True, slots=True)
class PlanUnit:
    """One device in one network in a period; a device that was moved has a row in each."""

    network: str
    network_name: str
    device: str
    device_name: str
    expected: int
    sent: int
    arrived: int
    valid: int


def plan_units(
    connection: Database,
    project_code: str,
    first_day: date,
    until_day: date,
    now: datetime,
    scope: PlanScope | None = None,
) -> list[PlanUnit]:
    """The devices of which something was expected or came, by network and device. `scope`: without a group."""
    query = """
        select network, network_name, device, device_name, expected, sent, arrived, valid
        from figure_plan_unit(%(project)s, %(first)s, %(until)s, %(now)s, %(scope)s::jsonb)
        order by network, device
    """
    values = {
        "project": project_code, "first": first_day, "until": until_day, "now": now,
        "scope": scope and scope.model_dump_json(),
    }  # fmt: skip
    return fetch(connection, PlanUnit, query, values)
