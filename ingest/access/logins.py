"""Logins as they are compared."""

import unicodedata

MAX_CHARACTERS = 100

_RESERVED = frozenset({"service"})
"""An actor of the audit log that is no person; the others, as `command:root`, have a colon."""


def normalised_login(text: str) -> str:
    """The login as the table has it (NFKC, lower case), or an empty text for what can be no login."""
    if len(text) > MAX_CHARACTERS:
        return ""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().lower())
    possible = plain.isprintable() and not any(each.isspace() for each in plain)
    return plain if possible and len(plain) <= MAX_CHARACTERS else ""


def names_a_person(login: str) -> bool:
    """Whether a login could be no other actor of the audit log: else what somebody did could be taken for another's."""
    return bool(login) and ":" not in login and login not in _RESERVED
