"""Signing in by password, by code and by link."""

import threading
import time
from datetime import timedelta
from statistics import median

import pyotp
import pytest
from argon2 import PasswordHasher

from ingest.access.authority import ChangeRefused
from ingest.access.passwords import OWASP, Busy, Passwords
from ingest.access.people import disable_person, make_password_link, make_session_link, reset_person
from ingest.access.roles import Role
from ingest.access.signing_in import Refusal, SignedIn
from ingest.access.totp import new_enrolment
from tests.access.installation import BROWSER, CHEAP, COMMAND, HOME, LASTS, PASSWORD, Installation, why

NEW = "seven pots of slow paint"


def enrol(installation: Installation, login: str) -> pyotp.TOTP:
    enrolment = new_enrolment(login)
    totp = pyotp.TOTP(enrolment.key)
    caller = installation.caller(login)
    code = totp.at(installation.clock.now)
    assert installation.access.confirm_second_factor(caller, enrolment.key, code, HOME)
    return totp


def test_a_login_is_the_same_in_full_width_and_capitals(installation: Installation) -> None:
    installation.person("aoki")
    assert isinstance(installation.try_in(" Ａｏｋｉ "), SignedIn)
    assert installation.entries("signed_in")[0][0] == "aoki"


def test_a_password_is_the_same_from_a_japanese_keyboard(installation: Installation) -> None:
    installation.person("aoki")
    wide = "".join(chr(ord(each) + 0xFEE0) if each != " " else "\u3000" for each in PASSWORD)
    assert isinstance(installation.try_in("aoki", wide), SignedIn)


@pytest.mark.parametrize("login", ["nobody", "", "a b", "x" * 10_000, "a\0b", "\ud800", "aoki' or 1=1 --"])
@pytest.mark.parametrize("password", ["", "\0", "\ud800", "x" * 5_000])
def test_anything_else_is_wrong_in_the_same_words(installation: Installation, login: str, password: str) -> None:
    assert why(installation.try_in(login, password)) is Refusal.WRONG


def test_the_disabled_and_those_without_a_password_are_wrong_too(installation: Installation) -> None:
    installation.person("aoki", password=None)
    disable_person(installation.connection, COMMAND, installation.person("baba"), installation.clock.now)
    assert [why(installation.try_in(login)) for login in ("aoki", "baba")] == [Refusal.WRONG] * 2
    assert [entry[2] for entry in installation.entries("sign_in_refused")] == ["aoki", "baba"]


def test_an_unknown_login_takes_as_long_as_a_known_one(installation: Installation) -> None:
    installation.settings = installation.settings.model_copy(update={"attempts": 1000, "attempts_per_address": 1000})
    hasher = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)
    installation.passwords._hasher, installation.passwords._nobodys = hasher, hasher.hash("x")
    installation.access = installation.again()
    person_id = installation.person("aoki")
    installation.connection.execute(
        "update person set password_hash = %s where person_id = %s", (hasher.hash(PASSWORD), person_id)
    )
    took: dict[str, list[float]] = {"aoki": [], "nobody": []}
    for _ in range(25):
        for login, times in took.items():
            began = time.perf_counter()
            assert why(installation.try_in(login, "wrong")) is Refusal.WRONG
            times.append(time.perf_counter() - began)
    known, unknown = (median(times) for times in took.values())
    assert unknown == pytest.approx(known, rel=0.4)


def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(installation: Installation) -> None:
    person_id = installation.person("aoki")
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    installation.connection.execute("update person set password_hash = %s where person_id = %s", (older, person_id))
    installation.sign_in("aoki")
    stored = installation.one("select password_hash from person where person_id = %s", person_id)
    assert not CHEAP.check_needs_rehash(stored)
    installation.sign_in("aoki")


def test_the_hashes_we_make_are_argon2id_as_owasp_has_it() -> None:
    stored = Passwords().hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert OWASP.verify(stored, PASSWORD)


def test_more_than_two_hashes_at_once_wait_and_a_full_queue_is_told_to() -> None:
    inside, most, lock, leave = [0], [0], threading.Lock(), threading.Event()

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:  # noqa: ARG002
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            if password != "nobody's password":
                leave.wait(20)
            with lock:
                inside[0] -= 1
            return "hash"

    passwords, answers = Passwords(Slow()), []

    def run() -> None:
        try:
            answers.append(passwords.hash("x"))
        except Busy:
            answers.append("busy")
            leave.set()

    threads = [threading.Thread(target=run) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most[0] == 2
    assert sorted(answers) == ["busy", *["hash"] * 6]


def test_strangers_leave_a_turn_to_those_who_are_known() -> None:
    passwords = Passwords(CHEAP)
    stored = passwords.hash(PASSWORD)
    began, leave = threading.Event(), threading.Event()

    def occupy() -> None:
        with passwords._turn(stranger=True):
            began.set()
            leave.wait(20)

    thread = threading.Thread(target=occupy)
    thread.start()
    began.wait(10)
    try:
        assert passwords.matches(stored, PASSWORD)
        assert not passwords._turns_of_strangers.acquire(blocking=False)
    finally:
        leave.set()
        thread.join(10)


def test_a_full_queue_answers_wait_and_the_attempt_does_not_count(installation: Installation) -> None:
    installation.person("aoki")
    installation.sign_in("aoki")

    def busy(*_: object, **__: object) -> bool:
        raise Busy

    installation.passwords.matches = busy  # type: ignore[method-assign]
    assert [why(installation.try_in("aoki")) for _ in range(30)] == [Refusal.WAIT] * 30
    assert installation.one("select max(level) from sign_in_attempt where starts_with(bucket, 'known:')") == 0


def test_a_second_factor_asks_for_its_code_and_takes_each_once(installation: Installation) -> None:
    installation.person("aoki")
    totp = enrol(installation, "aoki")
    assert why(installation.try_in("aoki")) is Refusal.CODE_NEEDED
    assert why(installation.try_in("aoki", "wrong", totp.at(installation.clock.now))) is Refusal.WRONG
    assert why(installation.try_in("aoki", code=totp.at(installation.clock.now))) is Refusal.WRONG  # it enrolled
    installation.clock.turn(seconds=30)
    code = totp.at(installation.clock.now)
    assert why(installation.try_in("aoki", code=code)) is None
    assert why(installation.try_in("aoki", code=code)) is Refusal.WRONG
    assert installation.one("select count(*) from audit_entry e where e::text like %s", f"%{code}%") == 0


@pytest.mark.parametrize(("steps", "answer"), [(-2, Refusal.WRONG), (-1, None), (1, None), (2, Refusal.WRONG)])
def test_a_code_of_one_step_before_or_after_is_taken(
    installation: Installation, steps: int, answer: Refusal | None
) -> None:
    installation.person("aoki")
    totp = enrol(installation, "aoki")
    installation.clock.turn(minutes=5)
    code = totp.at(installation.clock.now + timedelta(seconds=30 * steps))
    assert why(installation.try_in("aoki", code=code)) is answer


def test_two_with_the_same_code_at_the_same_moment_are_one(installation: Installation) -> None:
    installation.person("aoki")
    totp = enrol(installation, "aoki")
    installation.clock.turn(minutes=5)
    code, answers = totp.at(installation.clock.now), []
    threads = [
        threading.Thread(target=lambda: answers.append(why(installation.try_in("aoki", code=code)))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, answers)) == ["None", "wrong"]


def test_codes_are_guessed_no_faster_than_passwords(installation: Installation) -> None:
    installation.person("aoki")
    enrol(installation, "aoki")
    answers = [why(installation.try_in("aoki", code="000000", address=f"198.51.100.{each}")) for each in range(12)]
    assert answers == [Refusal.WRONG] * 10 + [Refusal.WAIT] * 2


def test_a_second_factor_is_not_replaced_and_is_removed_by_its_code(installation: Installation) -> None:
    installation.person("aoki")
    caller = installation.caller("aoki")
    other = new_enrolment("aoki")
    assert not installation.access.confirm_second_factor(caller, other.key, "000000")
    assert not installation.access.confirm_second_factor(caller, "A", "000000")
    totp = enrol(installation, "aoki")
    code = pyotp.TOTP(other.key).at(installation.clock.now)
    assert not installation.access.confirm_second_factor(caller, other.key, code)
    assert why(installation.access.remove_second_factor(caller, "000000")) is Refusal.WRONG
    installation.clock.turn(seconds=30)
    assert installation.access.remove_second_factor(caller, totp.at(installation.clock.now)) is None
    assert not installation.access.has_second_factor(caller)
    assert len(installation.entries("second_factor_set")) == len(installation.entries("second_factor_removed")) == 1


def test_a_link_for_a_password_works_once_and_ends_other_sessions(installation: Installation) -> None:
    person_id = installation.person("aoki")
    enrol(installation, "aoki")
    before = installation.caller("baba") if installation.person("baba") else None
    secret = reset_person(installation.connection, COMMAND, person_id, installation.clock.now, LASTS)
    assert why(installation.try_in("aoki")) is Refusal.WRONG
    access = installation.access
    assert access.open_link(secret) == "password"
    assert why(access.use_password_link(secret, "short", address=HOME, browser=BROWSER)) is Refusal.WEAK
    assert access.open_link(secret) == "password"
    assert isinstance(access.use_password_link(secret, NEW, address=HOME, browser=BROWSER), SignedIn)
    assert access.open_link(secret) is None
    assert why(access.use_password_link(secret, NEW, address=HOME, browser=BROWSER)) is Refusal.LINK_OVER
    assert isinstance(installation.try_in("aoki", NEW), SignedIn)  # the second factor is gone, too
    assert before is not None


def test_of_two_with_one_link_at_the_same_moment_one_comes_in(installation: Installation) -> None:
    person_id = installation.person("aoki")
    secret = make_session_link(installation.connection, COMMAND, person_id, installation.clock.now, LASTS)
    together, answers = threading.Barrier(6), []

    def use() -> None:
        together.wait(10)
        answers.append(installation.access.use_session_link(secret, address=HOME, browser=BROWSER))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(isinstance(each, SignedIn) for each in answers) == 1
    assert installation.one("select count(*) from web_session") == 1


def test_links_that_are_over_let_nobody_in(installation: Installation) -> None:
    person_id = installation.person("aoki", password=None)
    now = installation.clock.now

    def over(secret: str) -> bool:
        used = installation.access.use_password_link(secret, NEW, address=HOME, browser=BROWSER)
        return installation.access.open_link(secret) is None and why(used) is Refusal.LINK_OVER

    first = make_password_link(installation.connection, COMMAND, person_id, now, LASTS)
    second = make_password_link(installation.connection, COMMAND, person_id, now, LASTS)
    assert over(first)
    installation.clock.turn(hours=-1)
    assert over(second)
    installation.clock.turn(hours=1 + 72)
    assert over(second)
    third = make_password_link(installation.connection, COMMAND, person_id, installation.clock.now, LASTS)
    assert installation.access.open_link(third) == "password"
    assert why(installation.access.use_session_link(third, address=HOME, browser=BROWSER)) is Refusal.LINK_OVER
    disable_person(installation.connection, COMMAND, person_id, installation.clock.now)
    assert over(third)


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(installation: Installation) -> None:
    installation.person("aoki", installation.at(Role.VIEWER))
    lost, caller = installation.sign_in("aoki"), installation.caller("aoki")
    change = installation.access.change_password
    assert why(change(caller, "wrong", NEW)) is Refusal.WRONG
    assert why(change(caller, PASSWORD, "aoki-password-2026")) is Refusal.WEAK
    assert change(caller, PASSWORD, NEW, HOME) is None
    assert installation.access.caller_of_session(lost) is None
    assert installation.one("select count(*) from web_session") == 1
    assert why(installation.try_in("aoki")) is Refusal.WRONG
    assert isinstance(installation.try_in("aoki", NEW), SignedIn)
    answers = [why(change(caller, f"wrong {number}", NEW)) for number in range(10)]
    assert answers[-1] is Refusal.WAIT


def test_a_link_for_a_first_password_is_not_made_for_somebody_who_has_one(installation: Installation) -> None:
    person_id = installation.person("aoki")
    with pytest.raises(ChangeRefused):
        make_password_link(installation.connection, COMMAND, person_id, installation.clock.now, LASTS)


def test_no_secret_or_password_is_in_the_audit_log(installation: Installation) -> None:
    person_id = installation.person("aoki")
    secret = reset_person(installation.connection, COMMAND, person_id, installation.clock.now, LASTS)
    found = installation.access.use_password_link(secret, NEW, address=HOME, browser=BROWSER)
    assert isinstance(found, SignedIn)
    installation.try_in("aoki", "a wrong one")
    log = installation.one("select string_agg(e::text, ' ') from audit_entry e")
    assert not any(each in log for each in (secret, found.secret, NEW, PASSWORD, "a wrong one", "argon2"))


def test_somebody_made_sure_of_elsewhere_gets_a_session_unless_disabled(installation: Installation) -> None:
    person_id = installation.person("aoki", password=None)
    assert installation.access.start_session(person_id, "openid", address=HOME, browser=BROWSER) is not None
    disable_person(installation.connection, COMMAND, person_id, installation.clock.now)
    assert installation.access.start_session(person_id, "openid", address=HOME, browser=BROWSER) is None
    assert installation.access.start_session(99, "openid", address=HOME, browser=BROWSER) is None
