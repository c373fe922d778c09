"""Gives the rows of the watch that came in the numbers of this database, where files have codes."""

from typing import Any, LiteralString

from psycopg import Connection

_EVENTS: LiteralString = """
update watch_event set subject =
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(subject,
        ':d=[^:]*', ':d' || coalesce(device_id, 0)), ':g=[^:]*', ':g' || coalesce(gateway_id, 0)),
        ':n=[^:]*', ':n' || coalesce(network_id, 0)), ':q=[^:]*', ':q' || coalesce(quantity_id, 0))
where subject ~ ':[dgnq]='
"""
_INCIDENTS: LiteralString = """
update watch_incident i set subject =
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(i.subject,
        ':d=[^:]*', ':d' || coalesce(i.device_id, 0)), ':g=[^:]*', ':g' || coalesce(i.gateway_id, 0)),
        ':n=[^:]*', ':n' || coalesce(i.network_id, 0)), ':q=[^:]*', ':q' || coalesce((
            select q.quantity_id from quantity q
            where q.code = substring(i.subject from ':q=([^:]*)')
              and coalesce(q.of_project_id, i.project_id) = i.project_id
        ), 0))
where i.subject ~ ':[dgnq]='
"""
_DRILLS: LiteralString = """
update watch_event e set details = jsonb_set(e.details, '{drill}', to_jsonb(i.drill_id))
from watch_incident i
where i.incident_id = e.incident_id and i.drill_id is not null and e.details ? 'drill'
"""
_TRANSMITTERS: LiteralString = """
update watch_airtime set transmitter = left(transmitter, 1) || ':' || coalesce(device_id, gateway_id)
where transmitter ~ '^[dg]='
"""


def number_conditions(connection: Connection[Any]) -> None:
    """Write the numbers of devices, gateways, networks, quantities and drills into what has just come in."""
    for statement in (_EVENTS, _INCIDENTS, _DRILLS, _TRANSMITTERS):
        connection.execute(statement)
    connection.execute("update watch_selection set version = version + 1")
