"""Accounts of the demonstration: somebody for each role, a neighbour behind the wall, links and a token that work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from ingest.access.access import Access
from ingest.access.caller import Caller
from ingest.access.document import document
from ingest.access.roles import Role, Scope, Verb
from ingest.access.signing_in import SignedIn
from ingest.demo.accounts import GUESTS, OPERATOR, Accounts, make_accounts
from ingest.settings.sign_in import SignInSettings
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import registry_document
from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT, SAFETY
from ingest.store.registry import registry
from tests.fixtures.database import Database

Connection = psycopg.Connection[Any]


@pytest.fixture
def connection(any_database: Database) -> Connection:
    opened = any_database.connect()
    registry.apply(opened, registry.plan(opened, registry_document(Field(FieldPlan(24, 7, 0.0), 0.0))))
    return opened


def made(connection: Connection) -> Accounts:
    found = make_accounts(connection, own_database=True)
    assert found is not None
    return found


def access(connection: Connection) -> Access:
    @contextmanager
    def connect() -> Iterator[Connection]:
        yield connection

    return Access(connect, SignInSettings())


def callers(connection: Connection) -> dict[str, Caller]:
    """Whoever is signed in by the links, which are used up by it."""
    accounts, found = access(connection), {}
    for guest, secret in made(connection).secrets:
        session = accounts.use_session_link(secret, address="127.0.0.1", browser="")
        assert isinstance(session, SignedIn), guest
        caller = accounts.caller_of_session(session.secret)
        assert caller is not None
        found[guest.login] = caller
    return found


def test_a_link_signs_each_guest_in_with_their_role(connection: Connection) -> None:
    codes = {code: number for number, code in document.project_codes(connection).items()}
    signed_in = callers(connection)
    assert {guest.login for guest in GUESTS} == set(signed_in)
    assert {guest.grant.role for guest in GUESTS} == set(Role)
    assert signed_in[OPERATOR].sees_everything
    assert signed_in["hokoku"].may(Verb.REPORT, codes[FARM])
    assert not signed_in["hokoku"].may(Verb.SEE, codes[SAFETY])
    assert signed_in["unyo"].may(Verb.OPERATE, codes[SAFETY])
    assert not signed_in["etsuran"].may(Verb.OPERATE, codes[SAFETY])
    assert signed_in["setchi"].networks
    assert signed_in["setchi"].projects_setting == ""


def test_the_neighbour_sees_its_own_project_and_what_is_shared_and_no_more(connection: Connection) -> None:
    neighbour = callers(connection)["tonari"]
    codes = {code: number for number, code in document.project_codes(connection).items()}
    assert neighbour.may(Verb.OPERATE, codes[NEIGHBOUR_PROJECT])
    assert neighbour.may(Verb.SEE, codes[SAFETY])
    assert not neighbour.may(Verb.OPERATE, codes[SAFETY]), "the share is for viewing"
    assert not neighbour.may(Verb.SEE, codes[FARM])


def test_a_later_run_makes_new_links_and_a_new_token_and_leaves_the_rest(connection: Connection) -> None:
    first = made(connection)
    connection.execute("update person set name = 'renamed' where login = 'unyo'")
    connection.execute("delete from project_share")
    before = document.known(connection)
    second = made(connection)
    assert document.known(connection) == before
    accounts = access(connection)
    assert accounts.open_link(first.secrets[0][1]) is None
    assert accounts.open_link(second.secrets[0][1]) == "session"
    assert accounts.caller_of_token(first.token) is None
    caller = accounts.caller_of_token(second.token)
    assert caller is not None
    assert caller.scopes == {Scope.READINGS, Scope.METRICS, Scope.WORK, Scope.REPORTS, Scope.WATCH}
    assert caller.sees_everything


def test_nobody_is_let_into_a_database_that_has_an_admin_of_its_own(connection: Connection) -> None:
    document.make_first_admin(connection, "sato", "佐藤", "command:test")
    assert make_accounts(connection, own_database=False) is None
    assert set(document.known(connection).people) == {"sato"}
