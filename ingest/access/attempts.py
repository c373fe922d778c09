"""How often somebody may guess, without guesses of others locking the owner of an account out.

An attempt is put into leaky buckets before the password is checked, so that a thousand requests at the same moment get
no more guesses than one after the other, and taken out again when it was right. A full bucket answers WAIT; nothing is
hashed or written for it then, and it loses the next attempt within a minute. So nobody is locked out for good.

- `known`: one account, from a client address and a browser that signed in to it within 90 days. Nobody else's guesses
  fall into it, and only this bucket is asked for whoever comes from there. 10,000 guesses from elsewhere change nothing
  for the owner at their own desk, nor does a colleague who fills the bucket of the office's address.
- `place`: one account, from one client address where nobody signed in to it. `attempts`, then one a minute.
- `login`: one account, from all such places. It holds and loses three times as much as one place, so that a single
  guesser never keeps the owner out who signs in from a new place. Many guessers together do, for as long as they go on;
  the owner is still let in from where they signed in before, and by a link of an administrator.
- `address`: all accounts, from one client address where nobody signed in to them: `attempts_per_address`, then one in
  twelve seconds.
- `code`: one account, codes of the second factor after a right password: `attempts`, then one a minute.

A guesser with any number of addresses gets three guesses a minute at an account: 1.6 million a year, at passwords of
12 characters that are on no list. A login that does not exist has buckets like any other; its name is not stored, only
a digest with a key of this process, for somebody may have typed a password there.
"""

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from ingest.access.database import attempts as rows
from ingest.runtime.clients import client_of
from ingest.settings.sign_in import SignInSettings
from ingest.store.database import Database, Rollback

EACH_S = 60.0
"""A place gets another attempt after so long."""
PLACES = 3
"""So many places at once may guess at one account before they wait for each other."""
ADDRESS_EACH_S = 12.0
KNOWN_FOR = timedelta(days=90)
"""A place is known for so long after the last attempt from there."""
DRAINED_AFTER = timedelta(hours=24)
"""A bucket that nobody touched for so long is empty, whatever the settings are up to 1,440 attempts at a place."""

_KNOWN = "known:"


class Bucket(NamedTuple):
    """A bucket, how long one attempt stays in it, and how many it holds."""

    name: str
    each_s: float
    most: int


@dataclass(frozen=True, slots=True)
class Guess:
    """An attempt that was let through: the buckets that it is in, and the one of its place once that is known."""

    buckets: tuple[Bucket, ...]
    known: str
    stranger: bool


@dataclass(frozen=True, slots=True)
class Wait:
    """An attempt that was not let through, and when to try again."""

    seconds: int


class Attempts:
    """The buckets of one installation."""

    def __init__(self, settings: SignInSettings) -> None:
        self._settings = settings
        self._key = secrets.token_bytes(32)

    def begin(
        self, connection: Database, login: str, address: str, browser: str, now: datetime, *, exists: bool
    ) -> Guess | Wait:
        """Let a guess at this login through, or not. `exists`: whether there is such a login."""
        client = client_of(address)
        known = _KNOWN + self._digest(exists, login, client, browser)
        place = Bucket("place:" + self._digest(exists, login, client), EACH_S, self._settings.attempts)
        account = Bucket("login:" + self._digest(exists, login), EACH_S / PLACES, self._settings.attempts * PLACES)
        of_client = Bucket(f"address:{client}", ADDRESS_EACH_S, self._settings.attempts_per_address)
        held = rows.levels(connection, [known, place.name, account.name, of_client.name])
        stranger = known not in held or held[known].at < now - KNOWN_FOR
        buckets = (place, account, of_client) if stranger else (Bucket(known, EACH_S, self._settings.attempts),)
        wait = _take(connection, buckets, held, now)
        return wait or Guess(buckets, known, stranger)

    def begin_code(self, connection: Database, login: str, now: datetime) -> Wait | None:
        """Let a code for an account through whose password was right, or not."""
        bucket = self._of_codes(login)
        return _take(connection, (bucket,), rows.levels(connection, [bucket.name]), now)

    def forgive(self, connection: Database, guess: Guess) -> None:
        """The password was right, but more is asked for: the attempt does not count."""
        rows.give_back(connection, [bucket.name for bucket in guess.buckets])

    def succeed(self, connection: Database, guess: Guess, login: str, now: datetime) -> None:
        """Somebody is signed in: the attempt does not count, and from now on their place is known."""
        rows.give_back(connection, [bucket.name for bucket in guess.buckets])
        rows.empty(connection, guess.known, now)
        rows.give_back(connection, [self._of_codes(login).name])

    def begin_own(self, connection: Database, login: str, now: datetime) -> Wait | None:
        """Let somebody who is signed in say their old password, or not: a stolen session is no way to guess it."""
        bucket = Bucket("own:" + self._digest(True, login), EACH_S, self._settings.attempts)
        return _take(connection, (bucket,), rows.levels(connection, [bucket.name]), now)

    def _of_codes(self, login: str) -> Bucket:
        return Bucket("code:" + self._digest(True, login), EACH_S, self._settings.attempts)

    def _digest(self, exists: bool, *parts: str) -> str:  # noqa: FBT001  of a private function
        text = "\0".join(parts).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=16, key=b"" if exists else self._key).hexdigest()


def delete_old(connection: Database, now: datetime) -> int:
    """Delete the buckets that are empty by now, and places that are known no more; how many they were."""
    return rows.delete_old(connection, now - DRAINED_AFTER, now - KNOWN_FOR, _KNOWN)


def _take(connection: Database, buckets: Sequence[Bucket], held: dict[str, rows.Level], now: datetime) -> Wait | None:
    """Put an attempt into all of these, or into none."""
    waits = [wait for bucket in buckets if (wait := _wait_s(bucket, held.get(bucket.name), now)) > 0]
    if waits:
        if any(level.at > now for level in held.values()):
            rows.bring_back(connection, list(held), now)
        return Wait(math.ceil(max(waits)))
    full: Wait | None = None
    with connection.transaction():
        for bucket in sorted(buckets):  # everybody in the same order, so that none waits for one who waits for them
            if not rows.take(connection, bucket.name, now, bucket.each_s, bucket.most):
                full = Wait(math.ceil(bucket.each_s))
                raise Rollback
    return full


def _wait_s(bucket: Bucket, held: rows.Level | None, now: datetime) -> float:
    """How long until one more has room in a bucket."""
    if held is None:
        return 0.0
    drained = max((now - held.at).total_seconds(), 0.0) / bucket.each_s
    return (max(held.level - drained, 0.0) + 1 - bucket.most) * bucket.each_s
