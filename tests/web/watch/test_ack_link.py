"""The link of a message: to look does nothing, to press takes it, and a link that is none says so."""

import re
from typing import Any

import pytest

from ingest.access.secret import digest_of, new_secret
from tests.web.watch.conftest import WatchedCity

NO_LINK = "このリンクは使えません"


def link(city: WatchedCity, recipient: str = "tanaka", **more: Any) -> tuple[str, int]:
    """The path of the link of a message about a stage, and the number of the incident."""
    number = city.rows.stage(city.gauges[0])
    secret = new_secret()
    city.rows.delivery(number, recipient=recipient, link_digest=digest_of(secret), delivered_at=city.rows.now, **more)
    return f"/watch/ack/{secret}", number


def acknowledged(city: WatchedCity) -> list[tuple[object, ...]]:
    query = "select incident_id, by, way, rank, note from watch_action order by watch_action_id"
    found: list[tuple[object, ...]] = city.town.connection.execute(query).fetchall()
    return found


def test_to_look_does_nothing_and_to_press_takes_it(city: WatchedCity) -> None:
    path, number = link(city)
    with city.town.browser() as stranger:
        for _ in range(3):
            answer = stranger.get(path)
            assert answer.status_code == 200
        assert stranger.head(path).status_code in (200, 405)
        assert "氾濫注意水位" in answer.text
        assert acknowledged(city) == []
        assert "referrer-policy" in answer.headers
        assert path.rpartition("/")[2] not in re.sub(r'action="[^"]*"|href="[^"]*lang=[^"]*"', "", answer.text)
        rank = answer.text.partition('name="rank" value="')[2].partition('"')[0]
        taken = stranger.post(path, data={"rank": rank, "name": "田中"})
        assert taken.status_code == 303
        assert acknowledged(city) == [(number, "link:tanaka", "link", 1, "田中")]
        again = stranger.get(taken.headers["location"]).text
        assert "確認したと記録しました" in again
        assert '<button type="submit" class="strong">' not in again
        stranger.post(path, data={"rank": rank})
    assert len(acknowledged(city)) == 1, "the same again changes nothing"


def test_what_rose_after_the_page_was_shown_is_not_taken_in_its_new_rank(city: WatchedCity) -> None:
    path, _ = link(city)
    with city.town.browser() as stranger:
        stranger.get(path)
        city.town.connection.execute("update watch_incident set rank = 2, top_rank = 2")
        stranger.post(path, data={"rank": "1"})
        assert "段階1までは" in stranger.get(path).text
        assert "メッセージの後に段階が上がっています" in stranger.get(path).text
    assert city.town.connection.execute("select acknowledged_rank from watch_incident").fetchone() == (1,)


def test_whoever_reads_a_list_says_their_name(city: WatchedCity) -> None:
    path, _ = link(city, recipient="")
    with city.town.browser() as stranger:
        refused = stranger.post(path, data={"rank": "1", "name": " "})
        assert (refused.status_code, "お名前を書いてください" in refused.text) == (422, True)
        stranger.post(path, data={"rank": "1", "name": "佐藤"})
    assert [row[4] for row in acknowledged(city)] == ["佐藤"]


@pytest.mark.parametrize("wrong", ["old", "unknown", "short", "strange"])
def test_a_link_that_is_none_says_so_and_does_nothing(city: WatchedCity, wrong: str) -> None:
    path, _ = link(city)
    if wrong == "old":
        city.town.connection.execute("update watch_delivery set delivered_at = now() - interval '8 days'")
    elif wrong == "unknown":
        path = f"/watch/ack/{new_secret()}"
    else:
        path = path[:-3] if wrong == "short" else "/watch/ack/%00%ff"
    with city.town.browser() as stranger:
        for answer in (stranger.get(path), stranger.post(path, data={"rank": "1", "name": "x"})):
            assert (answer.status_code, NO_LINK in answer.text) == (410, True)
    assert acknowledged(city) == []


def test_whoever_tries_many_links_has_to_wait_and_no_other_page_sends_the_form(city: WatchedCity) -> None:
    path, _ = link(city)
    with city.town.browser() as stranger:
        assert stranger.post(path, data={"rank": "1"}, headers={"Origin": "https://evil.example"}).status_code == 403
        codes = [stranger.get(f"/watch/ack/{n}").status_code for n in range(60)]
        assert codes[-1] == 429
    assert acknowledged(city) == []
    assert not any(
        "/watch/ack/" in subject and "..." not in subject for _, subject in city.town.entries("access_refused")
    )
