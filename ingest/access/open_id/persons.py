"""Whom the claims of an ID token name, and which roles the settings give to them. Pure.

Claims are text from elsewhere. A login must not look like an actor of the audit log that is no person, nor be
invisible; a name and a department lose what cannot be printed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.access.logins import names_a_person, normalised_login
from ingest.access.roles import Role, greater
from ingest.settings.sign_in import OpenIdSettings

LONGEST = 200
"""Characters of a name and of a department."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role counts: code of an organisation, or of a project, or neither: everywhere."""

    organisation: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody as the provider knows them. `login`: for a new person here; empty if the claim is unusable."""

    issuer: str
    subject: str
    login: str
    name: str
    department: str
    roles: Mapping[Place, Role]


def identity_of(claims: Mapping[str, Any], settings: OpenIdSettings) -> Identity:
    """Read the claims of a checked ID token (`iss` and `sub` are there and texts)."""
    login = _login_of(claims.get(settings.login_claim))
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        login=login,
        name=_printable(claims.get("name")) or login or claims["sub"][:LONGEST],
        department=_printable(claims.get(settings.department_claim)) if settings.department_claim else "",
        roles=_roles_of(claims.get(settings.roles_claim), settings),
    )


def _login_of(value: object) -> str:
    """As logins are compared. Empty where none can be made of it, or where it looks like an actor of another kind."""
    login = normalised_login(value) if isinstance(value, str) else ""
    return login if names_a_person(login) else ""


def _printable(value: object) -> str:
    """A text, or the first of several, cut, and without what cannot be printed."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, str):
        return ""
    return "".join(sign for sign in first[: 2 * LONGEST] if sign.isprintable()).strip()[:LONGEST]


def _roles_of(value: object, settings: OpenIdSettings) -> Mapping[Place, Role]:
    """Of several roles in one place, the one that allows most."""
    values = {each for each in _listed(value) if isinstance(each, str)}
    roles: dict[Place, Role] = {}
    for row in settings.roles:
        if row.value in values:
            place, role = Place(row.organisation, row.project), Role(row.role)
            roles[place] = greater(roles.get(place, role), role)
    return roles


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else (value,)
