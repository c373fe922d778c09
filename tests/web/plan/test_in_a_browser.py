"""The pages of the plan in a real Chromium: a clerk makes a plan, a reviewer closes a quarter, a phone and paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ingest.access.roles import Role
from ingest.figures.project import project_refs
from ingest.plan.check.freeze import freeze
from ingest.plan.check.spans import year_span
from ingest.plan.document.versions import current
from schemas.japan import FiscalYear, now_jst
from tests.fixtures.browser import watched
from tests.web.plan import paper
from tests.web.plan.conftest import Planned
from tests.web.test_access_in_a_browser import UNSAID

PAGES = (
    "/plan", "/plan/model", "/plan/kpis", "/plan/kpis/arrival", "/plan/figures", "/plan/factors", "/plan/costs",
    "/plan/reviews",
)  # fmt: skip
WIDTH_PX = 703
"""A4 less the margins, at 96 dots an inch."""


@pytest.fixture(scope="module")
def context(planned: Planned, chromium: Browser) -> Iterator[BrowserContext]:
    """A browser in which a clerk of both cities is signed in."""
    town = planned.town
    roles = (town.in_city(Role.REPORTER), town.in_city(Role.REPORTER, "ina"))
    opened = chromium.new_context(viewport={"width": 1366, "height": 900}, locale="ja-JP", color_scheme="light")
    page = opened.new_page()
    page.goto(town.address + town.link(town.person("browser-clerk", *roles)))
    page.get_by_role("button").first.click()
    page.wait_for_load_state()
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    yield opened
    opened.close()


def test_every_control_has_a_name_and_nothing_is_asked_of_strangers(planned: Planned, context: BrowserContext) -> None:
    seen = watched(context)
    for path in (*PAGES, "/plan/guide", "/plan/guide?template=paddy"):
        seen.page.goto(f"{planned.town.address}{path}{'&' if '?' in path else '?'}project=fukuroi")
        assert seen.page.evaluate(UNSAID) == [], path
    assert seen.foreign(planned.town.address) == []
    assert seen.complaints == []
    seen.page.close()


def test_nothing_is_wider_than_a_phone(planned: Planned, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in (*PAGES, "/plan/guide", "/plan/guide?template=river"):
        page.goto(f"{planned.town.address}{path}{'&' if '?' in path else '?'}project=fukuroi")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.goto(f"{planned.town.address}/plan/model?project=fukuroi")
    expect(page.locator(".logic-list")).to_be_visible()
    expect(page.locator("svg.logic")).to_be_hidden()


def test_the_page_that_is_looked_at_is_seen_in_the_row_of_pages_on_a_phone(planned: Planned, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{planned.town.address}/plan/reviews?project=fukuroi")
    expect(page.locator(".subnav [aria-current]")).to_be_in_viewport(ratio=1)


def test_on_paper_the_model_is_drawn_and_nothing_is_cut(planned: Planned, page: Page) -> None:
    page.set_viewport_size({"width": WIDTH_PX, "height": 1000})
    page.emulate_media(media="print")
    for path in PAGES:
        page.goto(f"{planned.town.address}{path}?project=fukuroi")
        wide = "[...document.querySelectorAll('main *')].filter(each => each.checkVisibility() &&"
        wide += " !each.closest('svg, .hidden-label') && each.getBoundingClientRect().right > innerWidth + 1)"
        assert page.evaluate(f"{wide}.map(each => each.outerHTML.slice(0, 80))") == [], path
    page.goto(f"{planned.town.address}/plan/model?project=fukuroi")
    expect(page.locator("svg.logic")).to_be_visible()
    expect(page.locator(".subnav")).to_be_hidden()


def test_a_clerk_makes_a_plan_from_a_template(planned: Planned, page: Page) -> None:
    page.goto(f"{planned.town.address}/plan?project=ina")
    page.get_by_role("link", name="計画を作る").click()
    page.get_by_role("link", name="水田の水管理").click()
    page.get_by_label("担当", exact=True).fill("農林課")
    page.get_by_label("基準値 (時間)").fill("260")
    page.get_by_role("button", name="案を見る").click()
    expect(page.get_by_role("button", name="この計画を登録する")).to_be_visible()
    assert current(planned.town.connection, planned.town.projects["ina"]) is None
    target = page.locator("input.target").first
    target.fill("150")
    page.get_by_role("button", name="この計画を登録する").click()
    expect(page.get_by_role("status").filter(has_text="計画を登録しました")).to_be_visible()
    stored = current(planned.town.connection, planned.town.projects["ina"])
    assert stored is not None
    first = stored.document.kpis[0]
    assert first.baseline is not None
    assert (first.baseline.value, first.owner) == (260, "農林課")
    assert 150 in first.targets.values()


def test_a_reviewer_writes_and_closes_the_review_of_a_year(planned: Planned, page: Page) -> None:
    connection = planned.town.connection
    fukuroi = next(each for each in project_refs(connection) if each.code == "fukuroi")
    last_year = FiscalYear(planned.year.year - 1)
    assert freeze(connection, paper.BY, fukuroi, year_span(last_year), now_jst()) is not None
    address = f"/plan/reviews?project=fukuroi&fy={last_year.year}&kind=year&first={last_year.first_day}"
    page.goto(planned.town.address + address)
    page.get_by_role("button", name="評価を終了する").click()
    expect(page.get_by_role("alert").filter(has_text="データ取得率")).to_be_visible()
    page.locator("#rice-opinion").fill("保存の前に書いた意見")  # stays while the others are sent
    for kpi in ("arrival", "patrol_hours", "rice"):
        page.locator(f"#{kpi}-factors").fill("計画の前の年度のため、実績がない。")
        page.locator(f"#{kpi}-direction").fill("継続")
        page.locator(f"#{kpi}").get_by_role("button", name="保存する").click()
        expect(page.get_by_role("status").filter(has_text="保存しました")).to_be_visible()
        expect(page.locator("#rice-opinion")).to_have_value("保存の前に書いた意見")
        expect(page.locator("#rice .unsaved")).to_be_visible(visible=kpi != "rice")
    page.get_by_role("button", name="評価を終了する").click()
    expect(page.get_by_text("評価を終了しました(")).to_be_visible()
    expect(page.locator("textarea")).to_have_count(0)
