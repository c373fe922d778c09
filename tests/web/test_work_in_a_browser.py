"""The work log in a real Chromium: written in a dead spot, kept, and stored once, whatever becomes of the answer."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.fixtures.browser import watched
from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.fixtures.ports import free_port
from tests.fixtures.service import eventually
from tests.web.field import FieldSize, sow
from tests.web.site import running
from tests.web.test_access_in_a_browser import UNSAID, opened
from tests.web.town import Town, town

NEW = "/work/new?project=fukuroi"
PATHS = ("/work", "/work?what=stop", "/work?what=observation", NEW, f"{NEW}&what=stop", f"{NEW}&what=observation",
         "/work/work/1/void?project=fukuroi", "/work/stop/1/sign?project=fukuroi")  # fmt: skip
ROWS = """
insert into work_entry (project_id, kind, starts, minutes, people, device_id, place, note, km_before, km_after,
    entered_by)
select d.project_id, 'battery', now() - interval '1 hour', 30, 2, d.device_id, '中谷', '電池を替えた', 100,
    112.5, 'sato'
from device d join project p using (project_id) where p.code = 'fukuroi' order by d.device_id limit 1;
insert into planned_stop (project_id, starts, ends, reason, entered_by)
select project_id, now() - interval '2 hours', now() + interval '3 hours', '定期点検', 'sato' from project
where code = 'fukuroi';
insert into observation (project_id, code, first_day, last_day, value, unit, source, entered_by)
select project_id, 'damage_yen', current_date, current_date, 120000, '円', '農政課調べ', 'sato' from project
where code = 'fukuroi';
"""


@pytest.fixture(scope="module")
def here(servers: Servers) -> Iterator[Town]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
        connection.execute(ROWS.encode())
    with town(database) as built:
        yield built
    database.drop()


@pytest.fixture(scope="module")
def site(here: Town) -> Iterator[str]:
    with running(here.deps, free_port()) as address:
        yield address


@pytest.fixture
def phone(chromium: Browser, here: Town, site: str) -> Iterator[BrowserContext]:
    context = opened(chromium, here, site, "reporter", 390)
    yield context
    context.close()


def notes(here: Town) -> list[str]:
    rows = here.database.connect().execute("select note from work_entry order by work_entry_id").fetchall()
    return [note for (note,) in rows]


def stored(here: Town, note: str) -> Callable[[], bool]:
    return lambda: note in notes(here)


def write(page: Page, note: str) -> None:
    page.get_by_label("草刈り").check(force=True)
    page.get_by_role("button", name="45", exact=True).click()
    page.get_by_label("内容").fill(note)
    page.get_by_role("button", name="記録する").click()


def ready(page: Page, address: str) -> None:
    """Open the form, and wait until it can be opened without a network."""
    page.goto(address)
    kept = (
        "async () => !!navigator.serviceWorker.controller && !!(await caches.match(location.href, {ignoreVary: true}))"
    )
    eventually(lambda: page.evaluate(kept))


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_runs_off_the_screen_and_everything_has_a_name(
    chromium: Browser, here: Town, site: str, width: int
) -> None:
    context = opened(chromium, here, site, "root", width)
    seen = watched(context)
    for path in PATHS:
        for language in ("ja", "en"):
            answer = seen.page.goto(f"{site}{path}{'&' if '?' in path else '?'}lang={language}")
            assert answer is not None
            assert answer.status == 200, path
            assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
            assert seen.page.evaluate(UNSAID) == [], (path, language)
    assert seen.complaints == []
    assert seen.foreign(site) == []
    context.close()


def test_a_button_that_is_pressed_twice_enters_one_visit(here: Town, phone: BrowserContext, site: str) -> None:
    before = len(notes(here))
    page = phone.new_page()
    page.goto(f"{site}{NEW}")
    page.get_by_label("内容").fill("二度押した")
    page.get_by_role("button", name="記録する").dblclick()
    expect(page.locator("#sent")).to_contain_text("二度押した")
    expect(page.locator("#waiting li")).to_have_count(0)
    assert len(notes(here)) == before + 1


def test_what_a_thumb_has_to_hit_is_large(phone: BrowserContext, site: str) -> None:
    page = phone.new_page()
    page.goto(f"{site}{NEW}")
    small = page.evaluate(
        """() => [...document.querySelectorAll("#work-form :is(button, .big-tile, select, textarea, summary, input)")]
            .filter((node) => !["hidden", "radio"].includes(node.type))
            .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 44)
            .map((node) => node.outerHTML)"""
    )
    assert small == []
    button = page.get_by_role("button", name="記録する").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= 900, "it can be pressed wherever the page is scrolled to"


def test_an_entry_is_sent_at_once_where_there_is_a_network(phone: BrowserContext, here: Town, site: str) -> None:
    page = phone.new_page()
    page.goto(f"{site}{NEW}")
    write(page, "つながっている")
    expect(page.locator("#sent")).to_contain_text("登録しました")
    expect(page.locator("#waiting")).to_be_hidden()
    assert notes(here).count("つながっている") == 1
    row = here.database.connect().execute(
        "select kind, minutes, people, entered_by from work_entry where note = 'つながっている'"
    )
    assert row.fetchone() == ("mowing", 45, 1, "reporter")


def test_an_entry_of_a_dead_spot_waits_survives_the_browser_and_is_sent_once(chromium: Browser, here: Town) -> None:
    port = free_port()
    with running(here.deps, port) as site:
        context = opened(chromium, here, site, "reporter", 390)
        page = context.new_page()
        ready(page, f"{site}{NEW}")
    page.close()
    page = context.new_page()
    page.goto(f"{site}{NEW}")  # nobody answers: from what was kept
    expect(page.get_by_role("heading", level=1)).to_have_text("作業を記録する")
    write(page, "電波がない")
    write(page, "電波がない二つめ")
    expect(page.locator("#waiting-list li")).to_have_count(2)
    expect(page.locator("#waiting")).to_contain_text("この端末に残してあります")
    page.reload()
    expect(page.locator("#waiting-list li")).to_have_count(2)
    assert "電波がない" not in notes(here)
    with running(here.deps, port):
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator("#waiting")).to_be_hidden()
        page.reload()
        assert [note for note in notes(here) if "電波がない" in note] == ["電波がない", "電波がない二つめ"]
    context.close()


def test_an_entry_whose_answer_was_lost_is_sent_again_and_stored_once(
    phone: BrowserContext, here: Town, site: str
) -> None:
    page = phone.new_page()
    page.add_init_script("setInterval = () => 0")  # nothing is sent again here but by the button
    page.goto(f"{site}{NEW}")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # the service has it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/work/new*", lose)
    write(page, "答えが消えた")
    expect(page.locator("#waiting")).to_contain_text("この端末に残してあります")
    assert (lost, notes(here).count("答えが消えた")) == ([200], 1)
    page.get_by_role("button", name="いま送る").click()
    expect(page.locator("#waiting")).to_be_hidden()
    assert notes(here).count("答えが消えた") == 1


def test_an_entry_stays_while_nobody_is_signed_in_and_is_sent_by_its_own_person_alone(
    phone: BrowserContext, here: Town, site: str
) -> None:
    page = phone.new_page()
    ready(page, f"{site}{NEW}")
    phone.clear_cookies()
    write(page, "サインインが切れた")
    expect(page.locator("#waiting")).to_contain_text("サインインが切れています")
    expect(page.locator("#waiting").get_by_role("link", name="サインイン")).to_be_visible()
    phone.add_cookies([{"name": "noroshi", "value": here.cookie("operator"), "url": site}])
    page.reload()
    expect(page.locator("#waiting")).to_contain_text("reporter さんの記録です")
    expect(page.locator("#waiting")).not_to_contain_text("サインインが切れた")
    expect(page.get_by_role("button", name="消す")).to_be_hidden()
    page.get_by_role("button", name="いま送る").click()
    page.wait_for_timeout(500)
    assert "サインインが切れた" not in notes(here)
    phone.add_cookies([{"name": "noroshi", "value": here.cookie("reporter"), "url": site}])
    page.reload()
    expect(page.locator("#waiting")).to_be_hidden()
    eventually(stored(here, "サインインが切れた"))


def test_what_the_service_refuses_stays_and_can_be_corrected(phone: BrowserContext, here: Town, site: str) -> None:
    page = phone.new_page()
    page.goto(f"{site}{NEW}")
    page.get_by_label("機器").fill("no-such-device")
    write(page, "機器の誤り")
    expect(page.locator("#waiting")).to_contain_text("この事業に機器 no-such-device はありません")
    page.get_by_role("button", name="直す").click()
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.get_by_label("内容")).to_have_value("機器の誤り")
    page.get_by_label("機器").fill("")
    page.get_by_role("button", name="記録する").click()
    eventually(stored(here, "機器の誤り"))


def test_what_finds_no_room_on_the_phone_stays_in_the_form_until_it_is_stored(
    phone: BrowserContext, here: Town, site: str
) -> None:
    page = phone.new_page()
    page.goto(f"{site}{NEW}")
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    phone.set_offline(True)
    write(page, "空きがない")
    expect(page.locator("#sent")).to_contain_text("まだ登録されていません")
    expect(page.get_by_label("内容")).to_have_value("空きがない")
    phone.set_offline(False)
    page.get_by_role("button", name="記録する").click()
    expect(page.locator("#sent")).to_contain_text("登録しました")
    assert notes(here).count("空きがない") == 1


def test_without_scripts_the_form_is_a_form(chromium: Browser, here: Town, site: str) -> None:
    context = opened(chromium, here, site, "reporter", 390, script=False)
    page = context.new_page()
    page.goto(f"{site}{NEW}")
    page.get_by_label("内容").fill("スクリプトなし")
    page.get_by_role("button", name="記録する").click()
    expect(page.get_by_text("登録しました。")).to_be_visible()
    expect(page.locator("#list")).to_contain_text("スクリプトなし")
    assert notes(here).count("スクリプトなし") == 1
    context.close()


def test_whoever_signs_out_leaves_no_page_behind(phone: BrowserContext, site: str) -> None:
    page = phone.new_page()
    ready(page, f"{site}{NEW}")
    page.get_by_role("button", name="サインアウト").click()
    page.wait_for_url(f"{site}/sign-in*")
    eventually(lambda: page.evaluate("async () => !(await caches.has('noroshi-work'))"))


def test_an_operator_signs_for_a_late_stop_and_a_reporter_voids_a_mistake(
    chromium: Browser, here: Town, site: str
) -> None:
    context = opened(chromium, here, site, "operator")
    page = context.new_page()
    page.goto(f"{site}/work?project=fukuroi&what=stop")
    expect(page.locator("#list")).to_contain_text("から数えます")
    page.get_by_role("link", name="署名する").click()
    page.get_by_label("理由").fill("現地で先に止めた")
    page.get_by_role("button", name="署名する").click()
    expect(page.get_by_text("署名しました。")).to_be_visible()
    expect(page.locator("#list")).to_contain_text("署名済み operator: 現地で先に止めた")
    page.get_by_role("link", name="取り消す").first.click()
    page.get_by_label("理由").fill("日を間違えた")
    page.get_by_role("button", name="取り消す").click()
    expect(page.locator("#list")).to_contain_text("日を間違えた")
    context.close()
