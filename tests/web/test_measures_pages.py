"""Improvement measures and the end of a year on the pages: a reporter enters one, moves it on, sees what came of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from ingest.access.authority import By
from ingest.access.roles import Role
from ingest.plan.document.versions import apply
from schemas.japan import FiscalYear, now_jst
from schemas.plan import PlanDocument
from tests.fixtures.browser import show, watched
from tests.fixtures.database import FIRST, Database, Servers, fresh_database
from tests.web.field import sow
from tests.web.townhall import Townhall, csrf_of, townhall

TODAY = now_jst().date()
YEAR = FiscalYear.of(TODAY)
DONE_ON = TODAY - timedelta(days=29)


def document(code: str) -> PlanDocument:
    return PlanDocument.model_validate({
        "project": code, "title": "水田の見守り", "begins": FiscalYear(YEAR.year - 1).first_day,
        "ends": FiscalYear(YEAR.year + 3).last_day,
        "boxes": [{"code": "out", "stage": "output", "label": "データが届く"}],
        "kpis": [{"code": "rate", "label": "取得率", "box": "out", "unit": "%", "formula": "ratio",
                  "targets": {YEAR.year - 1: 90, YEAR.year: 95}, "owner": "農政課",
                  "evidence": {"kind": "figure", "figure": "completeness"}}],
    })  # fmt: skip


@pytest.fixture(scope="module")
def town(servers: Servers) -> Iterator[Townhall]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection)
    with townhall(database) as running:
        send_weekly(database)
        apply(running.connection, By("農政課"), running.projects["fukuroi"], document("fukuroi"), "")
        yield running
    database.drop()


def send_weekly(database: Database) -> None:
    """One device sends every quarter of an hour for two months: two of three times before the measure, always after."""
    with database.connect() as connection:
        connection.execute(
            "update device set installed_on = %s where code = 'halow-0001'", (TODAY - timedelta(days=90),)
        )
        connection.execute(
            """
            insert into reading_packed (time, device_id, amount, quantity_id, channel, per)
            select t, d.device_id, 200, 20, 0, 10
            from device d join project p using (project_id), generate_series(
                date_trunc('hour', now()) - interval '59 days 1 minute', now() - interval '2 days', interval '15 min') t
            where d.code = 'halow-0001' and p.code = 'fukuroi'
              and (t > %s or (extract(epoch from t)::bigint / 900 + extract(day from t)::bigint) %% 3 < 2)
            on conflict do nothing
            """,
            (datetime(DONE_ON.year, DONE_ON.month, DONE_ON.day, tzinfo=UTC),),
        )


@pytest.fixture(scope="module")
def reporter(town: Townhall) -> int:
    return town.person("reporter", town.in_city(Role.REPORTER))


def form_of(client: httpx.Client, **more: str) -> dict[str, str]:
    said = {
        "csrf": csrf_of(client), "project": "fukuroi", "title": "アンテナを高くする", "owner": "佐藤",
        "due": TODAY.isoformat(), "fy": str(YEAR.year), "kind": "improvement", "figure": "completeness",
        "window_days": "28", "cost_yen": "120,000", "devices": "halow-0001", "kpi": "rate",
    }  # fmt: skip
    return said | more


def entered(client: httpx.Client, **more: str) -> str:
    answer = client.post("/measures/new", data=form_of(client, **more))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def move(client: httpx.Client, path: str, to: str, **more: str) -> httpx.Response:
    return client.post(f"{path}/move", data={"csrf": csrf_of(client), "to": to, **more})


def test_a_page_without_measures_says_what_to_do_next(town: Townhall, reporter: int) -> None:
    with town.browser(town.person("guest", town.in_city(Role.VIEWER))) as guest:
        page = guest.get(f"/measures?project=fukuroi&fy={YEAR.year - 1}").text
    assert "改善措置はまだありません" in page
    assert "/measures/new" not in page
    with town.browser(reporter) as browser:
        assert "/measures/new" in browser.get("/measures?project=fukuroi").text


def test_what_is_wrong_stands_at_its_field_and_nothing_is_stored(town: Townhall, reporter: int) -> None:
    with town.browser(reporter) as browser:
        count = _count(town)
        answer = browser.post("/measures/new", data=form_of(browser, due="soon", devices="nobody, halow-0001"))
        assert answer.status_code == 422
        assert 'id="due-wrong"' in answer.text
        assert "この事業にない機器です: nobody" in answer.text
        assert 'value="アンテナを高くする"' in answer.text, "what was written stays"
        refused = browser.post("/measures/new", data=form_of(browser, window_days="3"))
        assert 'id="window_days-wrong"' in refused.text
        several = browser.post("/measures/new", data=form_of(browser, title="", owner="", due="", cost_yen="三千"))
        assert all(f'id="{name}-wrong"' in several.text for name in ("title", "owner", "due", "cost_yen"))
        assert "費用(円): 数字で" in several.text, "which of the fields"
        assert _count(town) == count


def _count(town: Townhall) -> int:
    return int(town.connection.execute("select count(*) from measure").fetchone()[0])


def test_a_measure_goes_through_its_states_and_shows_its_effect(town: Townhall, reporter: int) -> None:
    with town.browser(reporter) as browser:
        path = entered(browser)
        assert "今日が期限の改善措置" in browser.get("/measures?project=fukuroi").text
        assert move(browser, path, "evaluated", result="よい").status_code == 422
        assert move(browser, path, "decided").status_code == 303
        future = (TODAY + timedelta(days=1)).isoformat()
        assert "先の日付" in move(browser, path, "done", done_on=future).text
        assert move(browser, path, "done", done_on=DONE_ON.isoformat()).status_code == 303
        page = browser.get(path).text
        assert "改善した" in page
        said = re.search(r"データ取得率 (6\d\.\d) → (\d+\.\d) %", page)
        assert said is not None
        assert float(said[2]) > 90
        assert move(browser, path, "evaluated", result="狙いどおり").status_code == 303
        listed = browser.get("/measures?project=fukuroi&state=evaluated").text
        assert "改善した" in listed
        english = browser.get(f"{path}?lang=en").text
        assert "better" in english
        assert "改善" not in re.sub(r"<[^>]*>", "", english.partition('id="effect"')[2].partition("</section>")[0])
    assert town.entries("measure_changed")[-1][0] == "reporter"


def test_a_viewer_reads_and_changes_nothing_and_another_town_sees_nothing(town: Townhall, reporter: int) -> None:
    with town.browser(reporter) as browser:
        path = entered(browser)
    with town.browser(town.person("viewer", town.in_city(Role.VIEWER))) as viewer:
        assert "次の段階へ" not in viewer.get(path).text
        assert move(viewer, path, "decided").status_code == 403
    with town.browser(town.person("stranger", town.in_city(Role.ADMIN, "ina"))) as stranger:
        assert stranger.get(path).status_code == 404
        assert stranger.get(f"{path}/edit").status_code == 404
        assert move(stranger, path, "decided").status_code == 404
        assert stranger.post("/measures/new", data=form_of(stranger)).status_code == 404


def test_a_year_is_closed_when_nothing_lacks_and_its_draft_becomes_the_plan(town: Townhall) -> None:
    person = town.person("operator", town.in_city(Role.OPERATOR))
    last, project = YEAR.year - 1, town.projects["fukuroi"]
    with town.browser(person) as browser:
        address = f"/plan/close?project=fukuroi&fy={last}"
        path = entered(browser, title="電池を替える", fy=str(last))
        lacking = browser.get(address).text
        assert "締める前に必要なもの 3件" in lacking, "the figures, the KPI, the measure"
        form = {"csrf": csrf_of(browser), "project": "fukuroi", "fy": str(last)}
        refused = browser.post("/plan/close", data=form)
        assert (refused.status_code, "締める前に必要なもの 3件" in refused.text) == (422, True)
        assert browser.post(f"{path}/edit", data=form_of(browser, title="電池を替える", fy=str(last),
                                                         result="部品待ち")).status_code == 303  # fmt: skip
        _freeze(town.connection, project, last)
        assert "締めることができます" in browser.get(address).text
        answer = browser.post("/plan/close", data=form | {"note": "申し送りです"})
        assert answer.status_code == 303, answer.text
        closed = browser.get(address).text
        assert "締められています" in closed
        assert "申し送りです" in closed
        draft = browser.get(f"/plan/close/draft.yaml?project=fukuroi&fy={last}")
        assert "要因: 基地局の停電" in draft.text
        assert browser.post("/plan/close/adopt", data=form | {"reason": "年度の繰越"}).status_code == 303
        carried = browser.get(f"/measures?project=fukuroi&fy={YEAR.year}").text
        assert "電池を替える" in carried
        assert browser.post("/plan/close", data=form).status_code == 422, "only once"
        assert "締められている" in browser.post(f"{path}/move", data=form | {"to": "decided"}).text
    number = town.connection.execute(
        "select max(number) from plan_version where project_id = %s", (project,)
    ).fetchone()
    assert number == (2,)
    assert town.entries("cycle_closed")[-1] == ("operator", f"fukuroi {last}")


def _freeze(connection: Any, project: int, year: int) -> None:
    """A frozen year and the evaluation of its KPI."""
    first = FiscalYear(year).first_day
    connection.execute(
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by,"
        " plan_number, software, reason, body, digest) values (%s, 'year', %s, %s, 1, now(), 'x', 1, '1', '', %s, '')",
        (project, first, FiscalYear(year).next.first_day,
         '{"kpis": [{"code": "rate", "label": "取得率", "actual": "91.2", "rate": "101.3", "grade": "A"}]}'),
    )  # fmt: skip
    connection.execute(
        "insert into plan_review (project_id, kind, first_day, kpi, factors, improvement, entered_by)"
        " values (%s, 'year', %s, 'rate', '基地局の停電', '予備電源', 'x')",
        (project, first),
    )


@pytest.mark.parametrize(("width", "height"), [(1366, 900), (390, 844)])
def test_in_a_browser(
    town: Townhall, reporter: int, chromium: Browser, tmp_path: Path, width: int, height: int
) -> None:
    """A clerk enters a measure in a browser, moves it on, and nothing reaches over the edge of the screen."""
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="ja-JP", color_scheme="light")
    seen = watched(context)
    page = seen.page
    page.goto(town.address + town.link(reporter))
    page.get_by_role("button").first.click()
    page.goto(f"{town.address}/measures?project=fukuroi")
    page.get_by_role("link", name="改善措置を登録").click()
    page.get_by_label("件名").fill("基地局の電源を二重にする")
    page.get_by_label("担当").fill("鈴木")
    page.get_by_label("期限").fill((TODAY - timedelta(days=3)).isoformat())
    page.get_by_label("対象の機器(コード)").fill("halow-0001")
    show(page, tmp_path, f"form-{width}")
    _fits(page)
    page.get_by_role("button", name="登録する").click()
    expect(page.get_by_role("status").filter(has_text="登録しました")).to_be_visible()
    page.get_by_role("button", name="決定").click()
    page.get_by_label("実施日").last.fill(DONE_ON.isoformat())
    page.get_by_role("button", name="実施済").click()
    expect(page.locator(".effect-said")).to_contain_text("改善した")
    show(page, tmp_path, f"measure-{width}")
    _fits(page)
    page.goto(f"{town.address}/measures?project=fukuroi")
    show(page, tmp_path, f"measures-{width}")
    _fits(page)
    page.goto(f"{town.address}/plan/close?project=fukuroi&fy={YEAR.year}")
    expect(page.locator("#lacking")).to_contain_text("まだ終わっていません")
    show(page, tmp_path, f"close-{width}")
    _fits(page)
    if width > 1000:
        page.goto(f"{town.address}/measures?project=fukuroi")
        page.get_by_role("link", name="基地局の電源を二重にする").first.click()
        page.pdf(path=tmp_path / "measure.pdf", format="A4")
    assert seen.foreign(town.address) == []
    assert seen.complaints == []
    context.close()


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
