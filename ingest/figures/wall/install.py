"""Puts the wall into the database, and takes it down while the tables and figures under it change.

Figures are read behind the wall by their own names: its schema stands before `public` on the search path, so a
query, and every function that it calls, finds the views that show what this role may see.
"""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from importlib.resources import files
from itertools import groupby
from typing import Any, LiteralString, NamedTuple

from psycopg import Connection, errors, sql

from ingest.figures.wall.computed import compute_for_readers

READERS = "noroshi_walled"
"""The group of the readers of single organisations."""
PAGES = "noroshi_pages"
"""The role that the process of the pages takes. `wall.enter` sets for each request what it may see."""
PAGES_PATH = "wall_pages, public"
READERS_PATH = "wall, public"

_VIEWS: LiteralString = """
select v.oid, v.relname, pg_get_viewdef(v.oid), array(
    select distinct d.refobjid from pg_depend d join pg_rewrite r on r.oid = d.objid
    where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
      and r.ev_class = v.oid and d.refobjid <> v.oid
)
from pg_class v
where v.relnamespace = current_schema()::regnamespace and v.relkind = 'v' and v.relname ~ %s
"""
_THINGS: LiteralString = """
select case when relnamespace = to_regnamespace('wall') then 1 else 3 end as turn, 'view', oid::regclass::text
from pg_class
where relnamespace in (to_regnamespace('wall'), to_regnamespace('wall_pages')) and relkind = 'v'
union all
select 2, 'function', oid::regprocedure::text from pg_proc where pronamespace = to_regnamespace('wall')
order by 1
"""
"""In turns: the views of the readers are made of functions, and these of the views of the pages."""
_POLICIES: LiteralString = """
select p.polname, c.relname from pg_policy p join pg_class c on c.oid = p.polrelid
where p.polname in ('wall', 'wall_pages') and c.relnamespace = current_schema()::regnamespace
"""


class _Side(NamedTuple):
    """One of the two schemas: what its views compare with, and whether conditions of strangers must wait."""

    schema: str
    barrier: bool
    seen: Mapping[str, str]
    everything: str


def _settings() -> Mapping[str, str]:
    return {
        kind: f"(select nullif(current_setting('noroshi.{kind}', true), '')::int4multirange)"
        for kind in ("projects", "devices", "gateways")
    }


_SIDES = (
    _Side("wall_pages", False, _settings(), "(select current_setting('noroshi.everything', true) = 'on')"),
    _Side(
        "wall",
        True,
        {kind: f"(select wall.{kind}_of(current_user))" for kind in ("projects", "devices", "gateways")},
        "false",
    ),
)  # fmt: skip


def texts() -> list[bytes]:
    """The statements that make the wall, in order."""
    folder = files("ingest.figures.wall").joinpath("sql")
    return [entry.read_bytes() for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)]


def has_roles(connection: Connection[Any]) -> bool:
    """Whether the roles of the wall are there, or could be made: by a superuser, or by an owner with CREATEROLE.

    The owner must be able to take the role of the pages, because it makes functions that run as the pages do.
    """
    for name in (READERS, PAGES):
        if connection.execute("select to_regrole(%s)", (name,)).fetchone() != (None,):
            continue
        try:
            with connection.transaction():
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(name)))
        except errors.InsufficientPrivilege:
            return False
        except (errors.DuplicateObject, errors.UniqueViolation):  # another database of this server was quicker
            continue
    return _may_be_taken(connection, PAGES)


def _may_be_taken(connection: Connection[Any], role: str) -> bool:
    """Whether this connection may take a role, or could let itself: who made the role with CREATEROLE may."""
    if connection.execute("select pg_has_role(%s, 'set')", (role,)).fetchone() == (True,):
        return True
    try:
        with connection.transaction():
            connection.execute(
                sql.SQL("grant {} to current_user with inherit false, set true").format(sql.Identifier(role))
            )
    except errors.InsufficientPrivilege:
        return False
    return True


def take_down(connection: Connection[Any]) -> None:
    """Remove the wall: who is behind it sees nothing until `stand`."""
    for policy, table in connection.execute(_POLICIES).fetchall():
        connection.execute(sql.SQL("drop policy {} on {}").format(sql.Identifier(policy), sql.Identifier(table)))
    things = connection.execute(_THINGS).fetchall()
    for (_, kind), group in groupby(things, key=lambda thing: thing[:2]):
        # One statement each, so that the server sorts out who depends on whom; names are quoted by the server.
        connection.execute(f"drop {kind} {', '.join(name for _, _, name in group)}".encode())


def stand(connection: Connection[Any], figures: str) -> None:
    """Build the wall anew. `figures`: a regular expression of the names of the views that stand behind it."""
    callers, tables, policies = (_in_schema(connection, text) for text in texts())
    for side in _SIDES:
        connection.execute(f"create schema if not exists {side.schema}".encode())
    connection.execute(callers)
    _keep_search_path(connection)
    for side in _SIDES:
        connection.execute(_filled_in(tables, side))
        _copy_views(connection, figures, side.schema)
    compute_for_readers(connection)
    connection.execute(policies)


def _in_schema(connection: Connection[Any], text: bytes) -> bytes:
    """The statements with the schema that the tables are in, where they say `public`."""
    found = connection.execute("select quote_ident(current_schema())").fetchone()
    assert found is not None  # a query without FROM has one row
    schema: bytes = found[0].encode()
    return text.replace(b"public.", schema + b".").replace(b"schema public,", b"schema " + schema + b",")


def _filled_in(text: bytes, side: _Side) -> bytes:
    words = {
        "schema": side.schema, "barrier": str(side.barrier).lower(), "everything": side.everything, **side.seen,
    }  # fmt: skip
    for word, meaning in words.items():
        text = text.replace(f"{{{word}}}".encode(), meaning.encode())
    return text


def _keep_search_path(connection: Connection[Any]) -> None:
    """Functions with the rights of the owner look into the schema of the tables only, whatever the caller has set."""
    found = connection.execute(
        "select oid::regprocedure::text, quote_ident(current_schema()) from pg_proc"
        " where pronamespace = to_regnamespace('wall') and prosecdef"
    ).fetchall()
    for function, schema in found:
        connection.execute(f"alter function {function} set search_path = pg_catalog, {schema}, pg_temp".encode())


def _copy_views(connection: Connection[Any], figures: str, side: str) -> None:
    """Make each figure again over what a side of the wall shows, with the rights of who asks."""
    found = {oid: (name, text, below) for oid, name, text, below in connection.execute(_VIEWS, (figures,)).fetchall()}
    order = TopologicalSorter({oid: [each for each in below if each in found] for oid, (_, _, below) in found.items()})
    before = connection.execute("select current_setting('search_path')").fetchone()
    connection.execute("select set_config('search_path', %s || ', ' || quote_ident(current_schema()), false)", (side,))
    for oid in order.static_order():
        name, text, _ = found[oid]
        head = sql.SQL("create view {}.{} with (security_invoker) as ")
        connection.execute(head.format(sql.Identifier(side), sql.Identifier(name)).as_bytes() + text.encode())
    connection.execute("select set_config('search_path', %s, false)", before)
