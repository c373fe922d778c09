"""What pages and API ask of this room: who calls, and signing in and out. Thread-safe; times are of `now`."""

import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

from ingest.access import attempts, audit, links, own, sessions
from ingest.access.attempts import Attempts
from ingest.access.audit import Action, entry_of
from ingest.access.by_password import BUSY_S, PasswordEntrance
from ingest.access.caller import Caller, Kind
from ingest.access.callers import caller_of_person, caller_of_token
from ingest.access.clock import from_the_future
from ingest.access.database import accounts, lookups
from ingest.access.database import sessions as session_rows
from ingest.access.database import tokens as token_rows
from ingest.access.database.accounts import AccountRow
from ingest.access.database.sessions import Listed
from ingest.access.entering import Visit, enter, entry_of_account
from ingest.access.fresh import Fresh
from ingest.access.links import Purpose
from ingest.access.logins import normalised_login
from ingest.access.open_id.later import provider_of
from ingest.access.passwords import Busy, Passwords
from ingest.access.refusals import Refusals
from ingest.access.secret import TOKEN_PREFIX, digest_of
from ingest.access.sessions import NOTED_EVERY, Lifetime
from ingest.access.signing_in import OpenIdAnswer, OpenIdBegun, Refusal, Refused, SignedIn
from ingest.access.weak import is_weak
from ingest.settings.sign_in import AuditSettings, SignInSettings
from ingest.store.database import Database, translated

Connect = Callable[[], AbstractContextManager[Database]]
"""A connection in autocommit mode that may write to the tables of this room, for the length of a `with` block."""

FRESH_S = 2.0
"""For so long a caller is believed without asking the database again: what is taken away is gone after it."""
MOST_KEPT = 2_000
"""Callers that are kept in memory for FRESH_S."""


_now = partial(datetime.now, UTC)


class Access:
    """The accounts of one installation."""

    def __init__(
        self,
        connect: Connect,
        settings: SignInSettings,
        now: Callable[[], datetime] = _now,
        passwords: Passwords | None = None,
        *,
        web_url: str = "",
        audit_settings: AuditSettings | None = None,
    ) -> None:
        self._connect = connect
        self._settings = settings
        self._audit_settings = audit_settings or AuditSettings()
        self._now = now
        self._lifetime = Lifetime.of(settings)
        self._passwords = passwords or Passwords()
        self._attempts = Attempts(settings)
        self._by_password = PasswordEntrance(self.database, self._attempts, self._passwords, Refusals())
        self._callers: Fresh[Caller] = Fresh(FRESH_S, MOST_KEPT)
        self._admin: Fresh[tuple[bool]] = Fresh(FRESH_S, 1)
        self._csrf_key = secrets.token_bytes(32)
        self._swept = datetime.min.replace(tzinfo=UTC)
        self._provider = provider_of(self.database, settings.open_id, web_url, now)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A connection for the functions of `people`, `tokens` and `account`, for the length of a `with` block."""
        with translated(), self._connect() as connection:
            yield connection

    def kept(self, address: str | None) -> str | None:
        """The address as the audit log may have it: None where the settings keep none."""
        return None if address is None else audit.kept_address(self._audit_settings, address)

    def _visit(self, address: str, browser: str) -> Visit:
        return Visit(address, browser, self._now(), self.kept(address))

    def has_admin(self) -> bool:
        """Whether somebody can administer this installation; until then pages answer this machine alone."""

        def ask() -> tuple[bool]:
            with self.database() as connection:
                return (lookups.has_admin(connection),)

        found = self._admin.get_or_ask("", self._now(), ask)
        return found is not None and found[0]

    def caller_of_session(self, secret: str) -> Caller | None:
        """Whose session this is; None if it is over, revoked, or never was. At most FRESH_S old."""
        digest = digest_of(secret)
        if digest is None:
            return None
        now = self._now()
        return self._callers.get_or_ask(digest, now, lambda: self._ask_session(digest, now))

    def caller_of_token(self, secret: str) -> Caller | None:
        """Whose token this is; None if it expired, was revoked, or never was. Notes its use. At most FRESH_S old."""
        digest = digest_of(secret) if secret.startswith(TOKEN_PREFIX) else None
        if digest is None:
            return None
        now = self._now()
        return self._callers.get_or_ask((TOKEN_PREFIX, digest), now, lambda: self._ask_token(digest, now))

    def remembered(self, secret: str) -> Caller | None:
        """The caller of a session or token that was asked for within FRESH_S. Never asks the database."""
        digest = digest_of(secret)
        key = (TOKEN_PREFIX, digest) if secret.startswith(TOKEN_PREFIX) else digest
        return None if digest is None else self._callers.get(key, self._now())

    def caller_of_proxy(self, login: str) -> Caller | None:
        """The person whom a trusted proxy names; None if there is no such person, or they are disabled."""
        plain = normalised_login(login)
        now = self._now()
        return self._callers.get_or_ask(("proxy", plain), now, lambda: self._ask_login(plain)) if plain else None

    def sign_in(self, login: str, password: str, code: str, *, address: str, browser: str) -> SignedIn | Refused:
        """Sign in by password (and code). Takes as long for an unknown login as for a known one."""
        return self._by_password.sign_in(login, password, code, self._visit(address, browser))

    def start_session(self, person_id: int, by: str, *, address: str, browser: str) -> SignedIn | None:
        """Begin a session of somebody who was made sure of in another way; None if they are disabled.

        `by`: how, as `openid`; it stands in the audit log.
        """
        with self.database() as connection, connection.transaction():
            account = accounts.account_of_id(connection, person_id)
            if account is None or account.disabled or not accounts.lock_account(connection, account):
                return None
            return enter(connection, account, by, self._visit(address, browser))

    def open_link(self, secret: str) -> str | None:
        """What a link is for (`password`, `session`), without using it; None if it does not work any more."""
        with self.database() as connection:
            found = links.purpose_of(connection, secret, self._now())
        return None if found is None else found[0].value

    def use_session_link(self, secret: str, *, address: str, browser: str) -> SignedIn | Refused:
        """Sign in by a link of the purpose `session`. It works once."""
        visit = self._visit(address, browser)
        with self.database() as connection, connection.transaction():
            person_id = links.use_link(connection, secret, Purpose.SESSION, visit.now)
            account = None if person_id is None else accounts.account_of_id(connection, person_id)
            if account is None or not accounts.lock_account(connection, account):
                return Refused(Refusal.LINK_OVER)
            return enter(connection, account, "link", visit)

    def use_password_link(self, secret: str, password: str, *, address: str, browser: str) -> SignedIn | Refused:
        """Set the password of the person a link was made for, end their other sessions, and sign in. Works once."""
        visit = self._visit(address, browser)
        with self.database() as connection:
            found = links.purpose_of(connection, secret, visit.now)
            account = None if found is None else accounts.account_of_id(connection, found[1])
        if found is None or found[0] is not Purpose.PASSWORD or account is None:
            return Refused(Refusal.LINK_OVER)
        if is_weak(password, account.login, account.name, self._settings.password_min_length):
            return Refused(Refusal.WEAK)
        try:
            stored = self._passwords.hash(password)
        except Busy:
            return Refused(Refusal.WAIT, BUSY_S)
        with self.database() as connection, connection.transaction():
            if links.use_link(connection, secret, Purpose.PASSWORD, visit.now) is None:
                return Refused(Refusal.LINK_OVER)
            accounts.set_password(connection, account.person_id, stored, visit.now)
            session_rows.delete_sessions(connection, account.person_id)
            audit.append(connection, entry_of_account(account, Action.PASSWORD_SET, by="link"), visit.kept)
            signed_in = enter(connection, account, "link", visit)
        self._forget_person(account.person_id)
        return signed_in

    def begin_open_id(self, goes_to: str) -> OpenIdBegun | Refused:
        """Begin at the provider: where to lead the browser, and the cookie to give it. `goes_to`: a path of our own.

        Raises LookupError without a provider. Asks the provider at times, so not for a thread with an event loop.
        """
        return self._provider().begin(goes_to)

    def finish_open_id(self, answer: OpenIdAnswer, *, address: str, browser: str) -> tuple[SignedIn, str] | Refused:
        """Sign in by the answer of the provider: the session, and the path to go to. Afterwards the cookie is over.

        Raises LookupError without a provider. Asks the provider, so not for a thread with an event loop.
        """
        admitted = self._provider().finish(answer, self.kept(address))
        if isinstance(admitted, Refused):
            return admitted
        signed_in = self.start_session(admitted.person_id, "open_id", address=address, browser=browser)
        return Refused(Refusal.NOT_ADMITTED) if signed_in is None else (signed_in, admitted.goes_to)

    def sign_out(self, caller: Caller, address: str | None = None) -> None:
        """End the session of this caller."""
        if caller.person_id is None or not caller.session:
            return
        with self.database() as connection, connection.transaction():
            if session_rows.delete_session(connection, caller.person_id, caller.session):
                audit.append(connection, entry_of(caller, Action.SIGNED_OUT, caller.login), self.kept(address))
        self._callers.forget(lambda kept: kept.session == caller.session)

    def sign_out_everywhere(self, caller: Caller, address: str | None = None) -> None:
        """End all sessions of this person."""
        if caller.person_id is None or caller.kind is not Kind.PERSON:
            return
        with self.database() as connection, connection.transaction():
            ended = session_rows.delete_sessions(connection, caller.person_id)
            entry = entry_of(caller, Action.SESSION_REVOKED, caller.login, after={"sessions": ended})
            audit.append(connection, entry, self.kept(address))
        self._forget_person(caller.person_id)

    def choose(self, caller: Caller, organisation_id: int | None) -> bool:
        """Look at one organisation from now on (None: at all of one's own); False if it is not among `seats`."""
        among = organisation_id is None or organisation_id in {seat.organisation_id for seat in caller.seats}
        if not among or not caller.session:
            return False
        with self.database() as connection:
            session_rows.set_organisation(connection, caller.session, organisation_id)
        self._callers.forget(lambda kept: kept.session == caller.session)
        return True

    def change_password(self, caller: Caller, old: str, new: str, address: str | None = None) -> Refused | None:
        """Set a new password, and end the person's other sessions; None if it was done."""
        now = self._now()
        with self.database() as connection:
            account = self._account(connection, caller)
            wait = None if account is None else self._attempts.begin_own(connection, account.login, now)
        if account is None:
            return Refused(Refusal.WRONG)
        if wait is not None:
            return Refused(Refusal.WAIT, wait.seconds)
        try:
            refused, stored = self._checked_change(account, old, new)
        except Busy:
            return Refused(Refusal.WAIT, BUSY_S)
        if refused is not None:
            return Refused(refused)
        with self.database() as connection:
            done = own.set_password(connection, account, stored, caller.session, self.kept(address), now)
        self._forget_person(account.person_id)
        return None if done else Refused(Refusal.WRONG)

    def _checked_change(self, account: AccountRow, old: str, new: str) -> tuple[Refusal | None, str]:
        """Why a password is not changed, or (None) the hash of the new one. Raises Busy."""
        if not self._passwords.matches(account.password_hash, old):
            return Refusal.WRONG, ""
        if is_weak(new, account.login, account.name, self._settings.password_min_length):
            return Refusal.WEAK, ""
        return None, self._passwords.hash(new)

    def sessions_of(self, caller: Caller) -> list[Listed]:
        """The sessions of this person, the one used last first."""
        with self.database() as connection:
            return [] if caller.person_id is None else session_rows.list_sessions(connection, caller.person_id)

    def revoke_session(self, caller: Caller, digest: bytes, address: str | None = None) -> bool:
        """End one session of this person; False if they have no such session."""
        with self.database() as connection:
            account = self._account(connection, caller)
            done = account is not None and own.revoke_session(connection, account, digest, self.kept(address))
        self._callers.forget(lambda kept: kept.session == digest)
        return done

    def has_second_factor(self, caller: Caller) -> bool:
        """Whether a code is asked for when this person signs in by password."""
        with self.database() as connection:
            account = self._account(connection, caller)
        return account is not None and account.totp_key is not None

    def confirm_second_factor(self, caller: Caller, key: str, code: str, address: str | None = None) -> bool:
        """Turn the second factor on. `key`: of `totp.new_enrolment`, brought back by the form; False: a wrong code."""
        now, kept = self._now(), self.kept(address)
        with self.database() as connection:
            account = self._account(connection, caller)
            return account is not None and own.confirm_second_factor(connection, account, key, code, kept, now)

    def remove_second_factor(self, caller: Caller, code: str, address: str | None = None) -> Refused | None:
        """Turn the second factor off by one of its codes; None if it was done."""
        now, kept = self._now(), self.kept(address)
        with self.database() as connection:
            account = self._account(connection, caller)
            wait = None if account is None else self._attempts.begin_code(connection, account.login, now)
            if wait is not None:
                return Refused(Refusal.WAIT, wait.seconds)
            done = account is not None and own.remove_second_factor(connection, account, code, kept, now)
        return None if done else Refused(Refusal.WRONG)

    def _account(self, connection: Database, caller: Caller) -> AccountRow | None:
        """The account of a person who is signed in; programs have none to change."""
        if caller.person_id is None or caller.kind is not Kind.PERSON:
            return None
        return accounts.account_of_id(connection, caller.person_id)

    def _ask_session(self, digest: bytes, now: datetime) -> Caller | None:
        with self.database() as connection:
            self._sweep(connection, now)
            found = lookups.session_of(connection, digest)
            if found is None or found.person.disabled:
                return None
            if self._lifetime.is_over(found, now):
                session_rows.delete_session(connection, found.person.person_id, digest)
                return None
            if self._lifetime.is_to_be_noted(found, now):
                session_rows.note_seen(connection, digest, now)
        return caller_of_person(found.person, found.chosen, session=digest, csrf=found.csrf)

    def _ask_token(self, digest: bytes, now: datetime) -> Caller | None:
        with self.database() as connection:
            found = lookups.token_of(connection, digest)
            if found is None or found.person.disabled or found.revoked:
                return None
            if found.expires_at <= now or from_the_future(found.created_at, now):
                return None
            if found.last_used_at is None or abs(now - found.last_used_at) >= NOTED_EVERY:
                token_rows.note_used(connection, found.token_id, now)
        return caller_of_token(found)

    def _ask_login(self, login: str) -> Caller | None:
        with self.database() as connection:
            found = lookups.person_of_login(connection, login)
        if found is None or found.disabled:
            return None
        csrf = hmac.new(self._csrf_key, login.encode(), sha256).hexdigest()
        return caller_of_person(found, None, csrf=csrf)

    def _sweep(self, connection: Database, now: datetime) -> None:
        """Once a minute: delete what is over."""
        if abs(now - self._swept) < NOTED_EVERY:
            return
        self._swept = now
        sessions.delete_over(connection, self._lifetime, now)
        attempts.delete_old(connection, now)

    def _forget_person(self, person_id: int) -> None:
        self._callers.forget(lambda kept: kept.person_id == person_id and kept.kind is Kind.PERSON)
