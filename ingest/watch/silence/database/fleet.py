"""Devices, gateways, planned stops and our own hearing, as they are now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ingest.store.database import Database
from ingest.store.status.listening import DEAF_AFTER, LISTENING
from ingest.watch.silence.hearing import Hearing
from ingest.watch.silence.model import DeviceNow, GatewayNow, Stop

LOOK_BACK = timedelta(days=40)
"""A stop that ended longer ago excuses nobody any more."""

_DEVICES = """
select s.device_id, d.project_id, d.network_id, d.gateway_id, heard_by.gateway_id, s.device, s.state,
    s.last_received_at, s.interval_now_s, s.patience_s, s.calm_interval_s is not null,
    s.calm_interval_s is not null and s.patience_s = figure_patience_s(s.interval_s, s.calm_interval_s, false),
    case
        when not d.enabled then false
        when d.season_from is null and (d.installed_on is null or d.installed_on < current_date - 1) then true
        else exists (
            select from figure_active(
                d.season_from, d.season_to, d.installed_on, now(), now() + interval '1 microsecond'
            )
        )
    end
from figure_device_state s
join device d using (device_id)
left join gateway heard_by on heard_by.code = s.last_gateway
order by s.device_id
"""

_GATEWAYS = """
select s.gateway_id, n.project_id, n.network_id, s.gateway, s.state, greatest(s.last_heard_at, s.reported_at),
    s.silent_from, s.devices = 0 or s.live + s.silent + s.never > 0
from figure_gateway_state s join gateway g using (gateway_id) join network n using (network_id)
order by s.gateway_id
"""

_STOPS = """
select project_id, network_id, gateway_id, device_id, lower(span), upper(span) from figure_stop_span
where upper(span) > %(since)s and lower(span) <= %(now)s
order by 5
"""

_HEARING = "select done_until, coalesce(details -> 'deaf', '[]') from watch_progress where name = %s"


def read_devices(connection: Database) -> list[DeviceNow]:
    """Every device of the registry."""
    rows: Sequence[Any] = connection.execute(_DEVICES).fetchall()
    return [DeviceNow(*row) for row in rows]


def read_gateways(connection: Database) -> list[GatewayNow]:
    """Every gateway of the registry."""
    rows: Sequence[Any] = connection.execute(_GATEWAYS).fetchall()
    return [GatewayNow(*row) for row in rows]


def read_stops(connection: Database, now: datetime) -> list[Stop]:
    """Planned stops that last, or ended lately."""
    rows: Sequence[Any] = connection.execute(_STOPS, {"since": now - LOOK_BACK, "now": now}).fetchall()
    return [Stop(*row) for row in rows]


def read_hearing(connection: Database, now: datetime) -> Hearing:
    """When the service itself was deaf."""
    row = connection.execute(_HEARING, (LISTENING,)).fetchone()
    if row is None:
        return Hearing()
    until, spans = row
    deaf = [(datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in spans]
    return Hearing(deaf, until if now - until > DEAF_AFTER else None)
