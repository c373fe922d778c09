"""Tokens of programs: made by a person, shown once, and never worth more than that person is.

What a token may is reckoned anew whenever it is used, from the roles its maker has then (`callers.caller_of_token`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.access import audit
from ingest.access.audit import Action
from ingest.access.authority import PERSON, PROJECT, TOKEN, By, ChangeRefused, NotThere
from ingest.access.caller import Caller
from ingest.access.callers import caller_of_person
from ingest.access.database import accounts, lookups
from ingest.access.database import organisations as places
from ingest.access.database import tokens as rows
from ingest.access.database.tokens import ListedToken, NewToken
from ingest.access.organisations import checked_name
from ingest.access.people import may_manage
from ingest.access.roles import Scope, Verb
from ingest.access.secret import digest_of, new_token
from ingest.store.database import Database
from schemas.bilingual import Bilingual

LONGEST = timedelta(days=731)
"""A token lasts two years at most."""


@dataclass(frozen=True, slots=True)
class TokenWanted:
    """A token to be made. `projects`: ids; None: all that its maker may see, whatever comes."""

    name: str
    scopes: Collection[Scope]
    expires_at: datetime
    projects: Collection[int] | None = None


def add_token(connection: Database, by: By, person_id: int, wanted: TokenWanted, now: datetime) -> tuple[int, str]:
    """Make a token of this person: its id, and the secret that is shown once. Raises ChangeRefused.

    People make their own. A command makes one for anybody. An administrator at the pages makes none in another's name.
    """
    name = checked_name(wanted.name)
    if not wanted.scopes:
        raise ChangeRefused(Bilingual("用途を一つは選んでください", "choose at least one scope"))
    if not now < wanted.expires_at <= now + LONGEST:
        raise ChangeRefused(
            Bilingual("期限は2年以内の先の日時にしてください", "let it expire in the future, within two years")
        )
    with connection.transaction():
        maker = _maker(connection, by, person_id)
        projects = None if wanted.projects is None else sorted(set(wanted.projects))
        codes = None if projects is None else _codes(connection, maker, projects)
        if Scope.METRICS in wanted.scopes and maker.everywhere is None:
            raise ChangeRefused(
                Bilingual(
                    "/metrics はサービス全体を示すため、全体に権限を持つ人だけがトークンを作れます",
                    "/metrics is about the whole service: only somebody with a role everywhere makes a token for it",
                )
            )
        secret = new_token()
        digest = digest_of(secret)
        assert digest is not None  # it is one of ours
        scopes = sorted(scope.value for scope in set(wanted.scopes))
        token_id = rows.insert_token(
            connection, NewToken(digest, name, person_id, projects, scopes, now, wanted.expires_at)
        )
        after = {"id": token_id, "name": name, "projects": codes, "scopes": scopes,
                 "expires_at": wanted.expires_at.isoformat()}  # fmt: skip
        organisation = accounts.organisation_of(connection, person_id)
        audit.append(connection, by.entry(Action.TOKEN_ADDED, maker.login, organisation, after=after), by.address)
    return token_id, secret


def list_tokens(connection: Database, by: By, person_id: int | None = None) -> list[ListedToken]:
    """The tokens of a person, or of all; only one's own and those of people whom one administers."""
    found = rows.list_tokens(connection, person_id)
    mine = {each.person_id: _may_revoke(connection, by, each.person_id) for each in found}
    return [each for each in found if mine[each.person_id]]


def revoke_token(connection: Database, by: By, token_id: int, now: datetime) -> None:
    """Let a token work no more. Its maker may do this, and who administers them. Raises NotThere."""
    with connection.transaction():
        found = next(iter(rows.list_tokens(connection, token_id=token_id)), None)
        if found is None or not _may_revoke(connection, by, found.person_id):
            raise NotThere(TOKEN)
        if rows.revoke(connection, token_id, now):
            organisation = accounts.organisation_of(connection, found.person_id)
            entry = by.entry(
                Action.TOKEN_REVOKED, found.login, organisation, before={"id": token_id, "name": found.name}
            )
            audit.append(connection, entry, by.address)


def _maker(connection: Database, by: By, person_id: int) -> Caller:
    found = lookups.person_of_id(connection, person_id)
    own = by.person_id == person_id or (by.person_id is None and by.organisations is None)
    if found is None or found.disabled or not own:
        raise NotThere(PERSON)
    return caller_of_person(found, None)


def _may_revoke(connection: Database, by: By, person_id: int) -> bool:
    return by.person_id == person_id or may_manage(connection, by, person_id)


def _codes(connection: Database, maker: Caller, projects: list[int]) -> list[str]:
    """The codes of these projects. Raises NotThere if the maker may not see one of them."""
    if not projects:
        raise ChangeRefused(Bilingual("事業を一つは選んでください", "choose at least one project"))
    codes: list[str] = []
    for project_id in projects:
        row = places.project_of_id(connection, project_id)
        if row is None or not maker.may(Verb.SEE, project_id):
            raise NotThere(PROJECT)
        codes.append(row.code)
    return codes
