"""Sessions of browsers: when one is over, and what begins one.

A session ends when it was not used for `idle`, or when it is older than `absolute`. One whose times lie in the future
has ended too: the clock was set back, and nobody can say how old it is. Sessions that are over are deleted, so that a
clock that is set back later makes none of them valid again.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from ingest.access.clock import AHEAD, from_the_future
from ingest.access.database import sessions as rows
from ingest.access.database.lookups import SessionRow
from ingest.access.secret import digest_of, new_secret
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import Database

NOTED_EVERY = timedelta(minutes=1)
"""The last use of a session or token is written so often at most."""

_BROWSER_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long sessions last."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, settings: SignInSettings) -> Self:
        """As the settings say."""
        return cls(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.absolute_hours))

    def is_over(self, session: SessionRow, now: datetime) -> bool:
        """Whether this session has ended."""
        return (
            now - session.seen_at >= self.idle
            or now - session.created_at >= self.absolute
            or from_the_future(max(session.seen_at, session.created_at), now)
        )

    def is_to_be_noted(self, session: SessionRow, now: datetime) -> bool:
        """Whether its use now is worth a write: once a minute, or more often where sessions last a few minutes only."""
        return now - session.seen_at >= min(NOTED_EVERY, self.idle / 10)


def begin(connection: Database, person_id: int, browser: str, now: datetime) -> str:
    """Begin a session of a person and return its secret, which is new each time: nobody can plant one beforehand."""
    secret = new_secret()
    digest = digest_of(secret)
    assert digest is not None  # it is one of ours
    new = rows.NewSession(digest, person_id, secrets.token_urlsafe(24), None, now, printable(browser))
    rows.insert_session(connection, new)
    return secret


def delete_over(connection: Database, lifetime: Lifetime, now: datetime) -> int:
    """Delete all sessions that are over; how many they were."""
    return rows.delete_over(connection, now, lifetime.idle, lifetime.absolute, AHEAD)


def printable(text: str) -> str:
    """What a browser says of itself, cut, as a text that PostgreSQL can store."""
    return "".join(each for each in text if each.isprintable())[:_BROWSER_CHARACTERS]
