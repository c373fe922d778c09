"""Atom, CAP and the draft for L-Alert: who reads them, and that they say what they are."""

from xml.etree.ElementTree import fromstring

import httpx

from ingest.access.roles import Scope
from tests.web.watch.conftest import WatchedCity

ATOM, CAP = "{http://www.w3.org/2005/Atom}", "{urn:oasis:names:tc:emergency:cap:1.2}"


def test_a_program_follows_the_feed_to_the_alerts(city: WatchedCity, people: dict[str, int]) -> None:
    city.fill()
    with httpx.Client(base_url=city.town.address, timeout=60) as client:
        assert client.get("/watch/feed.atom?project=fukuroi").status_code in (303, 401), (
            "nobody reads it without a token"
        )
        client.headers["Authorization"] = f"Bearer {city.town.token(people['viewer'], Scope.WATCH)}"
        answer = client.get("/watch/feed.atom?project=fukuroi")
        assert answer.headers["content-type"].startswith("application/atom+xml")
        links = [each.get("href", "") for each in fromstring(answer.text).findall(f"{ATOM}entry/{ATOM}link")]
        assert len(links) == 5
        alerts = [fromstring(client.get(link).text) for link in links]
        assert {alert.findtext(f"{CAP}status") for alert in alerts} == {"Actual", "Exercise"}
        assert {alert.findtext(f"{CAP}scope") for alert in alerts} == {"Restricted"}
        assert client.get("/watch/cap/999999.xml").status_code == 404
        assert client.get("/watch/feed.atom?project=ina").status_code == 404


def test_an_alert_says_where_the_station_stands(city: WatchedCity, people: dict[str, int]) -> None:
    city.rows.stage(city.gauges[0])
    (event,) = city.town.connection.execute("select max(event_id) from watch_event").fetchone()
    place = "update device set latitude = %s, longitude = %s, area = %s where code = %s"
    with httpx.Client(base_url=city.town.address, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {city.town.token(people['viewer'], Scope.WATCH)}"
        for latitude, longitude, area, circle in (
            (34.75, 137.925, "浅羽", "34.75000,137.92500 0"),
            (None, None, None, None),
        ):
            city.town.connection.execute(place, (latitude, longitude, area, city.gauges[0]))
            alert = fromstring(client.get(f"/watch/cap/{event}.xml").text)
            assert [each.findtext(f"{CAP}area/{CAP}circle") for each in alert.findall(f"{CAP}info")] == [circle] * 2
            described = alert.findtext(f"{CAP}info/{CAP}area/{CAP}areaDesc")
            assert described is not None
            assert described.endswith("、浅羽") is (area is not None)


def test_the_events_of_another_city_are_no_alerts(city: WatchedCity, people: dict[str, int]) -> None:
    number = city.rows.stage(city.gauges[0])
    (event,) = city.town.connection.execute("select max(event_id) from watch_event").fetchone()
    with httpx.Client(base_url=city.town.address, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {city.town.token(people['elsewhere'], Scope.WATCH)}"
        assert client.get(f"/watch/cap/{event}.xml").status_code == 404
    with city.town.browser(people["elsewhere"]) as client:
        assert client.get(f"/watch/incident/{number}/l-alert").status_code == 404


def test_the_draft_is_called_one_and_sends_nothing(city: WatchedCity, people: dict[str, int]) -> None:
    city.fill()
    with city.town.browser(people["viewer"]) as client:
        html = client.get(f"/watch/incident/{city.numbers['river']}/l-alert").text
    for said in ("【下書き】", "送信されていません", "市の対応", "氾濫危険水位", "気象庁"):
        assert said in html, said
    assert "<form" not in html[html.index('<main class="page"') :]
