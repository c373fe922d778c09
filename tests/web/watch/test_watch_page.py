"""監視: the page says what lasts and who was told, and never that nothing does while it cannot know."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from ingest.telemetry.health import Concern, Trouble
from tests.figures.watch_rows import MINUTE
from tests.web.site import visiting, wired
from tests.web.watch.conftest import QUIET, STOPPED, WatchedCity


@pytest.fixture
def viewer(city: WatchedCity, people: dict[str, int]) -> Iterator[httpx.Client]:
    with city.town.browser(people["viewer"]) as client:
        client.get("/watch", params={"lang": "ja"})
        yield client


def page(client: httpx.Client, **query: str) -> str:
    """The page without what is kept for some seconds: a fleet is asked anew."""
    answer = client.get("/watch", params={"project": "fukuroi", **query})
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def h1(html: str) -> str:
    return html.partition("<h1>")[2].partition("</h1>")[0]


def fresh(city: WatchedCity, **query: str) -> str:
    """The page of a server of its own, so that nothing of the test before is kept."""
    with wired(city.town.database.url) as deps, visiting(deps) as client:
        return client.get("/watch", params={"project": "fukuroi", **query}).text


def test_with_a_watcher_that_looks_and_nothing_at_a_stage_all_is_quiet(city: WatchedCity) -> None:
    html = fresh(city)
    assert h1(html) == QUIET
    assert "気象庁・河川管理者の発表ではありません" in html


@pytest.mark.parametrize("trouble", ["stopped", "late", "intake", "gone"])
def test_it_never_says_quiet_while_it_cannot_know(city: WatchedCity, trouble: str) -> None:
    troubles: list[Trouble] = []
    if trouble == "stopped":
        city.rows.alive(ago_s=120)
    elif trouble == "gone":
        city.rows.dead()
    elif trouble == "late":
        city.rows.waits(60)
    else:
        troubles.append(Trouble(Concern.BROKER, "gone", 0.0))
    with wired(city.town.database.url) as deps, visiting(replace(deps, health=lambda: troubles)) as client:
        for path in ("/watch?project=fukuroi", "/watch", "/"):
            html = client.get(path).text
            assert QUIET not in html, path
            assert "すべての機器が予定どおり通信しています" not in h1(html)
        html = client.get("/watch").text
    said = {"stopped": STOPPED, "gone": STOPPED, "late": "監視が遅れています", "intake": "取込みが止まっています"}
    assert h1(html).startswith(said[trouble])
    assert "監視が動いていないため、ないとは言えません" in html
    assert 'class="good"' not in html[html.index('id="of-stage"') : html.index('id="maintenance"')]


def test_a_dead_watcher_is_the_first_line_also_when_something_is_at_a_stage(city: WatchedCity) -> None:
    city.fill()
    city.rows.alive(ago_s=60)
    html = fresh(city)
    assert h1(html).startswith(STOPPED)
    assert "2か所が基準に届いています" in html


def test_everything_of_a_bad_night_is_there(city: WatchedCity) -> None:
    city.fill()
    html = fresh(city)
    assert h1(html) == "2か所が基準に届いています"
    first = html[html.index(f'id="i-{city.numbers["river"]}"') : html.index(f'id="i-{city.numbers["second"]}"')]
    for said in (
        "氾濫危険水位", "段階2", "4.31 m", "基準 4.2 m", "参考: 警戒レベル2の目安", "田中", "届かず",
        "届いたか不明", "未確認",
    ):  # fmt: skip
        assert said in first, said
    assert "保守中" in html[html.index(f'id="i-{city.numbers["second"]}"') :]
    assert "見えません(監視不能)" in html
    drill = html[html.index('id="drills"') : html.index('id="untold"')]
    assert "【訓練】" in drill
    assert f'id="i-{city.numbers["drill"]}"' in drill
    assert "接続を断られました" in html[html.index('id="untold"') :]
    assert html.count("【訓練】") >= 3


def test_a_list_that_is_cut_says_how_much_there_is(city: WatchedCity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.web.watch_view.MOST_UNTOLD", 1)
    monkeypatch.setattr("ingest.web.watch_view.MOST_AMENDED", 1)
    city.fill()
    for minutes in (1, 2, 3):
        city.rows.event(city.numbers["river"], 0, minutes * MINUTE, origin="late")
    city.rows.connection.execute("update watch_delivery set given_up_at = now(), delivered_at = null")
    html = fresh(city)
    untold = html[html.index('id="untold"') : html.index('id="maintenance"')]
    told = "select from figure_watch_delivery where state in ('failed', 'doubtful')"
    count = len(city.rows.connection.execute(told).fetchall())
    assert count > 1
    assert f'<span class="tab">{count}</span>' in untold
    assert "新しい順に1件だけを示しています" in untold
    assert f"届いたか分からない通知が{count}件あります" in html
    amended = html[html.index('id="amended"') :]
    assert amended.count("加えた") == 1
    assert "新しい順に1件だけを示しています" in amended
    assert "ほかは災害対応時系列記録にあります" in amended


def test_the_page_of_an_incident_says_that_it_shows_the_newest_only(
    city: WatchedCity, viewer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.fill()
    address = f"/watch/incident/{city.numbers['river']}"
    assert "だけを示しています" not in viewer.get(address).text
    monkeypatch.setattr("ingest.web.pages.watch.incident.MOST_ROWS", 1)
    html = viewer.get(address).text
    assert html.count("新しい順に1件だけを示しています") == 2  # events, messages


def test_a_drill_alone_leaves_what_is_real_quiet_and_says_that_it_is_one(city: WatchedCity) -> None:
    city.rows.stage(city.gauges[0], 3, drill=city.rows.drill())
    html = fresh(city)
    assert h1(html) == QUIET
    assert "訓練中: 出水期前訓練" in html


def test_a_value_at_a_stage_without_an_incident_is_not_passed_over(city: WatchedCity) -> None:
    city.town.connection.execute("update device_stage set level_m = 0.1")
    html = fresh(city)
    assert h1(html) == "1か所が基準に届いています"
    assert "監視の事象にはなっていません" in html


def test_maintenance_hides_nothing_and_says_that_nobody_is_told(city: WatchedCity) -> None:
    city.rows.maintenance()
    city.rows.stage(city.gauges[0])
    html = fresh(city)
    assert "1か所が基準に届いています" in html
    assert "通知を止めているものが1件あります" in html
    assert "電池交換" in html


def test_where_nothing_is_to_be_watched_nobody_is_told_that_all_is_quiet(city: WatchedCity) -> None:
    city.town.connection.execute("delete from device_stage")
    html = fresh(city)
    assert h1(html) == "監視するものがありません"
    assert QUIET not in html


def test_a_project_of_another_city_is_not_seen_and_only_operators_may_take(
    city: WatchedCity, viewer: httpx.Client, people: dict[str, int]
) -> None:
    city.fill()
    number = city.numbers["river"]
    assert viewer.get("/watch?project=ina").status_code == 404
    assert "確認したと記録" not in page(viewer)
    assert viewer.get(f"/watch/incident/{number}").status_code == 200
    assert viewer.get(f"/watch/incident/{2**63}").status_code == 404
    with city.town.browser(people["elsewhere"]) as foreign:
        assert foreign.get(f"/watch/incident/{number}").status_code == 404
        assert "氾濫危険水位" not in foreign.get("/watch").text


def test_the_page_of_an_incident_has_its_course_its_messages_and_no_address(
    city: WatchedCity, viewer: httpx.Client
) -> None:
    city.fill()
    html = viewer.get(f"/watch/incident/{city.numbers['river']}").text
    assert html.index("氾濫注意水位に到達") < html.index("氾濫危険水位に到達")
    assert "接続を断られました" in html
    assert "0.8秒" in html
    assert "t@city.example.jp" not in html
    english = viewer.get(f"/watch/incident/{city.numbers['river']}", params={"lang": "en"}).text
    assert "Highest rank" in english
    assert "the connection was refused" in english


def test_a_state_has_no_number_a_unit_is_written_and_a_fall_is_no_arrival(
    city: WatchedCity, viewer: httpx.Client
) -> None:
    rows, gauge = city.rows, city.gauges[0]
    trap = rows.incident("stage", "stage:trap", 1, 5 * MINUTE, device_id=rows.device(gauge), hazard="trap")
    rows.event(trap, 1, 5 * MINUTE, measure="state", name="わな作動", value=1.0, threshold=1.0, unit="1")
    cold = rows.incident("stage", "stage:cold", 1, 5 * MINUTE, device_id=rows.device(gauge), hazard="frost")
    rows.event(cold, 2, 6 * MINUTE, measure="rise", name="霜2", value=-2.5, threshold=-2.0, unit="Cel")
    rows.event(cold, 1, 5 * MINUTE, measure="rise", name="霜1", value=-1.5, threshold=0.0, unit="Cel", before_rank=2)
    html = fresh(city)
    first = html[html.index(f'id="i-{trap}"') :]
    assert "わな作動" in first
    assert "基準 1" not in first
    assert ">1 1<" not in html
    assert "-1.5 ℃" in html.replace("−", "-")
    course = viewer.get(f"/watch/incident/{cold}").text
    assert "霜2に到達" in course
    assert "霜1に戻る" in course


def test_what_a_silent_gateway_explains_counts_with_it(city: WatchedCity) -> None:
    gateway = city.rows.incident("silence", "silence:g1", 2, 9 * MINUTE, gateway_id=1)
    city.rows.event(gateway, 2, 9 * MINUTE)
    for code in city.gauges[:2]:
        device = city.rows.device(code)
        number = city.rows.incident("silence", f"silence:d{device}", 1, 8 * MINUTE, device_id=device)
        city.rows.event(number, 1, 8 * MINUTE, details={"group": "silence:g1"})
    assert "途絶が1件続いています" in fresh(city)


def test_a_document_that_cannot_be_read_is_said_before_all_else_and_with_what_is_lost(city: WatchedCity) -> None:
    city.rows.document({"notify": [{"to": ["fax"]}], "channels": [{"code": "fax", "kind": "<fax>"}]})
    html = fresh(city)
    assert "監視計画の一部を読めません(1事業)" in h1(html)
    assert "channels[0]" in html
    assert "監視計画の一部を読めないため、ないとは言えません" in html
    with wired(city.town.database.url) as deps, visiting(deps) as client:
        assert "監視計画の一部を読めません" in client.get("/watch/wall?project=fukuroi").text
        assert "監視計画の一部を読めません" not in client.get("/watch?project=ina").text
    city.rows.document({})
    assert h1(fresh(city)) == QUIET
