"""Puts a connection of the pages behind the wall, and says for each request what may be seen through it."""

from threading import Lock
from time import monotonic
from typing import Any, LiteralString

from psycopg import Connection

from ingest.errors import StoreUnfit
from schemas.bilingual import Bilingual

EVERYTHING = "*"
FRESH_S = 2.0
"""For so long the devices of some projects are taken to be the same: a new one is seen after it at the latest."""
MOST_KEPT = 500

_TAKE_ROLE: LiteralString = """
select case when to_regnamespace('wall_pages') is not null and to_regrole('noroshi_pages') is not null then
    case when pg_has_role('noroshi_pages', 'set') then
        set_config('search_path', 'wall_pages, ' || quote_ident(current_schema()), false)
        || set_config('role', 'noroshi_pages', false)
    end
end
"""
_SET: LiteralString = """
select current_user, set_config('noroshi.everything', %s, false), set_config('noroshi.projects', %s, false),
    set_config('noroshi.networks', %s, false), set_config('noroshi.devices', %s, false),
    set_config('noroshi.gateways', %s, false)
"""
_ALL = "{(,)}"
_NO_WALL = Bilingual(
    "データベースに団体の境(役割 noroshi_pages)がないため、団体ごとの表示ができません。"
    "noroshi access init が、何をすればよいかを示します",
    "the database has no wall between organisations (role noroshi_pages), so only somebody who may see everything is"
    " answered: `noroshi access init` says what to do",
)

_Seen = tuple[str, str, str, str, str]


def take_pages_role(connection: Connection[Any]) -> None:
    """Take the role of the pages for the rest of the session, where the database has a wall. For a pool of connections.

    The connection must be in autocommit mode.
    """
    connection.execute(_TAKE_ROLE)


_INHERITS: LiteralString = """
select r.rolname from pg_roles r
where r.rolname = current_user and not r.rolsuper and (
    pg_has_role(coalesce(to_regrole('noroshi_pages'), r.oid)::oid, 'usage') and to_regrole('noroshi_pages') is not null
    or pg_has_role(coalesce(to_regrole('noroshi_walled'), r.oid)::oid, 'usage')
        and to_regrole('noroshi_walled') is not null
)
"""


def refuse_behind_wall(connection: Connection[Any]) -> None:
    """For the service, which must see everything. Raises StoreUnfit if its role inherits from one behind the wall."""
    found = connection.execute(_INHERITS).fetchone()
    if found is not None:
        raise StoreUnfit(
            Bilingual(
                f"database.url: 役割 {found[0]} は noroshi_pages を継承しているため、台帳が見えません。管理者が"
                f" grant noroshi_pages to {found[0]} with inherit false, set true を実行してください",
                f"database.url: the role {found[0]} inherits from noroshi_pages and so does not see the registry:"
                f" a superuser has to run grant noroshi_pages to {found[0]} with inherit false, set true",
            )
        )


class Wall:
    """Sets on a connection, before a request uses it, what may be seen. Thread-safe."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, _Seen]] = {}
        self._lock = Lock()

    def __call__(self, connection: Connection[Any], projects: str, networks: str) -> None:
        """Let this connection see these projects (ids with commas, or `*`) and the devices of these networks.

        Raises StoreUnfit if the connection is not behind the wall and not everything may be seen.
        """
        seen = self._seen(connection, projects, networks)
        role = connection.execute(_SET, seen).fetchone()
        if projects != EVERYTHING and (role is None or role[0] != "noroshi_pages"):
            raise StoreUnfit(_NO_WALL)

    def _seen(self, connection: Connection[Any], projects: str, networks: str) -> _Seen:
        if projects == EVERYTHING:
            return ("on", _ALL, _ALL, _ALL, _ALL)
        now_s, key = monotonic(), (projects, networks)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and now_s - kept[0] < FRESH_S:
            return kept[1]
        if connection.execute("select current_user = 'noroshi_pages'").fetchone() != (True,):
            raise StoreUnfit(_NO_WALL)
        connection.execute("select wall.enter(%s, %s)", (projects, networks))
        found = connection.execute(
            "select current_setting('noroshi.everything'), current_setting('noroshi.projects'),"
            " current_setting('noroshi.networks'), current_setting('noroshi.devices'),"
            " current_setting('noroshi.gateways')"
        ).fetchone()
        assert found is not None  # a query without FROM has one row
        seen: _Seen = found
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (now_s, seen)
        return seen
