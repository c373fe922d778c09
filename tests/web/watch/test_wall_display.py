"""表示盤: who opens it and how, and that a wall that knows nothing new covers what it knew."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from ingest.access.roles import Scope
from tests.fixtures.browser import show, watched
from tests.fixtures.ports import free_port
from tests.web.site import running, wired
from tests.web.watch.conftest import QUIET, WatchedCity
from tests.web.watch.test_watch_in_a_browser import FITS

WALL = {"width": 1920, "height": 1080}


@contextmanager
def screen(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=WALL, locale="ja-JP")  # type: ignore[arg-type]
    yield context
    context.close()


def token_of(city: WatchedCity, people: dict[str, int], *scopes: Scope) -> str:
    return city.town.token(people["operator"], *scopes)


def test_a_display_opens_with_its_token_and_opens_nothing_else(city: WatchedCity, people: dict[str, int]) -> None:
    secret = token_of(city, people, Scope.WALL)
    with city.town.browser() as display:
        assert display.get("/watch/wall").headers["location"].startswith("/sign-in")
        assert display.post("/watch/wall/open", data={"token": "noroshi_nothing"}).status_code == 422
        opened = display.post("/watch/wall/open", data={"token": secret})
        assert opened.headers["location"] == "/watch/wall"
        assert "HttpOnly" in opened.headers["set-cookie"]
        html = display.get("/watch/wall").text
        assert QUIET in html
        assert secret not in html
        for path in ("/", "/watch", "/api/v1/projects", "/watch/incident/1"):
            assert display.get(path).status_code in (303, 401), path
        assert display.get("/watch/wall?project=ina").status_code == 404
        city.town.connection.execute("update api_token set revoked_at = now()")
        display.post("/watch/wall/close")
        assert display.get("/watch/wall").headers["location"].startswith("/sign-in")


def test_a_token_for_something_else_makes_no_display(city: WatchedCity, people: dict[str, int]) -> None:
    with city.town.browser() as display:
        refused = display.post("/watch/wall/open", data={"token": token_of(city, people, Scope.READINGS, Scope.WATCH)})
        assert (refused.status_code, "set-cookie" in refused.headers) == (422, False)
        assert "使い道が「表示盤」" in refused.text
    with httpx.Client(base_url=city.town.address) as client:
        client.headers["Authorization"] = f"Bearer {token_of(city, people, Scope.WATCH)}"
        assert client.get("/watch/wall").status_code == 403


def test_whoever_guesses_tokens_has_to_wait(city: WatchedCity) -> None:
    with city.town.browser() as display:
        answers = [display.post("/watch/wall/open", data={"token": f"noroshi_{n}"}).status_code for n in range(14)]
    assert answers[0] == 422
    assert answers[-1] == 429


@pytest.mark.parametrize("night", [False, True])
def test_it_is_read_from_afar_and_nothing_is_cut(
    city: WatchedCity, chromium: Browser, tmp_path: Path, *, night: bool
) -> None:
    if night:
        city.fill()
        for number in range(4):
            city.rows.stage(city.gauges[2], 1, rule=f"r{number}", name="市設定基準1(1時間の上昇)")
    with (
        wired(city.town.database.url) as deps, running(deps, free_port()) as address, screen(chromium) as context,
    ):  # fmt: skip
        seen = watched(context)
        seen.page.goto(f"{address}/watch/wall?project=fukuroi")
        expect(seen.page.locator("body")).to_have_attribute("data-ready", "yes")
        show(seen.page, tmp_path, f"wall-{night}")
        assert seen.page.evaluate(FITS)
        assert seen.page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
        cut = """[...document.querySelectorAll('.row')].filter((row) => !row.hidden
            && row.getBoundingClientRect().bottom > document.querySelector('.rows').getBoundingClientRect().bottom)"""
        assert seen.page.evaluate(f"{cut}.length") == 0
        visible = seen.page.locator(".row:visible").count()
        assert visible >= 4 * night
        if night:
            expect(seen.page.locator("#more")).to_have_text(f"ほか {8 - visible}件")
        small = """[...document.querySelectorAll('h1, .also li, .row b, .row .what, .row .value')].filter(
            (item) => item.textContent.trim() && parseFloat(getComputedStyle(item).fontSize) < 34).length"""
        assert seen.page.evaluate(small) == 0, "letters that are read from five metres"
        expect(seen.page.locator("#dead-man")).to_be_hidden()
        assert seen.complaints == []


def test_without_an_answer_it_covers_what_it_knew_and_comes_back_by_itself(
    city: WatchedCity, chromium: Browser, tmp_path: Path
) -> None:
    port = free_port()
    with wired(city.town.database.url) as deps, screen(chromium) as context:
        page = context.new_page()
        with running(deps, port) as address:
            page.goto(f"{address}/watch/wall")
            expect(page.locator("h1")).to_have_text(QUIET)
            page.evaluate("document.body.dataset.stale = '2'; document.body.dataset.refresh = '1'")
            before = page.locator("#clock").text_content()
            expect(page.locator("#clock")).not_to_have_text(before or "")
        expect(page.locator("#dead-man")).to_be_visible()
        expect(page.locator("#dead-man")).to_contain_text("いまの状態は分かりません")
        expect(page.locator("#why")).to_contain_text("サーバーから答えがありません")
        show(page, tmp_path, "stale")
        with running(deps, port):
            expect(page.locator("#dead-man")).to_be_hidden()


def test_a_page_whose_program_stopped_is_covered_by_the_style_sheet_alone(city: WatchedCity, chromium: Browser) -> None:
    with wired(city.town.database.url) as deps, running(deps, free_port()) as address, screen(chromium) as context:
        page = context.new_page()
        page.route("**/wall.js", lambda route: route.abort())
        page.goto(f"{address}/watch/wall")
        expect(page.locator("h1")).to_have_text(QUIET)
        expect(page.locator("#dead-man")).to_be_hidden()
        expect(page.locator("#dead-man")).to_be_visible()


def test_a_token_that_ends_is_said_to_have_ended(city: WatchedCity, people: dict[str, int], chromium: Browser) -> None:
    secret = token_of(city, people, Scope.WALL)
    with screen(chromium) as context:
        page = context.new_page()
        page.goto(f"{city.town.address}/watch/wall/open")
        page.locator("#token").fill(secret)
        page.get_by_role("button", name="開く", exact=True).click()
        expect(page.locator("h1")).to_have_text(QUIET)
        page.evaluate("document.body.dataset.stale = '2'; document.body.dataset.refresh = '1'")
        city.town.connection.execute("update api_token set expires_at = now() - interval '1 day', revoked_at = now()")
        expect(page.locator("#why")).to_contain_text("許可が切れました")
        expect(page.locator("#dead-man")).to_be_visible()


def test_a_dead_watcher_is_what_the_wall_says_first(city: WatchedCity) -> None:
    city.rows.alive(ago_s=90)
    with wired(city.town.database.url) as deps, running(deps, free_port()) as address:
        html = httpx.get(f"{address}/watch/wall", timeout=60).text
    assert "監視が止まっています" in html[html.index("<h1>") : html.index("</h1>")]
    assert QUIET not in html
