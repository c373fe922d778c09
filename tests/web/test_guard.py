"""Who is let in: tokens, sessions, machines; what the others get; and what of it stands in the audit log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import count

import httpx
import pytest
from pydantic import SecretStr

from ingest.access.roles import Role, Scope
from ingest.settings.sign_in import SignInSettings
from ingest.telemetry.health import Concern, Trouble
from ingest.web.app import WebDependencies
from ingest.web.dependencies import Door
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.fixtures.service import eventually
from tests.web.site import running, wired
from tests.web.townhall import EVERYBODY, FORWARDED, Townhall, accounts, townhall

_logins = count(1)
LOCK = "x" * 32


def login() -> str:
    return f"guard-{next(_logins)}"


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field, Door(metrics_token=SecretStr(LOCK))) as running_town:
        running_town.person(login(), EVERYBODY)
        yield running_town


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}".strip()}


def get(town: Townhall, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{town.address}{path}", headers=headers, timeout=60)


def test_a_browser_is_led_to_the_page_for_signing_in_and_knows_where_it_was_going(town: Townhall) -> None:
    answer = get(town, "/quarantine?project=ina", Accept="text/html")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=%2Fquarantine%3Fproject%3Dina"


def test_what_a_page_fetches_by_itself_is_refused_and_not_led_elsewhere(town: Townhall) -> None:
    assert get(town, "/").status_code == 401
    assert httpx.post(f"{town.address}/sign-out", headers={"Accept": "text/html"}, timeout=60).status_code == 401


def test_a_program_is_told_what_to_send(town: Townhall) -> None:
    answer = get(town, "/api/v1/projects")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="noroshi"'
    assert answer.json()["type"] == "urn:noroshi:problem:not-signed-in"
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_opens_what_its_scopes_say_and_no_more(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    figures, readings = town.token(person, Scope.FIGURES), town.token(person, Scope.READINGS)
    assert get(town, "/api/v1/projects", **bearer(figures)).status_code == 200
    refused = get(town, "/api/v1/readings", **bearer(figures))
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:noroshi:problem:forbidden")
    assert "readings" in refused.json()["detail"]
    assert get(town, "/api/v1/readings", **bearer(readings)).status_code == 200
    assert get(town, "/api/v1/projects", **bearer(readings)).status_code == 200
    assert get(town, "/jobs", **bearer(figures)).status_code == 200, "a page, too"


@pytest.mark.parametrize("spoilt", ["", "noroshi_", "noroshi_" + "A" * 43, "A" * 43, "x" * 5000])
def test_a_token_that_is_none_is_refused_also_on_this_machine_and_beside_a_session(town: Townhall, spoilt: str) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    with town.browser(person) as client:
        for path in ("/api/v1/projects", "/"):
            answer = client.get(path, headers=bearer(spoilt))
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="noroshi", error="invalid_token"'


def is_over(town: Townhall, token: str) -> bool:
    return get(town, "/api/v1/projects", **bearer(token)).status_code == 401


def test_a_token_that_expired_or_was_revoked_is_over_within_seconds(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    for change in ("revoked_at = now()", "expires_at = now() - interval '1 second'"):
        token = town.token(person, Scope.FIGURES)
        assert get(town, "/api/v1/projects", **bearer(token)).status_code == 200
        town.connection.execute(f"update api_token set {change} where person_id = %s".encode(), (person,))
        eventually(partial(is_over, town, token), within_s=10)


def test_basic_authentication_between_browser_and_proxy_is_not_ours(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER))
    with town.browser(person) as client:
        assert client.get("/", headers={"Authorization": "Basic c2F0bzpzYXRv"}).status_code == 200


def test_a_role_that_allows_no_looking_is_told_who_may_give_the_right(town: Townhall) -> None:
    with town.browser(town.person(login(), EVERYBODY)) as client:
        assert client.get("/").status_code == 200
    person = town.person(login(), town.in_city(Role.VIEWER))
    with town.browser(person) as client:
        assert client.get("/").status_code == 200
        town.connection.execute("delete from membership where person_id = %s", (person,))
        refused = eventually(lambda: (answer := client.get("/")).status_code == 403 and answer, within_s=10)
        assert "あなたの団体の管理者" in refused.text


def test_metrics_are_for_this_machine_and_for_the_tokens_that_say_so(town: Townhall) -> None:
    everything, city = town.person(login(), EVERYBODY), town.person(login(), town.in_city(Role.ADMIN))
    assert get(town, "/metrics").status_code == 200
    stranger = get(town, "/metrics", **FORWARDED)
    assert stranger.status_code == 401
    assert "web.metrics_token" in stranger.json()["detail"]
    assert get(town, "/metrics", **FORWARDED, **bearer(LOCK)).status_code == 200
    assert get(town, "/metrics", **FORWARDED, **bearer(LOCK[:-1])).status_code == 401
    token = town.token(everything, Scope.METRICS)
    assert get(town, "/metrics", **FORWARDED, **bearer(token)).status_code == 200
    assert get(town, "/api/v1/projects", **FORWARDED, **bearer(token)).status_code == 403
    widened = town.token(city, Scope.FIGURES)
    town.connection.execute("update api_token set scopes = array['metrics'] where person_id = %s", (city,))
    for other in (town.token(everything, Scope.READINGS), widened):
        assert get(town, "/metrics", **FORWARDED, **bearer(other)).status_code == 403


@contextmanager
def unclaimed(database: Database) -> Iterator[Townhall]:
    with townhall(database) as town:
        yield town


def test_before_there_is_an_admin_this_machine_alone_is_answered(any_database: Database) -> None:
    with unclaimed(any_database) as town:
        assert get(town, "/", Accept="text/html").status_code == 200
        assert get(town, "/api/v1/projects").status_code == 200
        page = get(town, "/", Accept="text/html", **FORWARDED)
        assert page.status_code == 403
        assert "noroshi access init" in page.text
        problem = get(town, "/api/v1/projects", **FORWARDED)
        assert (problem.status_code, problem.json()["type"]) == (403, "urn:noroshi:problem:unclaimed")
        assert "noroshi access init" in problem.json()["detail"]
        for proxied in ({"Forwarded": "for=1"}, {"Via": "1.1 x"}, {"X-Real-IP": "203.0.113.7"}):
            assert get(town, "/api/v1/projects", **proxied).status_code == 403
        admin = town.person(login(), EVERYBODY)
        eventually(lambda: get(town, "/api/v1/projects").status_code == 401, within_s=10)
        town.connection.execute("delete from membership where person_id = %s", (admin,))
        assert get(town, "/api/v1/projects").status_code == 401, "and it does not fall open again"


def test_without_accounts_nobody_elsewhere_is_answered(deps: WebDependencies) -> None:
    with running(deps, free_port()) as address:
        assert httpx.get(f"{address}/api/v1/projects", timeout=60).status_code == 200
        assert httpx.get(f"{address}/api/v1/projects", headers=FORWARDED, timeout=60).status_code == 403


TROUBLES = [Trouble(Concern.BROKER, "no connection to mqtt.inside.example:1883", 1000.0)]


def test_a_trouble_is_named_to_those_who_see_everything_only(field: Database) -> None:
    with wired(field.url, lambda: TROUBLES) as deps, accounts(field) as access, townhall(field) as town:
        everything = town.token(town.person(login(), EVERYBODY), Scope.READINGS)
        city = town.token(town.person(login(), town.in_city(Role.VIEWER)), Scope.READINGS)
        with running(replace(deps, access=access), free_port()) as address:

            def ask(path: str, **headers: str) -> httpx.Response:
                return httpx.get(f"{address}{path}", headers=headers, timeout=60)

            assert "mqtt.inside" in ask("/jobs", **bearer(everything)).text
            limited = ask("/", **bearer(city)).text
            assert "mqtt.inside" not in limited
            assert "ブローカーにつながりません" in limited
            assert "mqtt.inside" in ask("/readyz").text
            stranger = ask("/readyz", **FORWARDED)
            assert (stranger.status_code, stranger.json()) == (503, {"ready": False, "reasons": 1})
            assert "mqtt.inside" in ask("/readyz", **FORWARDED, **bearer(everything)).text
            assert ask("/livez", **FORWARDED).text == "ok\n"
            assert "mqtt.inside" not in ask("/sign-in", **FORWARDED).text
            assert ask("/api/v1/identity", **bearer(everything)).json()["process"] is not None
            assert ask("/api/v1/identity", **bearer(city)).json()["process"] is None


def test_a_viewer_who_installs_elsewhere_reads_no_more_there_than_what_arrives(town: Townhall) -> None:
    person = town.person(login(), town.in_city(Role.VIEWER), town.in_network(Role.INSTALLER, "ina"))
    with town.browser(person) as client:
        assert [row["project"] for row in client.get("/api/v1/projects").json()["projects"]] == ["fukuroi"]
        for path in ("/api/v1/devices?project=ina", "/api/v1/readings?project=ina", "/?project=ina"):
            assert client.get(path, headers={"Accept": "*/*"}).status_code == 404, path
        device, network = town.connection.execute(
            "select d.code, n.name from device d join network n using (network_id) where d.enabled"
            " and network_id = (select min(network_id) from network where project_id = %s) limit 1",
            (town.projects["ina"],),
        ).fetchone()
        assert network in client.get("/arrivals", params={"q": device}).text


def test_many_addresses_of_one_stranger_are_one_entry_a_minute(field: Database) -> None:
    door = Door(sign_in=SignInSettings(proxy_addresses=["127.0.0.1"]))
    with townhall(field, door) as proxied:
        for number in range(3):
            headers = {**bearer("noroshi_wrong"), "X-Forwarded-For": f"2001:db8::{number}"}
            assert get(proxied, "/jobs", **headers).status_code == 401
        before = len(proxied.entries("access_refused"))
        get(proxied, "/jobs", **bearer("noroshi_wrong"), **{"X-Forwarded-For": "2001:db8:1::1"})
        eventually(lambda: len(proxied.entries("access_refused")) >= before + 1, within_s=10)
        query = "select count(*) from audit_address where address ~ '^2001:db8::'"
        assert proxied.connection.execute(query).fetchone() == (1,)


def test_refusals_and_looks_at_other_cities_stand_in_the_audit_log_once(town: Townhall) -> None:
    name, curious = login(), login()
    with town.browser(town.person(name, town.in_city(Role.VIEWER))) as client:
        for _ in range(3):
            assert client.post("/sign-out", data={"csrf": "wrong"}).status_code == 403
            client.get("/jobs")
    with town.browser(town.person(curious, EVERYBODY)) as client:
        client.get("/jobs")
        client.get("/jobs")
    eventually(lambda: (curious, "ina-shi") in town.entries("looked_elsewhere"), within_s=10)
    assert [each for each in town.entries("access_refused") if each[0] == name] == [(name, "/sign-out")]
    assert [each for each in town.entries("page_seen") if each[0] == name] == [(name, "jobs_page")]
    looks = [subject for actor, subject in town.entries("looked_elsewhere") if actor == curious]
    assert sorted(looks) == ["fukuroi-shi", "ina-shi"]
    assert [each for each in town.entries("looked_elsewhere") if each[0] == name] == []


def test_a_file_stands_in_the_audit_log_and_there_is_none_without(town: Townhall) -> None:
    token = town.token(town.person(login(), town.in_city(Role.VIEWER)), Scope.READINGS)
    before = len(town.entries("data_downloaded"))
    assert get(town, "/api/v1/readings/daily?project=fukuroi&format=csv", **bearer(token)).status_code == 200
    ((actor, subject),) = town.entries("data_downloaded")[before:]
    assert subject == "readings-daily"
    assert actor.startswith("token:")
    town.connection.execute("alter function audit_append rename to audit_append_gone")
    try:
        answer = get(town, "/api/v1/readings/daily?project=fukuroi&format=csv", **bearer(token))
        assert answer.status_code == 503
    finally:
        town.connection.execute("alter function audit_append_gone rename to audit_append")
