"""What gateways sent themselves, as their network server tells it."""

from collections.abc import Sequence
from datetime import timedelta

from ingest.store.database import Database
from ingest.watch.airtime.database import Transmitter
from ingest.watch.airtime.pieces import Sent
from ingest.watch.progress.database import Span

PAIRED_WITHIN = timedelta(hours=1)
"""A command and its answer are at most so far apart: what comes changes what was sent up to so long before and after.

As in figure_gateway_transmission."""

_SENT = """
select t.gateway_id, t.time, t.airtime_ms
from unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) s (gateway_id, starts, ends)
cross join lateral (
    select v.* from figure_gateway_transmission v
    where v.gateway_id = s.gateway_id and v.time >= s.starts and v.time < s.ends
) t
order by t.gateway_id, t.time
"""


def transmitting_gateways(connection: Database, technologies: Sequence[str]) -> list[Transmitter]:
    """The gateways of these technologies, and those of which the registry says a regime."""
    rows = connection.execute(
        """
        select g.gateway_id, n.project_id, g.airtime_regime
        from gateway g join network n using (network_id)
        where n.kind = any(%s) or g.airtime_regime is not null
        """,
        (list(technologies),),
    )
    return [Transmitter(number, project_id, regime, gateway=True) for number, project_id, regime in rows]


def sent_by_gateways(connection: Database, spans: Sequence[Span]) -> dict[int, list[Sent]]:
    """What each gateway sent in its spans, by its number and in the order of time; airtime None: nobody tells it."""
    rows = connection.execute(
        _SENT, ([span.device_id for span in spans], [span.starts for span in spans], [span.ends for span in spans])
    ).fetchall()
    found: dict[int, list[Sent]] = {}
    for gateway_id, at, airtime_ms in rows:
        found.setdefault(gateway_id, []).append(Sent(at, airtime_ms, told=True))
    return found
