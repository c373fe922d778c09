"""Puts the figures into the database: every view and function of `sql/`, replaced together when the program changed."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from psycopg import Connection, sql

from ingest.figures.wall import install as wall
from schemas.own_quantity import FIRST_OWN_ID
from schemas.quantity import CATALOGUE

_TABLES = """
create table if not exists figure_version (
    one_row boolean primary key default true check (one_row),
    digest text not null,
    installed_at timestamptz not null default now()
);
create table if not exists figure_state_name (
    quantity_id smallint not null,
    value integer not null,
    name text not null,
    primary key (quantity_id, value)
);
create table if not exists figure_setting (
    name text primary key,
    value text not null
);
"""

_OURS = r"^(figure_|rollup_|reading_counted$|uplink_(hourly|daily)$)"

_OUR_VIEWS = f"""
select relname from pg_class
where relnamespace = current_schema()::regnamespace and relkind = 'v' and relname ~ '{_OURS}'
"""  # noqa: S608
_OUR_FUNCTIONS = f"""
select oid::regprocedure::text from pg_proc
where pronamespace = current_schema()::regnamespace and prokind = 'f' and proname ~ '{_OURS}'
"""  # noqa: S608
_READERS = f"""
select distinct grantee::regrole::text from pg_class, aclexplode(relacl)
where relnamespace = current_schema()::regnamespace and relkind = 'v' and relname ~ '{_OURS}'
  and privilege_type = 'SELECT' and grantee not in (0, relowner)
"""  # noqa: S608


def take_down(connection: Connection[Any]) -> list[str]:
    """Remove all figures, so that the tables under them may change; returns who could read them, for `install`."""
    connection.execute(_TABLES)
    readers = [name for (name,) in connection.execute(_READERS)]
    wall.take_down(connection)
    _drop(connection)
    connection.execute("delete from figure_version")
    return readers


def install(connection: Connection[Any], readers: Sequence[str] = ()) -> bool:
    """Create or replace all figures in one transaction; True if there was something to do.

    Everything is dropped and created, so that columns may change; who could read the views before
    can read them after, and so can `readers`. A view of somebody else that builds on ours stops the upgrade
    with the server's message instead of vanishing with them.
    """
    texts = [entry.read_bytes() for entry in _files()]
    names = _state_names()
    with connection.transaction():
        walled = wall.has_roles(connection)
        said = [*texts, *wall.texts(), repr((names, walled)).encode()]
        digest = hashlib.sha256(b"\0".join(said)).hexdigest()
        connection.execute(_TABLES)
        connection.execute("lock table figure_version in exclusive mode")  # a second installer waits here
        if connection.execute("select digest from figure_version").fetchone() == (digest,):
            return False
        readers = [*readers, *take_down(connection)]
        for text in texts:
            connection.execute(text)
        _write_state_names(connection, names)
        _grant(connection, readers)
        if walled:
            wall.stand(connection, _OURS)
        connection.execute("insert into figure_version (digest) values (%s)", (digest,))
    return True


def _files() -> list[Any]:
    folder = files("ingest.figures").joinpath("sql")
    return sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)


def _drop(connection: Connection[Any]) -> None:
    """One statement each, so that the server sorts out who depends on whom; never CASCADE."""
    views = [sql.Identifier(name) for (name,) in connection.execute(_OUR_VIEWS)]
    if views:
        connection.execute(sql.SQL("drop view {}").format(sql.SQL(", ").join(views)))
    functions = [name for (name,) in connection.execute(_OUR_FUNCTIONS)]
    if functions:
        connection.execute(("drop function " + ", ".join(functions)).encode())  # regprocedure quotes by itself


def _grant(connection: Connection[Any], readers: list[str]) -> None:
    views = [sql.Identifier(name) for (name,) in connection.execute(_OUR_VIEWS)]
    for reader in readers:  # regrole quotes by itself
        connection.execute(
            sql.SQL("grant select on {} to ").format(sql.SQL(", ").join(views)).as_bytes() + reader.encode()
        )


def _state_names() -> list[tuple[int, int, str]]:
    """(quantity, value, name): of several names for a value the catalogue's first is the one to show."""
    first: dict[tuple[int, int], str] = {}
    for quantity in CATALOGUE:
        for name, value in quantity.states.items():
            first.setdefault((quantity.id, value), name)
    return [(quantity_id, value, name) for (quantity_id, value), name in sorted(first.items())]


def _write_state_names(connection: Connection[Any], names: list[tuple[int, int, str]]) -> None:
    connection.execute("delete from figure_state_name where quantity_id < %s", (FIRST_OWN_ID,))
    with connection.cursor() as cursor:
        cursor.executemany("insert into figure_state_name (quantity_id, value, name) values (%s, %s, %s)", names)
