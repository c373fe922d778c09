"""What the server can do, asked once at start: community, apache or plain."""

from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

from psycopg import Connection, errors, sql

CHUNK_INTERVAL = "7 days"
"""A chunk's index should fit in memory: a week of 2,000 devices is about 10 million rows."""


class Columns(NamedTuple):
    """How a hypertable is laid down in the columnstore: rows of one `segment` together, in this `order`.

    `after`: how old a chunk is by then. What is late by less meets rows as they came.
    """

    segment: str
    order: str
    after: str


COLUMNSTORE = {
    "uplink_packed": Columns("device_id", "time", "14 days"),
    "reading_packed": Columns("device_id, quantity_id, channel", "time", "14 days"),
    "rollup_hour": Columns("device_id, quantity_id, channel", "hour", "30 days"),
    "uplink_hour": Columns("device_id", "hour", "30 days"),
}
"""The large tables. Measured: docs/decisions/018 and 011. The segments are what late rows and pages ask for, too."""

FILTERS = {"uplink_packed": "bloom(time, message_id)"}
"""How a batch knows that it does not hold what comes late. Left alone the server keeps a second filter, of the message
without its time, which nobody asks for: 0.5 to 1.4 bytes a message (decision 018)."""

HYPERTABLES = ("uplink_packed", "reading_packed")
"""The tables that messages are written to."""

ROLLUPS = {
    "rollup_hour": ("hour", "30 days"),
    "uplink_hour": ("hour", "90 days"),
    "rollup_day": ("day", "1 year"),
    "uplink_day": ("day", "1 year"),
    "rollup_usage_day": ("day", "1 year"),
}
"""The tables of the rollups: their column of time, and a chunk of about as many rows."""


LET_GO_CHUNKS = """
do $body$
begin
    execute format($make$
        create or replace function let_go_chunks(hypertable text, starts timestamptz, ends timestamptz)
        returns setof text language plpgsql security definer set search_path = %I, pg_temp as $function$
        declare
            kept boolean;
        begin
            if hypertable <> all (array{tables}) then
                raise insufficient_privilege using message = hypertable || ' is not let go by chunks';
            end if;
            execute format($look$
                select exists (
                    select from %%I t where t.time >= $1 and t.time < $2 and t.device_id <> all (array(
                        select d.device_id from device d join project p using (project_id)
                        where not retention_held(p.project_id, $3)
                    ))
                )
            $look$, hypertable) into kept
            using starts, ends, case hypertable when 'reading_packed' then 'raw' else 'link' end;
            if kept or ends > now() - interval '27 days' then
                raise insufficient_privilege using message = 'this is kept: its period of retention has not passed';
            end if;
            return query select drop_chunks(hypertable::regclass, older_than => ends, newer_than => starts)::text;
        end
        $function$
    $make$, current_schema());
    if not exists (select from pg_proc where proname = 'let_go_chunks' and proacl is not null) then
        revoke execute on function let_go_chunks(text, timestamptz, timestamptz) from public;
    end if;
end
$body$
""".replace("{tables}", repr(list(HYPERTABLES)))
"""Only the owner of a hypertable may drop its chunks, and the service is not the owner. By this function it may drop,
with the owner's rights, the chunks that a policy of retention deletes, and no others."""


class Tier(StrEnum):
    """community: columnstore, continuous aggregates, policies. apache: hypertables. plain: PostgreSQL alone."""

    COMMUNITY = "community"
    APACHE = "apache"
    PLAIN = "plain"


class Server(NamedTuple):
    """What is at the other end. `timescaledb` is its version, None without the extension."""

    postgresql: str
    timescaledb: str | None
    tier: Tier

    @property
    def timescaledb_text(self) -> str | None:
        """Version and tier as summaries print them: `2.29.2 community`, or None."""
        return None if self.timescaledb is None else f"{self.timescaledb} {self.tier}"


def ask(connection: Connection[Any]) -> Server:
    """What this database offers as it stands now."""
    (postgresql,) = connection.execute("show server_version").fetchone() or ("?",)
    row = connection.execute("select extversion from pg_extension where extname = 'timescaledb'").fetchone()
    if row is None:
        return Server(postgresql, None, Tier.PLAIN)
    licence = connection.execute("select current_setting('timescaledb.license', true)").fetchone()
    tier = Tier.COMMUNITY if licence == ("timescale",) else Tier.APACHE
    return Server(postgresql, row[0], tier)


def enable(connection: Connection[Any]) -> None:
    """Create the extension where the server has it loaded and we may; otherwise the tier stays plain."""
    offered = connection.execute(
        """
        select 1 from pg_available_extensions
        where name = 'timescaledb' and installed_version is null
          and (select rolsuper from pg_roles where rolname = current_user)
        """
    ).fetchone()
    # Only a superuser may look at this setting, so it is asked for last.
    if offered and "timescaledb" in str(connection.execute("show shared_preload_libraries").fetchone()):
        connection.execute("create extension if not exists timescaledb")


def make_hypertables(connection: Connection[Any]) -> None:
    """Make hypertables of the time-series tables; their old chunks go to the columnstore, where the server has one."""
    tier = ask(connection).tier
    if tier is Tier.PLAIN:
        return
    tables = dict.fromkeys(HYPERTABLES, ("time", CHUNK_INTERVAL)) | ROLLUPS
    for table, (column, interval) in tables.items():
        connection.execute(
            "select create_hypertable(%s::regclass, by_range(%s, %s::interval),"
            " create_default_indexes => false, if_not_exists => true, migrate_data => true)",
            (table, column, interval),
        )
        if tier is Tier.COMMUNITY and table in COLUMNSTORE and not _has_columnstore(connection, table):
            _give_columnstore(connection, table, COLUMNSTORE[table])
        if tier is Tier.COMMUNITY and table in FILTERS:
            _give_filters(connection, table, FILTERS[table])
    connection.execute(LET_GO_CHUNKS.encode())


def _has_columnstore(connection: Connection[Any], table: str) -> bool:
    """Whether the table has a columnstore: one that an operator has set up otherwise is not changed."""
    query = "select compression_enabled from timescaledb_information.hypertables where hypertable_name = %s"
    return connection.execute(query, (table,)).fetchone() == (True,)


def _give_columnstore(connection: Connection[Any], table: str, columns: Columns) -> None:
    connection.execute(
        sql.SQL(
            "alter table {} set (timescaledb.enable_columnstore, timescaledb.segmentby = {}, timescaledb.orderby = {})"
        ).format(sql.Identifier(table), sql.Literal(columns.segment), sql.Literal(columns.order))
    )
    connection.execute(
        "call add_columnstore_policy(%s::regclass, after => %s::interval, if_not_exists => true)",
        (table, columns.after),
    )


_HAS_FILTERS = """
select index::text like '%%config%%' from timescaledb_information.hypertable_columnstore_settings
where hypertable = %s::regclass
"""


def _give_filters(connection: Connection[Any], table: str, filters: str) -> None:
    """Set the filters of chunks compressed from now on. Older servers lack the setting; one that is there stays."""
    alter = sql.SQL("alter table {} set (timescaledb.sparse_index = {})")
    with suppress(errors.UndefinedColumn, errors.InvalidParameterValue), connection.transaction():
        if connection.execute(_HAS_FILTERS, (table,)).fetchone() != (True,):
            connection.execute(alter.format(sql.Identifier(table), sql.Literal(filters)))
