"""When something last came through each gateway, into its table."""

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import Connection

from ingest.store.database import translated
from schemas.japan import to_datetime

_NOTE: LiteralString = """
insert into gateway_heard as known (gateway_id, received_at)
select n.gateway_id, n.received_at
from unnest(%s::integer[], %s::timestamptz[]) n (gateway_id, received_at)
join gateway using (gateway_id) order by n.gateway_id      -- one order for all workers: no deadlock
on conflict (gateway_id) do update set received_at = excluded.received_at
where excluded.received_at > known.received_at
"""


def note_heard(connection: Connection[Any], newest: Mapping[int, int]) -> None:
    """Note when gateways were heard. `newest`: microseconds since 1970, by gateway; an older time changes nothing."""
    with translated(), connection.transaction():
        connection.execute(_NOTE, (list(newest), [to_datetime(received_us) for received_us in newest.values()]))
