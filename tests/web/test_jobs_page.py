"""The page of the background jobs never says that all is well while a job, or who runs it, is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ingest.errors import StoreUnavailable
from ingest.figures.jobs import JobState, LaneState, job_states, lane_states
from ingest.jobs.runner import JobRunner, lane_runners
from ingest.jobs.schedule import Job, Lane
from ingest.service.job_table import all_jobs
from ingest.service.lookout import Lookout
from ingest.settings.model import DatabaseSettings, Settings
from ingest.telemetry.health import Concern, Trouble
from ingest.web.pages.jobs import headline_of
from schemas.bilingual import quoted
from tests.fixtures.browser import picture, watched
from tests.fixtures.database import Database
from tests.jobs.board import age
from tests.web.site import visiting, wired

WELL_JA, WELL_EN = "定期処理は15件とも予定どおりです", "running as planned: 15"
LONG_REASON = "connection to server at db.example.lg.jp failed: " + "x" * 200


def fails(*_: object) -> str:
    raise StoreUnavailable(quoted(LONG_REASON))


def shipped(database: Database, **changed: Callable[..., str]) -> tuple[Job, ...]:
    """The jobs of the service; some of them do something else."""
    settings = Settings(database={"url": database.url})
    return tuple(replace(job, run=changed.get(job.name, job.run)) for job in all_jobs(settings, Lookout(None)))


@pytest.fixture
def run(any_database: Database) -> Iterator[Callable[..., list[JobRunner]]]:
    """Runs the jobs of the service once and keeps the lanes; returns the runners."""
    kept: list[JobRunner] = []

    def run_once(**changed: Callable[..., str]) -> list[JobRunner]:
        for runner in lane_runners(DatabaseSettings(url=any_database.url), shipped(any_database, **changed)):
            kept.append(runner)
            runner.run_due_jobs()
        return kept

    yield run_once
    for runner in kept:
        runner.close()


def page_of(database: Database, language: str = "ja") -> str:
    with wired(database.url) as deps, visiting(deps) as client:
        answer = client.get("/jobs", params={"lang": language})
    assert answer.status_code == 200
    return answer.text


def row_of(html: str, job: str) -> str:
    found = re.search(rf'<tr[^>]*id="job-{job}".*?</tr>', html, re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found[0])


def test_each_job_has_its_name_what_it_is_for_and_its_times(
    any_database: Database, run: Callable[..., list[JobRunner]]
) -> None:
    run()
    html = page_of(any_database)
    assert f"<h1>{WELL_JA}</h1>" in html
    assert re.findall(r'<b class="name">(.*?)</b>', html) == [
        "改善措置の期限", "ディスクの見通し", "途絶の確認", "監視を待つ測定値の整理", "報告書の配信", "報告書の作成",
        "サインインの後片付け", "監査ログの控え",
        "監査ログの保存期間", "フレームの控え", "停止の検出", "実績の確定", "確定後の改版", "保存期間", "集計",
    ]  # fmt: skip
    row = row_of(html, "retention")
    assert "保存期間を過ぎたデータを消し" in row
    assert "1日ごと" in row
    assert "1秒未満" in row
    english = page_of(any_database, "en")
    assert WELL_EN in english
    assert '<b class="name">Retention</b>' in english
    row = row_of(english, "retention")
    assert "Deletes what is older than its period of retention" in row
    assert "As planned" in row


def test_an_installation_that_never_ran_a_service_is_not_well(any_database: Database) -> None:
    html = page_of(any_database)
    assert "予定どおり" not in html
    assert "<h1>定期処理を受け持つ取込サービスがありません" in html
    assert "まだ一度も登録されていません" in html
    english = page_of(any_database, "en")
    assert "No service runs the background jobs" in english
    assert "No background job is known yet" in english


def test_a_job_that_is_overdue_one_that_fails_and_one_that_never_ran_are_told(
    any_database: Database, run: Callable[..., list[JobRunner]]
) -> None:
    run(outlook=fails)
    age(any_database, "retention", 2 * 86_400)
    any_database.connect().execute(
        "update housekeeping_run set started_at = null, ended_at = null, succeeded_at = null where job = 'frames'"
    )
    html = page_of(any_database)
    head = html[html.index('id="headline"') : html.index('id="lane-short"')]
    assert "<h1>失敗している定期処理が1件あります" in head
    assert "予定を過ぎても動いていない定期処理が1件あります" in head
    assert "まだ一度も動いていない定期処理が1件あります" in head
    assert WELL_JA not in html
    assert "遅れ" in row_of(html, "retention")
    assert "未実行" in row_of(html, "frames")
    assert "予定どおり" in row_of(html, "rollups")
    failing = row_of(html, "outlook")
    assert "から失敗しています(1回)" in failing
    assert LONG_REASON in failing
    english = page_of(any_database, "en")
    assert "Overdue" in row_of(english, "retention")
    assert "Never run" in row_of(english, "frames")
    assert "Failing since" in row_of(english, "outlook")


def test_a_lane_that_nobody_holds_is_told_though_every_job_ran_in_time(
    any_database: Database, run: Callable[..., list[JobRunner]]
) -> None:
    runners = run()
    next(runner for runner in runners if runner.lane is Lane.LONG).close()
    html = page_of(any_database)
    assert WELL_JA not in html
    assert "<h1>定期処理を受け持つ取込サービスがありません(系列 1件)" in html
    short, long = html[html.index('id="lane-short"') :].split('id="lane-long"')
    assert "つながっていません" in long
    assert "つながっていません" not in short
    assert "No service that runs the jobs of this lane is connected" in page_of(any_database, "en")


def test_a_standby_does_not_claim_that_nobody_is_there(
    any_database: Database, run: Callable[..., list[JobRunner]]
) -> None:
    run()
    connection = any_database.connect()
    jobs, lanes = job_states(connection), lane_states(connection)
    assert [line.kind for line in headline_of(jobs, lanes)] == ["jobs_well"]
    unknown = [LaneState(lane.lane, None) for lane in lanes]
    assert [line.kind for line in headline_of(jobs, unknown)] == ["jobs_well"]
    running: list[JobState] = [replace(job, state="running") for job in jobs]
    assert [line.kind for line in headline_of(running, lanes)] == ["jobs_well"]


def test_the_page_is_found_from_every_page_and_from_the_trouble(any_database: Database) -> None:
    late = Trouble(Concern.HOUSEKEEPING, "late: rollups", 1_795_900_000.0)
    with wired(any_database.url, lambda: [late]) as deps, visiting(deps) as client:
        html = client.get("/").text
    assert 'から</span> <a href="/jobs">定期処理</a>' in html
    assert '<a href="/jobs">定期処理</a>' in html[html.index('class="foot"') :]


@pytest.mark.parametrize("width", [1280, 390])
def test_on_a_desk_and_on_a_phone_nothing_runs_off_the_screen(
    any_database: Database, run: Callable[..., list[JobRunner]], chromium: Browser, tmp_path: Path, width: int
) -> None:
    run(outlook=fails)
    age(any_database, "retention", 2 * 86_400)
    context = chromium.new_context(locale="ja-JP", viewport={"width": width, "height": 900})
    with wired(any_database.url) as deps, visiting(deps) as client:
        seen = watched(context)
        seen.page.goto(f"{client.base_url}/jobs")
        seen.page.wait_for_load_state("networkidle")
        assert picture(seen.page, tmp_path, f"jobs-{width}").stat().st_size > 10_000
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        hidden = "[...document.querySelectorAll('.scroll')].some((box) => box.scrollWidth > box.clientWidth)"
        assert seen.page.evaluate(hidden) is False, "nor out of its card"
        assert seen.complaints == []
        assert seen.foreign(str(client.base_url)) == []
    context.close()
