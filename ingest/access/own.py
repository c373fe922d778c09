"""What people change of their own account: password, second factor, sessions."""

from datetime import datetime

from ingest.access import audit, totp
from ingest.access.audit import Action
from ingest.access.database import accounts
from ingest.access.database import sessions as session_rows
from ingest.access.database.accounts import AccountRow
from ingest.access.entering import entry_of_account
from ingest.store.database import Database


def set_password(
    connection: Database, account: AccountRow, stored: str, session: bytes, address: str | None, now: datetime
) -> bool:
    """Store a new password and end all sessions but this one; False if the account was changed meanwhile."""
    with connection.transaction():
        if not accounts.lock_account(connection, account):
            return False
        accounts.set_password(connection, account.person_id, stored, now)
        ended = session_rows.delete_sessions(connection, account.person_id, but=session)
        entry = entry_of_account(account, Action.PASSWORD_SET, by="owner", sessions_ended=ended)
        audit.append(connection, entry, address)
    return True


def confirm_second_factor(
    connection: Database, account: AccountRow, key: str, code: str, address: str | None, now: datetime
) -> bool:
    """Turn the second factor on, if the code is of this key; False if not, or if there is one already."""
    with connection.transaction():
        done = totp.confirm(connection, account.person_id, key, code, now)
        if done:
            audit.append(connection, entry_of_account(account, Action.SECOND_FACTOR_SET), address)
    return done


def remove_second_factor(
    connection: Database, account: AccountRow, code: str, address: str | None, now: datetime
) -> bool:
    """Turn the second factor off by one of its codes; False for a wrong one. Without a code an admin resets one."""
    if account.totp_key is None:
        return True
    with connection.transaction():
        done = totp.use_code(connection, account.person_id, account.totp_key, code, now)
        if done:
            accounts.set_totp_key(connection, account.person_id, None, None)
            audit.append(connection, entry_of_account(account, Action.SECOND_FACTOR_REMOVED), address)
    return done


def revoke_session(connection: Database, account: AccountRow, digest: bytes, address: str | None) -> bool:
    """End one session of this account; False if it has no such session."""
    with connection.transaction():
        done = session_rows.delete_session(connection, account.person_id, digest)
        if done:
            audit.append(connection, entry_of_account(account, Action.SESSION_REVOKED, sessions=1), address)
    return done
