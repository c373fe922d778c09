"""Tokens of programs: shown once, never worth more than their maker."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.people import add_person, disable_person, set_membership
from ingest.access.places import EVERYWHERE, Place
from ingest.access.roles import Role, Scope, Verb
from ingest.access.tokens import LONGEST, TokenWanted, add_token, list_tokens, revoke_token
from tests.access.installation import COMMAND, Installation


def make(
    installation: Installation,
    person_id: int,
    scopes: Collection[Scope] = (Scope.FIGURES,),
    projects: Collection[int] | None = None,
    lasts: timedelta = timedelta(days=365),
) -> str:
    wanted = TokenWanted("板", scopes, installation.clock.now + lasts, projects)
    return add_token(installation.connection, COMMAND, person_id, wanted, installation.clock.now)[1]


def test_a_token_looks_where_its_maker_may_and_changes_nothing(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.ADMIN, installation.east))
    secret = make(installation, person_id)
    caller = installation.access.caller_of_token(secret)
    assert secret.startswith("noroshi_")
    assert caller is not None
    assert caller.may(Verb.SEE, installation.project("tea"))
    assert not caller.may(Verb.SEE, installation.project("rice"))
    assert not any(caller.may(verb) for verb in (Verb.REPORT, Verb.OPERATE, Verb.ADMINISTER))
    assert caller.scopes == {Scope.FIGURES}
    assert caller.actor == "token:1 板"
    assert caller.projects_setting == str(installation.project("tea"))


def test_a_token_is_stored_as_a_digest_and_no_list_has_more(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    secret = make(installation, person_id)
    for table in ("api_token", "audit_entry"):
        assert installation.one(f"select count(*) from {table} t where t::text like %s", f"%{secret[8:]}%") == 0
    assert secret not in str(list_tokens(installation.connection, COMMAND))


def test_a_token_of_some_projects_sees_these_alone(installation: Installation) -> None:
    tea, rice = installation.project("tea"), installation.project("rice")
    person_id = installation.person("aoki", installation.at(Role.ADMIN))
    caller = installation.access.caller_of_token(make(installation, person_id, projects=[rice]))
    assert caller is not None
    assert (caller.may(Verb.SEE, rice), caller.may(Verb.SEE, tea)) == (True, False)
    assert caller.projects_setting == str(rice)
    assert caller.seats == ()


def test_a_token_shrinks_with_its_maker(installation: Installation) -> None:
    tea, rice = installation.project("tea"), installation.project("rice")
    installation.person("root", installation.at(Role.ADMIN))
    person_id = installation.person(
        "aoki", installation.at(Role.ADMIN), installation.at(Role.VIEWER, installation.east)
    )
    secret = make(installation, person_id, tuple(Scope))
    limited = make(installation, person_id, projects=[tea, rice])
    set_membership(installation.connection, COMMAND, person_id, EVERYWHERE, None)
    caller, part = (installation.access.caller_of_token(each) for each in (secret, limited))
    assert caller is not None
    assert part is not None
    assert caller.scopes == set(Scope) - {Scope.METRICS}
    assert caller.projects_setting == part.projects_setting == str(tea)
    set_membership(installation.connection, COMMAND, person_id, Place(organisation_id=installation.east), None)
    installation.clock.turn(seconds=2)
    caller = installation.access.caller_of_token(secret)
    assert caller is not None
    assert not caller.may(Verb.SEE)


def test_no_token_is_made_for_more_than_its_maker_may(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.OPERATOR, installation.east))
    with pytest.raises(NotThere):
        make(installation, person_id, projects=[installation.project("rice")])
    with pytest.raises(ChangeRefused):
        make(installation, person_id, [Scope.METRICS])
    with pytest.raises(ChangeRefused):
        make(installation, person_id, [])
    with pytest.raises(ChangeRefused):
        make(installation, person_id, projects=[])
    for lasts in (timedelta(0), -timedelta(days=1), LONGEST + timedelta(days=1)):
        with pytest.raises(ChangeRefused):
            make(installation, person_id, lasts=lasts)
    assert installation.entries("token_added") == []


def test_tokens_die_with_time_with_their_maker_and_when_revoked(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    expired = make(installation, person_id, lasts=timedelta(hours=1))
    revoked = make(installation, person_id)
    makers = make(installation, person_id)
    access = installation.access
    assert all(access.caller_of_token(each) for each in (expired, revoked, makers))
    revoke_token(installation.connection, COMMAND, 2, installation.clock.now)
    revoke_token(installation.connection, COMMAND, 2, installation.clock.now)
    installation.clock.turn(hours=1)
    assert [access.caller_of_token(each) is None for each in (expired, revoked, makers)] == [True, True, False]
    disable_person(installation.connection, COMMAND, person_id, installation.clock.now)
    installation.clock.turn(seconds=2)
    assert access.caller_of_token(makers) is None
    assert len(installation.entries("token_revoked")) == 1


def test_a_clock_that_is_set_back_revives_no_token(installation: Installation) -> None:
    secret = make(installation, installation.person("aoki", installation.at(Role.VIEWER)))
    installation.clock.turn(days=-30)
    assert installation.access.caller_of_token(secret) is None


def test_the_use_of_a_token_is_written_once_a_minute(installation: Installation) -> None:
    secret = make(installation, installation.person("aoki", installation.at(Role.VIEWER)))
    uses = []
    for _ in range(5):
        installation.access.caller_of_token(secret)
        uses.append(installation.one("select last_used_at from api_token"))
        installation.clock.turn(seconds=20)
    assert [use == uses[0] for use in uses] == [True, True, True, False, False]


def test_people_see_and_revoke_their_own_tokens_and_admins_those_of_their_people(installation: Installation) -> None:
    installation.person("chief", installation.at(Role.ADMIN, installation.east))
    people = {
        login: installation.person(login, installation.at(Role.VIEWER, place))
        for login, place in (("aoki", installation.east), ("west", installation.west))
    }
    for person_id in people.values():
        make(installation, person_id)
    connection, now = installation.connection, installation.clock.now
    seen = {
        login: [each.login for each in list_tokens(connection, installation.by(login))]
        for login in ("aoki", "west", "chief")
    }
    assert seen == {"aoki": ["aoki"], "west": ["west"], "chief": ["aoki"]}
    for login, token_id in (("aoki", 2), ("chief", 2), ("west", 1), ("west", 99)):
        with pytest.raises(NotThere):
            revoke_token(connection, installation.by(login), token_id, now)
    revoke_token(connection, installation.by("chief"), 1, now)
    wanted = TokenWanted("x", [Scope.FIGURES], now + timedelta(days=1))
    with pytest.raises(NotThere):
        add_token(connection, installation.by("chief"), people["aoki"], wanted, now)
    assert add_token(connection, installation.by("aoki"), people["aoki"], wanted, now)[0] == 3


def test_somebody_behind_a_trusted_proxy_is_the_person_of_that_name(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.VIEWER, installation.east), password=None)
    caller = installation.access.caller_of_proxy("AOKI")
    assert caller is not None
    assert (caller.person_id, caller.session) == (person_id, b"")
    assert len(caller.csrf) == 64
    assert not installation.access.choose(caller, installation.east)
    assert installation.access.caller_of_proxy("nobody") is None
    assert installation.access.caller_of_proxy("") is None
    add_person(installation.connection, COMMAND, "new", "x")
    disable_person(installation.connection, COMMAND, person_id, installation.clock.now)
    installation.clock.turn(seconds=2)
    assert installation.access.caller_of_proxy("aoki") is None


def test_a_token_reports_with_the_scope_for_it_and_where_its_maker_may(installation: Installation) -> None:
    operator = installation.person("aoki", installation.at(Role.OPERATOR, installation.east))
    viewer = installation.person("baba", installation.at(Role.VIEWER, installation.east))
    found = {}
    for person, scope in ((operator, Scope.WORK), (operator, Scope.READINGS), (viewer, Scope.WORK)):
        caller = installation.access.caller_of_token(make(installation, person, scopes=(scope,)))
        assert caller is not None
        found[person, scope] = [verb for verb in (Verb.REPORT, Verb.OPERATE) if caller.may(verb)]
    assert found == {
        (operator, Scope.WORK): [Verb.REPORT], (operator, Scope.READINGS): [], (viewer, Scope.WORK): [],
    }  # fmt: skip
