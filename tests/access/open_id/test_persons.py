"""Who somebody of the provider is here, and what they may do: roles come and go with each sign-in."""

from threading import Barrier, Thread
from typing import Any

import pytest

from ingest.access.access import Access
from ingest.access.caller import Caller
from ingest.access.open_id.database import link
from ingest.access.open_id.persons import Place, identity_of
from ingest.access.open_id.sign_in import Admitted
from ingest.access.roles import Role
from ingest.access.signing_in import OpenIdBegun, Refused
from ingest.settings.sign_in import OpenIdSettings, SignInSettings
from tests.access.open_id.browser import HERE, ROLES, Installation, answer
from tests.access.open_id.provider import CLIENT, SECRET, Provider
from tests.fixtures.database import Database

ROLES_NOW = (
    "select m.role, o.code, p.code, m.source from membership m left join organisation o using (organisation_id)"
    " left join project p using (project_id) order by 4, 1, 2, 3"
)


def in_groups(provider: Provider, *groups: str) -> None:
    provider.person["groups"] = list(groups)


def test_roles_of_the_provider_are_replaced_at_each_sign_in(installation: Installation, provider: Provider) -> None:
    in_groups(provider, "tea-staff", "city-admin", "watch", "unheard-of")
    installation.sign_in()
    assert installation.all(ROLES_NOW) == [
        ("admin", "222160", None, "oidc"), ("viewer", None, "tea", "oidc"), ("viewer", None, None, "oidc"),
    ]  # fmt: skip
    in_groups(provider, "tea-staff")
    installation.sign_in()
    assert installation.all(ROLES_NOW) == [("viewer", None, "tea", "oidc")]
    [before, after] = installation.all(
        "select before::jsonb, after::jsonb from audit_entry where action = 'membership_changed'"
        " order by entry_id desc limit 1"
    )[0]
    assert before == [
        {"role": "viewer", "project": "tea"}, {"role": "admin", "organisation": "222160"}, {"role": "viewer"},
    ]  # fmt: skip
    assert after == [{"role": "viewer", "project": "tea"}]


def test_of_two_roles_in_one_place_the_stronger_counts(installation: Installation, provider: Provider) -> None:
    in_groups(provider, "tea-lead", "tea-staff")
    installation.sign_in()
    assert installation.all(ROLES_NOW) == [("operator", None, "tea", "oidc")]


def test_what_did_not_change_is_not_written_down_again(installation: Installation) -> None:
    for _ in range(3):
        installation.sign_in()
    assert installation.all("select count(*) from audit_entry") == [(2,)]


def test_roles_given_here_stay(installation: Installation, provider: Provider) -> None:
    installation.sign_in()
    installation.connection.execute(
        "insert into membership (person_id, role, project_id) select person_id, 'reporter', project_id"
        " from person, project"
    )
    in_groups(provider)
    installation.sign_in()
    assert installation.all(ROLES_NOW) == [("reporter", None, "tea", "local")]


def test_a_role_in_a_place_that_is_not_there_is_not_given(installation: Installation, provider: Provider) -> None:
    in_groups(provider, "nowhere", "tea-staff")
    assert isinstance(installation.sign_in(), Admitted)
    assert installation.all(ROLES_NOW) == [("viewer", None, "tea", "oidc")]


def test_somebody_without_a_role_comes_in_and_may_nothing(installation: Installation, provider: Provider) -> None:
    del provider.person["groups"]
    assert isinstance(installation.sign_in(), Admitted)
    assert installation.all(ROLES_NOW) == []


def test_name_and_department_follow_the_provider_and_the_login_stays(
    installation: Installation, provider: Provider
) -> None:
    installation.sign_in()
    provider.person |= {"name": "鈴木 花子", "department": ["総務課", "別"], "preferred_username": "suzuki"}
    assert installation.sign_in() == Admitted(1, "sato", "/")
    assert installation.all("select login, name, department from person") == [("sato", "鈴木 花子", "総務課")]


def test_nobody_takes_over_an_account_by_claiming_its_login(installation: Installation, provider: Provider) -> None:
    installation.connection.execute("insert into person (login, name) values ('sato', '別の佐藤')")
    before = installation.all("select * from person")
    for claimed in ("sato", "SATO", "ｓａｔｏ", " sato "):
        provider.person["preferred_username"] = claimed
        assert installation.refused()[::2] == ("login_taken", "not_admitted")
    assert installation.all("select * from person") == before
    assert installation.all(ROLES_NOW) == []
    told = installation.all("select subject, after::jsonb ->> 'why', after::jsonb ->> 'subject' from audit_entry")
    assert told == [("sato", "login_taken", "0001")] * 4


def test_two_people_of_the_provider_with_one_login_are_not_one(installation: Installation, provider: Provider) -> None:
    assert isinstance(installation.sign_in(), Admitted)
    provider.person["sub"] = "0002"
    assert installation.refused()[0] == "login_taken"
    assert installation.all("select subject from person") == [("0001",)]


def test_the_same_subject_of_another_issuer_is_somebody_else(installation: Installation) -> None:
    installation.connection.execute(
        "insert into person (login, name, issuer, subject) values ('tanaka', '田中', 'https://old.example', '0001')"
    )
    assert installation.sign_in() == Admitted(2, "sato", "/")


def test_an_admin_may_link_an_account(installation: Installation, provider: Provider) -> None:
    installation.connection.execute("insert into person (login, name) values ('sato', '佐藤'), ('ito', '伊藤')")
    assert not link(installation.connection, "nobody", provider.issuer, "0001")
    assert link(installation.connection, "sato", provider.issuer, "0001")
    assert not link(installation.connection, "sato", provider.issuer, "0002")  # it is linked
    assert not link(installation.connection, "ito", provider.issuer, "0001")  # the subject is
    assert installation.sign_in() == Admitted(1, "sato", "/")


def test_a_disabled_person_is_not_let_in_and_keeps_the_roles(installation: Installation, provider: Provider) -> None:
    installation.sign_in()
    installation.connection.execute("update person set disabled_at = now()")
    in_groups(provider, "city-admin")
    assert installation.refused()[::2] == ("disabled", "not_admitted")
    assert installation.all(ROLES_NOW) == [("viewer", None, "tea", "oidc")]


@pytest.mark.parametrize(
    "claimed",
    [None, "", "  ", 7, ["sato"], "a b", "service", "token:1 x", "command:root", "a\u200bb", "a\0b", "x" * 999],
)
def test_a_login_that_nobody_can_have_lets_nobody_in(
    installation: Installation, provider: Provider, claimed: object
) -> None:
    provider.person["preferred_username"] = claimed
    assert installation.refused()[::2] == ("no_login", "not_admitted")
    assert installation.all("select 1 from person") == []


def test_claims_that_are_no_texts_do_no_harm() -> None:
    settings = OpenIdSettings.model_validate(
        {"issuer": "https://a.example", "client_id": "a", "roles": ROLES, "department_claim": "department"}
    )
    right: dict[str, Any] = {"iss": "https://a.example", "sub": "1"}
    for value in (None, 7, {}, [], [7], [None], [["tea-staff"]], {"tea-staff": 1}, "x" * 10_000, "a\0\u202eb"):
        claims = right | {"name": value, "department": value, "groups": value, "preferred_username": "a"}
        identity = identity_of(claims, settings)
        assert identity.roles == {}
        assert len(identity.name) <= 200
        assert identity.name.isprintable()
        assert identity.department.isprintable()
    one = identity_of(right | {"groups": "tea-staff"}, settings)
    assert one.roles == {Place(project="tea"): Role.VIEWER}


def test_somebody_who_signs_in_twice_at_once_is_one_person(any_database: Database, provider: Provider) -> None:
    many = [Installation(any_database, provider) for _ in range(4)]
    given = [answer(each.begin()) for each in many]
    outcomes: list[Admitted | Refused] = []
    barrier = Barrier(4)

    def finish(index: int) -> None:
        barrier.wait()
        outcomes.append(many[index].open_id.finish(given[index], ""))

    threads = [Thread(target=finish, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Admitted(outcomes[0].person_id, "sato", "/")] * 4  # type: ignore[union-attr]
    assert many[0].all("select count(*) from person") == [(1,)]


@pytest.fixture
def access(installation: Installation, provider: Provider) -> Access:
    settings = SignInSettings.model_validate(
        {"open_id": {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "roles": ROLES}}
    )
    return Access(installation.connected, settings, web_url=HERE)


def test_whoever_signs_in_has_a_session_and_its_roles(
    access: Access, installation: Installation, provider: Provider
) -> None:
    begun = access.begin_open_id("/devices")
    assert isinstance(begun, OpenIdBegun)
    outcome = access.finish_open_id(answer(begun), address="192.0.2.7", browser="Firefox")
    assert isinstance(outcome, tuple)
    signed_in, goes_to = outcome
    assert goes_to == "/devices"
    caller = access.caller_of_session(signed_in.secret)
    assert isinstance(caller, Caller)
    assert (caller.login, caller.name, list(caller.roles.values())) == ("sato", "佐藤 花子", [Role.VIEWER])
    assert installation.all("select action from audit_entry order by entry_id desc limit 1") == [("signed_in",)]
    provider.claims = {"nonce": "another"}
    begun = access.begin_open_id("/")
    assert isinstance(begun, OpenIdBegun)
    assert isinstance(access.finish_open_id(answer(begun), address="", browser=""), Refused)
    assert installation.all("select count(*) from web_session") == [(1,)]


def test_without_a_provider_nothing_is_begun(installation: Installation) -> None:
    access = Access(installation.connected, SignInSettings())
    with pytest.raises(LookupError):
        access.begin_open_id("/")
