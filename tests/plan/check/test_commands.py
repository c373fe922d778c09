"""`noroshi plan check | freeze | review`, as an operator calls them."""

import json
import subprocess

import pytest

from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.fixtures.service import SCRIPT, RunNoroshi, eventually
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

ASKED = ("--project", "tea", "--lang", "ja")


@pytest.fixture
def half(town: Town) -> Town:
    """Half of April came."""
    town.plan(document(kpi(), kpi("farms", evidence={"kind": "observation", "code": "farms"})))
    town.hours(town.field.device("a"), jst(2026, 4, 1), 360)
    return town


@pytest.mark.usefixtures("half")
def test_a_month_is_checked_frozen_once_and_reviewed(database: Database, run_noroshi: RunNoroshi) -> None:
    checked = run_noroshi("plan", "check", *ASKED, "--month", "2026-04", "--database", database.url)
    assert "50.0 %(参考値)" in checked.stdout
    assert "farms: この期間の手入力の観測 farms がありません" in checked.stdout
    assert "確定していない期間: 令和8年(2026年)4月" in checked.stdout
    frozen = run_noroshi("plan", "freeze", *ASKED, "--month", "2026-04", "--database", database.url)
    assert "確定しました" in frozen.stdout
    again = run_noroshi("plan", "freeze", *ASKED, "--month", "2026-04", "--database", database.url)
    assert "変わりはありません" in again.stdout
    run_noroshi("plan", "review", *ASKED, "--month", "2026-04", "--close", "--database", database.url, code=2)
    for code in ("completeness", "farms"):
        run_noroshi(
            "plan", "review", *ASKED, "--month", "2026-04", "--kpi", code, "--factors", "停電", "--direction", "継続",
            "--database", database.url,
        )  # fmt: skip
    closed = run_noroshi("plan", "review", *ASKED, "--month", "2026-04", "--close", "--database", database.url)
    assert "評価は完了しています" in closed.stdout


@pytest.mark.usefixtures("half")
def test_a_month_waits_for_its_outages_unless_it_is_forced(
    town: Town, database: Database, run_noroshi: RunNoroshi
) -> None:
    town.connection.execute("update rollup_state set closing_until = now(), materialised_until = now()")
    asked = ("plan", "freeze", *ASKED, "--month", "2026-04", "--database", database.url)
    refused = run_noroshi(*asked, code=2)
    assert "--force" in refused.stderr
    assert town.connection.execute("select count(*) from plan_snapshot").fetchone() == (0,)
    early = run_noroshi("plan", "freeze", *ASKED, "--month", "2099-04", "--force", "--database", database.url, code=2)
    assert "まだ終わっていません" in early.stderr
    assert "確定しました" in run_noroshi(*asked, "--force").stdout


@pytest.mark.usefixtures("half")
def test_a_freezing_that_is_killed_in_the_middle_leaves_nothing_and_is_made_up(
    town: Town, database: Database, run_noroshi: RunNoroshi
) -> None:
    """It is killed between the snapshot and the entry of the audit log, which another transaction holds up."""
    asked = ("plan", "freeze", *ASKED, "--month", "2026-04", "--database", database.url)
    holder = database.connect(autocommit=False)
    holder.execute("select from audit_anchor for update")
    process = subprocess.Popen([*SCRIPT, *asked], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        waits = (
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            " and query like '%audit_append%'"
        )
        eventually(lambda: town.connection.execute(waits).fetchone() == (1,))
    finally:
        process.kill()
        process.wait(30)
    holder.rollback()
    eventually(lambda: town.connection.execute(waits).fetchone() == (0,))
    left = "select (select count(*) from plan_snapshot), (select count(*) from plan_freezing)"
    eventually(lambda: town.connection.execute(left).fetchone() == (0, 0))
    assert "確定しました" in run_noroshi(*asked).stdout
    assert town.connection.execute(left).fetchone() == (1, 1)
    assert "異常は 0 件" in run_noroshi("plan", "verify", "--lang", "ja", "--database", database.url).stdout


@pytest.mark.usefixtures("half")
def test_what_was_frozen_is_verified_and_a_forger_is_found(
    town: Town, database: Database, run_noroshi: RunNoroshi
) -> None:
    run_noroshi("plan", "freeze", *ASKED, "--month", "2026-04", "--database", database.url)
    asked = ("plan", "verify", "--lang", "ja", "--database", database.url)
    assert "tea 1 版を検査し、異常は 0 件です" in run_noroshi(*asked).stdout
    town.connection.execute("alter table plan_snapshot disable trigger user; update plan_snapshot set digest = '\\xab'")
    wrong = run_noroshi(*asked, code=1)
    assert "4月 第1版: 監査ログにある確定時の SHA-256 と違います" in wrong.stdout


@pytest.mark.usefixtures("half")
def test_programs_get_json_with_the_evidence(database: Database, run_noroshi: RunNoroshi) -> None:
    said = run_noroshi("plan", "check", "--year", "2026", "--json", "--database", database.url)
    answer = json.loads(said.stdout)
    assert answer["plan_number"] == 1
    assert answer["kpis"][0]["evidence"]["figure"] == "completeness"
    assert answer["kpis"][1]["actual"] is None
    assert answer["kpis"][1]["actual_missing"]["en"]


@pytest.mark.usefixtures("half")
def test_one_period_has_to_be_named(database: Database, run_noroshi: RunNoroshi) -> None:
    for wrong in ((), ("--month", "2026-04", "--year", "2026")):
        run_noroshi("plan", "check", *wrong, "--database", database.url, code=2)
