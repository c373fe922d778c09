"""Who may change whom: commands, admins of everything, admins of an organisation; and what is on record of it."""

from collections.abc import Callable

import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.access.database.lookups import person_of_id
from ingest.access.organisations import (
    add_organisation,
    find_organisation,
    list_organisations,
    list_shares,
    rename_organisation,
    set_share,
)
from ingest.access.people import (
    add_person,
    change_email,
    change_person,
    disable_person,
    enable_person,
    find_person,
    list_people,
    make_session_link,
    reset_person,
    set_membership,
)
from ingest.access.places import EVERYWHERE, Grant, Place, place_of
from ingest.access.roles import Role, Verb
from tests.access.installation import COMMAND, LASTS, Installation


@pytest.fixture
def chief(installation: Installation) -> By:
    """An admin of the east."""
    installation.person("root", installation.at(Role.ADMIN))
    installation.person("chief", installation.at(Role.ADMIN, installation.east))
    return installation.by("chief")


def in_east(installation: Installation) -> Place:
    return Place(organisation_id=installation.east)


def test_an_installation_has_an_admin_when_an_enabled_person_is_one(installation: Installation) -> None:
    installation.person("aoki", installation.at(Role.OPERATOR), Grant(Role.ADMIN, Place(project_id=1)))
    assert not installation.again().has_admin()
    person_id = installation.person("chief", installation.at(Role.ADMIN, installation.east))
    assert installation.again().has_admin()
    installation.connection.execute("update person set disabled_at = now() where person_id = %s", (person_id,))
    assert not installation.again().has_admin()


def test_a_person_is_added_with_roles_and_on_record(installation: Installation) -> None:
    grant = installation.at(Role.REPORTER, installation.east)
    person_id = add_person(installation.connection, COMMAND, " Ａoki", "青木 花子", "農業振興課", [grant])
    assert find_person(installation.connection, COMMAND, "aoki") == person_id
    after = {
        "name": "青木 花子",
        "department": "農業振興課",
        "memberships": [{"role": "reporter", "where": "222160"}],
    }
    assert installation.entries("person_added") == [("command:root", "222160", "aoki", None, after)]


@pytest.mark.parametrize("login", ["", "a b", "x" * 101, "a\nb", "\u3000", "service", "command:root", "ｔoken：1"])
def test_what_can_be_no_login_is_refused(installation: Installation, login: str) -> None:
    with pytest.raises(ChangeRefused):
        add_person(installation.connection, COMMAND, login, "x")


def test_a_login_is_given_once(installation: Installation) -> None:
    installation.person("aoki")
    with pytest.raises(ChangeRefused):
        installation.person("AOKI")
    assert len(installation.entries("person_added")) == 1


def test_an_admin_of_an_organisation_gives_roles_in_it_and_nowhere_else(installation: Installation, chief: By) -> None:
    connection = installation.connection
    aoki = add_person(connection, chief, "aoki", "x", "", [installation.at(Role.VIEWER, installation.east)])
    set_membership(connection, chief, aoki, in_east(installation), Role.ADMIN)
    set_membership(connection, chief, aoki, place_of(connection, project="tea"), Role.REPORTER)
    set_membership(connection, chief, aoki, place_of(connection, network="tea-net"), Role.INSTALLER)
    set_membership(connection, chief, aoki, place_of(connection, network="tea-net"), None)
    for place in (
        EVERYWHERE,
        Place(organisation_id=installation.west),
        place_of(connection, project="rice"),
        place_of(connection, project="loose"),
    ):
        with pytest.raises(ChangeRefused):
            set_membership(connection, chief, aoki, place, Role.VIEWER)
        with pytest.raises(ChangeRefused):
            add_person(connection, chief, "mori", "x", "", [Grant(Role.VIEWER, place)])
    with pytest.raises(ChangeRefused):
        set_membership(connection, chief, aoki, place_of(connection, network="rice-net"), Role.INSTALLER)
    with pytest.raises(ChangeRefused):
        add_person(connection, chief, "mori", "x")
    found = person_of_id(connection, aoki)
    assert found is not None
    assert len(found.memberships) == 2


def test_people_of_another_organisation_are_not_there(installation: Installation, chief: By) -> None:
    connection = installation.connection
    west = installation.person("west", installation.at(Role.VIEWER, installation.west))
    changes: list[Callable[[], object]] = [
        lambda: change_person(connection, chief, west, "x", ""),
        lambda: change_email(connection, chief, west, "x@city.example.jp"),
        lambda: disable_person(connection, chief, west, installation.clock.now),
        lambda: enable_person(connection, chief, west),
        lambda: reset_person(connection, chief, west, installation.clock.now, LASTS),
        lambda: set_membership(connection, chief, west, in_east(installation), Role.VIEWER),
        lambda: find_person(connection, chief, "west"),
    ]
    sentences: list[str] = []
    for change in changes:
        with pytest.raises(NotThere) as refused:
            change()
        sentences.append(str(refused.value))
    with pytest.raises(NotThere) as refused:
        find_person(connection, chief, "nobody")
    assert {*sentences, str(refused.value)} == {str(refused.value)}
    assert [each.person.login for each in list_people(connection, chief)] == ["chief"]


@pytest.mark.parametrize("elsewhere", ["everywhere", "west"])
def test_whoever_has_roles_elsewhere_too_is_not_reset_by_an_admin_of_one(
    installation: Installation, chief: By, elsewhere: str
) -> None:
    other = installation.at(Role.ADMIN, None if elsewhere == "everywhere" else installation.west)
    both = installation.person("both", installation.at(Role.VIEWER, installation.east), other)
    connection = installation.connection
    with pytest.raises(ChangeRefused):
        reset_person(connection, chief, both, installation.clock.now, LASTS)
    with pytest.raises(ChangeRefused):
        disable_person(connection, chief, both, installation.clock.now)
    listed = next(each for each in list_people(connection, chief) if each.person.login == "both")
    assert not listed.manageable
    assert [each.where for each in listed.memberships] == ["222160"]
    set_membership(connection, chief, both, in_east(installation), None)
    assert [each.person.login for each in list_people(connection, chief)] == ["chief"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER, Role.OPERATOR])
def test_whoever_is_no_admin_changes_nobody(installation: Installation, role: Role) -> None:
    installation.person("root", installation.at(Role.ADMIN))
    aoki = installation.person("aoki", installation.at(role, installation.east), installation.at(role))
    by = installation.by("aoki")
    with pytest.raises(NotThere):
        reset_person(installation.connection, by, aoki, installation.clock.now, LASTS)
    with pytest.raises(ChangeRefused):
        set_membership(installation.connection, by, aoki, in_east(installation), Role.ADMIN)
    with pytest.raises(ChangeRefused):
        add_organisation(installation.connection, by, "kyogikai", "協議会")
    assert list_people(installation.connection, by) == []


def test_an_admin_of_one_project_changes_nobody(installation: Installation) -> None:
    installation.person("aoki", Grant(Role.ADMIN, place_of(installation.connection, project="tea")))
    assert list_people(installation.connection, installation.by("aoki")) == []


def test_links_that_sign_in_at_once_are_of_commands_and_admins_of_everything(
    installation: Installation, chief: By
) -> None:
    aoki = installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    with pytest.raises(ChangeRefused):
        make_session_link(installation.connection, chief, aoki, installation.clock.now, LASTS)


def test_a_link_ends_when_its_person_gets_a_role_in_another_organisation(installation: Installation, chief: By) -> None:
    """Who made the link could use it, and would be somebody there."""
    connection, now = installation.connection, installation.clock.now
    aoki = add_person(connection, chief, "aoki", "x", "", [installation.at(Role.VIEWER, installation.east)])
    secret = reset_person(connection, chief, aoki, now, LASTS)
    set_membership(connection, chief, aoki, place_of(connection, project="tea"), Role.REPORTER)
    assert installation.access.open_link(secret) is not None
    set_membership(connection, COMMAND, aoki, Place(organisation_id=installation.west), Role.VIEWER)
    assert installation.access.open_link(secret) is None
    assert installation.access.open_link(reset_person(connection, COMMAND, aoki, now, LASTS)) is not None


def test_the_last_admin_everywhere_stays(installation: Installation) -> None:
    connection = installation.connection
    root = installation.person("root", installation.at(Role.ADMIN))
    installation.person("chief", installation.at(Role.ADMIN, installation.east))
    for by in (COMMAND, installation.by("root")):
        with pytest.raises(ChangeRefused):
            disable_person(connection, by, root, installation.clock.now)
        for role in (None, Role.OPERATOR):
            with pytest.raises(ChangeRefused):
                set_membership(connection, by, root, EVERYWHERE, role)
    assert installation.again().caller_of_session(installation.sign_in("root")) is not None
    assert installation.entries("person_disabled") == []
    other = installation.person("other", installation.at(Role.ADMIN))
    disable_person(connection, COMMAND, root, installation.clock.now)
    with pytest.raises(ChangeRefused):
        disable_person(connection, COMMAND, other, installation.clock.now)


def test_the_last_admin_of_an_installation_with_one_organisation_stays(installation: Installation) -> None:
    chief = installation.person("chief", installation.at(Role.ADMIN, installation.east))
    with pytest.raises(ChangeRefused):
        disable_person(installation.connection, COMMAND, chief, installation.clock.now)


def test_changes_are_on_record_with_before_and_after(installation: Installation, chief: By) -> None:
    connection = installation.connection
    aoki = installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    change_person(connection, chief, aoki, "青木", "建設課")
    change_person(connection, chief, aoki, "青木", "建設課")
    change_email(connection, chief, aoki, "aoki@city.example.jp")
    change_email(connection, chief, aoki, " aoki@city.example.jp ")
    with pytest.raises(ChangeRefused, match="address"):
        change_email(connection, chief, aoki, "aoki")
    set_membership(connection, chief, aoki, in_east(installation), Role.OPERATOR)
    set_membership(connection, chief, aoki, in_east(installation), Role.OPERATOR)
    reset_person(connection, chief, aoki, installation.clock.now, LASTS)
    disable_person(connection, chief, aoki, installation.clock.now)
    enable_person(connection, chief, aoki)
    before = {"name": "aoki さん", "department": "農業振興課"}
    assert installation.entries("person_changed") == [
        ("chief", "222160", "aoki", before, {"name": "青木", "department": "建設課"}),
        ("chief", "222160", "aoki", {"email": ""}, {"email": "aoki@city.example.jp"}),
        ("chief", "222160", "aoki", {"disabled": True}, {"disabled": False}),
    ]
    assert installation.entries("membership_changed") == [
        (
            "chief",
            "222160",
            "aoki",
            {"role": "viewer", "where": "222160"},
            {"role": "operator", "where": "222160"},
        )
    ]
    assert len(installation.entries("person_reset")) == len(installation.entries("person_disabled")) == 1


def test_a_role_that_the_provider_gave_is_taken_there(installation: Installation) -> None:
    aoki = installation.person("aoki")
    installation.connection.execute(
        "insert into membership (person_id, role, organisation_id, source) values (%s, 'viewer', %s, 'oidc')",
        (aoki, installation.east),
    )
    with pytest.raises(ChangeRefused):
        set_membership(installation.connection, COMMAND, aoki, in_east(installation), None)
    set_membership(installation.connection, COMMAND, aoki, in_east(installation), Role.OPERATOR)
    set_membership(installation.connection, COMMAND, aoki, in_east(installation), None)
    assert installation.one("select count(*) from membership") == 1


@pytest.mark.parametrize("role", [Role.INSTALLER, Role.VIEWER])
def test_an_installer_has_a_network_and_nobody_else_has(installation: Installation, role: Role) -> None:
    aoki = installation.person("aoki")
    network = place_of(installation.connection, network="tea-net")
    with pytest.raises(ChangeRefused):
        set_membership(installation.connection, COMMAND, aoki, EVERYWHERE if role is Role.INSTALLER else network, role)


@pytest.mark.parametrize("code", ["222161", "22216", "2221600", "１２", "a b", "x", "x" * 33, "", "北市"])
def test_a_wrong_code_of_an_organisation_is_refused(installation: Installation, code: str) -> None:
    with pytest.raises(ChangeRefused):
        add_organisation(installation.connection, COMMAND, code, "x")


@pytest.mark.parametrize("code", ["131016", "kyogikai-1", "Ota_River"])
def test_an_organisation_is_entered_renamed_and_on_record(installation: Installation, code: str) -> None:
    organisation_id = add_organisation(installation.connection, COMMAND, code, "協議会")
    with pytest.raises(ChangeRefused):
        add_organisation(installation.connection, COMMAND, code, "again")
    rename_organisation(installation.connection, COMMAND, organisation_id, "新しい名")
    assert find_organisation(installation.connection, COMMAND, code) == organisation_id
    assert [(entry[1], entry[4]["name"]) for entry in installation.entries("organisation_changed")] == [
        (code, "協議会"),
        (code, "新しい名"),
    ]


def test_organisations_are_listed_to_whom_they_are(installation: Installation, chief: By) -> None:
    def codes(by: By) -> list[str]:
        return [each.code for each in list_organisations(installation.connection, by)]

    assert codes(COMMAND) == ["222160", "990001"]
    assert codes(chief) == ["222160"]
    with pytest.raises(NotThere):
        find_organisation(installation.connection, chief, "990001")
    with pytest.raises(NotThere):
        rename_organisation(installation.connection, chief, installation.west, "x")


def test_a_project_is_shared_by_its_owner_alone(installation: Installation, chief: By) -> None:
    connection = installation.connection
    installation.person("west", installation.at(Role.OPERATOR, installation.west))
    set_share(connection, chief, "tea", "990001", Role.REPORTER)
    set_share(connection, chief, "tea", "990001", Role.REPORTER)
    with pytest.raises(NotThere):
        set_share(connection, chief, "rice", "222160", Role.VIEWER)
    for role, organisation in ((Role.VIEWER, "222160"), (Role.INSTALLER, "990001"), (Role.VIEWER, "nobody")):
        with pytest.raises(ChangeRefused):
            set_share(connection, chief, "tea", organisation, role)
    assert [(each.project, each.organisation, each.role) for each in list_shares(connection, chief)] == [
        ("tea", "990001", "reporter")
    ]
    caller, tea = installation.caller("west"), installation.project("tea")
    assert caller.may(Verb.REPORT, tea)
    assert not caller.may(Verb.OPERATE, tea)
    set_share(connection, chief, "tea", "990001", None)
    assert not installation.caller("west").may(Verb.SEE, tea)
    assert [(entry[3], entry[4]) for entry in installation.entries("share_changed")] == [
        ({"role": None}, {"role": "reporter"}),
        ({"role": "reporter"}, {"role": None}),
    ]


def test_a_change_that_fails_leaves_no_entry(installation: Installation, chief: By) -> None:
    installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    with pytest.raises(ChangeRefused):
        add_person(installation.connection, chief, "aoki", "x", "", [installation.at(Role.VIEWER, installation.east)])
    assert [entry[2] for entry in installation.entries("person_added")] == ["root", "chief", "aoki"]
