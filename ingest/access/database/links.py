"""The SQL of links that work once."""

from datetime import datetime

from ingest.store.database import Database

_WORKS = """
l.digest = %(digest)s and l.used_at is null and l.expires_at > %(now)s and l.created_at <= %(ahead)s
and exists (select from person p where p.person_id = l.person_id and p.disabled_at is null)
"""

_USE = f"""
update sign_in_link l set used_at = %(now)s where l.purpose = %(purpose)s and {_WORKS} returning l.person_id
"""  # noqa: S608  made of constants


def insert_link(
    connection: Database, digest: bytes, person_id: int, purpose: str, created_at: datetime, expires_at: datetime
) -> None:
    """Store a new link."""
    connection.execute(
        "insert into sign_in_link (digest, person_id, purpose, created_at, expires_at) values (%s, %s, %s, %s, %s)",
        (digest, person_id, purpose, created_at, expires_at),
    )


def delete_links(connection: Database, person_id: int, purpose: str | None = None) -> None:
    """Delete the links of a person, or those for one purpose."""
    connection.execute(
        "delete from sign_in_link where person_id = %(id)s and (%(purpose)s::text is null or purpose = %(purpose)s)",
        {"id": person_id, "purpose": purpose},
    )


def delete_old(connection: Database, before: datetime) -> int:
    """Delete the links that were used or had expired before a moment; how many they were."""
    return connection.execute("delete from sign_in_link where least(used_at, expires_at) < %s", (before,)).rowcount


def link_that_works(connection: Database, digest: bytes, now: datetime, ahead: datetime) -> tuple[str, int] | None:
    """Purpose and person of a link, if it works. `ahead`: made later than that it does not."""
    row = connection.execute(
        f"select l.purpose, l.person_id from sign_in_link l where {_WORKS}",  # noqa: S608
        {"digest": digest, "now": now, "ahead": ahead},
    ).fetchone()
    return None if row is None else (str(row[0]), int(row[1]))


def use_link(connection: Database, digest: bytes, purpose: str, now: datetime, ahead: datetime) -> int | None:
    """Note that a link was used and give its person; None if it does not work. One statement: it is used once."""
    row = connection.execute(_USE, {"digest": digest, "purpose": purpose, "now": now, "ahead": ahead}).fetchone()
    return None if row is None else int(row[0])
