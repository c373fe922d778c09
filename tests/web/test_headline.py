"""The overview never says that all is well while something is wrong."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from ingest.store.batch.gateway_heard import note_heard
from ingest.telemetry.health import Concern, Trouble
from ingest.web.app import WebDependencies
from ingest.web.headline import Line, headline, health_lines
from ingest.web.text import CATALOGUES
from schemas.japan import to_us
from tests.figures.field import Field
from tests.figures.watch_rows import WatchRows
from tests.fixtures.browser import Watched
from tests.fixtures.database import Database
from tests.web.site import visiting, wired

SINCE_S = datetime(2026, 11, 29, 1, 2, 3, tzinfo=UTC).timestamp()
COUNTS = {"live": 3, "silent": 0, "resting": 0, "never": 0, "total": 3}
WELL = "すべての機器が予定どおり通信しています"


def told(concern: Concern, detail: str = "why", since_s: float = SINCE_S) -> Trouble:
    return Trouble(concern, detail, since_s)


def test_all_is_well_only_if_nothing_is_wrong() -> None:
    assert headline([], 0, [], COUNTS) == [Line("live", 3)]
    assert headline(health_lines([told(Concern.DISK)]), 0, [], COUNTS) == [Line("live", 3)]
    assert headline(health_lines([told(Concern.BROKER)]), 0, [], COUNTS)[0].kind == "blind"
    assert headline([], 2, [], COUNTS | {"silent": 1, "never": 4}) == [
        Line("stage", 2), Line("silent", 1), Line("never", 4),
    ]  # fmt: skip


def test_where_nobody_is_expected_nobody_is_called_punctual() -> None:
    assert headline([], 0, [], COUNTS | {"live": 0, "resting": 3}) == [Line("resting", 0)]
    assert headline([], 0, [], dict.fromkeys(COUNTS, 0)) == [Line("none", 0)]


def test_workers_share_a_line_and_a_database_that_is_gone_is_not_told_twice() -> None:
    lines = health_lines(
        [
            told(Concern.WORKER, "worker 1", 20.0), told(Concern.WORKER, "worker 2", 10.0),
            told(Concern.DATABASE, "gone", 9.0), told(Concern.STORE, "failed", 8.0),
        ]
    )  # fmt: skip
    assert [(line.concern, line.since_s, line.details) for line in lines] == [
        ("worker", 10.0, ["worker 1", "worker 2"]),
        ("database", 8.0, ["gone", "failed"]),
    ]


@pytest.mark.parametrize("concern", Concern)
def test_every_concern_has_a_sentence_in_both_languages(concern: Concern) -> None:
    for texts in CATALOGUES.values():
        assert texts[f"health_{concern}"].endswith(("。", "."))


def test_the_first_line_of_the_first_page_is_the_service_itself(deps: WebDependencies) -> None:
    troubles = [told(Concern.BROKER, "mqtt://broker: <refused>"), told(Concern.DISK, "12 days")]
    with visiting(replace(deps, health=lambda: troubles)) as client:
        html = client.get("/").text
        first = html[html.index('<main class="page"') : html.index('class="tabs"')]
        assert "ブローカーにつながりません" in first
        assert "ディスクの空きが少なくなっています" in first
        assert "mqtt://broker: &lt;refused&gt;" in first
        assert "から" in first
        assert "<h1>取込みが止まっています" in html
        assert WELL not in html
        for path in ("/quarantine", "/devices/fukuroi/halow-0001", "/nowhere"):
            assert "ブローカーにつながりません" in client.get(path).text, path
        assert "There is no connection to the broker" in client.get("/", params={"lang": "en"}).text
        troubles.clear()
        assert "受信と保存は正常です" in client.get("/", params={"lang": "ja"}).text


def test_who_asks_by_another_name_is_told_nothing_of_the_service(deps: WebDependencies) -> None:
    with visiting(replace(deps, health=lambda: [told(Concern.BROKER, "mqtt://secret")])) as client:
        answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "mqtt://secret" not in answer.text


def test_while_the_database_is_gone_a_page_answers_at_once_and_says_since_when(deps: WebDependencies) -> None:
    def never() -> AbstractContextManager[Any]:
        raise AssertionError("nobody asks a database that does not answer")

    gone = replace(deps, health=lambda: [told(Concern.DATABASE)], connect=never)
    with visiting(gone) as client:
        for path in ("/", "/quarantine", "/devices/fukuroi/halow-0001"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "データベースが応答しません" in answer.text


def test_an_open_page_tells_a_trouble_by_itself_also_when_it_can_show_nothing_new(
    deps: WebDependencies, browser_page: Watched
) -> None:
    troubles: list[Trouble] = []
    with visiting(replace(deps, health=lambda: troubles)) as client:
        page = browser_page.page
        page.goto(str(client.base_url))
        expect(page.locator("#health")).to_contain_text("受信と保存は正常です")
        page.evaluate("document.body.dataset.refresh = '1'; document.dispatchEvent(new Event('visibilitychange'))")
        troubles.append(told(Concern.BROKER))
        expect(page.locator("#health")).to_contain_text("ブローカーにつながりません")
        expect(page.locator("h1")).to_contain_text("取込みが止まっています")
        troubles[:] = [told(Concern.DATABASE)]
        expect(page.locator("#health")).to_contain_text("データベースが応答しません")
        expect(page.locator("#lost")).to_contain_text("いまの値を読めません")
        troubles.clear()
        expect(page.locator("#health")).to_contain_text("受信と保存は正常です")
        expect(page.locator("#lost")).to_be_hidden()
        expect(page.locator("h1")).not_to_contain_text("取込みが止まっています")


@pytest.fixture
def valley(any_database: Database) -> Field:
    """Two devices that report, and a river with two stages at 1 m."""
    field = Field(any_database.connect())
    now = datetime.now(UTC)
    for code in ("a", "b"):
        field.uplink(field.device(code), now)
    river = field.device("river", interval_s=600, name="一号水位計")
    field.stage(river, 1, "氾濫注意水位", 2.0, official=True, ref_level=2, source="県", name_en="Caution")
    field.stage(river, 2, "氾濫危険水位", 4.0, official=True, ref_level=4, source="県", name_en="Danger")
    field.connection.execute("update device set latitude = 35, longitude = 138 where device_id = %s", (river,))
    field.uplink(river, now - timedelta(minutes=10), {"river_level": 1.0})
    WatchRows(field.connection).alive()
    return field


def overview(database: Database, **query: str) -> str:
    with wired(database.url) as deps, visiting(deps) as client:
        return client.get("/", params=query).text


def rise(field: Field, value: float, minutes_ago: float, quality: int | None = None) -> None:
    row = field.connection.execute("select device_id from device where code = 'river'").fetchone()
    assert row is not None
    field.uplink(row[0], datetime.now(UTC) - timedelta(minutes=minutes_ago), {"river_level": value}, quality=quality)


def test_a_river_over_its_stage_is_in_the_headline_the_list_and_the_map(any_database: Database, valley: Field) -> None:
    assert WELL in overview(any_database)
    rise(valley, 4.2, 1)
    html = overview(any_database)
    assert WELL not in html
    assert "<h1>1か所が基準に届いています" in html
    head = html[html.index('class="reached"') : html.index('class="two"')]
    assert "一号水位計" in head
    assert "氾濫危険水位" in head
    assert "4.2 m" in head
    assert "氾濫注意水位" not in head, "the highest stage that is reached"
    assert "参考値" in head
    dots = html[html.index('id="map-dots"') : html.index('class="map-tools"')]
    assert 'href="#m-stage"' in dots
    assert 'data-what="氾濫危険水位' in dots
    rows = html[html.index("<tbody>") : html.index("</tbody>")]
    assert rows.index("一号水位計") < rows.index("機器 a"), "it comes first"
    assert "氾濫危険水位" in rows
    english = overview(any_database, lang="en", state="stage")
    assert "Places that have reached a stage: 1" in english
    assert "Danger" in english
    assert english[english.index("<tbody>") : english.index("</tbody>")].count('<tr id="d-') == 1


def test_an_old_value_at_a_stage_stays_in_sight_and_is_called_old(any_database: Database, valley: Field) -> None:
    rise(valley, 2.2, 5)
    valley.connection.execute("update device set interval_s = 60 where code = 'river'")
    html = overview(any_database)
    head = html[html.index('class="reached"') : html.index('class="two"')]
    assert "(古い値)" in head
    assert "段階は最後の測定" in head
    assert "1台の機器からの通信が途絶えています" in html


def test_a_flagged_value_reaches_no_stage_on_the_overview(any_database: Database, valley: Field) -> None:
    rise(valley, 9.9, 1, quality=1)
    assert WELL in overview(any_database)


def test_the_stage_of_a_disabled_device_is_nobody_s_business(any_database: Database, valley: Field) -> None:
    rise(valley, 4.2, 1)
    valley.connection.execute("update device set enabled = false where code = 'river'")
    assert 'class="reached"' not in overview(any_database)


def test_a_dead_gateway_is_in_the_headline_and_its_last_receipt_in_the_list(
    any_database: Database, valley: Field
) -> None:
    valley.gateway("valley", "lora", "谷の基地局")
    now = datetime.now(UTC)
    device = valley.device("c", gateway="hill", interval_s=600)
    valley.uplink(device, now - timedelta(days=2), gateway="hill")
    row = valley.connection.execute("select gateway_id from gateway where code = 'hill'").fetchone()
    assert row is not None
    note_heard(valley.connection, {row[0]: to_us(datetime(2026, 1, 5, 0, 4, tzinfo=UTC))})
    valley.uplink(device, now, gateway="valley")
    html = overview(any_database)
    assert "<h1>1局の基地局が途絶しています" in html
    networks = html[html.index('id="networks"') : html.index('id="devices"')]
    assert "一部途絶" in networks
    assert "1月5日 09:04" in networks
    assert networks.index("丘の上基地局") < networks.index("谷の基地局"), "the dead one comes first"
