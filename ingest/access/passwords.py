"""Passwords: hashed by Argon2id, two at a time, so that guessing eats neither memory nor processors."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError, VerifyMismatchError

MAX_CHARACTERS = 1024
"""Of a password. A longer text is none."""

AT_ONCE = 2
"""Hashes at the same time: 19 MiB and one processor each."""
STRANGERS_AT_ONCE = 1
"""Of these for places from where nobody signed in before: they never take all, however many they are."""
WAITING = 4
"""How many more may wait for each of the two; who comes then is told to try again."""
WAITS_S = 5.0
"""How long one waits for a turn."""

OWASP: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id as OWASP recommends it for a server that has other things to do: 45 ms and 19 MiB. The second choice of
RFC 9106 takes 560 ms and 64 MiB here, and the process of the pages lives within web.memory_mib."""


class Busy(Exception):
    """Too many passwords are being checked just now."""


class Passwords:
    """Makes and checks hashes. Thread-safe."""

    def __init__(self, hasher: PasswordHasher = OWASP) -> None:
        self._hasher = hasher
        self._nobodys = hasher.hash("nobody's password")
        self._turns = BoundedSemaphore(AT_ONCE)
        self._turns_of_strangers = BoundedSemaphore(STRANGERS_AT_ONCE)
        self._places = BoundedSemaphore(AT_ONCE + WAITING)
        self._places_of_strangers = BoundedSemaphore(STRANGERS_AT_ONCE + WAITING)

    def matches(self, stored: str | None, password: str, *, stranger: bool = False) -> bool:
        """Whether this is the password. Without a stored hash it takes the same time, and is not.

        `stranger`: from a place where nobody signed in to this account before. Raises Busy.
        """
        possible = stored is not None and len(password) <= MAX_CHARACTERS
        text = _bytes(password[:MAX_CHARACTERS])
        with self._turn(stranger=stranger):
            try:
                return self._hasher.verify(stored if stored and possible else self._nobodys, text) and possible
            except (VerifyMismatchError, InvalidHashError):
                return False
            except VerificationError as error:  # no memory for it just now
                raise Busy from error

    def hash(self, password: str) -> str:
        """The hash to store. Raises Busy."""
        with self._turn(stranger=False):
            try:
                return self._hasher.hash(_bytes(password))
            except HashingError as error:
                raise Busy from error

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    @contextmanager
    def _turn(self, *, stranger: bool) -> Iterator[None]:
        places = self._places_of_strangers if stranger else self._places
        if not places.acquire(blocking=False):
            raise Busy
        try:
            with _acquired(self._turns_of_strangers) if stranger else _nothing(), _acquired(self._turns):
                yield
        finally:
            places.release()


@contextmanager
def _acquired(turns: BoundedSemaphore) -> Iterator[None]:
    if not turns.acquire(timeout=WAITS_S):
        raise Busy
    try:
        yield
    finally:
        turns.release()


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def normalised(password: str) -> str:
    """A password as it is compared: the same from every keyboard (NFKC), which makes full-width letters plain ones."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return normalised(password).encode("utf-8", "surrogatepass")
