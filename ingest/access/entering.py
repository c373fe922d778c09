"""The moment of coming in: a new session, and its entry in the audit log."""

from dataclasses import dataclass
from datetime import datetime

from ingest.access import audit, sessions
from ingest.access.audit import Action, Entry
from ingest.access.database.accounts import AccountRow
from ingest.access.signing_in import SignedIn
from ingest.store.database import Database


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to be let in: from where, with what browser, and when. `kept`: the address for the audit log."""

    address: str
    browser: str
    now: datetime
    kept: str | None


def enter(connection: Database, account: AccountRow, by: str, visit: Visit) -> SignedIn:
    """Begin a session in the transaction of `connection`. `by`: password, link, openid; it stands in the audit log."""
    secret = sessions.begin(connection, account.person_id, visit.browser, visit.now)
    audit.append(connection, entry_of_account(account, Action.SIGNED_IN, by=by), visit.kept)
    return SignedIn(secret, account.person_id, account.login)


def entry_of_account(account: AccountRow, action: Action, **after: object) -> Entry:
    """The entry of something that people do to their own account."""
    return Entry(
        action, account.login, account.login, account.department, account.organisation, after=after or None,
    )  # fmt: skip
