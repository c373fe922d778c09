"""Who we are in the database, what we may do, and who else may do what."""

import re
from collections.abc import Iterable
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection
from psycopg.rows import class_row

from ingest.store.database import translated
from ingest.store.schema.migrate import grants

WRITTEN = ("uplink_packed", "reading_packed", "reading_conflict", "quarantine", "delivery", "tally")
"""Without these rights no batch is stored."""


class Me(NamedTuple):
    """The role we came as. `powers`: of a server's administrator. `missing`: tables we may not read and write.

    `withheld`: what the service needs of the server and may not use. `rights`: tables, and what we may do to each;
    SELECT is left out.
    """

    name: str
    superuser: bool
    powers: list[str]
    owner: bool
    missing: list[str]
    withheld: list[str]
    rights: list[str]

    @property
    def excess(self) -> list[str]:
        """Of `rights` what the service is not given (`sql/roles/writer.sql`); of an owner nothing is said."""
        return [] if self.superuser or self.owner else excess(self.rights)


class Other(NamedTuple):
    """Somebody else with rights on our tables and figures; `public`: everybody.

    `reads`: it reads figures. `writes`: tables it may change. `stores`: it may do what the service does.
    `figures_missing`: figures it may not read although it reads others. `payloads`: it reads payloads in quarantine.
    `powers`: it is more than a reader by these, its own or those of roles it belongs to. `unlimited`: settings that
    would hold it and are not set.
    """

    name: str
    public: bool
    reads: bool
    writes: list[str]
    stores: bool
    figures_missing: list[str]
    payloads: bool
    powers: list[str]
    unlimited: list[str]


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
    ),
    array_remove(array(
        select distinct regexp_replace(p.proname, '^pg_(try_)?advisory_.*', 'pg_advisory_*') from pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace
          and p.proname ~ '^pg_(try_)?advisory_(xact_)?lock|^pg_logical_emit_message$'
          and not has_function_privilege(p.oid, 'execute')
        order by 1
    ) || case when not has_database_privilege(current_database(), 'temporary') then 'TEMPORARY' end, null),
    array(
        select c.relname || ': ' || v.verb
        from pg_class c, unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) v (verb)
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and c.relowner = (select relowner from pg_class where oid = to_regclass('reading_packed'))
          and has_table_privilege(c.oid, v.verb)
        union all
        select c.relname || ': ' || v.verb || ' (' || a.attname || ')'
        from pg_class c join pg_attribute a on a.attrelid = c.oid, unnest(array['INSERT', 'UPDATE']) v (verb)
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
          and c.relowner = (select relowner from pg_class where oid = to_regclass('reading_packed'))
          and a.attnum > 0 and not a.attisdropped
          and has_column_privilege(c.oid, a.attnum, v.verb) and not has_table_privilege(c.oid, v.verb)
        union all
        select current_schema() || ': CREATE' where has_schema_privilege(current_schema(), 'create')
        order by 1
    )
from pg_roles r where r.rolname = current_user
"""

# Who was granted something, and who belongs to a role that was, or to one that reads or writes all. A superuser has all
# rights without a grant, and is no reader that somebody made.
_OTHERS: LiteralString = """
with owner as (select relowner as oid from pg_class where oid = to_regclass('reading_packed')
), ours as (
    select c.oid, c.relname, c.relkind, c.relacl, c.relowner from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
), granted as (
    select distinct a.grantee from ours c, lateral aclexplode(c.relacl) a where a.grantee <> c.relowner
    union
    select distinct a.grantee from ours c join pg_attribute t on t.attrelid = c.oid, lateral aclexplode(t.attacl) a
    where a.grantee <> c.relowner
), grantees as (
    select grantee from granted where grantee = 0 or pg_get_userbyid(grantee) <> current_user
    union
    select r.oid from pg_roles r, pg_roles h
    where (h.oid in (select grantee from granted) or h.oid in (select oid from owner)
           or h.rolname in ('pg_read_all_data', 'pg_write_all_data'))
      and pg_has_role(r.oid, h.oid, 'member') and not r.rolsuper and r.rolname !~ '^pg_'
      and r.rolname <> current_user and r.oid not in (select oid from owner)
), figures as (select oid, relname from ours where relkind = 'v' and relname ~ '^figure_'
), rights as (
    select g.grantee, exists (
            select from figures f where has_table_privilege(g.grantee, f.oid, 'select')
        ) as reads,
        array(
            select c.relname::text from ours c
            where has_any_column_privilege(g.grantee, c.oid, 'insert, update')
               or has_table_privilege(g.grantee, c.oid, 'delete, truncate')
            order by 1
        ) as writes
    from grantees g
)
select coalesce(r.rolname, 'PUBLIC') as name, g.grantee = 0 as public, g.reads, g.writes,
    g.writes @> %s::text[] as stores,
    array(
        select f.relname::text from figures f where g.reads and not has_table_privilege(g.grantee, f.oid, 'select')
        order by 1
    ) as figures_missing,
    coalesce(has_column_privilege(g.grantee, to_regclass('quarantine')::oid, 'payload', 'select'), false) as payloads,
    array_remove(array[
        case when r.rolsuper then 'SUPERUSER' end,
        case when r.rolcreaterole then 'CREATEROLE' end, case when r.rolcreatedb then 'CREATEDB' end,
        case when r.rolreplication then 'REPLICATION' end, case when r.rolbypassrls then 'BYPASSRLS' end
    ], null) || array(
        select m.rolname::text from pg_roles m
        where m.oid <> r.oid and not r.rolsuper and pg_has_role(r.oid, m.oid, 'member')
          and (m.rolname ~ '^pg_' or m.rolsuper or m.rolname = current_user or m.oid in (select oid from owner))
        order by 1
    ) as powers,
    array_remove(array[
        case when r.rolconnlimit < 0 then 'connection limit' end,
        case when not exists (
            select from pg_db_role_setting s, unnest(s.setconfig) c
            where c ~ '^temp_file_limit=' and s.setrole in (0, r.oid)
              and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
        ) and current_setting('temp_file_limit') = '-1' then 'temp_file_limit' end
    ], null) as unlimited
from rights g left join pg_roles r on r.oid = g.grantee
order by 1
"""

# What PostgreSQL gives everybody, and `deploy/timescaledb/server.sql` takes away.
_EVERYBODY: LiteralString = """
select what from (
    select distinct 1 as place, case
        when p.proname ~ 'advisory' then 'pg_advisory_*' when p.proname ~ '^lo' then 'lo_*' else p.proname
    end as what
    from pg_proc p, lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
    where p.pronamespace = 'pg_catalog'::regnamespace
      and p.proname ~ '^(lo_|loread$|lowrite$|pg_advisory_|pg_try_advisory_|pg_logical_emit_message$)'
      and a.grantee = 0
    union all
    select 2, a.privilege_type
    from pg_database d, lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    where d.datname = current_database() and a.grantee = 0
    union all
    select 3, 'CREATE ' || n.nspname from pg_namespace n, lateral aclexplode(n.nspacl) a
    where n.nspname = current_schema() and a.grantee = 0 and a.privilege_type = 'CREATE'
    union all
    select distinct 4, d.datname
    from pg_database d, lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    where d.datname <> current_database() and d.datallowconn and a.grantee = 0
) as found order by place, what
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
        return cursor.execute(_OTHERS, (list(WRITTEN),)).fetchall()


def everybody(connection: Connection[Any]) -> list[str]:
    """What every role that may log in may do to this server, and the other databases it may enter."""
    with translated():
        return [what for (what,) in connection.execute(_EVERYBODY)]


def excess(rights: Iterable[str]) -> list[str]:
    """Of rights such as `tally: UPDATE` those that the service is not given."""
    given = {
        f"{table}: {verb.upper()}{column}"
        for table, said in re.findall(r"\['(\w+)', '([^']+)'\]", grants("writer"))
        for verb, columns in re.findall(r"(\w+)(?: \(([\w, ]+)\))?(?:, |$)", said)
        for column in ([f" ({name})" for name in columns.split(", ")] if columns else [""])
    }
    return [right for right in rights if right not in given and right.partition(" (")[0] not in given]


def has_pooler_between(connection: Connection[Any]) -> bool:
    """Whether somebody else answers for the server, such as PgBouncer: its process is not the one we were told of."""
    return connection.execute("select pg_backend_pid()").fetchone() != (connection.info.backend_pid,)


def too_strong(connection: Connection[Any]) -> str | None:
    """Why our role may do more than the service needs; None when it may not."""
    found = me(connection)
    if found.superuser:
        return f"{found.name} is a superuser"
    if found.owner:
        return f"{found.name} owns the tables: it can drop them"
    return f"{found.name} may do what the service does not need: {', '.join(found.excess)}" if found.excess else None
