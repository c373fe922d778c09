"""Accounts of the demonstration: two municipalities, somebody for each role, and links that sign in once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ingest.access.authority import By
from ingest.access.document import document
from ingest.access.document.model import (
    Document,
    Grant,
    Known,
    OrganisationEntry,
    PersonEntry,
    ShareEntry,
    Where,
)
from ingest.access.people import find_person, make_session_link
from ingest.access.roles import Role, Scope
from ingest.access.tokens import TokenWanted, add_token, list_tokens, revoke_token
from ingest.figures.project import project_codes
from ingest.registry.problem import Place
from ingest.simulator.inventory import NEIGHBOUR_CODE, TOWN_CODE, neighbour_project
from ingest.simulator.town import FARM, NEIGHBOUR, NEIGHBOUR_PROJECT, NETWORKS, SAFETY, TOWN
from ingest.store.database import Database
from ingest.store.registry import registry
from schemas.bilingual import Bilingual
from schemas.registry import RegistryDocument

OPERATOR = "demo"
"""The login that the browser is signed in with."""
LINK_LASTS = timedelta(hours=12)
TOKEN_NAME = "noroshi demo"  # noqa: S105
TOKEN_LASTS = timedelta(days=7)

_PLACE = Place("noroshi demo", 1)
_BY = By.of_command("noroshi demo")


class Guest(NamedTuple):
    """Somebody to sign in as."""

    login: str
    name: str
    what: Bilingual
    grant: Grant
    department: str = ""


GUESTS = (
    Guest(OPERATOR, "実演", Bilingual("すべてを管理", "administers everything"), Grant(Role.ADMIN, Where.EVERYWHERE)),
    Guest(
        "kanri", "山田 花子", Bilingual(f"{TOWN}の管理", f"admin of {TOWN_CODE}"),
        Grant(Role.ADMIN, Where.ORGANISATION, TOWN_CODE), "総務課",
    ),
    Guest(
        "unyo", "鈴木 一郎", Bilingual(f"{TOWN}の運用", f"operator of {TOWN_CODE}"),
        Grant(Role.OPERATOR, Where.ORGANISATION, TOWN_CODE), "防災課",
    ),
    Guest(
        "hokoku", "佐藤 恵", Bilingual(f"農業の事業の報告({FARM})", f"reporter of {FARM}"),
        Grant(Role.REPORTER, Where.PROJECT, FARM), "農政課",
    ),
    Guest(
        "etsuran", "高橋 進", Bilingual(f"{TOWN}の閲覧", f"viewer of {TOWN_CODE}"),
        Grant(Role.VIEWER, Where.ORGANISATION, TOWN_CODE), "企画課",
    ),
    Guest(
        "setchi", "設置業者", Bilingual("通信網の設置者", "installer of a network"),
        Grant(Role.INSTALLER, Where.NETWORK, next(iter(NETWORKS))),
    ),
    Guest(
        "tonari", "渡辺 誠", Bilingual(f"{NEIGHBOUR}の運用", f"operator of {NEIGHBOUR_CODE}"),
        Grant(Role.OPERATOR, Where.ORGANISATION, NEIGHBOUR_CODE), "防災課",
    ),
)  # fmt: skip
"""The neighbour sees a project of its own and one that the town shares with it, and nothing else."""


COLLEAGUES = tuple(
    (login, name, department, Grant(Role.VIEWER, Where.ORGANISATION, code))
    for code, people in (
        (TOWN_CODE, (
            ("nosei-2", "田中 実", "農政課"), ("nosei-3", "伊藤 弘", "農政課"), ("nosei-4", "中村 葵", "農政課"),
            ("bosai-2", "小林 修", "防災課"), ("bosai-3", "加藤 涼", "防災課"), ("kikaku-2", "吉田 学", "企画課"),
            ("kikaku-3", "山本 遥", "企画課"), ("kensetsu-1", "松本 剛", "建設課"),
        )),
        (NEIGHBOUR_CODE, (
            ("tonari-2", "井上 司", "防災課"), ("tonari-3", "木村 茜", "防災課"), ("tonari-4", "林 健", "農林課"),
        )),
    )
    for login, name, department in people
)  # fmt: skip
"""Others who used the pages in the year of the demonstration; nobody is asked to sign in as one of them."""


class Accounts(NamedTuple):
    """What one run of the demonstration made. `secrets`: of the link of each guest; `token`: for programs."""

    secrets: Sequence[tuple[Guest, str]]
    token: str

    def link_of(self, login: str, url: str) -> str:
        """Where somebody signs in at once. `url`: address of the pages, with a slash at its end."""
        secret = next(secret for guest, secret in self.secrets if guest.login == login)
        return f"{url}link/{secret}"


def make_accounts(connection: Database, *, own_database: bool) -> Accounts | None:
    """Make whoever is not there yet, and new links and a new token for this run.

    What somebody changed since an earlier run stays. None in a database of somebody else that has an admin already:
    there nobody is let in who was not before.
    """
    known = document.known(connection)
    strangers = [person for person in known.people.values() if person.administers and person.login != OPERATOR]
    if not own_database and strangers and OPERATOR not in known.people:
        return None
    _make_neighbour_project(connection)
    document.apply(connection, _wanted(document.known(connection)), _BY.actor)
    now = datetime.now(UTC)
    people = [(guest, find_person(connection, _BY, guest.login)) for guest in GUESTS]
    secrets = [(guest, make_session_link(connection, _BY, number, now, LINK_LASTS)) for guest, number in people]
    return Accounts(secrets, _new_token(connection, people[0][1], now))


def _make_neighbour_project(connection: Database) -> None:
    """Where the field has not entered it."""
    if NEIGHBOUR_PROJECT not in project_codes(connection):
        wanted = RegistryDocument(projects=(neighbour_project(),))
        registry.apply(connection, registry.plan(connection, wanted))


def _wanted(known: Known) -> Document:
    """Organisations, people and shares that are not there yet."""
    wanted = Document()
    for code, name in ((TOWN_CODE, TOWN), (NEIGHBOUR_CODE, NEIGHBOUR)):
        if code not in known.organisations:
            wanted.organisations[code] = OrganisationEntry(_PLACE, code, name)
    for guest in GUESTS:
        if guest.login not in known.people:
            grants = {guest.grant: _PLACE}
            wanted.people[guest.login] = PersonEntry(_PLACE, guest.login, guest.name, guest.department, grants=grants)
    for login, name, department, grant in COLLEAGUES:
        if login not in known.people:
            wanted.people[login] = PersonEntry(_PLACE, login, name, department, grants={grant: _PLACE})
    share = ShareEntry(_PLACE, SAFETY, NEIGHBOUR_CODE, Role.VIEWER)
    if NEIGHBOUR_CODE not in known.organisations:
        wanted.shares[SAFETY, NEIGHBOUR_CODE] = share
    return wanted


def _new_token(connection: Database, person_id: int, now: datetime) -> str:
    for earlier in list_tokens(connection, _BY, person_id):
        if earlier.name == TOKEN_NAME and earlier.revoked_at is None:
            revoke_token(connection, _BY, earlier.token_id, now)
    scopes = (Scope.READINGS, Scope.METRICS, Scope.WORK, Scope.REPORTS, Scope.WATCH)
    _, secret = add_token(connection, _BY, person_id, TokenWanted(TOKEN_NAME, scopes, now + TOKEN_LASTS), now)
    return secret
