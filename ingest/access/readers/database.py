"""SQL of the readers: whether a role can be one, and how it becomes one."""

from typing import LiteralString, NamedTuple

from psycopg import sql

from ingest.store.database import Database

GROUP = "noroshi_walled"


class RoleState(NamedTuple):
    """A role of the database. `member`: it is in the group of readers. `powers`: what makes it more than a reader."""

    exists: bool
    member: bool
    powers: list[str]


_STATE: LiteralString = """
select exists (select from pg_roles r where r.rolname = %(role)s),
    exists (
        select from pg_auth_members m join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
        where r.rolname = %(role)s and g.rolname = 'noroshi_walled'
    ),
    array(
        select power from (
            select case when r.rolsuper then 'SUPERUSER' end from pg_roles r where r.rolname = %(role)s
            union all
            select case when r.rolbypassrls then 'BYPASSRLS' end from pg_roles r where r.rolname = %(role)s
            union all
            select case when r.rolcreaterole then 'CREATEROLE' end from pg_roles r where r.rolname = %(role)s
            union all
            select 'member of ' || g.rolname
            from pg_auth_members m join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid
            where r.rolname = %(role)s and g.rolname <> 'noroshi_walled'
            union all
            select distinct 'owner of ' || c.relname
            from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = %(role)s
            union all
            select distinct 'rights on ' || c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a, pg_roles r
            where r.rolname = %(role)s and a.grantee = r.oid and n.nspname = current_schema()
        ) found (power)
        where power is not null
        order by 1 limit 5
    )
"""
_MAY_CREATE: LiteralString = """
select r.rolsuper or (
    r.rolcreaterole and exists (
        select from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = r.oid and g.rolname = 'noroshi_walled' and m.admin_option
    )
)
from pg_roles r where r.rolname = current_user
"""


def state_of(connection: Database, role: str) -> RoleState:
    """What the server knows of a role."""
    row = connection.execute(_STATE, {"role": role}).fetchone()
    assert row is not None  # a query without FROM has one row
    return RoleState(*row)


def may_create(connection: Database) -> bool:
    """Whether this connection can make roles and put them into the group."""
    return connection.execute(_MAY_CREATE).fetchone() == (True,)


def has_group(connection: Database) -> bool:
    """Whether the group of readers is there, and with it the wall."""
    return connection.execute("select to_regrole('noroshi_walled') is not null").fetchone() == (True,)


def statements(connection: Database, role: str, password: str, *, exists: bool) -> list[str]:
    """The statements that make a role a reader, fit for psql. `exists`: only what an existing role lacks."""
    name = sql.Identifier(role)
    wanted = [] if exists else [
        sql.SQL("create role {} login password {} connection limit 20").format(name, sql.Literal(password)),
        sql.SQL("alter role {} set default_transaction_read_only = on").format(name),
        sql.SQL("alter role {} set statement_timeout = '30s'").format(name),
        sql.SQL("alter role {} set jit = off").format(name),
    ]  # fmt: skip
    row = connection.execute("select current_database(), current_schema()").fetchone()
    assert row is not None  # a query without FROM has one row
    wanted += [
        sql.SQL("alter role {} set search_path = wall, {}").format(name, sql.Identifier(row[1])),
        sql.SQL("grant noroshi_walled to {}").format(name),
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(row[0]), name),
    ]
    return [statement.as_string(connection) for statement in wanted]


def run(connection: Database, statements_: list[str]) -> None:
    """Run statements that `statements` made."""
    for statement in statements_:
        connection.execute(statement.encode())
