"""CAP 1.2 alerts and the feed that leads to them. The rules are those of the schema of OASIS, written out by hand."""

import re
from datetime import timedelta
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from ingest.watch.delivery.atom import Entry, atom_feed
from ingest.watch.delivery.cap import NAMESPACE, CapSender, Place, Reference, cap_alert, place_of
from ingest.watch.delivery.model import Effect
from ingest.watch.model import Origin
from schemas.bilingual import Bilingual
from tests.watch.delivery.test_words import WITHDRAWN, fact
from tests.watch.delivery.valley import NOON

ALERT = tuple(
    "identifier sender sent status msgType source scope restriction addresses code note references"  # noqa: SIM905
    " incidents info".split()
)
INFO = tuple(
    "language category event responseType urgency severity certainty audience eventCode effective onset expires"  # noqa: SIM905
    " senderName headline description instruction web contact parameter resource area".split()
)
AREA = ("areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling")
CIRCLE = re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?")
NEEDED_ALERT = {"identifier", "sender", "sent", "status", "msgType", "scope"}
NEEDED_INFO = {"category", "event", "urgency", "severity", "certainty"}
MANY_INFO = {"category", "responseType", "eventCode", "parameter", "resource", "area"}
WORDS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
SENDER = CapSender("noroshi.example.lg.jp", "塩尻市 危機管理課")


def names(element: Any) -> list[str]:
    return [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]


def check_order(found: list[str], order: tuple[str, ...], many: set[str]) -> None:
    assert set(found) <= set(order)
    assert [order.index(name) for name in found] == sorted(order.index(name) for name in found)
    assert all(found.count(name) == 1 for name in set(found) - many)


def checked(content: bytes) -> Any:
    """The alert, held against the schema."""
    alert = fromstring(content)
    assert alert.tag == f"{{{NAMESPACE}}}alert"
    check_order(names(alert), ALERT, {"info"})
    assert set(names(alert)) >= NEEDED_ALERT
    infos = alert.findall(f"{{{NAMESPACE}}}info")
    for info in infos:
        check_order(names(info), INFO, MANY_INFO)
        assert set(names(info)) >= NEEDED_INFO
        for area in info.findall(f"{{{NAMESPACE}}}area"):
            check_order(names(area), AREA, {"polygon", "circle", "geocode"})
            assert "areaDesc" in names(area)
            assert all(CIRCLE.fullmatch(each.text) for each in area.findall(f"{{{NAMESPACE}}}circle"))
    for element in alert.iter():
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name in WORDS:
            assert element.text in WORDS[name].split()
        if name in {"sent", "effective", "onset", "expires"}:
            assert TIME.fullmatch(element.text)
        if name in {"identifier", "sender"}:
            assert re.search(r"[\s,<&]", element.text) is None
    assert [info.findtext(f"{{{NAMESPACE}}}language") for info in infos] == ["ja-JP", "en-US"]
    return alert


def text(alert: Any, path: str) -> str | None:
    found = alert.findtext("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))
    return None if found is None else str(found)


def test_a_crossing_is_an_alert_for_those_concerned() -> None:
    alert = checked(cap_alert(fact(), SENDER, NOON, place=Place(36.1, 137.95)))
    said = {name: text(alert, name) for name in ("status", "msgType", "scope", "sent", "identifier")}
    assert said == {
        "status": "Actual", "msgType": "Alert", "scope": "Restricted", "sent": "2026-06-01T12:00:00+09:00",
        "identifier": "noroshi-shiojiri-1",
    }  # fmt: skip
    assert text(alert, "restriction")
    assert text(alert, "info/severity") == "Moderate"
    assert text(alert, "info/area/circle") == "36.10000,137.95000 0"
    assert "気象庁・河川管理者の発表ではありません" in str(text(alert, "info/instruction"))


@pytest.mark.parametrize(
    ("latitude", "longitude", "circle"),
    [
        (36.1149, 137.9545, "36.11490,137.95450 0"), (-0.00001, -179.9999999, "-0.00001,-180.00000 0"),
        (None, 137.9, None), (36.1, None, None), (91.0, 0.0, None), (0.0, 181.0, None), (float("nan"), 0.0, None),
    ],
)  # fmt: skip
def test_the_area_is_the_station_where_the_registry_knows_where_it_stands(
    latitude: float | None, longitude: float | None, circle: str | None
) -> None:
    alert = checked(cap_alert(fact(), SENDER, NOON, place=place_of(latitude, longitude)))
    assert [text(info, "area/circle") for info in alert.findall(f"{{{NAMESPACE}}}info")] == [circle, circle]


@pytest.mark.parametrize(
    ("more", "kind", "response"),
    [
        ({"rank": 0, "before_rank": 2, "effect": Effect.FALL}, "Update", "AllClear"),
        ({"rank": 3, "before_rank": 2}, "Update", "Monitor"),
        ({"withdrawn": WITHDRAWN, "effect": Effect.FALL}, "Cancel", "AllClear"),
    ],
)
def test_later_ones_refer_to_the_first(more: dict[str, Any], kind: str, response: str) -> None:
    earlier = [Reference("shiojiri", 1, NOON - timedelta(minutes=5))]
    alert = checked(cap_alert(fact(event_id=2, **more), SENDER._replace(public=True), NOON, earlier))
    assert (text(alert, "msgType"), text(alert, "scope"), text(alert, "restriction")) == (kind, "Public", None)
    assert text(alert, "references") == "noroshi.example.lg.jp,noroshi-shiojiri-1,2026-06-01T11:55:00+09:00"
    assert text(alert, "info/responseType") == response


def test_a_drill_is_an_exercise() -> None:
    alert = checked(cap_alert(fact(origin=Origin.DRILL), SENDER, NOON))
    assert text(alert, "status") == "Exercise"
    assert str(text(alert, "info/headline")).startswith("【訓練】")
    assert str(text(alert, "info/event")).startswith("【訓練】")


def test_a_hostile_name_stays_a_name() -> None:
    alert = checked(cap_alert(fact(title="]]><x>&\x00\x1b田"), SENDER, NOON))
    assert text(alert, "info/area/areaDesc") == "]]><x>&田、宗賀"


def test_the_feed_leads_to_each_alert() -> None:
    entries = [Entry(fact(origin=Origin.DRILL), NOON, "https://noroshi.example.lg.jp/watch/cap/1")]
    feed = fromstring(atom_feed(Bilingual("塩尻市", "Shiojiri"), "https://noroshi.example.lg.jp/feed", entries, NOON))
    atom = "{http://www.w3.org/2005/Atom}"
    assert [child.tag.removeprefix(atom) for child in feed] == [
        "id", "title", "subtitle", "updated", "link", "author", "entry",
    ]  # fmt: skip
    entry = feed.find(f"{atom}entry")
    assert entry.findtext(f"{atom}title").startswith("【訓練】田川第二: ")
    assert entry.find(f"{atom}link").attrib["type"] == "application/cap+xml"
    assert fromstring(atom_feed(Bilingual("x", "x"), "u", [], NOON)).findtext(f"{atom}updated") is not None
