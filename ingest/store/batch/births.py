"""Births and deaths of Sparkplug nodes, kept so that data is read rightly after a restart and when it comes again."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.types.json import Jsonb

from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import BIRTH_WEIGHT, USUAL, BirthLimits, weigh
from ingest.decode.sparkplug.session import KEPT_SESSIONS
from ingest.rows import MessageRows
from ingest.store.batch.insert import clean
from schemas.certificate import Certificate, Known
from schemas.japan import to_datetime

_AT_ONCE = 10
"""Births read at once: each may be a few hundred kilobytes."""

_KEEP = """
insert into sparkplug_session (node, device, event, message_id, said_ms, received_at, bd_seq, metrics, weight)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""

# The rules of `ingest/decode/sparkplug/births.py`, for what is stored. Of each node: its last sessions (`age` 0 is the
# newest); in each the last births of a device (`nth` 1 is the newest), of a few devices that nobody registered, and of
# all that as much as fits. The newest is counted first (`spent`). What is in force no longer but still limits what
# was before it stays without its metrics. Rows another writer has in hand are left for the next time.
_COUNTED: LiteralString = """
with told as (
    select node, device, message_id, said_ms, event, received_at, weight,
           count(*) filter (where event = 'NBIRTH')
               over (partition by node order by received_at, device, message_id) as session
    from sparkplug_session where %(nodes)s::text[] is null or node = any(%(nodes)s)
), aged as (
    select told.*, max(session) over (partition by node) - session as age,
           row_number() over (partition by node, session, device, event = 'NDEATH'
                              order by received_at desc, message_id) as nth,
           device = '' or exists (
               select from device known where known.sparkplug_id = told.node || '/' || told.device
           ) as registered
    from told
), placed as (
    select aged.*, row_number() over (partition by node, session, registered, device = '', nth = 1
                                      order by received_at desc, device) as place
    from aged
), counted as (
    select placed.*, sum(weight) over (
        partition by node
        order by age, device <> '', nth > 1, not registered, received_at desc, device, message_id, said_ms
    ) as spent
    from placed
)
"""
_OVER_THE_LIMITS: LiteralString = """
, fate as (
    select counted.*, age >= %(kept)s or nth > %(kept)s
               or (not registered and nth = 1 and place > %(unregistered)s)
               or (registered and device <> '' and nth = 1 and place > %(devices)s)
               or (spent > %(weight)s and (nth = 1 or device = '')) as gone,
           device <> '' and nth > 1 and (spent > %(weight)s or nth = %(kept)s) and weight > %(bare)s as hollow
    from counted
), doomed as (
    select s.node, s.device, s.message_id, s.said_ms, f.gone
    from sparkplug_session s join fate f using (node, device, message_id, said_ms)
    where f.gone or f.hollow for update of s skip locked
), hollowed as (
    update sparkplug_session s set metrics = '[]', weight = %(bare)s from doomed d where not d.gone
    and s.node = d.node and s.device = d.device and s.message_id = d.message_id and s.said_ms = d.said_ms
)
delete from sparkplug_session s using doomed d where d.gone
and s.node = d.node and s.device = d.device and s.message_id = d.message_id and s.said_ms = d.said_ms
"""
_TRIM: LiteralString = _COUNTED + _OVER_THE_LIMITS

_CERTIFICATES: LiteralString = """
select s.node, s.device, s.event, s.message_id, (extract(epoch from s.received_at) * 1000000)::bigint, s.said_ms,
       s.bd_seq, s.metrics,
       s.device = '' or exists (select from device known where known.sparkplug_id = s.node || '/' || s.device)
from sparkplug_session s
"""
_OF_NODES: LiteralString = _CERTIFICATES + "where s.node = any(%(nodes)s) order by s.node, s.received_at"

# Of all nodes no more than fits into memory: reading the rest would only delay the start. Sessions in force come
# first, and of these what is small: a node within an equal share of the limit is read whole, of a large one as much
# as is left. Only weights are looked at to find that out.
_WITHIN_MEMORY: LiteralString = """
, fitting as (
    select node, device, message_id, said_ms, age = 0 and nth = 1 as in_force,
           sum(weight) over (order by age > 0, spent, node, device, message_id, said_ms) <= %(weight_in_all)s as fits
    from counted where node in (
        select split_part(sparkplug_id, '/', 1) || '/' || split_part(sparkplug_id, '/', 2) from device
        where sparkplug_id is not null
    )
)
"""
_FITTING: LiteralString = _COUNTED + _WITHIN_MEMORY
_OF_ALL_NODES: LiteralString = (
    _FITTING + _CERTIFICATES + "join fitting f using (node, device, message_id, said_ms) where f.fits"
    " order by s.node, s.received_at"
)
_UNREAD_OF_NODES = "select node, count(*) from fitting where in_force and not fits group by node order by node"
_NOT_READ: LiteralString = _FITTING + _UNREAD_OF_NODES


def keep_births(connection: Connection[Any], batch: Iterable[MessageRows], limits: BirthLimits = USUAL) -> None:
    """Write the births and deaths of a batch in its transaction, and delete what is over a limit because of them."""
    new = [rows.certificate for rows in batch if rows.certificate is not None]
    if not new:
        return
    new.sort(key=lambda certificate: (certificate.node, certificate.device))
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, [_row(certificate) for certificate in new])
    trim_births(connection, limits, sorted({clean(certificate.node) for certificate in new}))


def trim_births(connection: Connection[Any], limits: BirthLimits, nodes: Sequence[str] | None = None) -> int:
    """Remove what is over the limits, of these nodes or of all; how many rows. Nothing of the metrics is read."""
    values = {
        "nodes": None if nodes is None else [*nodes], "kept": KEPT_SESSIONS, "bare": BIRTH_WEIGHT,
        "devices": limits.devices, "unregistered": limits.unregistered, "weight": limits.node_weight,
    }  # fmt: skip
    return connection.execute(_TRIM, values).rowcount


def _row(certificate: Certificate) -> tuple[object, ...]:
    metrics = [
        (clean(k.name), _whole(k.alias), k.datatype, k.unit and clean(k.unit), k.time_ms) for k in certificate.metrics
    ]
    return (
        clean(certificate.node),
        clean(certificate.device),
        certificate.event,
        certificate.message_id,
        -1 if certificate.said_ms is None else certificate.said_ms,
        to_datetime(certificate.received_us),
        certificate.bd_seq,
        Jsonb(metrics),
        weigh(certificate),
    )


def _whole(alias: int | None) -> str | None:
    """An alias may have 64 bits, which not every reader of JSON takes as a number."""
    return None if alias is None else str(alias)


def load_births(connection: Connection[Any], limits: BirthLimits = USUAL) -> Births:
    """What is known of the last sessions of every node that the registry knows, as far as the limits allow."""
    births = Births(limits=limits)
    births.offer(births_to_load(connection, limits.weight_in_all))
    for node, count in connection.execute(_NOT_READ, _to_load(limits.weight_in_all)):
        why = f"node {node[:100]} announces more than its share of {limits.weight_in_all} metrics"
        births.note_refused(node, f"birth not accepted: {why}", count)
    return births


def births_to_load(connection: Connection[Any], weight_in_all: int) -> Iterator[tuple[Certificate, bool]]:
    """Of every node in the registry as much as may be held in all, and whether the device of each is registered."""
    return _certificates(connection, _OF_ALL_NODES, _to_load(weight_in_all))


def _to_load(weight_in_all: int) -> dict[str, object]:
    return {"weight_in_all": weight_in_all, "nodes": None}


def births_when_asked(connection: Connection[Any], limits: BirthLimits) -> Births:
    """Births that are read of a node when it is first asked for: for commands, which meet few nodes."""
    return Births(limits=limits, fetch=partial(_of_node, connection))


def _of_node(connection: Connection[Any], node: str) -> Iterator[tuple[Certificate, bool]]:
    return certificates(connection, [node])


def certificates(connection: Connection[Any], nodes: Sequence[str]) -> Iterator[tuple[Certificate, bool]]:
    """What these nodes said, in the order of receipt, and whether the device of each message is registered."""
    return _certificates(connection, _OF_NODES, {"nodes": [*map(clean, nodes)]})


def _certificates(
    connection: Connection[Any], query: LiteralString, values: dict[str, object]
) -> Iterator[tuple[Certificate, bool]]:
    """Births and deaths as the query has them, a few in memory at a time."""
    with connection.transaction(), connection.cursor("births") as cursor:
        cursor.itersize = _AT_ONCE
        for row in cursor.execute(query, values):
            yield _certificate(row), row[-1]


def _certificate(row: tuple[Any, ...]) -> Certificate:
    node, device, event, message_id, received_us, said_ms, bd_seq, metrics, _ = row
    known = tuple(
        Known(name, None if alias is None else int(alias), datatype, unit, time_ms)
        for name, alias, datatype, unit, time_ms in metrics
    )
    return Certificate(node, device, event, message_id, received_us, None if said_ms < 0 else said_ms, bd_seq, known)
