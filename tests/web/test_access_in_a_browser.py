"""Pages of access in a real Chromium: on a desk and on a phone, by keyboard, and for a screen reader."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.fixtures.browser import watched
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.fixtures.ports import free_port
from tests.web.field import FieldSize, sow
from tests.web.site import running
from tests.web.town import Town, town

PATHS = (
    "/account", "/account/second-factor", "/people", "/people/2", "/people/new", "/people/2/disable", "/tokens",
    "/tokens/new", "/organisations", "/audit", "/arrivals",
)  # fmt: skip

# Every control without a name, every heading that skips a level, every table without a caption.
UNSAID = """() => {
  const said = [];
  for (const node of document.querySelectorAll("input:not([type=hidden]), select, button, a[href]")) {
    if (!node.checkVisibility()) continue;
    const label = node.labels?.[0]?.textContent ?? "";
    const name = node.getAttribute("aria-label") || label || (node.matches("a, button") ? node.textContent : "");
    if (!name.trim()) said.push(node.outerHTML);
  }
  for (const named of document.querySelectorAll("[aria-describedby]"))
    for (const id of named.getAttribute("aria-describedby").split(" "))
      if (!document.getElementById(id)) said.push("nothing has the id " + id);
  let level = 0;
  for (const heading of document.querySelectorAll("main h1, main h2, main h3")) {
    const own = Number(heading.nodeName[1]);
    if (own > level + 1) said.push(heading.outerHTML);
    level = own;
  }
  if (document.querySelectorAll("main h1").length !== 1) said.push("not one h1");
  for (const table of document.querySelectorAll("main table"))
    if (!table.caption) said.push("a table without a caption");
  return said;
}"""


@pytest.fixture(scope="module")
def here(servers: Servers) -> Iterator[Town]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
    with town(database) as built:
        yield built
    database.drop()


@pytest.fixture(scope="module")
def site(here: Town) -> Iterator[str]:
    with running(here.deps, free_port()) as address:
        yield address


def opened(
    chromium: Browser, here: Town, site: str, login: str, width: int = 1280, *, script: bool = True
) -> BrowserContext:
    context = chromium.new_context(locale="ja-JP", viewport={"width": width, "height": 900}, java_script_enabled=script)
    context.add_cookies([{"name": "noroshi", "value": here.cookie(login), "url": site}])
    return context


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_off_the_screen_and_everything_has_a_name(
    chromium: Browser, here: Town, site: str, width: int
) -> None:
    context = opened(chromium, here, site, "root", width)
    seen = watched(context)
    for path in PATHS:
        for language in ("ja", "en"):
            answer = seen.page.goto(f"{site}{path}?lang={language}")
            assert answer is not None
            assert answer.status == 200, path
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
            assert seen.page.evaluate(UNSAID) == [], (path, language)
    assert seen.complaints == []
    assert seen.foreign(site) == []
    context.close()


def test_a_person_is_added_by_keyboard_alone_and_without_scripts(chromium: Browser, here: Town, site: str) -> None:
    context = opened(chromium, here, site, "chief", script=False)
    page = context.new_page()
    page.goto(f"{site}/people/new")
    page.get_by_label("ログイン名").focus()
    page.keyboard.type("keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("鍵盤 九子")
    for label in ("課 (任意)", "メールアドレス (任意)", "権限"):
        page.keyboard.press("Tab")
        expect(page.get_by_label(label, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("範囲")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="追加する")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("渡すためのリンク")
    assert page.get_by_label("鍵盤 九子 さんに渡すリンク").input_value().startswith(f"{site}/link/")
    context.close()


def test_an_installer_finds_a_device_by_a_part_of_its_code_and_sees_new_messages_come(
    chromium: Browser, here: Town, site: str
) -> None:
    context = opened(chromium, here, site, "fitter", 390)
    page = context.new_page()
    page.goto(f"{site}/arrivals")
    first = page.locator(".arrival").first
    expect(first).to_contain_text("秒前")
    code = first.locator(".code-inline").inner_text().split()[0]
    page.get_by_role("searchbox").press_sequentially(code[-3:].upper())
    expect(page.locator(".arrival").first).to_contain_text(code)
    page.get_by_role("searchbox").fill("そんな機器はない")
    expect(page.locator("#arrivals")).to_contain_text("該当する機器がありません")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('[type=search]')).fontSize)") >= 16
    context.close()
