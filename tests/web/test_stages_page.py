"""A device page with stages (基準水位): where the level stands, by whose word, and whose observation it is."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from ingest.registry.read import read
from ingest.store.registry import registry
from tests.fixtures.browser import Watched, picture
from tests.fixtures.database import Database
from tests.registry.files import messages, written
from tests.web.site import visiting, wired

STAGES = """
stages:
  - {{project: {project}, device: {device}, rank: 1, name: 市設定基準1, level_m: {low:.6f}, datum: 零点高 T.P. 12.3 m}}
  - {{project: {project}, device: {device}, rank: 2, name: 氾濫注意水位, level_m: {high:.6f}, official: true, source: 県<河川>課}}
"""  # noqa: E501 - one stage a line, as people write them


@pytest.fixture(scope="module")
def page(field: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page of a river with one stage below its level and one above."""
    with field.connect() as connection:
        row = connection.execute(
            "select project, device, value from figure_latest where quantity = 'river_level' order by 1, 2 limit 1"
        ).fetchone()
        assert row is not None
        project, device, value = row
        text = STAGES.format(project=project, device=device, low=round(value - 0.1, 6), high=round(value + 0.1, 6))
        reading = read([written(tmp_path_factory.mktemp("stages"), "stages.yaml", text)])
        assert messages(reading) == []
        registry.apply(connection, registry.plan(connection, reading.document))
    yield f"/devices/{project}/{device}"
    with field.connect() as connection:
        connection.execute("delete from device_stage")


def test_the_page_says_which_stage_is_reached_and_how_far_the_next_is(field: Database, page: str) -> None:
    with wired(field.url) as dependencies, visiting(dependencies) as client:
        html = client.get(page).text
        for words in (
            "市設定基準1に届いています",
            "次の氾濫注意水位まで 0.1 m",
            "零点高 T.P. 12.3 m",
            "県&lt;河川&gt;課",
        ):
            assert words in html
        assert html.count("到達</span>") == 1
        assert "参考値" in html
        english = client.get(page, params={"lang": "en"}).text
        for words in ("0.1 m to the next: Flood caution level", "Reached", "no announcement of any authority"):
            assert words in english


def test_a_device_without_stages_has_no_such_table(client: httpx.Client) -> None:
    assert "基準水位" not in client.get("/devices/fukuroi/halow-0001").text


def test_the_stages_stand_in_the_chart_of_their_level(
    field: Database, page: str, browser_page: Watched, tmp_path: Path
) -> None:
    with wired(field.url) as dependencies, visiting(dependencies) as client:
        browser_page.page.goto(str(client.base_url) + page)
        browser_page.page.wait_for_load_state("networkidle")
        expect(browser_page.page.get_by_role("heading", name="基準水位")).to_be_visible()
        expect(browser_page.page.locator("figure text.stage", has_text="市設定基準1")).to_be_visible()
        path = picture(browser_page.page, tmp_path, "stages")
    assert path.stat().st_size > 10_000
    assert browser_page.complaints == []
