"""機器: what came beside the readings, what the numbers are worth, and rain as a clerk asks for it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg import Connection
from psycopg.types.json import Jsonb

from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.web.site import visiting, wired

MINUTE = timedelta(minutes=1)
DEVICE = "/devices/ina/gauge"


class Gauge:
    """The only device of a project of its own."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.now: datetime = connection.execute("select now()").fetchall()[0][0]
        connection.execute("insert into project (code, name) values ('ina', '伊那市')")
        connection.execute("insert into network (code, project_id, kind, name) values ('n', 1, 'lpwa', 'LoRaWAN 網')")
        for code, name in (("gauge", "雨量計"), ("never", "予備")):
            connection.execute(
                "insert into device (project_id, network_id, code, name, interval_s) values (1, 1, %s, %s, 600)",
                (code, name),
            )

    def read(self, minutes: float, quantity: str, value: float, quality: int | None = None) -> None:
        self.connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel, quality)"
            " select %s, %s, 1, quantity_id, 0, %s from quantity where code = %s",
            (self.now - minutes * MINUTE, value, quality, quantity),
        )

    def speak(self, minutes: float) -> None:
        self.connection.execute(
            "insert into uplink (time, received_at, message_id, device_id, payload_bytes, kind, offered, refused, link)"
            " values (%(at)s, %(at)s, %(id)s, 1, 9, 0, 1, 0, %(link)s)",
            {"at": self.now - minutes * MINUTE, "id": minutes, "link": Jsonb({"unknown_keys": ["firm<b>ware"]})},
        )

    def clash(self, minutes: float, value: float) -> None:
        self.connection.execute(
            "insert into reading_conflict (time, value, device_id, quantity_id, channel, message_id, received_at)"
            " select %s, %s, 1, quantity_id, 0, 1, now() from quantity where code = 'rain_total'",
            (self.now - minutes * MINUTE, value),
        )


@pytest.fixture(scope="module")
def dry(servers: Servers) -> Iterator[Database]:
    """A gauge with a running total, a doubted level beside a sound one, conflicts, unknown keys and a profile."""
    database = fresh_database(servers.get(FIRST))
    with database.connect() as connection:
        gauge = Gauge(connection)
        for number in range(30):
            gauge.speak(10 * number + 1)
            gauge.read(10 * number + 1, "rain_total", 5000 - 0.5 * number)
        for number in range(25):
            gauge.clash(10 * number + 1, 5000.0004 - 0.5 * number)
        gauge.read(31, "river_level", 1.5)
        gauge.read(21, "river_level", 6.2, quality=1)
        gauge.read(1, "battery_level", 101.0, quality=16)
        connection.execute(
            "insert into device_stage (device_id, quantity_id, channel, rank, name, name_en, level_m, official)"
            " select 1, quantity_id, 0, 1, '市設定基準1', '', 6.0, false from quantity where code = 'river_level'"
        )
        profile = Jsonb({"name": "雨量計A", "ignore": ["history"]})
        connection.execute("insert into profile (code, body) values ('gauge-a', %s)", (profile,))
        connection.execute("update device set profile_id = (select profile_id from profile where code = 'gauge-a')")
    yield database
    database.drop()


@pytest.fixture(scope="module")
def gauge(dry: Database) -> Iterator[httpx.Client]:
    """A client of the pages about it."""
    with wired(dry.url) as deps, visiting(deps) as client:
        yield client


def text_of(html: str, part: str) -> str:
    """A section as words."""
    section = html[html.index(f'id="{part}"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", section[: section.index("</section>")]).split())


def test_a_gauge_says_how_much_fell_and_not_its_running_total(gauge: httpx.Client) -> None:
    html = gauge.get(DEVICE).text
    latest = html[html.index('id="latest"') : html.index('id="stages"')]
    words = " ".join(re.sub(r"<[^>]+>", " ", latest).split())
    assert "1時間雨量 3.0 mm 24時間雨量 14.5 mm" in words
    assert "5,000" not in words
    row = gauge.get("/").text
    shown = " ".join(re.sub(r"<[^>]+>", " ", row[row.index('id="device-rows"') :]).split())
    assert "1時間雨量 3.0 mm 24時間雨量 14.5 mm" in shown


def test_a_total_that_may_be_wrong_makes_the_sum_provisional(gauge: httpx.Client, dry: Database) -> None:
    assert "暫定" not in gauge.get(DEVICE).text
    with dry.connect() as connection:
        connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel)"
            " select now(), 3.0, 1, quantity_id, 0 from quantity where code = 'rain_total'"
        )
        try:
            html = gauge.get(DEVICE).text
            assert "暫定" in html[html.index('id="latest"') : html.index('id="stages"')]
            assert "暫定" in gauge.get("/").text
        finally:
            connection.execute("delete from reading_packed where time = (select max(time) from reading)")


def test_what_the_tests_of_quality_say_is_named(gauge: httpx.Client, dry: Database) -> None:
    assert 'id="quality"' not in gauge.get(DEVICE).text
    with dry.connect() as connection:
        connection.execute(
            "insert into watch_flag (device_id, quantity_id, channel, test, starts, ends, readings, grade)"
            " select 1, quantity_id, 0, n.test, now() - n.age, now() - n.age, 3, n.grade from quantity,"
            " (values ('spike', interval '1 hour', 4), ('stuck', '8 days', 3)) n (test, age, grade)"
            " where code = 'river_level'"
        )
        try:
            words = text_of(gauge.get(DEVICE).text, "quality")
            assert "突発値 誤り 河川水位 3" in words
            assert "値の固着" not in words
        finally:
            connection.execute("delete from watch_flag")


def test_both_values_of_a_conflict_are_shown_in_full_and_in_pages(gauge: httpx.Client) -> None:
    first = text_of(gauge.get(DEVICE).text, "conflicts")
    assert "同じ時刻に届いた別の値 25件" in first
    assert "5000 mm 5000.0004 mm 5000 mm" in first
    second = gauge.get(DEVICE, params={"conflicts": 2}).text
    assert second[second.index('id="conflicts"') : second.index('id="unread"')].count("<tr>") == 1 + 5
    assert "2 / 2 ページ" in text_of(second, "conflicts")


def test_what_is_not_read_is_named(gauge: httpx.Client, client: httpx.Client) -> None:
    html = gauge.get(DEVICE).text
    assert "firm<b>ware 30通".replace("<b>", "&lt;b&gt;") in text_of(html, "unread")
    assert "雨量計A" in text_of(html, "unread")
    assert "history" in text_of(html, "unread")
    assert 'id="unread"' not in client.get("/devices/fukuroi/halow-0001").text


def test_a_value_with_a_remark_reaches_no_stage_and_the_page_says_so(gauge: httpx.Client) -> None:
    html = gauge.get(DEVICE).text
    stages = text_of(html, "stages")
    assert "1.5 m" in stages
    assert "最新の値 6.2 m には備考(範囲外の値)があり、段階の判定に使っていません" in stages
    assert "どの段階にも届いていません" in stages


def test_a_remark_stands_wherever_its_value_does(gauge: httpx.Client) -> None:
    html = gauge.get(DEVICE).text
    facts = text_of(html, "facts")
    assert "101 % 上限に補正" in facts
    charts = html[html.index('id="charts"') :]
    assert re.search(r'<b>6.2 m</b> <span class="flag">範囲外の値', charts)
    row = gauge.get("/").text
    assert re.search(r"101 %</span></span>\s*<span class=\"flag\" title=\"上限に補正\"", row)


def test_a_network_with_a_device_never_heard_is_not_all_well(gauge: httpx.Client) -> None:
    words = text_of(gauge.get("/").text, "networks")
    assert "2台中 1台が未受信" in words
    assert "一部未受信" in words
    assert "異常なし" not in words
