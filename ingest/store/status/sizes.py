"""How large the tables are."""

from typing import Any, NamedTuple

from psycopg import Connection

from ingest.store.timescale import HYPERTABLES, ROLLUPS, Tier, ask

TABLES = (
    "uplink_packed", "reading_packed", "reading_conflict", "quarantine", "delivery", "tally", "device", "gateway_event",
    *ROLLUPS, "last_uplink", "last_reading",
)  # fmt: skip


class Size(NamedTuple):
    """A table with everything that belongs to it: indexes, chunks, TOAST. `rows` is the planner's estimate."""

    name: str
    rows: int
    bytes: int


# approximate_row_count takes every batch of the columnstore for a thousand rows; what went into it was counted.
_CHUNKED_ROWS = """
(
    select coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint
    from timescaledb_information.chunks k
    join pg_class c on c.oid = format('%%I.%%I', k.chunk_schema, k.chunk_name)::regclass
    where k.hypertable_schema = current_schema() and k.hypertable_name = %(name)s::text and not k.is_compressed
) + (
    select coalesce(sum(z.numrows_pre_compression), 0)::bigint
    from _timescaledb_catalog.compression_chunk_size z
    join _timescaledb_catalog.chunk k on k.id = z.chunk_id
    join _timescaledb_catalog.hypertable h on h.id = k.hypertable_id
    where h.schema_name = current_schema() and h.table_name = %(name)s::text
)
"""


def sizes(connection: Connection[Any]) -> list[Size]:
    """The tables worth watching, in the order of the path."""
    return [size_of(connection, name) for name in TABLES if exists(connection, name)]


def size_of(connection: Connection[Any], name: str) -> Size:
    """The size of one table."""
    chunked = ask(connection).tier is not Tier.PLAIN and name in (*HYPERTABLES, *ROLLUPS)
    return _hypertable(connection, name) if chunked else _table(connection, name)


def exists(connection: Connection[Any], name: str) -> bool:
    """Whether there is a table of this name."""
    query = "select relkind in ('r', 'p') from pg_class where oid = to_regclass(%s)"
    return connection.execute(query, (name,)).fetchone() == (True,)


def _hypertable(connection: Connection[Any], name: str) -> Size:
    rows = (
        _CHUNKED_ROWS if ask(connection).tier is Tier.COMMUNITY else "approximate_row_count(%(name)s::text::regclass)"
    )
    row = connection.execute(
        f"select {rows}, hypertable_size(%(name)s::text::regclass)".encode(),
        {"name": name},
    ).fetchone()
    return Size(name, *(row or (0, 0)))


def _table(connection: Connection[Any], name: str) -> Size:
    row = connection.execute(
        "select greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) from pg_class where oid = %s::regclass",
        (name,),
    ).fetchone()
    return Size(name, *(row or (0, 0)))
