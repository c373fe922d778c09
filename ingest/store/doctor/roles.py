"""Who we are in the database, what we may do, and who else may do what."""

from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store.database import translated

WRITTEN = ("uplink_packed", "reading_packed", "reading_conflict", "quarantine", "delivery", "tally")
"""Without these rights no batch is stored."""


class Me(NamedTuple):
    """The role we came as. `powers`: of a server's administrator. `missing`: tables we may not read and write."""

    name: str
    superuser: bool
    powers: list[str]
    owner: bool
    missing: list[str]


class Other(NamedTuple):
    """Somebody else with rights on our tables and figures; `public`: everybody.

    `figures_missing`: figures it may not read although it reads others. `payloads`: it reads what was set aside.
    """

    name: str
    public: bool
    writes: list[str]
    figures_missing: list[str]
    payloads: bool


_ME: LiteralString = """
select r.rolname, r.rolsuper,
    array_remove(array[
        case when r.rolcreaterole then 'CREATEROLE' end, case when r.rolcreatedb then 'CREATEDB' end,
        case when r.rolreplication then 'REPLICATION' end, case when r.rolbypassrls then 'BYPASSRLS' end
    ], null),
    (select bool_or(pg_has_role(r.oid, relowner, 'usage')) from pg_class where oid = to_regclass('reading_packed')),
    array(
        select t from unnest(%s::text[]) t
        where to_regclass(t) is not null
          and not (has_table_privilege(to_regclass(t), 'select') and has_table_privilege(to_regclass(t), 'insert'))
    )
from pg_roles r where r.rolname = current_user
"""

# Rights as they were granted: a superuser has them all without a grant, and is no reader that somebody made.
_OTHERS: LiteralString = """
with granted as (
    select c.oid, c.relname, c.relkind, a.grantee, a.privilege_type
    from pg_class c, lateral aclexplode(c.relacl) a
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
      and a.grantee <> c.relowner and pg_get_userbyid(a.grantee) <> current_user
), figures as (
    select oid, relname from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'v' and relname ~ '^figure_'
), grantees as (
    select grantee, bool_or(relname ~ '^figure_' and privilege_type = 'SELECT') as reads_figures,
        array_agg(distinct relname::text order by relname::text)
            filter (where privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')) as writes
    from granted group by grantee
)
select coalesce(r.rolname, 'PUBLIC') as name, g.grantee = 0 as public, coalesce(g.writes, '{}') as writes,
    array(
        select f.relname::text from figures f
        where g.reads_figures and not exists (
            select from granted h where h.oid = f.oid and h.grantee = g.grantee and h.privilege_type = 'SELECT'
        ) order by 1
    ) as figures_missing,
    coalesce(has_column_privilege(r.oid, to_regclass('quarantine')::oid, 'payload', 'select'), false)
        or exists (
            select from granted h
            where h.grantee = g.grantee and h.relname = 'quarantine' and h.privilege_type = 'SELECT'
        ) as payloads
from grantees g left join pg_roles r on r.oid = g.grantee
order by 1
"""


def me(connection: Connection[Any]) -> Me:
    """The role of this connection."""
    with translated():
        row = connection.execute(_ME, (list(WRITTEN),)).fetchone()
    assert row is not None  # whoever is connected is a role
    return Me(*row)


def others(connection: Connection[Any]) -> list[Other]:
    """Everybody who has been granted something, by name."""
    with translated(), connection.cursor(row_factory=class_row(Other)) as cursor:
        return cursor.execute(_OTHERS).fetchall()
