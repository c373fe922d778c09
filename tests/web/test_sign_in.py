"""Signing in and out: cookies, forms that others send, links that work once, and where people are led."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import httpx
import pyotp
import pytest

from ingest.access.links import Purpose
from ingest.access.roles import Role
from ingest.web.dependencies import Door
from tests.fixtures.browser import Watched
from tests.fixtures.database import Database
from tests.web.townhall import EVERYBODY, PASSWORD, Townhall, csrf_of, townhall

_logins = count(1)


def login() -> str:
    return f"clerk-{next(_logins)}"


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field) as running_town:
        running_town.person(login(), EVERYBODY)
        yield running_town


def with_password(town: Townhall, name: str) -> int:
    """A person who has set their password by a link."""
    person = town.person(name, town.in_city(Role.VIEWER))
    with town.browser() as client:
        answer = client.post(town.link(person, Purpose.PASSWORD), data={"password": PASSWORD, "again": PASSWORD})
        assert answer.status_code == 303, answer.text
    return person


def entered(client: httpx.Client, name: str, to: str = "/jobs", password: str = PASSWORD) -> httpx.Response:
    return client.post("/sign-in", data={"login": name, "password": password, "to": to})


def test_a_password_signs_in_and_leads_to_where_one_was_going(town: Townhall) -> None:
    with_password(town, name := login())
    with town.browser() as client:
        answer = entered(client, name)
        assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("noroshi=")
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        page = client.get("/jobs")
        assert page.status_code == 200
        assert name in page.text
        assert client.get("/sign-in?to=/jobs").headers["location"] == "/jobs", "who is signed in goes on"


def test_by_https_the_cookie_is_kept_from_everything_else(field: Database) -> None:
    with townhall(field, Door(url="https://noroshi.example.lg.jp", https=True)) as town:
        person = town.person(login(), town.in_city(Role.VIEWER))
        answer = httpx.post(
            f"{town.address}{town.link(person)}", headers={"Origin": "https://noroshi.example.lg.jp"}, timeout=60
        )
        assert answer.headers["set-cookie"].startswith("__Host-noroshi=")
        assert "Secure" in answer.headers["set-cookie"]
        plain = httpx.post(f"{town.address}{town.link(person)}", headers={"Origin": town.address}, timeout=60)
        assert plain.status_code == 403, "a page read without https may be anybody's"


def test_a_wrong_guess_is_told_the_same_whoever_it_is(town: Townhall) -> None:
    with_password(town, name := login())
    with town.browser() as client:
        answers = [entered(client, who, password="x" * 20) for who in (name, "nobody-at-all")]
    assert {answer.status_code for answer in answers} == {422}
    one, other = (answer.text.replace(name, "L").replace("nobody-at-all", "L") for answer in answers)
    assert one.partition("<main")[2] == other.partition("<main")[2]
    assert 'role="alert"' in one
    assert "aria-invalid" in one


def test_the_code_is_asked_for_in_a_second_step_without_the_password_in_the_page(town: Townhall) -> None:
    person = with_password(town, name := login())
    key = pyotp.random_base32()
    town.connection.execute("update person set totp_key = %s where person_id = %s", (key, person))
    with town.browser() as client:
        second = entered(client, name)
        assert second.status_code == 200
        assert PASSWORD not in second.text
        ticket = second.text.partition('name="ticket" value="')[2].partition('"')[0]
        wrong = client.post("/sign-in", data={"ticket": ticket, "code": "000000", "to": "/jobs"})
        assert wrong.status_code == 422
        again = wrong.text.partition('name="ticket" value="')[2].partition('"')[0]
        assert client.post("/sign-in", data={"ticket": ticket, "code": "000000"}).status_code == 422
        code = pyotp.TOTP(key).now()
        done = client.post("/sign-in", data={"ticket": again, "code": code, "to": "/jobs"})
        assert (done.status_code, done.headers["location"]) == (303, "/jobs")


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example", "\t//evil.example", "x"])
def test_nobody_is_led_to_another_host(town: Townhall, to: str) -> None:
    with_password(town, name := login())
    with town.browser() as client:
        assert entered(client, name, to).headers["location"] == "/"


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(town: Townhall) -> None:
    attacker = town.person(login(), town.in_city(Role.VIEWER, "ina"))
    with_password(town, name := login())
    with town.browser(attacker) as planted, town.browser() as victim:
        secret = planted.cookies["noroshi"]
        victim.cookies.set("noroshi", secret, domain="127.0.0.1", path="/")
        entered(victim, name)
        assert secret not in [cookie.value for cookie in victim.cookies.jar][-1:]
        assert planted.get("/jobs").status_code == 303, "and the planted one is over"
        planted.cookies.set("noroshi", "A" * 43, domain="127.0.0.1", path="/")
        assert planted.get("/jobs").status_code == 303


def test_a_form_from_elsewhere_does_nothing(town: Townhall) -> None:
    person = with_password(town, name := login())
    with town.browser() as client:
        for origin in (
            "https://evil.example",
            "null",
            f"{town.address}.evil.example",
            "http://127.0.0.1:1",
            "http://[",
        ):
            data = {"login": name, "password": PASSWORD}
            assert client.post("/sign-in", data=data, headers={"Origin": origin}).status_code == 403, origin
            assert client.post(town.link(person), headers={"Origin": origin}).status_code == 403, origin
    assert (
        httpx.post(f"{town.address}/sign-in", data={"login": name, "password": PASSWORD}, timeout=60).status_code == 403
    )
    referer = {"Referer": f"{town.address}/sign-in"}
    data = {"login": name, "password": PASSWORD}
    assert httpx.post(f"{town.address}/sign-in", data=data, headers=referer, timeout=60).status_code == 303


def test_signing_out_takes_the_value_of_this_session(town: Townhall) -> None:
    one, other = town.person(login(), town.in_city(Role.VIEWER)), town.person(login(), town.in_city(Role.VIEWER))
    with town.browser(one) as client, town.browser(other) as stranger:
        foreign, own = csrf_of(stranger), csrf_of(client)
        assert own != foreign
        for data in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": own[:-1]}):
            assert client.post("/sign-out", data=data).status_code == 403
        assert (
            client.post("/sign-out", data={"csrf": own}, headers={"Origin": "https://evil.example"}).status_code == 403
        )
        assert client.get("/jobs").status_code == 200, "still signed in"
        secret = client.cookies["noroshi"]
        assert client.post("/sign-out", data={"csrf": own}).headers["location"] == "/sign-in"
        replayed = httpx.get(
            f"{town.address}/jobs", cookies={"noroshi": secret}, headers={"Accept": "text/html"}, timeout=60
        )
        assert replayed.status_code == 303, "the old cookie opens nothing"
        assert stranger.get("/jobs").status_code == 200


def test_signing_out_has_the_browser_forget_what_it_saw(town: Townhall) -> None:
    with town.browser(town.person(login(), town.in_city(Role.VIEWER))) as client:
        secret, own = client.cookies["noroshi"], csrf_of(client)
        assert client.get("/jobs").headers["Cache-Control"] == "no-store"
        answer = client.post("/sign-out", data={"csrf": own})
        assert answer.headers["Clear-Site-Data"] == '"cache"'
        assert 'noroshi=""' in answer.headers["set-cookie"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
    for path in ("/jobs", "/account", "/api/v1/projects"):
        replayed = httpx.get(
            f"{town.address}{path}", cookies={"noroshi": secret}, headers={"Accept": "text/html"}, timeout=60
        )
        assert replayed.status_code in (303, 401), path
    forged = httpx.post(
        f"{town.address}/account/sessions/end", data={"csrf": own}, cookies={"noroshi": secret},
        headers={"Origin": town.address}, timeout=60,
    )  # fmt: skip
    assert forged.status_code == 401
    assert town.connection.execute("select 1 from web_session where csrf = %s", (own,)).fetchone() is None


def test_an_installer_begins_at_the_arrivals(town: Townhall) -> None:
    person = town.person(name := login(), town.in_network(Role.INSTALLER))
    with town.browser() as client:
        client.post(town.link(person, Purpose.PASSWORD), data={"password": PASSWORD, "again": PASSWORD})
        first = client.get(entered(client, name, "/").headers["location"])
        assert (first.status_code, first.headers["location"]) == (303, "/arrivals")
        assert client.get("/arrivals").status_code == 200
        assert client.get("/quarantine").status_code == 403, "the other pages say no"
        assert (name, "/") not in town.entries("access_refused")


def test_two_tabs_have_one_session_and_a_form_of_the_old_one_is_refused(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    with town.browser(person) as client:
        first = csrf_of(client)
        assert csrf_of(client) == first, "the second tab carries the same"
        client.post(town.link(person))  # signed in anew in the second tab
        refused = client.post("/sign-out", data={"csrf": first})
        assert refused.status_code == 403
        assert "画面を開き直して" in refused.text


def test_a_link_is_looked_at_often_and_used_once(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    path = town.link(person)
    with town.browser() as client:
        for _ in range(3):  # programs that read mail
            seen = client.get(path)
            assert seen.status_code == 200
            assert "set-cookie" not in seen.headers
        assert seen.headers["Referrer-Policy"] == "strict-origin"
        assert seen.headers["Cache-Control"] == "no-store"
        assert client.post(path).status_code == 303
        assert client.post(path).status_code == 410
        assert client.get(path).status_code == 410
        assert client.get("/link/" + "A" * 43).text.partition("<main")[2] == client.get(path).text.partition("<main")[2]
        assert client.get(town.link(person, lasts=timedelta(seconds=-1))).status_code == 410


def test_a_password_link_wants_it_twice_and_long(town: Townhall) -> None:
    path = town.link(town.person(login(), town.in_city(Role.VIEWER)), Purpose.PASSWORD)
    with town.browser() as client:
        assert client.post(path, data={"password": PASSWORD, "again": PASSWORD + "!"}).status_code == 422
        assert "もっと長い" in client.post(path, data={"password": "short", "again": "short"}).text
        assert client.post(path, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303


def test_a_form_is_bounded_and_plain(town: Townhall) -> None:
    with town.browser() as client:
        assert client.post("/sign-in", data={"login": "x" * 140_000}).status_code == 413
        many = {f"f{n}": "x" for n in range(200)}
        assert client.post("/sign-in", data=many).status_code in (400, 422)
        assert client.post("/sign-in", files={"login": b"x"}).status_code in (400, 415, 422)


def test_the_secret_of_a_link_is_not_in_the_audit_log(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    path = town.link(person)
    httpx.post(f"{town.address}{path}", headers={"Origin": "https://evil.example"}, timeout=60)
    text = town.connection.execute("select string_agg(subject || coalesce(after, ''), ' ') from audit_entry").fetchone()
    assert path.removeprefix("/link/") not in str(text)


def test_a_browser_signs_in_by_link_and_by_password(town: Townhall, browser_page: Watched) -> None:
    """The policy of the link page must leave the browser an Origin to send."""
    person = town.person(name := login(), town.in_city(Role.VIEWER))
    page = browser_page.page
    page.goto(f"{town.address}{town.link(person, Purpose.PASSWORD)}")
    page.get_by_label("新しいパスワード", exact=True).fill(PASSWORD)
    page.get_by_label("新しいパスワード(もう一度)").fill(PASSWORD)
    page.get_by_role("button", name="設定してサインイン").click()
    page.get_by_role("button", name="サインアウト").click()
    page.get_by_label("ログイン名").fill(name)
    page.get_by_label("パスワード").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="サインイン").click()
    assert page.get_by_label("パスワード").evaluate("e => e === document.activeElement")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="サインイン").click()
    assert page.get_by_text(name).is_visible()
