"""Signing in at an OpenID provider over HTTP: from the button to the page somebody was going to."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from ingest.settings.sign_in import OpenIdSettings, SignInSettings
from ingest.web.dependencies import Door
from tests.access.open_id.provider import CLIENT, SECRET, Provider, providing
from tests.fixtures.browser import Watched
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.web.townhall import EVERYBODY, Townhall, townhall

_people = count(1)
BUTTON = "職員ログイン"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing({}) as running:
        yield running


@pytest.fixture(scope="module")
def town(field: Database, provider: Provider) -> Iterator[Townhall]:
    """The provider leads the browser back to `web.url`, so the address is known before the site runs."""
    roles = [{"value": "field", "role": "viewer", "project": "fukuroi"}]
    settings = {
        "issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "title": BUTTON, "roles": roles,
    }  # fmt: skip
    sign_in = SignInSettings(open_id=OpenIdSettings.model_validate(settings))
    port = free_port()
    with townhall(field, Door(url=f"http://127.0.0.1:{port}", sign_in=sign_in), port=port) as running_town:
        running_town.person("open-id-root", EVERYBODY)
        yield running_town


@pytest.fixture
def somebody(provider: Provider) -> Iterator[dict[str, Any]]:
    """Whoever signs in at the provider in this test."""
    number = next(_people)
    provider.person = {
        "sub": f"sub-{number}", "preferred_username": f"staff-{number}", "name": f"職員 {number}", "groups": ["field"],
    }  # fmt: skip
    yield provider.person
    provider.denies = ""


def at_the_provider(client: httpx.Client, to: str = "/jobs") -> str:
    """Begin, sign in there, and give the address that the browser is led back to."""
    begun = client.get("/sign-in/open-id", params={"to": to})
    assert begun.status_code == 303, begun.text
    led = httpx.get(begun.headers["location"], trust_env=False, timeout=60)
    assert led.status_code == 302
    return led.headers["location"]


def test_somebody_signs_in_and_comes_to_the_page_they_asked_for(town: Townhall, somebody: dict[str, Any]) -> None:
    with town.browser() as client:
        assert client.get("/jobs?lang=ja").headers["location"] == "/sign-in?to=%2Fjobs%3Flang%3Dja"
        page = client.get("/sign-in?to=/jobs").text
        assert BUTTON in page
        assert 'href="/sign-in/open-id?to=/jobs"' in page
        answer = client.get(at_the_provider(client))
        assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")
        assert "noroshi-open-id" not in client.cookies
        assert somebody["name"] in client.get("/jobs").text
    assert (somebody["preferred_username"],) * 2 in town.entries("signed_in")


def test_who_refuses_at_the_provider_is_told_so_and_not_signed_in(
    town: Townhall, provider: Provider, somebody: dict[str, Any]
) -> None:
    provider.denies = "access_denied"
    with town.browser() as client:
        answer = client.get(at_the_provider(client))
        assert answer.status_code == 502
        assert 'role="alert"' in answer.text
        assert BUTTON in answer.text, "and may try again"
        assert "access_denied" not in answer.text
        assert client.get("/jobs").status_code == 303
    assert (somebody["preferred_username"],) * 2 not in town.entries("signed_in")


def test_the_answer_counts_in_the_browser_that_began_and_once(town: Townhall, somebody: dict[str, Any]) -> None:
    with town.browser() as client, town.browser() as other, town.browser() as third:
        mine = at_the_provider(client)
        at_the_provider(other)  # it has a cookie, of a sign-in of its own
        for stranger in (other, third):
            refused = stranger.get(mine if stranger is other else at_the_provider(client))
            assert refused.status_code == 502
            assert stranger.get("/jobs").status_code == 303
        assert client.get(mine).status_code == 502, "what somebody else tried is over"
        cookies_before = at_the_provider(client)
        kept = client.cookies["noroshi-open-id"]
        assert client.get(cookies_before).status_code == 303
        client.cookies.clear()
        client.cookies.set("noroshi-open-id", kept, domain="127.0.0.1", path="/")
        assert client.get(cookies_before).status_code == 502, "twice"
        assert client.get("/jobs").status_code == 303
    assert somebody["sub"]


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\\\evil.example"])
def test_nobody_is_led_elsewhere_afterwards(town: Townhall, somebody: dict[str, Any], to: str) -> None:
    with town.browser() as client:
        assert client.get(at_the_provider(client, to)).headers["location"] == "/"
    assert somebody["sub"]


def test_somebody_without_roles_comes_in_and_is_told_whom_to_ask(town: Townhall, somebody: dict[str, Any]) -> None:
    somebody["groups"] = []
    with town.browser() as client:
        assert client.get(at_the_provider(client, "/")).status_code == 303
        page = client.get("/")
        assert page.status_code == 403
        assert somebody["name"] in page.text
        assert "あなたの団体の管理者" in page.text
        assert client.get("/account").status_code == 200


def test_the_button_works_in_a_browser(town: Townhall, somebody: dict[str, Any], browser_page: Watched) -> None:
    page = browser_page.page
    page.goto(f"{town.address}/jobs")
    page.get_by_role("link", name=BUTTON).click()
    page.wait_for_url(f"{town.address}/jobs")
    assert page.get_by_text(somebody["name"]).is_visible()
    page.get_by_role("button", name="サインアウト").click()
    page.wait_for_url(f"{town.address}/sign-in")
    assert browser_page.complaints == []
