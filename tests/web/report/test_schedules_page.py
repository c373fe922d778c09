"""The page of schedules: who may see and change it, what it says of each e-mail, and the test of the settings."""

import re
from pathlib import Path

import httpx
import pytest

from ingest.access.authority import By
from ingest.access.people import change_email
from ingest.access.roles import Role
from ingest.report.mail.database import claim_next, note_doubt
from schemas.bilingual import quoted
from tests.fixtures.browser import Watched
from tests.web.report.conftest import Bureau
from tests.web.townhall import csrf_of

PAGE = "/reports/schedules?project=fukuroi"


def _post(client: httpx.Client, path: str, **fields: object) -> httpx.Response:
    return client.post(path, data={"csrf": csrf_of(client), "project": "fukuroi", **fields})


@pytest.fixture
def operator(bureau: Bureau) -> int:
    with bureau.town.connection.transaction():
        bureau.town.connection.execute("delete from report_delivery; delete from report_schedule")
        bureau.town.connection.execute("delete from person where login like 'mail-%%'")
    return bureau.town.person("mail-operator", bureau.town.in_city(Role.OPERATOR))


def test_an_operator_adds_pauses_and_removes_a_schedule(bureau: Bureau, operator: int) -> None:
    town = bureau.town
    with town.browser(operator) as client:
        wrong = _post(client, "/reports/schedules", kind="yearly", day="10", forms="pdf", role="reporter")
        assert wrong.status_code == 422
        assert "年度の報告書には月を選んでください" in wrong.text
        right = _post(
            client, "/reports/schedules", kind="yearly", day="10", month="4", forms=["pdf", "xlsx"], role="operator",
            addresses="kacho@city.example.jp、bucho@city.example.jp",
        )  # fmt: skip
        assert right.headers["location"].endswith("done=schedule_added")
        shown = client.get(PAGE).text
        assert "毎年 4月10日" in shown
        assert "いま 2人に届きます" in shown
        assert "kacho@city.example.jp bucho@city.example.jp" in shown
        change_email(town.connection, By("chief"), operator, "op@city.example.jp")
        assert "いま 3人に届きます" in client.get(PAGE).text
        (number,) = re.findall(r"/reports/schedules/(\d+)/pause", shown)
        _post(client, f"/reports/schedules/{number}/pause")
        assert "停止中" in client.get(PAGE).text
        _post(client, f"/reports/schedules/{number}/resume")
        assert _post(client, f"/reports/schedules/{number}/remove", project="ina").status_code == 404
        _post(client, f"/reports/schedules/{number}/remove")
        assert "配信の予定はありません" in client.get(PAGE).text
    assert len(town.entries("report_schedule_changed")) == 4


def test_addresses_are_shown_to_those_who_make_reports_alone(bureau: Bureau, operator: int) -> None:
    town = bureau.town
    viewer = town.person("mail-viewer", town.in_city(Role.VIEWER))
    reporter = town.person("mail-reporter", town.in_city(Role.REPORTER))
    elsewhere = town.person("mail-elsewhere", town.in_city(Role.ADMIN, "ina"))
    with town.browser(operator) as client:
        _post(client, "/reports/schedules", kind="reminder", day="1", role="reporter")
    with town.browser(viewer) as client:
        assert client.get(PAGE).status_code == 403
        assert "/reports/schedules" not in client.get("/reports?project=fukuroi").text
    with town.browser(elsewhere) as client:
        assert client.get(PAGE).status_code == 404
    with town.browser(reporter) as client:
        shown = client.get(PAGE)
        assert shown.status_code == 200
        assert "期限のお知らせ" in shown.text
        assert 'id="add"' not in shown.text
        assert _post(client, "/reports/schedules", kind="reminder", day="1", role="reporter").status_code == 403


def test_what_is_in_doubt_is_shown_and_somebody_decides(bureau: Bureau, operator: int) -> None:
    town = bureau.town
    with town.browser(operator) as client:
        _post(client, "/reports/schedules/test", address="x@y.jp")
        assert town.connection.execute("select count(*) from report_delivery").fetchone() == (0,), "not an admin"
    admin = town.person("mail-admin", town.in_city(Role.ADMIN))
    with town.browser(admin) as client:
        assert _post(client, "/reports/schedules/test", address="x@y\r\nBcc: z@y.jp").status_code == 422
        assert _post(client, "/reports/schedules/test", address="x@y.jp").status_code == 303
        assert "送信待ち" in client.get(PAGE).text
        claimed = claim_next(town.connection)
        assert claimed is not None
        note_doubt(town.connection, claimed.number, quoted("the line broke"))
        shown = client.get(PAGE).text
        assert "届いたか不明" in shown
        assert "the line broke" in shown
        assert _post(client, f"/reports/deliveries/{claimed.number}/again").status_code == 303
        assert _post(client, f"/reports/deliveries/{claimed.number}/settle").status_code == 422
        again = claim_next(town.connection)
        assert again is not None
        assert again.message_id == claimed.message_id
        note_doubt(town.connection, claimed.number, quoted("again"))
        assert _post(client, f"/reports/deliveries/{claimed.number}/settle").status_code == 303
        assert "取りやめ・確認済み" in client.get(PAGE).text


def test_the_address_of_a_person_is_written_on_their_page(bureau: Bureau, operator: int) -> None:
    town = bureau.town
    admin = town.person("mail-admin", town.in_city(Role.ADMIN))
    with town.browser(admin) as client:
        csrf = csrf_of(client)
        path = f"/people/{operator}/email"
        wrong = client.post(path, data={"csrf": csrf, "email": "nobody"})
        assert wrong.status_code == 422
        assert "メールアドレスではありません" in wrong.text
        assert client.post(path, data={"csrf": csrf, "email": "op@city.example.jp"}).status_code == 303
        assert 'value="op@city.example.jp"' in client.get(f"/people/{operator}").text


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_a_desk_and_a_telephone(
    bureau: Bureau, operator: int, browser_page: Watched, width: int, tmp_path: Path
) -> None:
    town = bureau.town
    admin = town.person("mail-admin", town.in_city(Role.ADMIN))
    change_email(town.connection, By("chief"), operator, "op@city.example.jp")
    with town.browser(admin) as client:
        for fields in (
            {"kind": "monthly", "day": "5", "forms": ["xlsx", "pdf"], "role": "operator"},
            {"kind": "set", "day": "10", "month": "4", "forms": ["xlsx"], "role": "reporter",
             "addresses": "a.very.long.name.of.a.person.in.a.department@section.city.fukuroi.shizuoka.example.jp"},
            {"kind": "reminder", "day": "1", "role": "operator"},
        ):  # fmt: skip
            assert _post(client, "/reports/schedules", **fields).status_code == 303
        for address in ("sato@city.example.jp", "ito@city.example.jp"):
            _post(client, "/reports/schedules/test", address=address)
        claimed = claim_next(town.connection)
        assert claimed is not None
        note_doubt(town.connection, claimed.number, quoted("送った後、サーバーの返事がありませんでした。"))
        session = next((each.name, each.value or "") for each in client.cookies.jar)
    page = browser_page.page
    page.context.add_cookies([{"name": session[0], "value": session[1], "url": town.address}])
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(town.address + PAGE)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (browser_page.complaints, browser_page.foreign(town.address)) == ([], [])
    page.screenshot(path=str(tmp_path / f"{width}.png"), full_page=True)
