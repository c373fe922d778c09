"""Every route of the application, for every role, with one's own project and with somebody else's."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from ingest.access.roles import Role, Scope
from ingest.web.app import create_app
from ingest.web.openapi import without_a_database
from ingest.web.rules import Rule, rule_of
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.web.townhall import EVERYBODY, Townhall, townhall

OPEN_WITHOUT_A_GUARD = {"/static", "/openapi.json"}
DEVICE = {"fukuroi": "halow-0001", "ina": "halow-0001"}
FORGED_SECRET = "A" * 43
NOBODYS = dict.fromkeys(
    ("person_id", "token_id", "measure_id", "number", "report", "order", "schedule", "delivery"), 2**31 - 1
)


class Door(NamedTuple):
    """One way in: a route by one method."""

    method: str
    path: str
    rule: Rule | None

    def at(self, project: str) -> str:
        """The address of this route, about a project."""
        path = self.path.format(
            project=project,
            device=DEVICE[project],
            secret=FORGED_SECRET,
            handle=FORGED_SECRET,
            place="everywhere",
            organisation="nowhere",
            what="work",
            code="nothing",
            form="xlsx",
            table="devices",
            **NOBODYS,
        )
        takes_project = "{project}" not in self.path and not self.rule_is_open
        return f"{path}?project={project}" if takes_project and self.path in TAKE_PROJECT else path

    @property
    def rule_is_open(self) -> bool:
        """Whether anybody may come in."""
        return self.rule is not None and self.rule.anybody


TAKE_PROJECT = {
    "/", "/measures", "/outages", "/outages.csv", "/plan", "/plan/close", "/plan/costs", "/plan/factors",
    "/plan/figures", "/plan/kpis", "/plan/model", "/plan/reviews", "/plan/targets", "/plan/usage",
    "/plan/usage.csv", "/quarantine", "/reports", "/reports/before-inspection",
    "/reports/before-inspection.csv", "/reports/returned", "/reports/schedules", "/watch", "/watch/arrange",
    "/watch/chronology", "/watch/chronology/{form}", "/watch/feed.atom", "/watch/phone", "/watch/wall",
    "/work", "/work.csv", "/work/new",
    "/api/v1/devices", "/api/v1/gateways", "/api/v1/networks", "/api/v1/observations", "/api/v1/outages",
    "/api/v1/plan/factors", "/api/v1/plan/kpis", "/api/v1/plan/measures", "/api/v1/plan/measures/{number}/moves",
    "/api/v1/plan/reviews",
    "/api/v1/plan/revisions", "/api/v1/plan/snapshots", "/api/v1/plan/sums", "/api/v1/plan/use",
    "/api/v1/quantities",
    "/api/v1/quarantine", "/api/v1/readings", "/api/v1/readings/daily", "/api/v1/readings/hourly", "/api/v1/reports",
    "/api/v1/stops",
    "/api/v1/uplinks", "/api/v1/uplinks/daily", "/api/v1/uplinks/hourly", "/api/v1/watch/chronology",
    "/api/v1/watch/deliveries", "/api/v1/watch/events", "/api/v1/watch/incidents", "/api/v1/work",
}  # fmt: skip
"""Routes whose query names a project."""


def doors(app: FastAPI) -> list[Door]:
    """Every way in, from the application's own table."""
    found = []
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount) or route.path in OPEN_WITHOUT_A_GUARD:
            continue
        assert route.endpoint is not None, route.path
        found += [Door(method, str(route.path), rule_of(route.endpoint)) for method in sorted(route.methods or ())]
    return found


DOORS = doors(create_app(without_a_database()))


def test_every_route_has_a_rule_and_nothing_stands_beside_the_guard() -> None:
    assert [door for door in DOORS if door.rule is None] == []
    assert len(DOORS) > 25
    app = create_app(without_a_database())
    unguarded = {str(route.path) for route in iter_route_contexts(app.routes) if _is_unguarded(route)}
    assert unguarded == OPEN_WITHOUT_A_GUARD


def _is_unguarded(route: object) -> bool:
    dependant = getattr(route, "dependant", None)
    return dependant is None or "guard" not in [each.call.__name__ for each in dependant.dependencies]


def test_routes_that_name_a_project_are_known_here() -> None:
    paths = create_app(without_a_database()).openapi()["paths"]
    asked = {
        path for path, described in paths.items()
        if any(
            each["name"] == "project" and each["in"] == "query"
            for operation in described.values() for each in operation.get("parameters", ())
        )
    }  # fmt: skip
    assert asked == {path for path in TAKE_PROJECT if path.startswith("/api/")}


@pytest.fixture(scope="module")
def town(small_field: Database) -> Iterator[Townhall]:
    with townhall(small_field) as running_town:
        running_town.person("wall-everything", EVERYBODY)
        yield running_town


@pytest.fixture(scope="module")
def browsers(town: Townhall) -> Iterator[dict[str, httpx.Client]]:
    """Somebody of each role in Fukuroi, somebody without any role, and nobody."""
    with ExitStack() as stack:
        people = {
            "nobody": stack.enter_context(town.browser()),
            "none": stack.enter_context(town.browser(town.person("wall-none"))),
        }
        for role in Role:
            grant = town.in_city(role) if role is not Role.INSTALLER else town.in_network(role)
            people[role.value] = stack.enter_context(town.browser(town.person(f"wall-{role}", grant)))
        yield people


ROLES = ["nobody", "none", *(role.value for role in Role)]


def may(who: str, rule: Rule) -> bool:
    """Whether the rule lets this role in."""
    if rule.anybody:
        return True
    if who == "nobody":
        return False
    if rule.verb is None:
        return rule.scope is None
    return who != "none" and Role(who).may(rule.verb)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=lambda door: door.path)
def test_a_route_opens_to_those_whom_its_rule_names(browsers: dict[str, httpx.Client], door: Door, who: str) -> None:
    assert door.rule is not None
    client = browsers[who]
    status = client.get(door.at("fukuroi")).status_code
    if door.path == "/metrics":
        assert status == 200, "this machine may"
    elif (door.path, who) == ("/", Role.INSTALLER):
        assert status == 303, "to the page of arrivals"
    elif may(who, door.rule):
        assert status not in (401, 403, 500), door
    else:
        assert status in ((401, 303) if who == "nobody" else (403,)), door


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("door", [door for door in DOORS if door.method != "GET"], ids=lambda door: door.path)
def test_nothing_is_changed_by_a_form_without_the_value_of_the_session(
    browsers: dict[str, httpx.Client], door: Door, who: str
) -> None:
    assert door.rule is not None
    client = browsers[who]
    elsewhere = client.request(door.method, door.at("fukuroi"), headers={"Origin": "https://evil.example"})
    assert elsewhere.status_code in (401, 403)
    if not door.rule.anybody:
        assert client.request(door.method, door.at("fukuroi")).status_code in (401, 403)


def test_a_token_opens_no_route_without_a_scope(town: Townhall) -> None:
    token = town.token(town.person("wall-token", town.in_city(Role.ADMIN)), Scope.READINGS, Scope.FIGURES)
    for door in DOORS:
        if door.rule is not None and not door.rule.anybody and door.rule.scope is None:
            headers = {"Authorization": f"Bearer {token}", "Origin": town.address}
            answer = httpx.request(door.method, f"{town.address}{door.at('fukuroi')}", headers=headers, timeout=60)
            assert answer.status_code == 403, door


FOREIGN = [door for door in DOORS if door.method == "GET" and ("{project}" in door.path or door.path in TAKE_PROJECT)]
FORMS = {"": "*/*", "csv": "text/csv", "arrow": "application/vnd.apache.arrow.stream", "page": "text/html"}
NEEDED = {"/api/v1/devices/{project}/{device}/series": {"quantity": "river_level"}}
SEES = ["viewer", "reporter", "operator", "admin"]
FOREIGN_WORDS = ("伊那", "ina-shi", "/ina/", '"ina"')


def questions(door: Door) -> list[tuple[dict[str, str], dict[str, str]]]:
    """(query, headers) of every form that an answer of this route can have."""
    forms = FORMS if door.path in ROWS else {"page": FORMS["page"]} if "/api/" not in door.path else {"": FORMS[""]}
    asked = NEEDED.get(door.path, {})
    return [
        (asked | ({"format": form} if form in ("csv", "arrow") else {}), {"Accept": accept})
        for form, accept in forms.items()
        if form != "page" or "/api/" not in door.path
    ]


ROWS = {
    "/api/v1/readings", "/api/v1/readings/hourly", "/api/v1/readings/daily", "/api/v1/uplinks",
    "/api/v1/uplinks/hourly", "/api/v1/uplinks/daily",
}  # fmt: skip


def ask(
    client: httpx.Client, door: Door, project: str, query: dict[str, str], headers: dict[str, str]
) -> httpx.Response:
    address = httpx.URL(door.at(project))
    return client.get(address.copy_merge_params(query), headers=headers)


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize("door", FOREIGN, ids=lambda door: door.path)
def test_the_project_of_another_city_is_as_if_it_were_not_there(
    browsers: dict[str, httpx.Client], door: Door, who: str
) -> None:
    if door.rule is None or not may(who, door.rule):
        return
    for query, headers in questions(door):
        own = ask(browsers[who], door, "fukuroi", query, headers)
        assert own.status_code == 200, (door, query, own.text[:300])
        foreign = ask(browsers[who], door, "ina", query, headers)
        nowhere = browsers[who].get(
            httpx.URL(door.at("ina").replace("ina", "zzz")).copy_merge_params(query), headers=headers
        )
        assert (foreign.status_code, nowhere.status_code) == (404, 404), (door, query)
        assert plain(foreign, "ina") == plain(nowhere, "zzz")
        assert not any(word in own.text for word in FOREIGN_WORDS), (door, query)


def plain(answer: httpx.Response, code: str) -> str:
    """The text of an answer without the name that was asked for, and without times."""
    return re.sub(r"[0-9:]+", "", answer.text.replace(code, "")).replace("\u3000", "")


@pytest.mark.parametrize("scope", [Scope.READINGS, Scope.FIGURES, Scope.WORK, Scope.WATCH])
@pytest.mark.parametrize("door", [door for door in FOREIGN if "/api/" in door.path], ids=lambda door: door.path)
def test_a_token_reaches_its_own_city_within_its_scope(town: Townhall, door: Door, scope: Scope) -> None:
    login = f"wall-token-{scope}"
    known = town.connection.execute("select person_id from person where login = %s", (login,)).fetchone()
    person = known[0] if known else town.person(login, town.in_city(Role.VIEWER))
    assert door.rule is not None
    within = scope is door.rule.scope or (scope, door.rule.scope) == (Scope.READINGS, Scope.FIGURES)
    with httpx.Client(base_url=town.address, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {town.token(person, scope)}"
        for query, headers in questions(door):
            assert ask(client, door, "fukuroi", query, headers).status_code == (200 if within else 403), door
            assert ask(client, door, "ina", query, headers).status_code == (404 if within else 403), door


@pytest.mark.parametrize("who", SEES)
@pytest.mark.parametrize(
    "path",
    sorted(
        {path for path in TAKE_PROJECT if "{" not in path}
        | {"/api/v1/projects", "/api/v1/identity", "/api/v1/", "/reference"}
    ),
)
def test_a_question_about_everything_is_answered_about_ones_own(
    browsers: dict[str, httpx.Client], path: str, who: str
) -> None:
    rule = next((door.rule for door in DOORS if (door.method, door.path) == ("GET", path)), None)
    if rule is None or not may(who, rule):
        return
    answer = browsers[who].get(
        path, headers={"Accept": "*/*" if "/api/" in path else "text/html"}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert not any(word in answer.text for word in FOREIGN_WORDS), path


def test_what_is_shared_is_seen_and_a_share_taken_back_is_gone(town: Townhall) -> None:
    with town.browser(town.person("wall-share", town.in_city(Role.ADMIN))) as browser:
        assert browser.get("/?project=ina").status_code == 404
        town.connection.execute(
            "insert into project_share values (%s, %s, 'viewer')",
            (town.projects["ina"], town.organisations["fukuroi"]),
        )
        try:
            eventually(lambda: browser.get("/?project=ina").status_code == 200, within_s=10)
        finally:
            town.connection.execute("delete from project_share")
        eventually(lambda: browser.get("/?project=ina").status_code == 404, within_s=10)


def test_a_role_that_is_taken_away_is_gone_within_seconds(town: Townhall) -> None:
    person = town.person("wall-leaves", town.in_city(Role.VIEWER))
    with town.browser(person) as browser:
        assert browser.get("/").status_code == 200
        town.connection.execute("delete from membership where person_id = %s", (person,))
        eventually(lambda: browser.get("/").status_code == 403, within_s=10)
