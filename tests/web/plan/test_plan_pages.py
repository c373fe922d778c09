"""The pages of the plan over HTTP: what a reader sees, what a clerk changes, and what is refused."""

import math
import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import httpx
import pytest

from ingest.access.roles import Role
from ingest.figures.project import project_refs
from ingest.plan.check.freeze import freeze
from ingest.plan.check.spans import quarter_span
from ingest.plan.document.versions import current
from schemas.japan import FiscalYear, now_jst
from tests.fixtures.service import eventually
from tests.web.plan import paper
from tests.web.plan.conftest import Planned

PAGES = (
    "/plan", "/plan/model", "/plan/kpis", "/plan/kpis/arrival", "/plan/figures", "/plan/factors", "/plan/costs",
    "/plan/reviews", "/plan/usage",
)  # fmt: skip


@pytest.fixture(scope="module")
def clerk(planned: Planned) -> Iterator[httpx.Client]:
    town = planned.town
    with town.browser(
        town.person("plan-clerk", town.in_city(Role.REPORTER), town.in_city(Role.REPORTER, "ina"))
    ) as one:
        yield one


@pytest.fixture(scope="module")
def viewer(planned: Planned) -> Iterator[httpx.Client]:
    with planned.town.browser(planned.town.person("plan-viewer", planned.town.in_city(Role.VIEWER))) as one:
        yield one


def csrf(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/plan/model?project=fukuroi").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_about_a_year_in_both_languages(viewer: httpx.Client, planned: Planned, path: str) -> None:
    for language, word in (("ja", "計画"), ("en", "Plan")):
        answer = viewer.get(f"{path}?project=fukuroi&fy={planned.year.year}&lang={language}")
        assert answer.status_code == 200, answer.text[-500:]
        assert word in answer.text
    assert not re.search(r"警報|注意報|予報", viewer.get(f"{path}?project=fukuroi").text)


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/plan/kpis/arrival"])
def test_a_project_without_a_plan_says_what_to_do_next(clerk: httpx.Client, path: str) -> None:
    text = clerk.get(f"{path}?project=ina&lang=ja").text
    if path not in ("/plan/factors", "/plan/figures", "/plan/usage"):
        assert "まだ運用計画がありません" in text
        assert "/plan/guide?project=ina" in text


def test_a_reader_without_the_role_is_not_led_to_a_form_that_is_refused(viewer: httpx.Client) -> None:
    assert "/plan/guide" not in viewer.get("/plan/model?project=fukuroi&lang=ja").text
    assert viewer.get("/plan/guide?project=fukuroi").status_code == 403
    assert 'action="/plan/reviews"' not in viewer.get("/plan/reviews?project=fukuroi").text


@pytest.mark.parametrize("path", ["/plan/kpis/nothing", "/plan/reviews?kind=quarter&first=2026-05-01"])
def test_what_is_not_there_is_not_found(clerk: httpx.Client, path: str) -> None:
    assert clerk.get(f"{path}{'&' if '?' in path else '?'}project=fukuroi").status_code == 404


def test_the_model_shows_boxes_targets_and_the_version_that_counts(clerk: httpx.Client, planned: Planned) -> None:
    text = clerk.get(f"/plan/model?project=fukuroi&fy={planned.year.year}&lang=ja").text
    assert text.count('marker-end="url(#logic-head)"') == 8
    assert "水管理(見回り)時間" in text
    assert "計画 第1版" in text
    before = clerk.get(f"/plan/model?project=fukuroi&fy={planned.year.year - 1}&lang=ja").text
    assert "後から登録した版" in before


def test_a_kpi_shows_its_evidence_and_no_number_where_there_is_none(clerk: httpx.Client, planned: Planned) -> None:
    text = clerk.get(f"/plan/kpis/rice?project=fukuroi&fy={planned.year.year}&lang=ja").text
    assert "手入力の観測 rice_yield がありません" in text
    assert re.search(r'実績</dt><dd><span class="missing">―</span>', text)
    work = clerk.get(f"/plan/kpis/patrol_hours?project=fukuroi&fy={planned.year.year}&lang=ja").text
    assert "work.hours" in work
    assert "1.5 <small>時間/年" in work, "ninety minutes of one person"


def test_the_three_rates_multiply_on_the_page_to_the_last_digit(clerk: httpx.Client, planned: Planned) -> None:
    """The page writes them as counts; each is the base of the next. They are those of the programs."""
    year = planned.year
    asked = f"project=fukuroi&fy={year.year}&month=0&level=device&lang=ja"
    text = clerk.get(f"/plan/figures?{asked}").text
    found = re.search(r'id="product">[^=]*= ([^=]*) = ([^=]*) =', text)
    assert found is not None, "something was expected, sent and received of the town"
    factors = [Fraction(each.replace(",", "")) for each in found[1].split(" × ")]
    assert len(factors) == 3
    assert math.prod(factors) == Fraction(found[2].replace(",", ""))
    rows = clerk.get("/api/v1/plan/sums", params={"project": "fukuroi", "kind": "year", "level": ["project", "device"]})
    sums = rows.json()["sums"]
    assert found[2] == f"{sums[0]['valid']:,}/{sums[0]['expected']:,}"
    assert text.count('data-label="送信率"') == len(sums), "a row for each device and for the whole"


def test_costs_are_shown_in_three_views(clerk: httpx.Client, planned: Planned) -> None:
    year = planned.year.year
    asked = {view: clerk.get(f"/plan/costs?project=fukuroi&fy={year}&view={view}").text for view in ("total", "local")}
    assert "12,960,000" in asked["total"], "12,000,000 + 360,000 + a fifth of 3,000,000"
    assert "6,660,000" in asked["local"], "6,000,000 + 360,000 + a fifth of 1,500,000"
    assert clerk.get(f"/plan/costs?project=fukuroi&fy={year}&view=nobody").status_code == 422


def answers(year: int, **more: str) -> dict[str, str]:
    return {
        "project": "ina", "template": "wildlife", "title": "鳥獣害 運用計画", "begins": f"{year}-04-01",
        "ends": f"{year + 2}-03-31", "owner": "農林課", "devices": "8", **more,
    }  # fmt: skip


def test_a_plan_of_eight_years_has_the_targets_of_the_later_ones_edited(clerk: httpx.Client, planned: Planned) -> None:
    year = planned.year.year
    form = answers(year, csrf=csrf(clerk), ends=f"{year + 8}-03-31")
    first = clerk.post("/plan/guide", data=form | {"do": "draft"}).text
    assert f'value="years:{year + 5}"' in first
    sent = (
        form
        | {"do": f"years:{year + 5}"}
        | dict(re.findall(r'name="((?:target|rest)-[^"]+)"[^>]*? value="([^"]*)"', first))
    )
    field = next(name for name in sent if name.startswith("target-")).rsplit("-", 1)[0]
    sent[f"{field}-{year + 1}"] = "7"
    later = clerk.post("/plan/guide", data=sent).text
    assert f'name="{field}-{year + 7}"' in later
    assert f"{year + 1}=7.0" in later
    assert f'value="years:{year}"' in later
    wrong = clerk.post(
        "/plan/guide", data=sent | {"do": "store", f"{field}-{year + 1}": "七", f"{field}-{year}": "８回"}
    )
    assert wrong.status_code == 422, "nothing is stored"
    assert re.search(rf'href="#{field}-{year + 1}">[^<]+ {year + 1}年度: 数で', wrong.text), "which of the fields"
    assert 'value="七"' in wrong.text, "all of the draft is still there"
    assert 'value="８回"' in wrong.text


def test_a_clerk_makes_a_plan_and_nothing_is_stored_before_the_last_button(
    clerk: httpx.Client, planned: Planned
) -> None:
    connection, year = planned.town.connection, planned.year.year
    ina = planned.town.projects["ina"]
    form = answers(year, csrf=csrf(clerk))
    wrong = clerk.post("/plan/guide", data=form | {"do": "draft", "ends": "2020-01-01", "owner": "", "devices": "many"})
    assert wrong.status_code == 422
    assert all(f'id="{name}-wrong"' in wrong.text for name in ("ends", "owner", "devices"))
    draft = clerk.post("/plan/guide", data=form | {"do": "draft"})
    assert draft.status_code == 200, draft.text[-300:]
    assert 'value="store"' in draft.text
    assert current(connection, ina) is None
    back = clerk.post("/plan/guide", data=form | {"do": "edit"})
    assert 'value="鳥獣害 運用計画"' in back.text
    stored = clerk.post("/plan/guide", data=form | {"do": "store"})
    assert (stored.status_code, stored.headers["location"]) == (303, "/plan/model?project=ina&done=plan")
    first = current(connection, ina)
    assert first is not None
    assert first.document.title == "鳥獣害 運用計画"
    assert planned.town.entries("plan_changed")[-1][0] == "plan-clerk"

    changed = form | {"do": "store", "title": "鳥獣害 運用計画(改)"}
    silent = clerk.post("/plan/guide", data=changed)
    assert silent.status_code == 422
    assert 'id="reason-wrong"' in silent.text
    assert clerk.post("/plan/guide", data=changed | {"reason": "名前を改める"}).status_code == 303
    second = current(connection, ina)
    assert second is not None
    assert (second.number, second.reason) == (2, "名前を改める")


def test_a_plan_of_another_city_is_not_changed_by_a_form(planned: Planned) -> None:
    with planned.town.browser(planned.town.person("plan-stranger", planned.town.in_city(Role.REPORTER))) as stranger:
        form = answers(planned.year.year, csrf=csrf(stranger), do="store")
        assert stranger.post("/plan/guide", data=form).status_code == 404
        review = {"csrf": form["csrf"], "project": "ina", "kind": "year", "first": str(planned.year.first_day)}
        assert stranger.post("/plan/reviews", data=review | {"factors": "なし"}).status_code == 404
        assert stranger.post("/plan/reviews/close", data=review).status_code == 404


def test_a_quarter_is_written_about_and_closed_once_nothing_is_missing(clerk: httpx.Client, planned: Planned) -> None:
    connection, last_year = planned.town.connection, FiscalYear(planned.year.year - 1)
    fukuroi = next(each for each in project_refs(connection) if each.code == "fukuroi")
    first = planned.year.first_day if planned.today >= date(planned.year.year, 7, 1) else last_year.months[9].first_day
    span = quarter_span(next(month for month in FiscalYear.of(first).months if month.first_day == first))
    form = {"csrf": csrf(clerk), "project": "fukuroi", "kind": "quarter", "first": str(span.first_day)}

    early = clerk.post("/plan/reviews/close", data=form)
    assert early.status_code == 422
    assert "まだ確定していません" in early.text
    assert freeze(connection, paper.BY, fukuroi, span, now_jst()) is not None
    lacking = clerk.post("/plan/reviews/close", data=form)
    assert lacking.status_code == 422
    assert "データ取得率" in lacking.text

    long = "基地局の停電が二度。" * 200
    for kpi in ("arrival", "patrol_hours", "rice"):
        kept = clerk.post("/plan/reviews", data=form | {"kpi": kpi, "factors": long, "direction": "継続"})
        assert kept.status_code == 303, kept.text[-300:]
        assert kept.headers["location"].endswith(f"#{kpi}")
    assert clerk.post("/plan/reviews/close", data=form).status_code == 303
    page = clerk.get(f"/plan/reviews?project=fukuroi&kind=quarter&first={span.first_day}&lang=ja").text
    assert "評価を終了しました" in page
    assert long in page
    assert 'action="/plan/reviews"' not in page, "what is closed is not written to"
    late = clerk.post("/plan/reviews", data=form | {"kpi": "rice", "factors": "後から"})
    assert late.status_code == 422


def test_a_text_longer_than_two_sheets_is_refused_and_not_cut(clerk: httpx.Client, planned: Planned) -> None:
    form = {"csrf": csrf(clerk), "project": "fukuroi", "kind": "year", "first": str(planned.year.first_day)}
    assert clerk.post("/plan/reviews", data=form | {"factors": "あ" * 2_501}).status_code == 422
    full = dict.fromkeys(("factors", "issues", "improvement", "opinion", "direction"), "あ" * 2_500)
    assert clerk.post("/plan/reviews", data=form | full).status_code == 303


def test_a_clerk_changes_a_target_with_a_reason_and_what_was_valid_stays(clerk: httpx.Client, planned: Planned) -> None:
    year = planned.year.year
    shown = clerk.get("/plan/targets?project=fukuroi&lang=ja").text
    form = dict(re.findall(r'name="((?:target|owner|version|csrf|project)[^"]*)" value="([^"]*)"', shown))
    assert form[f"target-patrol_hours-{year}"] == "200"
    assert f"target-patrol_hours-{year - 1}" not in form
    form |= {f"target-patrol_hours-{year}": "180", "owner-rice": "農業振興課"}
    wrong = clerk.post("/plan/targets", data=form | {"do": "check", f"target-rice-{year}": "多い"})
    assert wrong.status_code == 422
    assert "数で入れてください" in wrong.text
    looked = clerk.post("/plan/targets", data=form | {"do": "check"})
    assert "指標 patrol_hours「水管理(見回り)時間」 目標" in looked.text
    assert "200 → 180" in looked.text
    assert clerk.post("/plan/targets", data=form | {"do": "store"}).status_code == 422  # no reason
    assert clerk.post("/plan/targets", data=form | {"do": "store", "reason": "猛暑"}).status_code == 303
    valid = current(planned.town.connection, planned.project_id)
    assert valid is not None
    assert (valid.reason, valid.document.kpis[1].targets[year], valid.document.kpis[2].owner) == (
        "猛暑", 180, "農業振興課",
    )  # fmt: skip
    stale = clerk.post("/plan/targets", data=form | {"do": "store", "reason": "もう一度"})
    assert stale.status_code == 409
    assert "ほかの人が計画を変えました" in stale.text


def test_figures_without_a_device_that_went_to_another_city_say_so(viewer: httpx.Client, planned: Planned) -> None:
    connection, page = planned.town.connection, f"/plan/kpis?project=fukuroi&fy={planned.year.year}&lang=ja"
    assert "ほかの団体の事業にあり" not in viewer.get(page).text
    connection.execute(
        "update device set gateway_id = null, project_id = n.project_id, network_id = n.network_id from network n"
        " where device_id = (select min(device_id) from device where project_id = %s)"
        " and n.network_id = (select min(network_id) from network where project_id <> %s)",
        (planned.project_id, planned.project_id),
    )
    eventually(lambda: "機器 1台は、いまほかの団体の事業にあり" in viewer.get(page).text)


def test_the_use_of_a_month_that_is_open_stands_on_the_page_in_the_file_and_in_the_api(
    clerk: httpx.Client, planned: Planned
) -> None:
    """Four people of 農政課, two of 総務課 and one of 企画課 look at pages: only the first department is named."""
    town = planned.town
    for number, department in enumerate(["農政課"] * 4 + ["総務課"] * 2 + ["企画課"]):
        who = town.person(f"use-{number}", town.in_city(Role.VIEWER), department=department)
        with town.browser(who) as one:
            one.get("/plan?project=fukuroi")
    asked = f"project=fukuroi&fy={planned.year.year}"

    def row() -> dict[str, int]:
        months = clerk.get(f"/api/v1/plan/use?{asked}").json()["months"]
        (open_month,) = [each for each in months if each["counts"]]
        assert open_month["revision"] is None
        return {each["department"]: each["people"] for each in open_month["departments"]}

    eventually(lambda: row().get("農政課") == 4)
    assert "総務課" not in row()
    assert row()["その他"] >= 3
    text = clerk.get(f"/plan/usage?{asked}&lang=ja").text
    assert ">4 / " in text
    assert "総務課" not in text
    assert "監視を始めた月から" in text
    assert "多用途度 = 年度内に有効なデータの届いた分野の数" in text
    lines = clerk.get(f"/plan/usage.csv?{asked}").content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("年月,区分,名称,利用者数")
    (agriculture,) = [line for line in lines if "農政課" in line]
    assert agriculture.split(",")[1:4] == ["所属", "農政課", "4"]
    assert agriculture.split(",")[10] == "速報"
    assert sum(",全体," in line for line in lines) == 12
