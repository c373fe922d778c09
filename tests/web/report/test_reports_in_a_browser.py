"""A clerk's way in a real Chromium: ordered, read, checked, frozen, verified, and the words that came back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ingest.access.roles import Role
from ingest.report.read.package import MOST_BYTES
from tests.fixtures.browser import Watched, picture
from tests.report.read.books import changed, first_place, write
from tests.web.report.conftest import Bureau
from tests.web.report.test_reports_pages import _number, _order

MOST_S = 60_000


def _show(page: Page, directory: Path, name: str) -> None:
    """A picture at the width of a desk and of a phone; nothing sticks out."""
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, directory, f"{name}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    page.set_viewport_size({"width": 1366, "height": 900})


def _sign_in(bureau: Bureau, page: Page, login: str, role: Role) -> None:
    town = bureau.town
    page.goto(town.address + town.link(town.person(login, town.in_city(role))))
    page.get_by_role("button").first.click()
    page.wait_for_load_state()


def _save(page: Page, name: str) -> bytes:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name).first.click()
    return begun.value.path().read_bytes()


def _pick(page: Page, name: str, content: bytes) -> None:
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


@pytest.mark.timeout(600)
def test_from_nothing_to_a_verified_submission(bureau: Bureau, browser_page: Watched, tmp_path: Path) -> None:
    page = browser_page.page
    page.set_default_timeout(MOST_S)
    _sign_in(bureau, page, "tokoro", Role.OPERATOR)
    page.goto(f"{bureau.town.address}/reports?project=fukuroi&kind=yearly&fy=2024#order")
    page.locator("#order").get_by_text("くわしい指定").click()
    _show(page, tmp_path, "order")
    page.get_by_role("button", name="作成を依頼する").click()
    expect(page.locator("#orders")).to_contain_text("順番待ち")
    _show(page, tmp_path, "waiting")
    bureau.make_all()
    expect(page.locator("#orders")).to_contain_text("できました")  # without a reload
    page.locator("#orders").get_by_role("link", name="内容を見る").first.click()
    _show(page, tmp_path, "preview")

    page.get_by_role("button", name="確認済みにする").click()
    expect(page.get_by_text("だれも変えられず")).to_be_visible()
    _show(page, tmp_path, "checked")
    page.get_by_role("button", name="確定して提出版にする").click()
    assert page.locator("#sure:invalid").count() == 1, "nobody freezes without saying that they know what it means"
    page.locator("#sure").check()
    page.get_by_role("button", name="確定して提出版にする").click()
    expect(page.locator("#way")).to_contain_text("確定しています")
    bureau.make_all()
    expect(page.locator("#way")).to_contain_text("提出番号 fukuroi-2024-yearly 第1版")  # without a reload
    _show(page, tmp_path, "frozen")
    frozen = _save(page, "PDF")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="PDF をブラウザで見る").click()
    opened.value.wait_for_load_state()
    opened.value.close()

    page.goto(f"{bureau.town.address}/verify")
    _pick(page, "report.pdf", frozen)
    page.get_by_role("button", name="確かめる").click()
    expect(page.locator("#answer")).to_contain_text("提出版です")

    _is_clean(browser_page, bureau)


def _is_clean(browser_page: Watched, bureau: Bureau) -> None:
    """Nothing came from elsewhere but the browser's own viewer of PDF, and nothing was complained of but a 422."""
    foreign = [
        each
        for each in browser_page.foreign(bureau.town.address)
        if not each.startswith(("chrome-extension:", "chrome:"))
    ]
    assert (foreign, [each for each in browser_page.complaints if "422" not in each]) == ([], [])


@pytest.mark.timeout(600)
def test_what_came_back_is_sent_on_the_page(bureau: Bureau, browser_page: Watched, tmp_path: Path) -> None:
    page = browser_page.page
    page.set_default_timeout(MOST_S)
    _sign_in(bureau, page, "okuri", Role.REPORTER)
    with bureau.town.browser(bureau.town.person("dasu", bureau.town.in_city(Role.REPORTER))) as client:
        _order(client, fy="2023", forms="xlsx")
        bureau.make_all()
        book = client.get(f"/reports/{_number(client)}/files/xlsx").content
    words = changed(book, write({first_place(book): "水が足りない。\n来年は早めに張る。"}))

    page.goto(f"{bureau.town.address}/reports?project=fukuroi#returned")
    _pick(page, "big.xlsx", b"0" * (MOST_BYTES + 1))
    assert page.locator("#file:invalid").count() == 1, "too large, said before it is sent"
    page.locator("#author").fill("田中")
    _pick(page, "返送.xlsx", changed(words, lambda opened: setattr(opened.worksheets[1].cell(2, 2), "value", "嘘")))
    page.get_by_role("button", name="取り込む").click()
    expect(page.locator("#refused")).to_contain_text("嘘")
    _show(page, tmp_path, "refused")
    page.locator("#author").fill("田中")
    _pick(page, "返送.xlsx", words)
    page.get_by_role("button", name="取り込む").click()
    expect(page.locator("#taken")).to_contain_text("来年は早めに張る。")
    _show(page, tmp_path, "taken")
    page.get_by_role("link", name="報告書を作り直す").click()
    expect(page.locator("#fy")).to_have_value("2023")
    _is_clean(browser_page, bureau)
