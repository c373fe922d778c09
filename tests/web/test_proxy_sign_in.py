"""A proxy in front says who somebody is: they are let in by it, and by nobody else's header."""

from collections.abc import Iterator
from itertools import count

import httpx
import pytest

from ingest.access.roles import Role
from ingest.settings.sign_in import SignInSettings
from ingest.web.dependencies import Door
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.web.townhall import EVERYBODY, FORWARDED, Townhall, csrf_of, townhall

HEADER = "X-Remote-User"
_logins = count(1)


def login() -> str:
    return f"proxied-{next(_logins)}"


def door(*proxies: str) -> Door:
    return Door(sign_in=SignInSettings(proxy_header=HEADER, proxy_addresses=proxies))


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    """The tests stand in for the proxy: it is this machine that is believed."""
    with townhall(field, door("127.0.0.0/8")) as running_town:
        running_town.person(login(), EVERYBODY)
        yield running_town


def get(town: Townhall, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{town.address}{path}", headers={"Accept": "text/html", **headers}, timeout=60)


def test_whoever_the_proxy_names_is_let_in_without_a_cookie(town: Townhall) -> None:
    town.person(name := login(), town.in_city(Role.VIEWER))
    answer = get(town, "/jobs", **{HEADER: name.upper()})
    assert answer.status_code == 200
    assert name in answer.text
    assert "サインアウト" not in answer.text, "there is no session to end"
    codes = [row["project"] for row in get(town, "/api/v1/projects", **{HEADER: name}).json()["projects"]]
    assert codes == ["fukuroi"]
    assert get(town, "/sign-in?to=/jobs", **{HEADER: name}).headers["location"] == "/jobs"
    assert get(town, "/jobs").status_code == 303, "the proxy lets somebody through whom it does not name"


def test_unknown_and_disabled_are_told_the_same_and_nothing_of_accounts(town: Townhall) -> None:
    person = town.person(name := login(), town.in_city(Role.VIEWER))
    assert get(town, "/jobs", **{HEADER: name}).status_code == 200
    town.connection.execute("update person set disabled_at = now() where person_id = %s", (person,))
    refused = eventually(lambda: (got := get(town, "/jobs", **{HEADER: name})).status_code == 403 and got, within_s=10)
    unknown = get(town, "/jobs", **{HEADER: "nobody-at-all"})
    assert unknown.status_code == 403
    assert unknown.text.partition("<main")[2] == refused.text.partition("<main")[2]
    assert "この利用者では入れません" in unknown.text
    one, other = (get(town, "/api/v1/projects", **{HEADER: each}) for each in (name, "nobody-at-all"))
    assert (one.status_code, one.json()) == (403, other.json())
    assert one.json()["type"] == "urn:noroshi:problem:forbidden"


@pytest.mark.parametrize(
    "headers",
    [
        [(HEADER, "")],
        [(HEADER, "one"), (HEADER, "two")],
        [(HEADER, "one, two")],
        [(HEADER, "one"), ("X_Remote_User", "two")],
    ],
)
def test_a_proxy_that_names_nobody_or_several_is_refused(town: Townhall, headers: list[tuple[str, str]]) -> None:
    page = httpx.get(f"{town.address}/jobs", headers=[*headers, ("Accept", "text/html")], timeout=60)
    assert page.status_code == 401
    assert "どなたか確かめられません" in page.text
    problem = httpx.get(f"{town.address}/api/v1/projects", headers=headers, timeout=60)
    assert (problem.status_code, problem.json()["type"]) == (401, "urn:noroshi:problem:not-signed-in")
    assert httpx.get(f"{town.address}/livez", headers=headers, timeout=60).status_code == 200


def test_a_form_of_such_a_person_carries_their_own_value(town: Townhall) -> None:
    town.person(one := login(), town.in_city(Role.ADMIN))
    town.person(two := login(), town.in_city(Role.ADMIN))
    with town.browser(None, **{HEADER: one}) as client, town.browser(None, **{HEADER: two}) as other:
        own, foreign = csrf_of_account(client), csrf_of_account(other)
        assert own
        assert own != foreign
        new = {
            "login": login(),
            "name": "新しい人",
            "role": "viewer",
            "place": f"organisation-{town.organisations['fukuroi']}",
        }
        for data in (new, new | {"csrf": ""}, new | {"csrf": foreign}):
            assert client.post("/people/new", data=data).status_code == 403
        evil = client.post("/people/new", data=new | {"csrf": own}, headers={"Origin": "https://evil.example"})
        assert evil.status_code == 403
        assert client.post("/people/new", data=new | {"csrf": own}).status_code == 200
    assert (one, new["login"]) in town.entries("person_added")


def csrf_of_account(client: httpx.Client) -> str:
    return client.get("/people/new").text.partition('name="csrf" value="')[2].partition('"')[0]


def test_a_session_that_somebody_else_left_in_the_browser_does_not_count(town: Townhall) -> None:
    left = town.person(login(), EVERYBODY)
    person = town.person(name := login(), town.in_city(Role.VIEWER))
    with town.browser(left, **{HEADER: name}) as client:
        codes = [row["project"] for row in client.get("/api/v1/projects").json()["projects"]]
        assert codes == ["fukuroi"]
    with town.browser(person, **{HEADER: name}) as client:
        assert "サインアウト" in client.get("/jobs").text, "one's own session does"
        assert csrf_of(client)


def test_probes_and_metrics_take_nobody_behind_a_proxy_for_this_machine(town: Townhall) -> None:
    town.person(name := login(), EVERYBODY)
    for headers in ({}, {HEADER: name}, {HEADER: "nobody-at-all"}, {HEADER: ""}):
        assert get(town, "/metrics", **headers).status_code == 401
        ready = get(town, "/readyz", **headers)
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "reasons": 0})


def test_before_there_is_an_admin_a_proxy_on_this_machine_opens_nothing(any_database: Database) -> None:
    with townhall(any_database, door("127.0.0.1")) as town:
        assert get(town, "/").status_code == 403
        assert get(town, "/", **FORWARDED).status_code == 403


def test_the_header_of_anybody_else_is_not_read(field: Database) -> None:
    with townhall(field, door("10.0.0.5")) as town:
        name = login()
        town.person(name, EVERYBODY)
        assert get(town, "/jobs", **{HEADER: name}).status_code == 303
        assert get(town, "/jobs", **{HEADER: name, "X-Forwarded-For": "10.0.0.5"}).status_code == 303
        assert get(town, "/api/v1/projects", **{HEADER: name}).status_code == 401
        assert get(town, "/metrics", **{HEADER: ""}).status_code == 200
        person = town.person(login(), town.in_city(Role.VIEWER))
        with town.browser(person, **{HEADER: name}) as client:
            assert name not in client.get("/jobs").text
