"""The API: the figures as JSON, in Japanese time, and errors that say what to do."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from tests.web.site import IDENTITY


def get(client: httpx.Client, path: str, **query: str | int) -> dict[str, Any]:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_identity_of_the_process_and_of_the_database_are_both_told(client: httpx.Client) -> None:
    body = get(client, "/api/v1/identity")
    assert body["process"] == {**IDENTITY._asdict(), "exact": True}
    assert (body["account"]["stored"], body["account"]["received"]) == (12000, 12066)


def test_projects_carry_the_counts_of_their_devices(client: httpx.Client) -> None:
    projects = get(client, "/api/v1/projects")["projects"]
    assert [project["project"] for project in projects] == ["fukuroi", "ina"]
    assert sum(project["devices"] for project in projects) == 120
    assert sum(project["silent"] for project in projects) == 6


def test_pages_of_devices_join_to_the_whole_list_without_gap_or_overlap(client: httpx.Client) -> None:
    seen: list[tuple[str, str]] = []
    cursor: dict[str, str | int] = {}
    while True:
        body = get(client, "/api/v1/devices", limit=37, **cursor)
        seen += [(row["project"], row["device"]) for row in body["devices"]]
        if body["next_cursor"] is None:
            break
        cursor = {"cursor": body["next_cursor"]}
    assert len(seen) == 120
    assert seen == sorted(set(seen))


def test_devices_are_filtered_by_project_state_and_word(client: httpx.Client) -> None:
    silent = get(client, "/api/v1/devices", state="silent", project="fukuroi")["devices"]
    assert {(row["project"], row["state"]) for row in silent} == {("fukuroi", "silent")}
    found = get(client, "/api/v1/devices", q="気象計 ＬＰＷＡ")["devices"]
    assert found
    assert all("気象計" in row["device_name"] and "lpwa" in row["device"] for row in found)


def test_every_time_has_the_offset_of_japan(client: httpx.Client) -> None:
    row = get(client, "/api/v1/devices", state="live", limit=1)["devices"][0]
    assert row["last_received_at"].endswith("+09:00")
    assert "device_id" not in row


def test_the_latest_values_come_with_unit_and_flags(client: httpx.Client) -> None:
    body = get(client, "/api/v1/devices/fukuroi/halow-0001/latest")
    assert [value["quantity"] for value in body["latest"]][:2] == ["air_temperature", "air_humidity"]
    assert body["latest"][0]["unit"] == "Cel"
    assert body["latest"][0]["time"].endswith("+09:00")


def test_a_series_has_points_inside_the_time_asked_for_and_a_gap_where_nothing_came(client: httpx.Client) -> None:
    path = "/api/v1/devices/fukuroi/halow-0001/series"
    body = get(client, path, quantity="air_temperature", points=2000)
    times = [datetime.fromisoformat(point["time"]) for point in body["points"]]
    assert times == sorted(times)
    assert datetime.fromisoformat(body["end"]) - datetime.fromisoformat(body["start"]) == timedelta(hours=24)
    assert max(later - earlier for earlier, later in pairwise(times)) > timedelta(hours=2)


def test_a_plus_that_was_not_escaped_is_still_an_offset(client: httpx.Client) -> None:
    now = datetime.fromisoformat(get(client, "/api/v1/devices", state="live", limit=1)["devices"][0]["last_time"])
    query = f"quantity=air_temperature&from={(now - timedelta(hours=2)).isoformat()}&to={now.isoformat()}"
    answer = client.get(f"/api/v1/devices/fukuroi/halow-0001/series?{query}")
    assert answer.status_code == 200, answer.text
    assert datetime.fromisoformat(answer.json()["end"]) == now


def test_quarantine_is_counted_by_reason(client: httpx.Client) -> None:
    rows = get(client, "/api/v1/quarantine")["quarantine"]
    assert [(row["reason"], row["parts"]) for row in rows][:2] == [("unknown_device", 14), ("out_of_range", 7)]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/v1/devices?project=nowhere", 404, "no project 'nowhere'"),
        ("/api/v1/devices/fukuroi/nothing/latest", 404, "no device 'nothing'"),
        ("/api/v1/devices/fukuroi/halow-0001/series?quantity=happiness", 404, "no quantity 'happiness'"),
        ("/api/v1/devices/fukuroi/halow-0001/series", 422, "quantity"),
        (
            "/api/v1/devices/fukuroi/halow-0001/series?quantity=air_temperature&from=yesterday",
            422,
            "2026-11-24T09:00:00",
        ),
        (
            "/api/v1/devices/fukuroi/halow-0001/series?quantity=air_temperature&from=2026-01-02&to=2026-01-01",
            422,
            "before",
        ),
        (
            "/api/v1/devices/fukuroi/halow-0001/series?quantity=air_temperature&from=2020-01-01&to=2026-01-01",
            422,
            "400 days",
        ),
        ("/api/v1/devices?cursor=%C3%A4", 422, "next_cursor"),
        ("/api/v1/devices?limit=0", 422, "limit"),
        ("/api/v1/devices?state=happy", 422, "state"),
        ("/api/v1/devices/a%00b/c/latest", 422, "the database refused the query"),
        ("/api/v1/nothing", 404, "Not Found"),
    ],
)
def test_a_wrong_question_is_answered_with_a_problem_that_says_what_is_wrong(
    client: httpx.Client, path: str, status: int, said: str
) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["status"]) == (status, status)
    assert said in body["detail"]


def test_the_openapi_description_is_there_and_no_page_from_a_cdn_is(client: httpx.Client) -> None:
    description = get(client, "/openapi.json")
    assert "/api/v1/devices/{project}/{device}/series" in description["paths"]
    assert "/" not in description["paths"]
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404
