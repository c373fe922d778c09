"""The pages of the watch in a real browser: nothing is cut, everything can be reached and read aloud."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.fixtures.browser import Watched, show, watched
from tests.web.test_access_in_a_browser import UNSAID
from tests.web.watch.conftest import WatchedCity

FITS = "document.documentElement.scrollWidth <= window.innerWidth"


def enter(chromium: Browser, city: WatchedCity, person: int, width: int, **more: str) -> Watched:
    """A browser of this width in which somebody is signed in."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="ja-JP", **more)  # type: ignore[arg-type]
    seen = watched(context)
    seen.page.goto(f"{city.town.address}{city.town.link(person)}")
    seen.page.get_by_role("button").first.click()
    return seen


@pytest.mark.parametrize("width", [1366, 390])
def test_the_pages_fit_and_everything_has_a_name(
    city: WatchedCity, people: dict[str, int], chromium: Browser, width: int, tmp_path: Path
) -> None:
    city.fill()
    city.rows.alive(ago_s=-5)
    seen = enter(chromium, city, people["operator"], width)
    for name, path in {
        "watch": "/watch?project=fukuroi", "incident": f"/watch/incident/{city.numbers['river']}",
        "drill": f"/watch/incident/{city.numbers['drill']}", "overview": "/?project=fukuroi", "en": "/watch?lang=en",
    }.items():  # fmt: skip
        seen.page.goto(city.town.address + path)
        assert name == "overview" or seen.page.evaluate(UNSAID) == [], path  # its dots are no stops of the keyboard
        assert seen.page.evaluate(FITS), path
        show(seen.page, tmp_path, f"{name}-{width}")
    assert seen.complaints == []
    seen.page.context.close()


def test_the_page_tells_by_itself_when_a_stage_is_reached(
    city: WatchedCity, people: dict[str, int], chromium: Browser
) -> None:
    city.rows.alive(ago_s=-20)
    seen = enter(chromium, city, people["viewer"], 1366)
    seen.page.goto(f"{city.town.address}/watch?project=fukuroi")
    expect(seen.page.locator("#sound")).to_have_text("音を鳴らす")
    seen.page.locator("#sound").click()
    expect(seen.page.locator("#sound")).to_have_attribute("aria-pressed", "true")
    seen.page.evaluate("document.addEventListener('noroshi:sounded', () => (window.sounded = true))")
    number = city.rows.stage(city.gauges[1])
    expect(seen.page.locator(f"#i-{number}")).to_be_visible()
    assert seen.page.evaluate("window.sounded === true")
    seen.page.context.close()
