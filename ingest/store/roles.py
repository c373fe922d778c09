"""As whom we came to the database, and whether that is more than the service needs."""

from typing import Any

from psycopg import Connection

_WHO = """
select current_user, rolsuper, coalesce(pg_has_role(current_user, c.relowner, 'usage'), false)
from pg_roles left join pg_class c on c.oid = to_regclass('reading_packed')
where rolname = current_user
"""


def too_strong(connection: Connection[Any]) -> str | None:
    """Why our role may do more than write rows; None when it may not."""
    row = connection.execute(_WHO).fetchone()
    assert row is not None  # everybody is a role
    who, superuser, owner = row
    if superuser:
        return f"{who} is a superuser"
    return f"{who} owns the tables: it can drop them" if owner else None
