"""The pages in a real Chromium: quiet, fresh, readable, and with no word to any other host."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.web.app import WebDependencies
from schemas.quantity import BY_CODE
from tests.fixtures.browser import Watched, picture, show, watched
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.web.site import running

DEVICE = "/devices/fukuroi/halow-0001"
PAGES = (
    "/",
    "/?project=ina&lang=en",
    DEVICE,
    "/devices/fukuroi/halow-0004?range=7d",
    "/quarantine",
    "/nowhere",
    "/jobs",
    "/reference",
)
REFRESHED_MS = 60_000
PHONE = {"width": 390, "height": 844}

# Every text of the page with too little contrast against what is painted behind it (WCAG AA: 4.5, large text 3).
FAINT = """() => {
  const light = (c) => { const s = c / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll("body *")) {
    const text = [...node.childNodes].filter((n) => n.nodeType === 3).map((n) => n.nodeValue).join("").trim();
    if (!text || !node.checkVisibility() || node.closest(".hidden-label, .skip, title, option")) continue;
    const style = getComputedStyle(node);
    const own = numbers(node instanceof SVGElement ? style.fill : style.color);
    const [a, b] = [luminance(own), luminance(behind(node))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if ((a + 0.05) / (b + 0.05) < needed) faint.push(`${text} ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
  }
  return faint;
}"""


def opened(seen: Watched, address: str) -> Page:
    seen.page.goto(address)
    seen.page.wait_for_load_state("networkidle")
    return seen.page


@pytest.fixture
def open_as(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens a page with other eyes: dark, narrow, ..."""
    contexts = []

    def open_(**how: object) -> Watched:
        contexts.append(chromium.new_context(locale="ja-JP", **how))  # type: ignore[arg-type]  # options of Playwright
        return watched(contexts[-1])

    yield open_
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_complains_of_nothing_and_asks_no_other_host(
    browser_page: Watched, site: str, tmp_path: Path, path: str
) -> None:
    page = opened(browser_page, site + path)
    assert browser_page.foreign(site) == []
    assert f"{site}/static/app.css" in browser_page.requests
    assert [said for said in browser_page.complaints if "404" not in said] == []
    assert picture(page, tmp_path, "page").stat().st_size > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", DEVICE, "/quarantine", "/jobs"])
def test_every_text_has_the_contrast_of_wcag_aa(
    open_as: Callable[..., Watched], site: str, tmp_path: Path, scheme: str, path: str
) -> None:
    page = opened(open_as(viewport={"width": 1366, "height": 900}, color_scheme=scheme), site + path)
    show(page, tmp_path, scheme)
    assert page.evaluate(FAINT) == []


@pytest.mark.parametrize("path", ["/", DEVICE, "/quarantine"])
def test_on_a_phone_nothing_runs_off_the_screen(
    open_as: Callable[..., Watched], site: str, tmp_path: Path, path: str
) -> None:
    page = opened(open_as(viewport=PHONE, is_mobile=True, has_touch=True), site + path)
    show(page, tmp_path, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_new_rows_appear_by_themselves_and_scroll_and_search_stay(
    browser_page: Watched, site: str, field: Database
) -> None:
    page = opened(browser_page, f"{site}/?q=halow-0001")
    page.evaluate("window.unchanged = true; scrollTo(0, 120)")
    expect(page.locator("#device-rows .reading")).not_to_contain_text("39.25 ℃")
    with field.connect() as connection:
        connection.execute(
            "insert into reading (time, value, device_id, quantity_id, channel)"
            " select %s, 39.25, device_id, %s, 0 from device where code = 'halow-0001'",
            (datetime.now(UTC), BY_CODE["air_temperature"].id),
        )
    expect(page.locator("#device-rows .reading")).to_contain_text("39.25 ℃", timeout=REFRESHED_MS)
    assert page.evaluate("[window.unchanged, scrollY]") == [True, 120]
    expect(page.get_by_role("searchbox")).to_have_value("halow-0001")


def test_a_clerk_finds_a_device_by_a_part_of_its_name(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, site)
    page.get_by_role("searchbox").press_sequentially("水田　ＬＰＷＡ")
    rows = page.locator("#device-rows tbody tr")
    expect(page.locator("#found")).to_have_text("120台中 8台")
    assert all("水田水位計" in text and "lpwa" in text for text in rows.all_inner_texts())
    page.get_by_role("searchbox").fill("そんな機器はない")
    expect(page.locator("#device-rows")).to_contain_text("該当する機器がありません")
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("そんな機器はない")


def test_a_tile_shows_only_the_devices_in_its_state_and_back_shows_all(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, site)
    page.locator(".tile.s-silent").click()
    expect(page.locator("#found")).to_have_text("120台中 6台")
    expect(page.locator("select[name=state]")).to_have_value("silent")
    page.go_back()
    expect(page.locator("#found")).to_have_text("120台中 120台")


def test_the_language_changes_with_one_click_and_stays(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, site)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Networks and gateways")).to_be_visible()
    page.get_by_role("link", name="Quarantine", exact=True).click()
    expect(page.get_by_role("heading", name="Quarantine by reason")).to_be_visible()
    page.get_by_role("link", name="日本語").click()
    expect(page.get_by_role("heading", name="隔離の内訳")).to_be_visible()


def test_a_chart_tells_its_values_to_the_pointer_and_to_the_arrow_keys(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, site + DEVICE)
    plot = page.locator(".chart-plot").first
    plot.hover()
    expect(page.locator(".tip")).to_contain_text("℃")
    by_pointer = page.locator(".tip").inner_text()
    plot.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).not_to_have_text(by_pointer)
    page.get_by_role("link", name="7日").click()
    expect(page.locator(".ranges [aria-current]")).to_have_text("7日")
    assert page.url.endswith("?range=7d")


def test_the_map_zooms_while_its_points_keep_their_size_and_leads_to_a_device(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, f"{site}/?project=fukuroi")
    dot = page.locator("#map-dots a.dot use").last
    before, scale = dot.bounding_box(), page.locator("#scale-label").inner_text()
    page.get_by_role("button", name="拡大").click()
    after = dot.bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"], rel=0.05)
    expect(page.locator("#scale-label")).not_to_have_text(scale)
    page.get_by_role("button", name="全体").click()
    expect(page.locator("#scale-label")).to_have_text(scale)
    name = page.locator("#map-dots a.dot").last.get_attribute("data-name")
    dot.hover()
    expect(page.locator(".tip")).to_contain_text(name or "?")
    dot.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name or "?")


LABELS = """() => {
  const map = document.getElementById("map").getBoundingClientRect();
  const tools = document.querySelector(".map-tools").getBoundingClientRect();
  return [...document.querySelectorAll("#map-grid text:not(.clipped)")].map((text) => {
    const box = text.getBoundingClientRect();
    const inside = box.left >= map.left && box.right <= map.right && box.top >= map.top - 1 && box.bottom <= map.bottom;
    const under = box.right > tools.left && box.top < tools.bottom;
    return [text.textContent, inside && !under];
  });
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_label_of_the_map_is_cut_nor_under_its_buttons(
    open_as: Callable[..., Watched], site: str, width: int
) -> None:
    page = opened(open_as(viewport={"width": width, "height": 900}), site)
    for zoom in range(4):
        labels = page.evaluate(LABELS)
        assert [label for label, whole in labels if not whole] == [], zoom
        assert labels or zoom
        page.get_by_role("button", name="拡大").click()


def test_nothing_is_hidden_in_a_list_that_scrolls_by_itself(open_as: Callable[..., Watched], site: str) -> None:
    page = opened(open_as(viewport={"width": 1280, "height": 900}), site)
    hidden = "[...document.querySelectorAll('main *')].filter((n) => n.scrollHeight > n.clientHeight + 1 &&"
    hidden += " ['auto', 'scroll'].includes(getComputedStyle(n).overflowY)).map((n) => n.className)"
    assert page.evaluate(hidden) == []


def test_a_battery_and_its_unit_stay_on_one_line(open_as: Callable[..., Watched], site: str) -> None:
    page = opened(open_as(viewport={"width": 1280, "height": 900}), site)
    heights = page.evaluate("[...document.querySelectorAll('.battery')].map((n) => n.getBoundingClientRect().height)")
    assert len(heights) > 5
    assert max(heights) < 30


def test_a_hidden_page_asks_nothing_and_a_page_looked_at_again_asks_at_once(browser_page: Watched, site: str) -> None:
    page = opened(browser_page, site)
    page.evaluate(
        "document.body.dataset.refresh = '1';"
        "Object.defineProperty(document, 'hidden', {value: true, writable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(page.locator("#pulse")).to_contain_text("停止中")
    asked = len(browser_page.requests)
    page.wait_for_timeout(2500)
    assert len(browser_page.requests) == asked
    page.evaluate("document.hidden = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#pulse")).to_contain_text("更新")
    assert len(browser_page.requests) == asked + 1


def test_a_server_that_is_gone_is_said_so_until_it_is_back(browser_page: Watched, deps: WebDependencies) -> None:
    port = free_port()
    with running(deps, port) as address:
        page = opened(browser_page, address)
        expect(page.locator("#lost")).to_be_hidden()
        page.evaluate("document.body.dataset.refresh = '1'")
    expect(page.locator("#lost")).to_contain_text("サーバーから応答がありません", timeout=REFRESHED_MS)
    with running(deps, port):
        expect(page.locator("#lost")).to_be_hidden(timeout=REFRESHED_MS)
