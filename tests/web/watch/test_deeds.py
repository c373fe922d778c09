"""What operators do on the pages of the watch, what others may not, and what is said where it is refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from schemas.japan import to_jst
from tests.web.townhall import csrf_of
from tests.web.watch.conftest import WatchedCity, now


@pytest.fixture
def operator(city: WatchedCity, people: dict[str, int]) -> Iterator[httpx.Client]:
    with city.town.browser(people["operator"]) as client:
        yield client


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    return client.post(path, data={"csrf": csrf_of(client), "project": "fukuroi", **fields})


def one(city: WatchedCity, query: str) -> tuple[Any, ...]:
    row = city.town.connection.execute(query.encode()).fetchone()
    assert row is not None
    return tuple(row)


def clock(at: datetime) -> str:
    return f"{to_jst(at):%Y-%m-%dT%H:%M}"


def test_somebody_takes_what_they_saw_and_no_more(city: WatchedCity, operator: httpx.Client) -> None:
    number = city.rows.stage(city.gauges[0], 1)
    assert f'action="/watch/incident/{number}/acknowledge"' in operator.get("/watch?project=fukuroi").text
    city.town.connection.execute("update watch_incident set rank = 2, top_rank = 2")
    answer = send(operator, f"/watch/incident/{number}/acknowledge", rank="1", back="fukuroi")
    assert answer.headers["location"] == "/watch?project=fukuroi&done=taken_partly"
    assert "段階が上がっています" in operator.get(answer.headers["location"]).text
    assert one(city, "select acknowledged_rank from watch_incident") == (1,)
    html = operator.get(f"/watch/incident/{number}").text
    assert "段階1までは watch-operator が確認。その後に上がりました" in html
    send(operator, f"/watch/incident/{number}/acknowledge", rank="2")
    html = operator.get(f"/watch/incident/{number}").text
    assert "確認 watch-operator" in html
    assert f'action="/watch/incident/{number}/acknowledge"' not in html
    refused = send(operator, f"/watch/incident/{number}/acknowledge", rank="9")
    assert refused.status_code == 422
    assert "この事象の段階は1〜2です" in refused.text
    assert send(operator, f"/watch/incident/{number}/acknowledge", rank="1O").status_code == 422
    assert city.town.entries("watch_acknowledged")[-1][0] == "watch-operator"


@pytest.mark.parametrize("role", ["viewer", "reporter"])
def test_whoever_is_no_operator_does_nothing(city: WatchedCity, people: dict[str, int], role: str) -> None:
    number = city.rows.stage(city.gauges[0])
    with city.town.browser(people[role]) as client:
        assert 'action="/watch/' not in client.get(f"/watch/incident/{number}").text
        for path in (f"/watch/incident/{number}/acknowledge", "/watch/maintenance", "/watch/drill", "/watch/duty"):
            assert send(client, path, rank="1").status_code == 403, path
    assert one(city, "select count(*) from watch_action") == (0,)


def test_the_incident_of_another_city_is_not_there(city: WatchedCity, people: dict[str, int]) -> None:
    number = city.rows.stage(city.gauges[0])
    with city.town.browser(people["elsewhere"]) as client:
        assert send(client, f"/watch/incident/{number}/acknowledge", rank="1").status_code == 404
        assert send(client, f"/watch/incident/{number}/note", note="x").status_code == 404
        assert send(client, "/watch/drill", title="x", until=clock(now() + timedelta(hours=1))).status_code == 404


def test_what_was_done_and_whether_it_was_right_stand_on_the_page(city: WatchedCity, operator: httpx.Client) -> None:
    number = city.rows.stage(city.gauges[0])
    at = clock(now() - timedelta(minutes=3))
    assert send(operator, f"/watch/incident/{number}/note", note="水門を閉めた", at=at).status_code == 303
    assert send(operator, f"/watch/incident/{number}/mark", mark="false", why="草が流れた").status_code == 303
    html = operator.get(f"/watch/incident/{number}").text
    for said in ("水門を閉めた", "空振り", "草が流れた"):
        assert said in html
    for path, fields, said in (
        ("note", {"note": " "}, "内容を書いてください"),
        ("note", {"note": "x", "at": "昨日"}, "日時は 2026-11-29"),
        ("mark", {"mark": "perhaps"}, "的中か空振りかを選んでください"),
    ):
        refused = send(operator, f"/watch/incident/{number}/{path}", **fields)
        assert (refused.status_code, said in refused.text) == (422, True), (path, fields)


def test_maintenance_begins_and_ends_by_form(city: WatchedCity, operator: httpx.Client) -> None:
    times = {"starts": clock(now() - timedelta(minutes=1)), "ends": clock(now() + timedelta(hours=1))}
    thing = f"device:{city.gauges[0]}"
    assert send(operator, "/watch/maintenance", thing=thing, reason="電池交換", **times).status_code == 303
    assert "電池交換" in operator.get("/watch?project=fukuroi").text
    (number, device) = one(city, "select watch_maintenance_id, device_id from watch_maintenance")
    assert device == city.rows.device(city.gauges[0])
    assert send(operator, f"/watch/maintenance/{number}/end").status_code == 303
    assert "電池交換" not in operator.get("/watch?project=fukuroi").text
    turned = {"starts": times["ends"], "ends": times["starts"]}
    backwards = send(operator, "/watch/maintenance", thing=thing, reason="x", **turned)
    assert backwards.status_code == 422
    assert "終了は開始より後に" in backwards.text
    for wrong in ({}, {"thing": ""}, {"thing": "device:"}, {"thing": "town:x"}):
        unchosen = send(operator, "/watch/maintenance", reason="x", **times, **wrong)
        assert (unchosen.status_code, "対象を選んでください" in unchosen.text) == (422, True)
    assert one(city, "select count(*) from watch_maintenance") == (1,), "nobody silences a project by mistake"
    assert send(operator, "/watch/maintenance", thing="everything", reason="x", **times).status_code == 303
    nothing = send(operator, "/watch/maintenance", thing=thing, reason="x", starts="", ends=times["ends"])
    assert "日時を書いてください" in nothing.text


def test_the_duty_is_shown_and_taken_over(city: WatchedCity, operator: httpx.Client) -> None:
    people = [{"code": "tanaka", "name": "田中"}, {"code": "suzuki", "name": "鈴木"}]
    city.rows.document({"people": people, "duty": {"backup": "suzuki"}})
    assert "鈴木" in operator.get("/watch?project=fukuroi").text
    times = {"from": clock(now() - timedelta(minutes=1)), "to": clock(now() + timedelta(hours=8))}
    assert send(operator, "/watch/duty", person="tanaka", **times).status_code == 303
    html = operator.get("/watch?project=fukuroi").text
    verdict = html[html.index('id="verdict"') : html.index('id="of-stage"')]
    assert verdict.index("田中") < verdict.index("鈴木"), "now the one, then the other"
    (number,) = one(city, "select watch_duty_id from watch_duty")
    assert send(operator, f"/watch/duty/{number}/void").status_code == 303
    assert "田中" not in operator.get("/watch?project=fukuroi").text
    unknown = send(operator, "/watch/duty", person="nobody", **times)
    assert (unknown.status_code, "監視計画にない人です" in unknown.text) == (422, True)


def test_a_drill_goes_the_whole_way_and_is_marked(city: WatchedCity, operator: httpx.Client) -> None:
    until = clock(now() + timedelta(hours=1))
    assert send(operator, "/watch/drill", title="出水期前訓練", until=until).status_code == 303
    assert send(operator, "/watch/drill/inject", device=city.gauges[0], rank="1").status_code == 303
    html = operator.get("/watch?project=fukuroi").text
    assert "訓練中: 出水期前訓練" in html
    assert "いま基準に届いているところはありません" in html
    assert "【訓練】" in html[html.index('id="drills"') :]
    wrong = send(operator, "/watch/drill/inject", device=city.gauges[0], rank="5")
    assert (wrong.status_code, "段階5はありません" in wrong.text) == (422, True)
    assert send(operator, "/watch/drill/end").status_code == 303
    assert "訓練中" not in operator.get("/watch?project=fukuroi").text
    assert send(operator, "/watch/drill/end").status_code == 422


def test_what_was_missed_is_written_down(city: WatchedCity, operator: httpx.Client) -> None:
    sent = send(operator, "/watch/missed", at=clock(now() - timedelta(days=1)), place="下流の橋", note="越水")
    assert sent.status_code == 303
    assert one(city, "select action, place, note from watch_action") == ("missed", "下流の橋", "越水")
