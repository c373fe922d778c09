"""保存期間 in the registry document: in and out again, and never shorter than the subsidy demands."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli.registry import registry
from ingest.errors import CallRefused
from schemas.retention import duty_ends, months_before, on_duty
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.registry.files import messages, read, written

pytestmark = pytest.mark.japanese

PERIODS = [("raw", 120), ("quarantine", 84)]


def call(database: Database, *words: str | Path) -> Result:
    return CliRunner().invoke(registry, [*map(str, words), "--database", database.url])


def document(folder: Path, retention: str, more: str = "") -> Path:
    return written(folder, "p.yaml", f"projects:\n  - {{code: tea, name: 茶園, retention: {retention}{more}}}\n")


def periods(database: Database) -> dict[str, int]:
    return dict(database.connect().execute("select kind, keep_months from retention").fetchall())


@pytest.mark.parametrize(
    ("completed_on", "ends"),
    [
        (date(2026, 4, 1), jst(2032, 4, 1)),
        (date(2027, 3, 31), jst(2032, 4, 1)),
        (date(2027, 4, 1), jst(2033, 4, 1)),
    ],
)
def test_the_duty_ends_after_the_fifth_fiscal_year_after_the_year_of_completion(
    completed_on: date, ends: datetime
) -> None:
    assert duty_ends(completed_on) == ends
    assert on_duty(completed_on, ends - timedelta(seconds=1))
    assert not on_duty(completed_on, ends)


@pytest.mark.parametrize(
    ("months", "before"),
    [
        (0, jst(2026, 3, 31)),
        (1, jst(2026, 2, 28)),
        (3, jst(2025, 12, 31)),
        (4, jst(2025, 11, 30)),
        (72, jst(2020, 3, 31)),
    ],
)
def test_months_are_counted_back_in_japan(months: int, before: datetime) -> None:
    assert months_before(datetime(2026, 3, 30, 15, 30, tzinfo=UTC), months) == before


def test_periods_are_applied_exported_and_found_unchanged(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", document(tmp_path, "{raw: 120, quarantine: 84}"))
    assert result.exit_code == 0, result.output
    assert periods(any_database) == dict(PERIODS)
    exported = call(any_database, "export").output
    assert "raw: 120" in exported
    result = call(any_database, "apply", written(tmp_path, "again.yaml", exported))
    assert result.output.startswith("台帳はファイルのとおりです。"), result.output
    result = call(any_database, "apply", document(tmp_path, "{raw: 96}"))
    assert "保存期間(月) raw 120、quarantine 84 → raw 96" in result.output
    assert periods(any_database) == {"raw": 96}
    call(any_database, "apply", document(tmp_path, "null"))
    assert periods(any_database) == {}


def test_a_table_says_it_in_one_cell(tmp_path: Path) -> None:
    text = "事業コード,事業名,保存期間(月)\ntea,茶園,測定値 120か月、link=72\n"
    (project,) = read([written(tmp_path, "p.csv", text)]).document.projects
    assert project.retention == {"raw": 120, "link": 72}


@pytest.mark.parametrize(
    ("cell", "said"), [("{row: 3}", "「row」という保存の種類はありません"), ("{raw: ten}", "月数を")]
)
def test_a_period_that_cannot_be_read_is_named(tmp_path: Path, cell: str, said: str) -> None:
    assert said in messages(read([document(tmp_path, cell)]))[0]


@pytest.mark.parametrize(
    ("retention", "more", "said"),
    [
        ("{raw: 71}", "", "完了日が決まり"),
        ("{raw: 71}", ", completed_on: 2026-03-20", "2031年4月1日まで"),
    ],
)
def test_a_period_shorter_than_the_duty_is_refused_and_says_the_duty(
    any_database: Database, tmp_path: Path, retention: str, more: str, said: str
) -> None:
    result = call(any_database, "apply", document(tmp_path, retention, more))
    assert isinstance(result.exception, CallRefused)
    assert "完了年度の翌年度から5年度の報告" in str(result.exception)
    assert said in str(result.exception)
    assert periods(any_database) == {}


def test_when_the_duty_is_over_a_period_may_be_short(any_database: Database, tmp_path: Path) -> None:
    result = call(any_database, "apply", document(tmp_path, "{raw: 12}", ", completed_on: 2019-03-20"))
    assert result.exit_code == 0, result.output
    assert periods(any_database) == {"raw": 12}


def test_what_somebody_forced_is_not_refused_again(any_database: Database, tmp_path: Path) -> None:
    call(any_database, "apply", document(tmp_path, "{raw: 96}"))
    any_database.connect().execute(
        "update retention set keep_months = 12, forced_by = '森', forced_why = '市の決定', forced_at = now()"
    )
    result = call(any_database, "apply", document(tmp_path, "{raw: 12, link: 84}"))
    assert result.exit_code == 0, result.output
    rows = any_database.connect().execute("select kind, forced_by from retention order by kind").fetchall()
    assert rows == [("link", None), ("raw", "森")]
