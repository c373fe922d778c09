"""/api/v1/watch: programs read what the watch has, and take incidents with a scope of their own."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from ingest.access.roles import Role, Scope
from tests.web.watch.conftest import WatchedCity


def program(city: WatchedCity, people: dict[str, int], who: str, *scopes: Scope) -> httpx.Client:
    token = city.town.token(people[who], *scopes)
    return httpx.Client(
        base_url=f"{city.town.address}/api/v1/watch", headers={"Authorization": f"Bearer {token}"}, timeout=60
    )


@pytest.fixture
def operator(city: WatchedCity, people: dict[str, int]) -> Iterator[httpx.Client]:
    with program(city, people, "operator", Scope.WATCH) as client:
        yield client


def test_incidents_are_listed_with_whether_anybody_watches(city: WatchedCity, operator: httpx.Client) -> None:
    city.fill()
    city.rows.close(city.numbers["second"])
    body = operator.get("/incidents?project=fukuroi&state=open").json()
    assert body["watch"]["state"] == "well"
    assert [each["incident_id"] for each in body["incidents"]] == [
        city.numbers[name] for name in ("drill", "blind", "river")
    ]
    river = body["incidents"][-1]
    assert (river["name"], river["rank"], river["delivered"], river["failed"]) == ("氾濫危険水位", 2, 1, 1)
    assert river["opened_at"].endswith("+09:00")
    first = operator.get("/incidents?project=fukuroi&limit=1").json()
    assert first["next_before"] == first["incidents"][0]["incident_id"]
    rest = operator.get(f"/incidents?project=fukuroi&before={first['next_before']}").json()
    assert (len(rest["incidents"]), rest["next_before"]) == (3, None)
    city.rows.alive(ago_s=60)
    assert operator.get("/incidents?project=fukuroi").json()["watch"]["state"] == "stopped"


def test_one_incident_has_everything_but_addresses(
    city: WatchedCity, operator: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.fill()
    answer = operator.get(f"/incidents/{city.numbers['river']}")
    body = answer.json()
    assert [event["rank"] for event in body["events"]] == [1, 2]
    assert {row["state"] for row in body["deliveries"]} == {"delivered", "failed", "doubtful"}
    assert "t@city.example.jp" not in answer.text
    assert operator.get("/incidents/999999").status_code == 404
    assert "t@city.example.jp" not in operator.get("/deliveries?project=fukuroi").text
    assert [row["channel"] for row in operator.get("/deliveries?state=failed").json()["deliveries"]] == ["hook"]
    assert len(operator.get("/events?project=fukuroi").json()["events"]) == 5
    assert body["complete"] is True
    monkeypatch.setattr("ingest.web.api.routes.watch.MOST_OF_ONE", 1)
    cut = operator.get(f"/incidents/{city.numbers['river']}").json()
    assert (cut["complete"], len(cut["events"]), len(cut["deliveries"])) == (False, 1, 1)


def test_a_program_takes_an_incident_once_and_up_to_what_it_saw(city: WatchedCity, operator: httpx.Client) -> None:
    number = city.rows.stage(city.gauges[0], 2)
    taken = operator.post(f"/incidents/{number}/acknowledge", json={"rank": 1})
    assert taken.json() == {"incident_id": number, "rank": 1, "already": False, "needs_more": True}
    assert operator.post(f"/incidents/{number}/acknowledge", json={}).json()["needs_more"] is False
    assert operator.post(f"/incidents/{number}/acknowledge", json={}).json()["already"] is True
    assert operator.post(f"/incidents/{number}/acknowledge", json={"rank": 7}).status_code == 422
    assert operator.post("/incidents/999999/acknowledge", json={}).status_code == 404
    actions = operator.get(f"/incidents/{number}").json()["actions"]
    assert [(each["rank"], each["way"]) for each in actions] == [(1, "api"), (2, "api")]


def test_a_note_with_a_key_is_stored_once(city: WatchedCity, operator: httpx.Client) -> None:
    number = city.rows.stage(city.gauges[0])
    sent = {"note": "水門を閉めた", "client_key": str(uuid4())}
    codes = [operator.post(f"/incidents/{number}/notes", json=sent).status_code for _ in range(2)]
    assert codes == [201, 200]
    assert [each["note"] for each in operator.get(f"/incidents/{number}").json()["actions"]] == ["水門を閉めた"]


@pytest.mark.parametrize("scope", [each for each in Scope if each not in (Scope.WATCH, Scope.METRICS)])
def test_no_other_scope_opens_it(city: WatchedCity, people: dict[str, int], scope: Scope) -> None:
    number = city.rows.stage(city.gauges[0])
    with program(city, people, "admin", scope) as client:
        for path in ("/incidents", f"/incidents/{number}", "/events", "/deliveries"):
            assert client.get(path).status_code == 403, path
        assert client.post(f"/incidents/{number}/acknowledge", json={}).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.REPORTER])
def test_the_token_of_whoever_is_no_operator_reads_and_takes_nothing(
    city: WatchedCity, people: dict[str, int], role: Role
) -> None:
    number = city.rows.stage(city.gauges[0])
    with program(city, people, role.value, Scope.WATCH) as client:
        assert client.get("/incidents").status_code == 200
        assert client.post(f"/incidents/{number}/acknowledge", json={}).status_code == 403
    with program(city, people, "elsewhere", Scope.WATCH) as client:
        assert client.get(f"/incidents/{number}").status_code == 404
        assert client.post(f"/incidents/{number}/acknowledge", json={}).status_code == 404
        assert client.get("/incidents?project=fukuroi").status_code == 404
