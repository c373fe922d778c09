"""Notices on phones: turned on by their owner, for addresses of push services alone, and turned off again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ingest.web.dependencies import Door
from tests.web.site import visiting, wired
from tests.web.townhall import csrf_of
from tests.web.watch.conftest import WatchedCity

KEYS = {"p256dh": "B" * 87, "auth": "a" * 22}
SERVICE = "https://fcm.googleapis.example.com/fcm/send/abc"


@pytest.fixture
def viewer(city: WatchedCity, people: dict[str, int]) -> Iterator[httpx.Client]:
    with city.town.browser(people["viewer"]) as client:
        yield client


def register(client: httpx.Client, endpoint: str, project: str = "fukuroi", **keys: str) -> httpx.Response:
    return client.post(
        "/watch/phone", data={"csrf": csrf_of(client), "project": project, "endpoint": endpoint, **KEYS, **keys}
    )


def test_a_phone_is_turned_on_and_off_by_its_owner_alone(
    city: WatchedCity, viewer: httpx.Client, people: dict[str, int]
) -> None:
    assert register(viewer, SERVICE).status_code == 200
    row = city.town.connection.execute("select watch_push_id, person_id, endpoint from watch_push").fetchone()
    assert row is not None
    assert row[1:] == (people["viewer"], SERVICE)
    html = viewer.get("/watch/phone").text
    assert f"/watch/phone/{row[0]}/end" in html
    assert SERVICE not in html
    with city.town.browser(people["admin"]) as other:
        assert other.post(f"/watch/phone/{row[0]}/end", data={"csrf": csrf_of(other)}).status_code == 404
    assert viewer.post(f"/watch/phone/{row[0]}/end", data={"csrf": csrf_of(viewer)}).status_code == 303
    assert "/end" not in viewer.get("/watch/phone").text


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x", "https://127.0.0.1/x", "https://127.1/x", "https://0x7f.1/x", "https://a.b./x",
        "https://localhost/x", "https://[::1]/x", "https://db.internal/x",
        "https://push.example.com:8443/x", "https://a@push.example.com/x", "file:///etc/passwd", "https://[", "",
        "https://push.example.com/" + "x" * 990,
    ],
)  # fmt: skip
def test_the_watch_is_led_to_no_machine_of_our_own(city: WatchedCity, viewer: httpx.Client, endpoint: str) -> None:
    assert register(viewer, endpoint).status_code == 422
    assert city.town.connection.execute("select count(*) from watch_push").fetchone() == (0,)


def test_no_phone_without_keys_or_of_another_city(viewer: httpx.Client) -> None:
    assert register(viewer, SERVICE, auth="").status_code == 422
    assert register(viewer, SERVICE, project="ina").status_code == 404


def test_without_a_key_the_page_says_so_and_with_one_a_browser_gets_it(
    city: WatchedCity, people: dict[str, int], tmp_path: Path
) -> None:
    with city.town.browser(people["viewer"]) as client:
        assert "watch.push_key_file" in client.get("/watch/phone").text
    assert httpx.get(f"{city.town.address}/watch/push_worker.js").headers["content-type"].startswith("text/javascript")
    door = Door(push_key_file=tmp_path / "push.pem")
    with (
        wired(city.town.database.url) as deps,
        visiting(replace(deps, access=city.town.access, door=door)) as client,
    ):  # fmt: skip
        client.headers.update({"Origin": str(client.base_url).rstrip("/"), "Accept": "text/html"})
        client.post(city.town.link(people["viewer"]))
        assert 'data-key="B' in client.get("/watch/phone").text
