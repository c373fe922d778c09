"""What Sparkplug nodes said about themselves, kept so that a restart, a redelivery and a replay read data rightly."""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from ingest.decode.sparkplug_births import KEPT_SESSIONS, Births, Certificate, Known
from ingest.rows import Judged
from ingest.store.moment import moment
from ingest.store.place import clean

_KEEP = """
insert into sparkplug_session (node, device, event, message_id, said_ms, received_at, bd_seq, metrics)
values (%s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

# Sessions that are older than the last few of their node.
_FORGET = """
delete from sparkplug_session old using (
    select node, (array_agg(received_at order by received_at desc))[%(kept)s] as since
    from sparkplug_session where node = any(%(nodes)s) and event = 'NBIRTH' group by node
) as newest
where old.node = newest.node and old.received_at < newest.since
"""

_KNOWN = """
select node, device, event, message_id, (extract(epoch from received_at) * 1000000)::bigint, said_ms, bd_seq, metrics
from sparkplug_session order by received_at
"""


def keep_births(connection: Connection[Any], batch: Iterable[Judged]) -> None:
    """Write what a batch says about sessions, in its transaction."""
    told = [one.certificate for one in batch if one.certificate is not None]
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [_row(one) for one in sorted(told, key=lambda one: (one.node, one.device))])
        nodes = sorted({clean(one.node) for one in told if one.event == "NBIRTH"})
        if nodes:
            cursor.execute(_FORGET, {"nodes": nodes, "kept": KEPT_SESSIONS})


def _row(one: Certificate) -> tuple[object, ...]:
    metrics = [(clean(k.name), _whole(k.alias), k.datatype, k.unit and clean(k.unit), k.time_ms) for k in one.metrics]
    return (
        clean(one.node),
        clean(one.device),
        one.event,
        one.message_id,
        -1 if one.said_ms is None else one.said_ms,
        moment(one.received_us),
        one.bd_seq,
        Jsonb(metrics),
    )


def _whole(alias: int | None) -> str | None:
    """An alias may have 64 bits, which not every reader of JSON takes as a number."""
    return None if alias is None else str(alias)


def load_births(connection: Connection[Any]) -> Births:
    """Everything that is known of the last sessions of every node."""
    return Births(load_certificates(connection))


def load_certificates(connection: Connection[Any]) -> list[Certificate]:
    """The same one by one, in the order of receipt."""
    return [_certificate(row) for row in connection.execute(_KNOWN)]


def _certificate(row: tuple[Any, ...]) -> Certificate:
    node, device, event, message_id, received_us, said_ms, bd_seq, metrics = row
    known = tuple(
        Known(name, None if alias is None else int(alias), datatype, unit, time_ms)
        for name, alias, datatype, unit, time_ms in metrics
    )
    return Certificate(node, device, event, message_id, received_us, None if said_ms < 0 else said_ms, bd_seq, known)
