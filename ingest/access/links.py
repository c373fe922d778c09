"""Links that work once: to set a password, or to sign in at once."""

from datetime import datetime, timedelta
from enum import StrEnum

from ingest.access.clock import AHEAD
from ingest.access.database import links as rows
from ingest.access.secret import digest_of, new_secret
from ingest.store.database import Database


class Purpose(StrEnum):
    """What a link is for. The names stand in the table."""

    PASSWORD = "password"  # noqa: S105
    SESSION = "session"


def make_link(connection: Database, person_id: int, purpose: Purpose, now: datetime, lasts: timedelta) -> str:
    """The secret of a new link. Earlier links of the person for the same purpose work no more."""
    secret = new_secret()
    digest = digest_of(secret)
    assert digest is not None  # it is one of ours
    rows.delete_links(connection, person_id, purpose.value)
    rows.insert_link(connection, digest, person_id, purpose.value, now, now + lasts)
    return secret


def purpose_of(connection: Database, secret: str, now: datetime) -> tuple[Purpose, int] | None:
    """What a link is for, and the id of its person; None if it does not work. It is not used by this."""
    digest = digest_of(secret)
    found = None if digest is None else rows.link_that_works(connection, digest, now, now + AHEAD)
    return None if found is None else (Purpose(found[0]), found[1])


def use_link(connection: Database, secret: str, purpose: Purpose, now: datetime) -> int | None:
    """Use a link, and give the id of its person; None if it does not work. Of two at the same moment one gets None."""
    digest = digest_of(secret)
    return None if digest is None else rows.use_link(connection, digest, purpose.value, now, now + AHEAD)
