"""Sessions: always new, over in time whatever the clock does, ended one by one and all at once."""

from datetime import datetime, timedelta

import pytest

from ingest.access.authority import NotThere
from ingest.access.database.lookups import PersonRow, SessionRow
from ingest.access.people import disable_person, list_sessions, revoke_sessions, set_membership
from ingest.access.places import Place
from ingest.access.roles import Role, Verb
from ingest.access.sessions import Lifetime
from ingest.settings.sign_in import SignInSettings
from tests.access.installation import COMMAND, Clock, Installation


def seen_at(installation: Installation) -> datetime:
    found = installation.one("select seen_at from web_session")
    assert isinstance(found, datetime)
    return found


def test_each_sign_in_has_a_secret_and_a_csrf_value_of_its_own(installation: Installation) -> None:
    installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    first, second = installation.sign_in("aoki"), installation.sign_in("aoki")
    callers = [installation.access.caller_of_session(secret) for secret in (first, second)]
    assert first != second
    assert len({caller.csrf for caller in callers if caller is not None}) == 2


def test_the_database_has_no_secret(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    assert installation.one("select count(*) from web_session w where w::text like %s", f"%{secret}%") == 0
    assert installation.one("select count(*) from audit_entry e where e::text like %s", f"%{secret}%") == 0


@pytest.mark.parametrize("secret", ["", "x", "é" * 43, "a" * 43, "a" * 100_000, "noroshi_" + "a" * 43])
def test_what_is_no_secret_of_ours_is_nobody(installation: Installation, secret: str) -> None:
    assert installation.access.caller_of_session(secret) is None
    assert installation.access.caller_of_token(secret) is None
    assert installation.access.open_link(secret) is None


def test_a_session_without_a_request_is_over_after_its_idle_time(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    installation.clock.turn(minutes=59)
    assert installation.access.caller_of_session(secret) is not None
    installation.clock.turn(minutes=59)
    assert installation.access.caller_of_session(secret) is not None
    installation.clock.turn(minutes=60)
    assert installation.access.caller_of_session(secret) is None
    assert installation.one("select count(*) from web_session") == 0


def test_a_session_in_use_is_over_after_its_absolute_time(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    for _ in range(23):
        installation.clock.turn(minutes=30)
        assert installation.access.caller_of_session(secret) is not None
    installation.clock.turn(minutes=30)
    assert installation.access.caller_of_session(secret) is None


def test_the_last_use_is_written_once_a_minute(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    began = seen_at(installation)
    installation.clock.turn(seconds=57)
    installation.access.caller_of_session(secret)
    assert seen_at(installation) == began
    installation.clock.turn(seconds=3)
    installation.access.caller_of_session(secret)
    assert seen_at(installation) == installation.clock.now
    assert seen_at(installation) > began


def test_a_clock_that_is_set_back_makes_no_session_immortal(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    installation.clock.turn(days=-365)
    assert installation.again().caller_of_session(secret) is None
    installation.clock.turn(days=365)
    assert installation.again().caller_of_session(secret) is None


def test_a_clock_that_is_set_back_after_a_session_was_over_does_not_revive_it(installation: Installation) -> None:
    for login in ("aoki", "baba"):
        installation.person(login)
    asked, not_asked = installation.sign_in("aoki"), installation.sign_in("baba")
    installation.clock.turn(minutes=61)
    assert installation.access.caller_of_session(asked) is None
    installation.clock.turn(minutes=-30)
    assert installation.access.caller_of_session(asked) is None
    assert installation.access.caller_of_session(not_asked) is None


def test_a_clock_that_is_corrected_by_seconds_ends_nothing(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    installation.clock.turn(seconds=-30)
    assert installation.again().caller_of_session(secret) is not None


def test_signing_out_ends_this_session_at_once_and_no_other(installation: Installation) -> None:
    installation.person("aoki")
    one, other = installation.sign_in("aoki"), installation.sign_in("aoki")
    caller = installation.access.caller_of_session(one)
    assert caller is not None
    installation.access.sign_out(caller)
    assert installation.access.caller_of_session(one) is None
    assert installation.access.caller_of_session(other) is not None
    assert [entry[0] for entry in installation.entries("signed_out")] == ["aoki"]


def test_signing_out_everywhere_ends_all_sessions_of_this_person_alone(installation: Installation) -> None:
    for login in ("aoki", "baba"):
        installation.person(login)
    secrets = [installation.sign_in("aoki") for _ in range(3)]
    others = installation.sign_in("baba")
    callers = [installation.access.caller_of_session(secret) for secret in secrets]
    assert callers[0] is not None
    installation.access.sign_out_everywhere(callers[0])
    assert [installation.access.caller_of_session(secret) for secret in secrets] == [None, None, None]
    assert installation.access.caller_of_session(others) is not None
    assert installation.entries("session_revoked")[0][4] == {"sessions": 3}


def test_one_session_of_ones_own_is_ended_and_nobody_elses(installation: Installation) -> None:
    for login in ("aoki", "baba"):
        installation.person(login)
    mine, others = installation.caller("aoki"), installation.caller("baba")
    lost = installation.sign_in("aoki")
    assert not installation.access.revoke_session(mine, others.session)
    found = [each for each in installation.access.sessions_of(mine) if each.digest != mine.session]
    assert installation.access.caller_of_session(lost) is not None
    assert installation.access.revoke_session(mine, found[0].digest)
    assert installation.access.caller_of_session(lost) is None


def test_an_administrator_ends_sessions_of_their_own_people_alone(installation: Installation) -> None:
    installation.person("chief", installation.at(Role.ADMIN, installation.east))
    person_id = installation.person("aoki", installation.at(Role.VIEWER, installation.east))
    stranger = installation.person("west", installation.at(Role.VIEWER, installation.west))
    by, secret = installation.by("chief"), installation.sign_in("aoki")
    assert len(list_sessions(installation.connection, by, person_id)) == 1
    assert revoke_sessions(installation.connection, by, person_id) == 1
    assert installation.again().caller_of_session(secret) is None
    for refused in (list_sessions, revoke_sessions):
        with pytest.raises(NotThere):
            refused(installation.connection, by, stranger)


def test_a_role_that_is_taken_away_is_gone_after_the_time_a_caller_is_believed(installation: Installation) -> None:
    person_id = installation.person("aoki", installation.at(Role.OPERATOR, installation.east))
    secret, tea = installation.sign_in("aoki"), installation.project("tea")
    caller = installation.access.caller_of_session(secret)
    assert caller is not None
    assert caller.may(Verb.OPERATE, tea)
    set_membership(installation.connection, COMMAND, person_id, Place(organisation_id=installation.east), Role.VIEWER)
    installation.clock.turn(seconds=2)
    caller = installation.access.caller_of_session(secret)
    assert caller is not None
    assert not caller.may(Verb.OPERATE, tea)
    assert caller.may(Verb.SEE, tea)


def test_whoever_is_disabled_has_no_session_after_that_time(installation: Installation) -> None:
    person_id = installation.person("aoki")
    secret = installation.sign_in("aoki")
    assert installation.access.caller_of_session(secret) is not None
    disable_person(installation.connection, COMMAND, person_id, installation.clock.now)
    installation.clock.turn(seconds=2)
    assert installation.access.caller_of_session(secret) is None


def test_a_caller_is_asked_of_the_database_once_in_two_seconds(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    first = installation.access.caller_of_session(secret)
    installation.connection.execute("delete from web_session")
    assert installation.access.caller_of_session(secret) is first
    installation.clock.turn(seconds=2)
    assert installation.access.caller_of_session(secret) is None


@pytest.mark.parametrize(
    ("seen", "created", "over"),
    [
        (0, 0, False),
        (-59, -719, False),
        (-60, -60, True),
        (0, -720, True),
        (1, 1, False),
        (3, 0, True),
        (0, 3, True),
        (-30, 525_600, True),
    ],
)
def test_a_session_is_over_by_its_times(seen: int, created: int, over: bool) -> None:  # noqa: FBT001
    now = Clock().now
    person = PersonRow(1, "aoki", "", "", False, [], [], [])
    session = SessionRow("", None, now + timedelta(minutes=created), now + timedelta(minutes=seen), person)
    assert Lifetime.of(SignInSettings()).is_over(session, now) is over
