"""Deletes what signing in leaves behind: links, sessions, requests at a provider, and buckets of guesses that are over.

Pages delete some of it as they go, but only while somebody uses them.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from ingest.access import attempts, sessions
from ingest.access.database import links as link_rows
from ingest.access.open_id import database as open_id_rows
from ingest.access.sessions import Lifetime
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import Database

LINKS_KEPT = timedelta(days=7)
"""A link that was used or has expired is kept for so long, so that somebody who asks about it can be answered."""


class Tidied(NamedTuple):
    """How many rows were deleted."""

    links: int
    sessions: int
    requests: int
    guesses: int


def delete_what_is_over(connection: Database, settings: SignInSettings, now: datetime) -> Tidied:
    """Delete what is over at `now`. What still works stays: nobody is signed out, and no guess is forgiven."""
    return Tidied(
        link_rows.delete_old(connection, now - LINKS_KEPT),
        sessions.delete_over(connection, Lifetime.of(settings), now),
        open_id_rows.delete_expired(connection, now),
        attempts.delete_old(connection, now),
    )
