"""As whom we came to the database, and whether that is more than the service needs."""

from typing import Any

from psycopg import Connection

from ingest.store.doctor.roles import me


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
