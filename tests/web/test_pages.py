"""The pages as they leave the server: complete, escaped, in two languages, and guarded by headers."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ingest.telemetry.health import Concern, Trouble
from ingest.web.app import WebDependencies
from ingest.web.text import Language
from ingest.web.text.writer import Writer
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.fixtures.service import eventually
from tests.web.site import IDENTITY, METRICS, visiting, wired

PAGES = (
    "/",
    "/?project=ina",
    "/?state=silent",
    "/?q=none-of-them",
    "/devices/fukuroi/halow-0001",
    "/quarantine",
    "/jobs",
    "/nowhere",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_has_no_inline_script_or_style_and_names_no_other_host(
    client: httpx.Client, path: str, language: str
) -> None:
    html = client.get(path, params={"lang": language}).text
    assert f'<html lang="{language}">' in html
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", html)


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/projects", "/static/app.css", "/metrics"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_headline_counts_every_device_once(client: httpx.Client) -> None:
    html = client.get("/").text
    shown = [int(number) for number in re.findall(r'class="tile s-.*?<b>(\d+)</b>', html, re.DOTALL)]
    assert shown == [102, 6, 6, 6]
    assert "6台の機器からの通信が途絶えています" in html


def test_a_gateway_that_says_it_is_cut_off_is_shown_so_whatever_its_devices_say(
    client: httpx.Client, field: Database
) -> None:
    assert "切断" not in client.get("/").text
    with field.connect() as connection:
        connection.execute(
            "insert into gateway_event (time, received_at, message_id, gateway_id, kind, online)"
            " select now(), now(), 1, min(gateway_id), 1, false from gateway"
        )
        try:
            eventually(lambda: "切断" in client.get("/").text, what="the gateway is shown as cut off")
        finally:
            connection.execute("delete from gateway_event")


def test_silent_devices_stand_first_and_the_longest_silence_on_top(client: httpx.Client) -> None:
    html = client.get("/").text
    states = re.findall(r'<tr.*?class="state s-(\w+)"', html, re.DOTALL)
    assert states[:13] == ["silent"] * 6 + ["never"] * 6 + ["live"]
    hours = [int(hour) for hour in re.findall(r'<b class="toned s-silent">(\d+)時間', html)]
    assert hours == sorted(hours, reverse=True)


def test_the_identity_is_written_out_with_its_numbers(client: httpx.Client) -> None:
    html = client.get("/").text
    identity = re.sub(r"<[^>]+>|\s", "", html[html.index('id="identity"') : html.index('id="rate"')])
    assert "1,204,518受信=1,204,109保存+312重複+26隔離+71処理中✓一致" in identity


def test_a_project_has_an_account_of_its_own_and_the_page_says_whose_it_is(
    client: httpx.Client, field: Database
) -> None:
    insert = (
        "insert into tally"
        " (hour, project_id, writer, stored, duplicate, quarantined, readings_offered, readings_stored)"
        " select %s, project_id, 'one', 5, 1, 1, %s, 20 from project where code = 'ina'"
    )
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with field.connect() as connection:
        connection.execute(insert, (now, 20))
        connection.execute(insert, (now - timedelta(days=40), 20))
        try:
            eventually(lambda: "7受信" in account_of(client, "ina"), what="the account of the project")
            shown = account_of(client, "ina")
            assert "この事業の" in shown
            assert "7受信=5保存+1重複+1隔離✓一致" in shown
            assert "1,204,518" not in shown
            assert "0受信=0保存" in account_of(client, "fukuroi")
            connection.execute("update tally set readings_offered = 21 where writer = 'one'")
            eventually(lambda: "✕不一致" in account_of(client, "ina"), what="the page says that it does not balance")
        finally:
            connection.execute("delete from tally where writer = 'one'")
    assert "全事業" in account_of(client, "")


def account_of(client: httpx.Client, project: str) -> str:
    html = client.get("/", params={"project": project}).text
    begin = html.rindex("<h2>", 0, html.index('id="identity"'))
    return re.sub(r"<[^>]+>|\s", "", html[begin : html.index('id="rate"')])


def test_an_account_that_does_not_balance_is_never_called_exact(deps: WebDependencies) -> None:
    off = IDENTITY._replace(stored=1)
    wrong = replace(deps, live=lambda: off)
    with visiting(wrong) as client:
        html = client.get("/").text
    assert "不一致" in html
    assert "✓" not in html


def test_every_page_of_the_device_list_can_be_reached(client: httpx.Client) -> None:
    names = [
        name
        for page in range(1, 6)
        for name in re.findall(r'class="name" href="([^"]+)"', client.get("/", params={"page": page}).text)
    ]
    assert len(names) == len(set(names)) == 120


def test_the_language_is_remembered_in_a_cookie(deps: WebDependencies) -> None:
    with visiting(deps) as client:
        assert "Overview" in client.get("/?lang=en").text
        assert "Quarantine by reason" in client.get("/quarantine").text
        assert "概況" in client.get("/?lang=ja").text
        assert "隔離の内訳" in client.get("/quarantine").text


def test_what_the_registry_lacks_is_said_on_the_page_it_is_about(client: httpx.Client) -> None:
    assert "の交付決定番号が台帳になく、報告書で空になります" in client.get("/", params={"lang": "ja"}).text
    assert "has no grant_number, and reports leave it empty" in client.get("/", params={"lang": "en"}).text
    assert "grant_number" not in client.get("/devices/fukuroi/halow-0001", params={"lang": "en"}).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "ja"),
        ("", "ja"),
        ("en-GB,en;q=0.9", "en"),
        ("fr;q=1.0, en;q=0.5, ja;q=0.4", "en"),
        ("en;q=0.4,ja-JP;q=0.8", "ja"),
        ("EN_us, EN-US", "en"),
        ("en;q=0, *", "ja"),
        ("fr-FR", "ja"),
        ("en;q=9, en;q=nan, ;;;,\u00ff", "ja"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_the_language_of_the_browser_counts_where_the_reader_has_chosen_none(
    deps: WebDependencies, path: str, accepted: str | None, language: str
) -> None:
    with visiting(deps) as client:
        headers = [] if accepted is None else [(b"accept-language", accepted.encode("latin-1"))]
        answer = client.get(path, headers=headers)
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["content-language"] == language
        assert {"Accept-Language", "Cookie"} <= {one.strip() for one in answer.headers["vary"].split(",")}


def test_what_the_reader_has_chosen_wins_over_the_browser(deps: WebDependencies) -> None:
    with visiting(deps) as client:
        client.headers["accept-language"] = "en"
        assert "概況" in client.get("/?lang=ja").text
        assert "概況" in client.get("/").text  # by the cookie
        assert "Overview" in client.get("/?lang=en").text


def test_what_an_address_says_is_escaped(client: httpx.Client) -> None:
    html = client.get("/", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_device_with_markup_in_its_name_is_shown_as_text(any_database: Database) -> None:
    with any_database.connect() as connection:
        connection.execute("insert into project (code, name) values ('p', '<u>p</u>')")
        connection.execute("insert into network (code, project_id, kind, name) values ('n', 1, 'lpwa', '<u>n</u>')")
        connection.execute(
            "insert into device (project_id, network_id, code, name, interval_s, latitude, longitude)"
            " values (1, 1, 'd', '<img src=x onerror=alert(1)>', 600, 35, 138)"
        )
    with wired(any_database.url) as deps, visiting(deps) as client:
        for path in ("/", "/devices/p/d", "/quarantine"):
            html = client.get(path).text
            assert "<img" not in html
            assert "<u>" not in html


def test_an_empty_installation_has_pages_that_say_so(any_database: Database) -> None:
    with wired(any_database.url) as deps, visiting(deps) as client:
        assert "機器がまだ登録されていません" in client.get("/").text
        assert "隔離されたメッセージはありません" in client.get("/quarantine").text


def test_an_unknown_page_project_or_device_is_a_page_that_says_so(client: httpx.Client) -> None:
    for path in ("/nowhere", "/?project=nowhere", "/quarantine?project=nowhere", "/devices/fukuroi/nothing"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "ページが見つかりません" in answer.text


def test_without_a_database_pages_and_api_say_so_and_the_metrics_go_on() -> None:
    with wired(f"postgresql://nobody@127.0.0.1:{free_port()}/none", patience_s=1) as deps, visiting(deps) as client:
        page = client.get("/")
        assert page.status_code == 503
        assert "データベースに接続できません" in page.text
        answer = client.get("/api/v1/projects")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert client.get("/metrics").content == METRICS
        assert client.get("/livez").text == "ok\n"


def test_readiness_names_the_reasons(deps: WebDependencies) -> None:
    troubles = [
        Trouble(Concern.BROKER, "broker: not connected yet", 1_795_900_000.0),
        Trouble(Concern.DISK, "12 days are left", 1_795_800_000.0),
    ]
    with visiting(replace(deps, health=lambda: troubles)) as client:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (
            503,
            {
                "ready": False,
                "reasons": ["broker: not connected yet"],
                "since": "2026-11-28T21:06:40+00:00",
                "warnings": ["12 days are left"],
            },
        )
        del troubles[0]
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["ready"]) == (200, True), "what can wait leaves it ready"
        assert answer.json()["warnings"] == ["12 days are left"]


def test_a_failure_of_our_own_shows_nothing_of_its_inside(deps: WebDependencies) -> None:
    def broken() -> bytes:
        raise RuntimeError("secret")

    with visiting(replace(deps, metrics=broken)) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_the_page_of_a_device_draws_its_radio_link_and_lists_its_last_messages(client: httpx.Client) -> None:
    html = client.get("/devices/fukuroi/halow-0001").text
    link = html[html.index('id="links"') : html.index('id="uplinks"')]
    assert "受信電力(RSSI)" in link
    assert link.count('class="line"') == 2
    uplinks = html[html.index('id="uplinks"') :]
    assert uplinks.count("<tr>") == 1 + 20
    assert "84 バイト" in uplinks


def test_a_payload_that_is_no_text_is_shown_as_hexadecimal_digits() -> None:
    writer = Writer(Language.JA, datetime.now(UTC))
    assert writer.payload(b"\x00\x01\xff") == "00 01 ff"
    assert writer.payload("水位".encode()[:5]) == "水"
    assert writer.payload(b'{"a": 1}\n') == '{"a": 1}\n'
