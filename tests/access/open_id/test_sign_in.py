"""Signing in at a provider: the good one comes in, and nobody else does.

The provider is ours (provider.py): it speaks HTTP as the real ones do, and can be made to lie. Entra ID and Keycloak
themselves are not here.
"""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.access.open_id import database as tables
from ingest.access.open_id.sign_in import Admitted
from ingest.access.signing_in import Refused
from tests.access.open_id.browser import Installation, answer
from tests.access.open_id.provider import Provider, new_key
from tests.fixtures.database import Database


def nobody(installation: Installation) -> bool:
    return installation.all("select 1 from person union all select 1 from membership") == []


def test_somebody_signs_in(installation: Installation) -> None:
    admitted = installation.sign_in("/devices?state=late")
    assert admitted == Admitted(1, "sato", "/devices?state=late")
    assert installation.all("select login, name, department, issuer, subject, password_hash from person") == [
        ("sato", "佐藤 花子", "農林課", installation.provider.issuer, "0001", None)
    ]
    assert installation.all(
        "select role, organisation_id, code, source from membership left join project using (project_id)"
    ) == [("viewer", None, "tea", "oidc")]
    assert installation.all("select action, actor, subject from audit_entry order by entry_id") == [
        ("person_added", "service", "sato"), ("membership_changed", "service", "sato"),
    ]  # fmt: skip
    assert installation.all("select * from oidc_request") == []


def test_secrets_are_in_the_table_as_digests_only(installation: Installation) -> None:
    begun = installation.begin()
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.address).query).items()}
    [row] = installation.all("select * from oidc_request")
    assert begun.cookie not in str(row)
    assert asked["state"] not in str(row)
    assert begun.cookie not in begun.address
    assert asked["scope"] == "openid profile"
    assert begun.lives_s == 600


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("with_hash", [False, True])
def test_every_algorithm_of_the_list_is_believed(
    installation: Installation, provider: Provider, algorithm: str, *, with_hash: bool
) -> None:
    provider.algorithm, provider.with_hash = algorithm, with_hash
    provider.key = provider.key if algorithm in ("RS256", "PS256") else new_key(algorithm)
    assert isinstance(installation.sign_in(), Admitted)


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"], None])
def test_the_secret_goes_as_the_provider_wants_it(
    installation: Installation, provider: Provider, methods: list[str] | None
) -> None:
    provider.description["token_endpoint_auth_methods_supported"] = methods
    assert isinstance(installation.sign_in(), Admitted)


LIES: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://other.example"}, "iss"),
    ({"iss": None}, "iss"),
    ({"aud": "somebody-else"}, "aud"),
    ({"aud": ["noroshi", "other"]}, "azp"),
    ({"aud": ["noroshi", "other"], "azp": "other"}, "azp"),
    ({"azp": "other"}, "azp"),
    ({"aud": None}, "aud"),
    ({"nonce": "another"}, "nonce"),
    ({"nonce": None}, "nonce"),
    ({"exp": 1}, "exp"),
    ({"exp": None}, "exp"),
    ({"exp": "9999999999"}, "exp"),
    ({"exp": True}, "exp"),
    ({"iat": 9_999_999_999}, "future"),
    ({"iat": None}, "iat"),
    ({"nbf": 9_999_999_999}, "not yet"),
    ({"at_hash": "x"}, "at_hash"),
    ({"at_hash": 7}, "at_hash"),
    ({"sub": None}, "sub"),
    ({"sub": ""}, "sub"),
    ({"sub": "a\0b"}, "sub"),
    ({"sub": 7}, "sub"),
]


@pytest.mark.parametrize(("lie", "named"), LIES)
def test_a_wrong_claim_lets_nobody_in(
    installation: Installation, provider: Provider, lie: dict[str, Any], named: str
) -> None:
    provider.claims = lie
    why, detail, told = installation.refused()
    assert (why, told) == ("bad_token", "provider")
    assert named in detail
    assert nobody(installation)


def test_clocks_may_be_a_minute_apart(installation: Installation) -> None:
    installation.later = timedelta(minutes=5, seconds=50)
    assert isinstance(installation.sign_in(), Admitted)
    installation.later = timedelta(minutes=6, seconds=10)
    assert installation.refused()[1].startswith("expired")
    installation.later = timedelta(seconds=-50)
    assert isinstance(installation.sign_in(), Admitted)
    installation.later = timedelta(seconds=-70)
    assert "future" in installation.refused()[1]


@pytest.mark.parametrize(
    ("algorithm", "why"), [("none", "bad_algorithm"), ("HS256", "bad_algorithm"), ("RS512", "bad_algorithm")]
)
def test_an_algorithm_beside_the_list_lets_nobody_in(
    installation: Installation, provider: Provider, algorithm: str, why: str
) -> None:
    provider.algorithm = algorithm
    assert installation.refused()[0] == why
    assert nobody(installation)


def test_a_token_signed_by_another_key_of_the_same_name_lets_nobody_in(
    installation: Installation, provider: Provider
) -> None:
    right = provider.keys()["keys"]
    provider.key, provider.published = new_key(kid=right[0]["kid"]), right
    why, detail, _ = installation.refused()
    assert (why, detail) == ("bad_token", "signature or form: BadSignatureError")
    assert nobody(installation)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", ".".join(["e30"] * 3), "x" * 200_000, "[" * 5_000])
def test_what_is_no_token_lets_nobody_in(installation: Installation, provider: Provider, token: str) -> None:
    provider.id_token = token or " "
    assert installation.refused()[0] in ("bad_token", "bad_algorithm")
    assert nobody(installation)


def test_a_token_of_another_sign_in_lets_nobody_in(installation: Installation, provider: Provider) -> None:
    assert isinstance(installation.sign_in(), Admitted)
    provider.id_token = provider.issued[-1]
    assert installation.refused()[:2] == ("bad_token", "nonce")


def test_keys_that_rotate_are_fetched_again_but_not_more_often_than_once_a_minute(
    installation: Installation, provider: Provider
) -> None:
    assert isinstance(installation.sign_in(), Admitted)
    provider.key = new_key()
    assert installation.refused()[0] == "unknown_key"
    assert provider.asked.count("/keys") == 1
    installation.elapsed_s = 61
    assert isinstance(installation.sign_in(), Admitted)
    assert provider.asked.count("/keys") == 2
    provider.kid = "made-up"
    installation.elapsed_s = 100
    assert installation.refused()[0] == "unknown_key"
    assert provider.asked.count("/keys") == 2


def test_a_withdrawn_key_is_believed_for_a_quarter_of_an_hour_at_most(
    installation: Installation, provider: Provider
) -> None:
    assert isinstance(installation.sign_in(), Admitted)
    provider.published = []
    assert isinstance(installation.sign_in(), Admitted)
    installation.elapsed_s = 901
    assert installation.refused()[0] == "unknown_key"


def test_keys_for_other_uses_are_no_keys(installation: Installation, provider: Provider) -> None:
    own = provider.keys()["keys"][0]
    for change in ({"use": "enc"}, {"alg": "PS256"}, {"kty": "oct", "k": "AAAA"}, {"n": "AQAB"}, {"n": "!" * 350}):
        provider.published = [own | change]
        installation.elapsed_s += 1_000
        assert installation.refused()[0] == "unknown_key"
    provider.published = [7, None, {}, own]
    installation.elapsed_s += 1_000
    assert isinstance(installation.sign_in(), Admitted)


def test_a_key_of_512_bits_lets_nobody_in(installation: Installation, provider: Provider) -> None:
    provider.published = [provider.keys()["keys"][0] | {"n": "w" * 86}]
    assert installation.refused()[0] == "unknown_key"


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://login.example/authorize"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": "http://[::1"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://login.example/\r\nSet-Cookie: a=b"},
    ],
)
def test_a_description_of_somebody_else_is_not_believed(
    installation: Installation, provider: Provider, description: dict[str, Any]
) -> None:
    provider.description = description
    assert isinstance(installation.open_id.begin("/"), Refused)
    assert installation.all("select 1 from oidc_request") == []


def test_the_issuer_is_compared_to_the_letter(any_database: Database, provider: Provider) -> None:
    provider.description = {}
    here = Installation(any_database, provider, issuer=f"{provider.issuer}/")
    assert isinstance(here.open_id.begin("/"), Refused)


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize("knob", ["huge", "packed"])
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_an_answer_that_is_huge_or_packed_is_not_read(
    installation: Installation, provider: Provider, knob: str, path: str
) -> None:
    getattr(provider, knob).add(path)
    outcome = installation.open_id.begin("/") if path == DISCOVERY else installation.sign_in()
    assert isinstance(outcome, Refused)
    assert nobody(installation)


def test_the_log_says_that_an_answer_was_compressed(installation: Installation, provider: Provider) -> None:
    provider.packed.add("/token")
    assert installation.refused()[1].endswith(": compressed")


@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_a_redirect_is_not_followed(installation: Installation, provider: Provider, path: str) -> None:
    provider.redirects[path] = f"{provider.issuer}/elsewhere"
    outcome = installation.open_id.begin("/") if path == DISCOVERY else installation.sign_in()
    assert isinstance(outcome, Refused)
    assert "/elsewhere" not in provider.asked
    assert nobody(installation)


@pytest.mark.parametrize("garbage", [b"", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"keys": 7}', b'{"id_token": 7}'])
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_garbage_lets_nobody_in(installation: Installation, provider: Provider, garbage: bytes, path: str) -> None:
    provider.garbage[path] = garbage
    outcome = installation.open_id.begin("/") if path == DISCOVERY else installation.sign_in()
    assert isinstance(outcome, Refused)
    assert nobody(installation)


@pytest.mark.parametrize("way", ["silent", "drips"])
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_a_slow_provider_is_given_up(any_database: Database, provider: Provider, path: str, way: str) -> None:
    here = Installation(any_database, provider, timeout_s=0.5)
    provider.slow |= {path: 2.0} if way == "silent" else {}
    provider.drips |= {path} if way == "drips" else set()
    outcome = here.open_id.begin("/") if path == DISCOVERY else here.sign_in()
    assert isinstance(outcome, Refused)
    assert nobody(here)


def test_a_provider_that_is_away_lets_nobody_in(any_database: Database, provider: Provider) -> None:
    here = Installation(any_database, provider, issuer="http://127.0.0.1:9")
    assert isinstance(here.open_id.begin("/"), Refused)


def test_an_error_of_the_provider_lets_nobody_in(installation: Installation, provider: Provider) -> None:
    provider.denies = "access_denied"
    assert installation.refused() == ("provider_error", "access_denied", "provider")
    assert installation.all("select 1 from oidc_request") == []


def test_an_answer_works_once(installation: Installation) -> None:
    begun = installation.begin()
    given = answer(begun)
    assert isinstance(installation.open_id.finish(given, ""), Admitted)
    assert installation.refused(given=given)[0] == "unknown_state"


def test_a_code_works_once(installation: Installation) -> None:
    given = answer(installation.begin())
    assert isinstance(installation.open_id.finish(given, ""), Admitted)
    second = answer(installation.begin())
    assert installation.refused(given=replace(second, code=given.code))[0] == "bad_answer"


def test_a_code_of_another_sign_in_is_worth_nothing(installation: Installation) -> None:
    """A code that was stolen before it was used: the verifier of PKCE stands with the state it was asked for by."""
    stolen, own = answer(installation.begin()), answer(installation.begin())
    assert installation.refused(given=replace(own, code=stolen.code))[0] == "bad_answer"
    assert nobody(installation)


@pytest.mark.parametrize("cookie", ["", "another", "\ud800"])
def test_another_browser_is_not_signed_in(installation: Installation, cookie: str) -> None:
    begun = installation.begin()
    given = answer(begun)
    assert installation.refused(given=replace(given, cookie=cookie))[0] == "other_browser"
    assert installation.refused(given=given)[0] == "unknown_state"  # it was used up
    assert nobody(installation)


def test_an_answer_after_ten_minutes_is_late(installation: Installation) -> None:
    begun = installation.begin()
    installation.later = timedelta(minutes=10)
    assert installation.refused(begun)[0] == "unknown_state"


def test_an_answer_of_another_issuer_is_refused(installation: Installation) -> None:
    given = answer(installation.begin())
    assert installation.refused(given=replace(given, issuer="https://other.example"))[0] == "bad_answer"


def test_nothing_begun_nothing_answered(installation: Installation) -> None:
    given = replace(answer(installation.begin()), state="\ud800 made up")
    assert installation.refused(given=given)[0] == "unknown_state"


def test_open_requests_are_bounded_and_the_oldest_go(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MOST_OPEN", 3)
    begun = []
    for seconds in range(5):
        installation.later = timedelta(seconds=seconds)
        begun.append(installation.begin())
    assert installation.all("select count(*) from oidc_request") == [(3,)]
    assert installation.refused(begun[1])[0] == "unknown_state"
    assert isinstance(installation.open_id.finish(answer(begun[2]), ""), Admitted)
    installation.later = timedelta(minutes=20)
    installation.begin()
    assert installation.all("select count(*) from oidc_request") == [(1,)]


@pytest.mark.parametrize(
    "goes_to",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", "", "/" + "a" * 3_000],
)
def test_nobody_is_led_elsewhere(installation: Installation, goes_to: str) -> None:
    admitted = installation.sign_in(goes_to)
    assert isinstance(admitted, Admitted)
    assert admitted.goes_to == "/"


def test_threads_that_wait_for_a_slow_provider_are_bounded(any_database: Database, provider: Provider) -> None:
    here = Installation(any_database, provider, timeout_s=3)
    provider.slow[DISCOVERY] = 3.0
    outcomes: list[str] = []
    barrier = Barrier(12)

    def begin() -> None:
        barrier.wait()
        outcome = here.open_id.begin("/")
        outcomes.append(outcome.why.value if isinstance(outcome, Refused) else "begun")

    threads = [Thread(target=begin) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("wait") == 4
