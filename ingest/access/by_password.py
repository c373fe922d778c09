"""Signing in by a password, and by a code where the account has a second factor."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from ingest.access import totp
from ingest.access.attempts import Attempts, Guess, Wait
from ingest.access.database import accounts as rows
from ingest.access.database.accounts import AccountRow
from ingest.access.entering import Visit, enter
from ingest.access.logins import normalised_login
from ingest.access.passwords import Busy, Passwords
from ingest.access.refusals import Refusals
from ingest.access.signing_in import Refusal, Refused, SignedIn
from ingest.store.database import Database

BUSY_S = 2
"""When to try again while too many passwords are being checked."""


Connect: TypeAlias = Callable[[], AbstractContextManager[Database]]


class PasswordEntrance:
    """Lets people in by their passwords. No connection is held while a password is hashed."""

    def __init__(self, connect: Connect, attempts: Attempts, passwords: Passwords, refusals: Refusals) -> None:
        self._connect = connect
        self._attempts = attempts
        self._passwords = passwords
        self._refusals = refusals

    def sign_in(self, login: str, password: str, code: str, visit: Visit) -> SignedIn | Refused:
        """Sign in, or say why not. It takes as long for an unknown login as for a known one."""
        plain = normalised_login(login)
        with self._connect() as connection:
            account = rows.account_of_login(connection, plain)
            guess = self._attempts.begin(
                connection, plain, visit.address, visit.browser, visit.now, exists=account is not None
            )
        if isinstance(guess, Wait):
            self._refusals.count(account)
            return Refused(Refusal.WAIT, guess.seconds)
        try:
            stored = None if account is None else account.password_hash
            right = self._passwords.matches(stored, password, stranger=guess.stranger)
            outdated = right and stored is not None and self._passwords.is_outdated(stored)
            fresh = self._passwords.hash(password) if outdated else None
        except Busy:
            with self._connect() as connection:
                self._attempts.forgive(connection, guess)
            return Refused(Refusal.WAIT, BUSY_S)
        with self._connect() as connection:
            if account is None or not right or account.disabled:
                self._refusals.write(connection, account, Refusal.WRONG, visit.kept, visit.now)
                return Refused(Refusal.WRONG)
            if fresh is not None and stored is not None:
                rows.set_hash(connection, account.person_id, stored, fresh)
                account = account._replace(password_hash=fresh)
            return self._with_code(connection, account, guess, code, visit)

    def _with_code(
        self, connection: Database, account: AccountRow, guess: Guess, code: str, visit: Visit
    ) -> SignedIn | Refused:
        """The password was right: let in whoever needs no code, or has the right one."""
        if account.totp_key is not None:
            if not code.strip():
                self._attempts.forgive(connection, guess)
                return Refused(Refusal.CODE_NEEDED)
            wait = self._attempts.begin_code(connection, account.login, visit.now)
            if wait is not None:
                self._refusals.count(account)
                return Refused(Refusal.WAIT, wait.seconds)
            if not totp.use_code(connection, account.person_id, account.totp_key, code, visit.now):
                self._refusals.write(connection, account, Refusal.WRONG, visit.kept, visit.now)
                return Refused(Refusal.WRONG)
        with connection.transaction():
            still = rows.lock_account(connection, account)
            if not still:
                return Refused(Refusal.WRONG)
            self._attempts.succeed(connection, guess, account.login, visit.now)
            return enter(connection, account, "password", visit)
