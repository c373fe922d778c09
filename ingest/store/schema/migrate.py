"""Migrations: numbered SQL files, applied in order, once, under an advisory lock."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from ingest.figures.install import install as install_figures
from ingest.figures.install import take_down
from ingest.store import timescale
from schemas.quantity import CATALOGUE

LOCK = 0x4E4F_524F  # "NORO": one upgrade at a time, whoever starts first

_NOTE = """
create table if not exists schema_migration (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
)
"""

_WITH_FIGURES = {13: "select rollup_fill_last(null)", 23: "select rollup_note_turns()"}
"""What completes a migration of this number with the figures, which are installed after all of them."""

ROLES = ("writer", "reader")
"""The roles with rights on the tables besides their owner, as `deploy/timescaledb/init` makes them."""


class Migration(NamedTuple):
    """One numbered file of `sql/migrations/`."""

    version: int
    name: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations this program brings, in order."""
    folder = files("ingest.store").joinpath("sql/migrations")
    return sorted(_read(entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))


def _read(entry: Traversable) -> Migration:
    number, _, name = entry.name.removesuffix(".sql").partition("_")
    return Migration(int(number), name, entry.read_text(encoding="utf-8"))


def grants(name: str) -> str:
    """The statements that give a role of an installation its rights; without that role they do nothing."""
    return files("ingest.store").joinpath(f"sql/roles/{name}.sql").read_text(encoding="utf-8")


def applied(connection: Connection[Any]) -> set[int]:
    """Versions the database already has."""
    if connection.execute("select to_regclass('schema_migration')").fetchone() == (None,):
        return set()
    return {version for (version,) in connection.execute("select version from schema_migration")}


def pending(connection: Connection[Any]) -> list[Migration]:
    """What `upgrade` would apply now. Empty: the database fits this program."""
    have = applied(connection)
    return [migration for migration in migrations() if migration.version not in have]


def upgrade(connection: Connection[Any]) -> list[str]:
    """Bring the database to what this program needs, in one transaction; returns the names applied.

    Also writes the catalogue of quantities and installs the figures (views), which follow the
    program and not a number. Two upgrades at once: the second waits and finds nothing to do.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute("set local statement_timeout = 0")
        timescale.enable(connection)
        connection.execute(_NOTE)
        todo = pending(connection)
        readers = take_down(connection) if todo else []
        for migration in todo:
            connection.execute(migration.sql.encode())
            connection.execute(
                "insert into schema_migration (version, name) values (%s, %s)", (migration.version, migration.name)
            )
        timescale.make_hypertables(connection)
        _write_catalogue(connection)
        install_figures(connection, readers)
        for migration in todo:
            if migration.version in _WITH_FIGURES:
                connection.execute(_WITH_FIGURES[migration.version])
        for name in ROLES:
            connection.execute(grants(name).encode())
    return [f"{migration.version:04d} {migration.name}" for migration in todo]


def set_pages_url(connection: Connection[Any], url: str) -> None:
    """Set where the links of the dashboards lead. Only the owner of the tables may; the service may not."""
    with connection.transaction():
        connection.execute(
            "insert into figure_setting (name, value) values ('pages_url', %s)"
            " on conflict (name) do update set value = excluded.value",
            (url,),
        )


def _write_catalogue(connection: Connection[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into quantity (quantity_id, code, unit, unit_ja, kind, label_ja, label_en,
                                  reject_low, reject_high, flag_low, flag_high, states, greatest_per_hour)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (quantity_id) do update set
                code = excluded.code, unit = excluded.unit, unit_ja = excluded.unit_ja, kind = excluded.kind,
                label_ja = excluded.label_ja, label_en = excluded.label_en,
                reject_low = excluded.reject_low, reject_high = excluded.reject_high,
                flag_low = excluded.flag_low, flag_high = excluded.flag_high, states = excluded.states,
                greatest_per_hour = excluded.greatest_per_hour
            """,
            [
                (
                    q.id, q.code, q.unit, q.unit_ja, q.kind, q.label_ja, q.label_en,
                    q.reject_low, q.reject_high, q.flag_low, q.flag_high, Jsonb(dict(q.states)),
                    q.greatest_per_hour,
                )
                for q in CATALOGUE
            ],
        )  # fmt: skip
