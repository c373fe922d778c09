"""Refused sign-ins in the audit log: one entry a minute of an account, which counts those in between.

A log that guessers write into must not fill up. Logins that do not exist share one entry, without the name: somebody
may have typed a password there. For an unknown login the same statements run and are taken back, so that the time of an
answer does not tell whether a login exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from ingest.access import audit
from ingest.access.audit import Action, Entry
from ingest.access.database import refusals as rows
from ingest.access.database.accounts import AccountRow
from ingest.access.signing_in import Refusal
from ingest.store.database import Database, Rollback

EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class _Noted:
    at: datetime
    since: int = 0
    """Refused after it."""


class Refusals:
    """What was refused since the last entries. Thread-safe; it has an item for each account that was guessed at."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._noted: dict[str, _Noted] = {}

    def count(self, account: AccountRow | None) -> None:
        """Count an attempt that was turned away unseen, without asking the database."""
        with self._lock:
            noted = self._noted.get(_key(account))
            if noted is not None:
                noted.since += 1

    def write(
        self, connection: Database, account: AccountRow | None, why: Refusal, address: str | None, now: datetime
    ) -> None:
        """Write down a refusal, if there is none of the last minute; else count it for the next one."""
        times = self._times_to_write(account, now)
        entry = Entry(
            Action.SIGN_IN_REFUSED, _key(account), organisation=None if account is None else account.organisation,
            after={"why": why.value, "times": times or 1},
        )  # fmt: skip
        with connection.transaction():
            rows.hurry(connection)
            audit.append(connection, entry, address)
            if times is None:
                raise Rollback

    def _times_to_write(self, account: AccountRow | None, now: datetime) -> int | None:
        with self._lock:
            noted = self._noted.get(_key(account))
            if noted is not None and now - EVERY < noted.at <= now:
                noted.since += 1
                return None
            self._noted[_key(account)] = _Noted(now)
            return 1 + (0 if noted is None else noted.since)


def _key(account: AccountRow | None) -> str:
    return "" if account is None else account.login
