"""As whom we came to the database, and whether that is more than the service needs."""

from typing import Any

from psycopg import Connection

from ingest.store.doctor.roles import me


def too_strong(connection: Connection[Any]) -> str | None:
    """Why our role may do more than write rows; None when it may not."""
    found = me(connection)
    if found.superuser:
        return f"{found.name} is a superuser"
    return f"{found.name} owns the tables: it can drop them" if found.owner else None
