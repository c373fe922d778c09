"""How large the tables are."""

from typing import Any, NamedTuple

from psycopg import Connection

from ingest.store.timescale import HYPERTABLES, Tier, ask

TABLES = (
    "uplink_packed", "reading_packed", "reading_conflict", "quarantine", "delivery", "tally", "device", "gateway_event",
)  # fmt: skip


class Size(NamedTuple):
    """A table with everything that belongs to it: indexes, chunks, TOAST. `rows` is the planner's estimate."""

    name: str
    rows: int
    bytes: int


def sizes(connection: Connection[Any]) -> list[Size]:
    """The tables worth watching, in the order of the path."""
    hyper = HYPERTABLES if ask(connection).tier is not Tier.PLAIN else ()
    return [_hypertable(connection, name) if name in hyper else _table(connection, name) for name in TABLES]


def _hypertable(connection: Connection[Any], name: str) -> Size:
    row = connection.execute(
        "select approximate_row_count(%(name)s::regclass), hypertable_size(%(name)s::regclass)", {"name": name}
    ).fetchone()
    return Size(name, *(row or (0, 0)))


def _table(connection: Connection[Any], name: str) -> Size:
    row = connection.execute(
        "select greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) from pg_class where oid = %s::regclass",
        (name,),
    ).fetchone()
    return Size(name, *(row or (0, 0)))
