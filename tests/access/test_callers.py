"""From rows to what somebody may: the strongest role counts, a share gives the lesser one."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ingest.access.caller import Seat
from ingest.access.callers import caller_of_person, caller_of_token
from ingest.access.database.lookups import MembershipRow, PersonRow, TokenRow
from ingest.access.people import set_membership
from ingest.access.places import Grant, place_of
from ingest.access.roles import Role, Scope, Verb
from tests.access.installation import COMMAND, Installation

EAST, WEST = 1, 2
TEA, RICE, FISH = 10, 20, 21
ORGANISATIONS = ((EAST, "222160", "東市"), (WEST, "990001", "西町"))
PARTS = ((TEA, EAST, None), (RICE, WEST, None), (FISH, WEST, None), (RICE, EAST, "reporter"))


def row(*memberships: MembershipRow) -> PersonRow:
    """What the database says of somebody: of their organisations alone, or of all."""
    everywhere = any(place == (None, None, None) for _, *rest in memberships for place in [tuple(rest)])
    own = {organisation for _, organisation, _, _ in memberships}
    return PersonRow(
        7, "aoki", "青木", "課", False, [list(each) for each in memberships],  # type: ignore[misc]  # as JSON has it
        [each for each in ORGANISATIONS if everywhere or each[0] in own],
        [each for each in PARTS if everywhere or each[1] in own],
    )  # fmt: skip


def roles(*memberships: MembershipRow, chosen: int | None = None) -> dict[int, Role]:
    return dict(caller_of_person(row(*memberships), chosen).roles)


@pytest.mark.parametrize(
    ("memberships", "expected"),
    [
        ([], {}),
        ([("operator", EAST, None, None)], {TEA: Role.OPERATOR, RICE: Role.REPORTER}),
        ([("viewer", EAST, None, None)], {TEA: Role.VIEWER, RICE: Role.VIEWER}),
        ([("viewer", EAST, None, None), ("admin", None, TEA, None)], {TEA: Role.ADMIN, RICE: Role.VIEWER}),
        ([("admin", EAST, None, None), ("viewer", None, TEA, None)], {TEA: Role.ADMIN, RICE: Role.REPORTER}),
        (
            [("admin", EAST, None, None), ("viewer", WEST, None, None)],
            {TEA: Role.ADMIN, RICE: Role.REPORTER, FISH: Role.VIEWER},
        ),
        ([("viewer", EAST, None, None), ("operator", EAST, None, None)], {TEA: Role.OPERATOR, RICE: Role.REPORTER}),
        ([("reporter", None, FISH, None)], {FISH: Role.REPORTER}),
        ([("installer", None, None, 5)], {}),
    ],
)
def test_the_strongest_role_counts_and_a_share_gives_the_lesser(
    memberships: Sequence[MembershipRow], expected: dict[int, Role]
) -> None:
    assert roles(*memberships) == expected


def test_only_what_the_chosen_organisation_has_is_seen() -> None:
    both: list[MembershipRow] = [
        ("admin", EAST, None, None),
        ("viewer", WEST, None, None),
        ("operator", None, FISH, None),
    ]
    assert roles(*both, chosen=EAST) == {TEA: Role.ADMIN, RICE: Role.REPORTER}
    assert roles(*both, chosen=WEST) == {RICE: Role.VIEWER, FISH: Role.OPERATOR}


def test_an_organisation_that_is_not_ones_own_cannot_be_chosen() -> None:
    caller = caller_of_person(row(("admin", EAST, None, None)), WEST)
    assert caller.chosen is None
    assert caller.roles == {TEA: Role.ADMIN, RICE: Role.REPORTER}


def test_a_role_everywhere_sees_everything_or_the_chosen_organisation() -> None:
    person = row(("operator", None, None, None), ("admin", EAST, None, None))
    caller = caller_of_person(person, None)
    assert caller.projects_setting == "*"
    assert caller.seats == (
        Seat(EAST, "222160", "東市", Role.ADMIN, True),
        Seat(WEST, "990001", "西町", Role.OPERATOR, False),
    )
    west = caller_of_person(person, WEST)
    assert west.projects_setting == f"{RICE},{FISH}"
    assert west.roles == {RICE: Role.OPERATOR, FISH: Role.OPERATOR}


def test_an_installer_sees_arrivals_of_the_network_and_nothing_else() -> None:
    caller = caller_of_person(row(("installer", None, None, 5)), None)
    assert (caller.networks_setting, caller.projects_setting) == ("5", "")
    assert caller.may(Verb.ARRIVALS)
    assert not caller.may(Verb.SEE)


@pytest.mark.parametrize("place", [(None, None, None), (EAST, None, None), (None, TEA, None)])
@pytest.mark.parametrize("role", [each for each in Role if each is not Role.INSTALLER])
@pytest.mark.parametrize("projects", [None, [TEA], [TEA, RICE, FISH]])
def test_a_token_never_may_what_its_maker_may_not(
    place: tuple[int | None, int | None, int | None], role: Role, projects: list[int] | None
) -> None:
    person, now = row((role.value, *place)), datetime(2026, 11, 30, tzinfo=UTC)
    maker = caller_of_person(person, None)
    token = caller_of_token(TokenRow(1, "x", projects, list(Scope), now, now, None, False, person))
    freezes_not = [scope for scope in Scope if scope not in (Scope.SUBMISSIONS, Scope.WATCH)]
    reports = caller_of_token(TokenRow(1, "x", projects, freezes_not, now, now, None, False, person))
    looks = caller_of_token(TokenRow(1, "x", projects, [Scope.READINGS], now, now, None, False, person))
    assert not any(looks.may(Verb.REPORT, project_id) for project_id in (TEA, RICE, FISH))
    for project_id in (TEA, RICE, FISH):
        allowed = {verb for verb in Verb if token.may(verb, project_id)}
        assert allowed <= {verb for verb in Verb if maker.may(verb, project_id)}
        assert allowed <= {Verb.SEE, Verb.ARRIVALS, Verb.REPORT, Verb.OPERATE}
        assert not reports.may(Verb.OPERATE, project_id)
        assert not allowed or projects is None or project_id in projects
    assert (Scope.METRICS in token.scopes) == (place == (None, None, None))


def test_the_database_says_the_same(installation: Installation) -> None:
    connection = installation.connection
    aoki = installation.person(
        "aoki",
        installation.at(Role.OPERATOR, installation.west),
        Grant(Role.VIEWER, place_of(connection, project="loose")),
        Grant(Role.INSTALLER, place_of(connection, network="tea-net")),
    )
    connection.execute(
        "insert into project_share values (%s, %s, 'viewer')", (installation.project("tea"), installation.west)
    )
    caller = installation.caller("aoki")
    assert caller.roles == {
        installation.project("rice"): Role.OPERATOR,
        installation.project("fish"): Role.OPERATOR,
        installation.project("tea"): Role.VIEWER,
        installation.project("loose"): Role.VIEWER,
    }
    assert caller.networks == {installation.network("tea-net")}
    assert [seat.code for seat in caller.seats] == ["990001"]
    assert (caller.person_id, caller.login, caller.department) == (aoki, "aoki", "農業振興課")


def test_choosing_an_organisation_lasts_in_the_session(installation: Installation) -> None:
    aoki = installation.person(
        "aoki", installation.at(Role.VIEWER, installation.east), installation.at(Role.VIEWER, installation.west)
    )
    secret = installation.sign_in("aoki")
    caller = installation.access.caller_of_session(secret)
    assert caller is not None
    assert not installation.access.choose(caller, 99)
    assert installation.access.choose(caller, installation.east)
    caller = installation.again().caller_of_session(secret)
    assert caller is not None
    assert (caller.chosen, set(caller.roles)) == (installation.east, {installation.project("tea")})
    place = place_of(installation.connection, organisation="222160")
    set_membership(installation.connection, COMMAND, aoki, place, None)
    caller = installation.again().caller_of_session(secret)
    assert caller is not None
    assert installation.project("tea") not in caller.roles
