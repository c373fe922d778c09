"""Guessing: it is slow for guessers, costs nothing when refused, and locks no owner out."""

import threading

from ingest.access.attempts import Attempts
from ingest.access.signing_in import Refusal, Refused, SignedIn
from tests.access.installation import BROWSER, HOME, Installation, why

GUESSER = "198.51.100.66"


def guess(installation: Installation, times: int, address: str = GUESSER, login: str = "aoki") -> list[Refusal | None]:
    return [why(installation.try_in(login, f"wrong {number}", address=address)) for number in range(times)]


def test_ten_thousand_guesses_cost_ten_hashes_and_the_owner_comes_in(installation: Installation) -> None:
    installation.person("aoki")
    installation.sign_in("aoki", address=HOME)
    installation.passwords.checked = 0
    answers = guess(installation, 10_000)
    assert answers[:10] == [Refusal.WRONG] * 10
    assert set(answers[10:]) == {Refusal.WAIT}
    assert installation.passwords.checked == 10
    assert isinstance(installation.try_in("aoki", address=HOME), SignedIn)
    assert isinstance(installation.try_in("aoki", address="203.0.113.5"), SignedIn)
    assert installation.one("select count(*) from audit_entry where action = 'sign_in_refused'") == 1
    assert installation.one("select count(*) from sign_in_attempt") < 10


def test_many_guessers_leave_the_place_of_the_owner_alone(installation: Installation) -> None:
    installation.person("aoki")
    installation.sign_in("aoki", address=HOME)
    answers = [each for number in range(20) for each in guess(installation, 5, address=f"198.51.100.{number}")]
    assert answers.count(Refusal.WRONG) == 30
    assert why(installation.try_in("aoki", address="203.0.113.5")) is Refusal.WAIT
    assert isinstance(installation.try_in("aoki", address=HOME), SignedIn)


def test_after_ten_guesses_there_is_another_within_a_minute(installation: Installation) -> None:
    installation.person("aoki")
    guess(installation, 10)
    refused = installation.try_in("aoki", address=GUESSER)
    assert isinstance(refused, Refused)
    assert refused.why is Refusal.WAIT
    assert 0 < refused.retry_after_s <= 60
    installation.clock.turn(seconds=refused.retry_after_s)
    assert isinstance(installation.try_in("aoki", address=GUESSER), SignedIn)


def test_right_passwords_do_not_count(installation: Installation) -> None:
    installation.person("aoki")
    assert [why(installation.try_in("aoki")) for _ in range(40)] == [None] * 40


def test_one_address_guesses_at_fifty_accounts_and_then_waits_for_seconds(installation: Installation) -> None:
    answers = [why(installation.try_in(f"nobody{number}", address=GUESSER)) for number in range(55)]
    assert answers == [Refusal.WRONG] * 50 + [Refusal.WAIT] * 5
    refused = installation.try_in("nobody99", address=GUESSER)
    assert isinstance(refused, Refused)
    assert refused.retry_after_s <= 12
    installation.person("aoki")
    assert isinstance(installation.try_in("aoki", address=HOME), SignedIn)


def test_a_colleague_who_guesses_does_not_keep_the_office_out(installation: Installation) -> None:
    installation.person("aoki")
    installation.sign_in("aoki", address=HOME)
    for number in range(60):
        installation.try_in(f"nobody{number}", address=HOME, browser="curl")
    guess(installation, 20, address=HOME)
    assert why(installation.try_in("nobody", address=HOME)) is Refusal.WAIT
    installation.clock.turn(seconds=60)
    assert isinstance(installation.try_in("aoki", address=HOME, browser=BROWSER), SignedIn)


def test_guesses_at_the_same_moment_are_no_more_than_one_after_the_other(installation: Installation) -> None:
    installation.person("aoki")
    answers: list[Refusal | None] = []
    threads = [threading.Thread(target=lambda: answers.extend(guess(installation, 10))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 80
    assert answers.count(Refusal.WRONG) <= 10


def test_addresses_of_one_client_of_ipv6_share_a_bucket(installation: Installation) -> None:
    installation.person("aoki")
    answers = [guess(installation, 1, address=f"2001:db8:1:2::{number:x}")[0] for number in range(1, 13)]
    assert answers == [Refusal.WRONG] * 10 + [Refusal.WAIT] * 2


def test_what_is_typed_as_a_login_is_neither_in_the_log_nor_in_the_buckets(installation: Installation) -> None:
    typed = "my-secret-password-1"
    installation.try_in(typed, "x")
    installation.try_in("someone", "x")
    assert [entry[2] for entry in installation.entries("sign_in_refused")] == [""]
    rows = installation.connection.execute("select bucket from sign_in_attempt").fetchall()
    known = Attempts(installation.settings)._digest(True, typed)
    assert rows
    assert not any(typed in bucket or known in bucket for (bucket,) in rows)


def test_a_refused_login_that_exists_is_on_record_once_a_minute_with_the_number_of_guesses(
    installation: Installation,
) -> None:
    installation.person("aoki")
    guess(installation, 12)
    installation.clock.turn(seconds=61)
    guess(installation, 1)
    found = [(subject, after["times"]) for _, _, subject, _, after in installation.entries("sign_in_refused")]
    assert found == [("aoki", 1), ("aoki", 12)]


def test_a_clock_that_is_set_back_keeps_nobody_waiting(installation: Installation) -> None:
    installation.person("aoki")
    guess(installation, 11)
    installation.clock.turn(days=-1)
    assert guess(installation, 1) == [Refusal.WAIT]
    installation.clock.turn(seconds=61)
    assert guess(installation, 2) == [Refusal.WRONG, Refusal.WAIT]


def test_old_buckets_are_deleted_and_known_places_stay_ninety_days(installation: Installation) -> None:
    installation.person("aoki")
    secret = installation.sign_in("aoki")
    guess(installation, 3)
    installation.clock.turn(days=2)
    installation.access.caller_of_session(secret)
    kept = installation.connection.execute("select bucket from sign_in_attempt").fetchall()
    assert [bucket.partition(":")[0] for (bucket,) in kept] == ["known"]
    installation.clock.turn(days=91)
    installation.access.caller_of_session(secret)
    assert installation.one("select count(*) from sign_in_attempt") == 0
