"""What the board says on a given day: due, late, by whom; pure, so that the day can be chosen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ingest.figures.plan.board import Board, Doings, FrozenPeriod, MeasureLine, ReviewState, StopLine
from ingest.web.pages.plan.board_items import Item, Standing, checked, done, improved, in_order, planned, standing_of
from ingest.web.text import Language
from ingest.web.text.writer import Writer
from schemas.japan import FiscalYear
from tests.web.plan.paper import document

YEAR = FiscalYear(2026)
CLOSED_AT = datetime(2026, 7, 20, 3, tzinfo=UTC)
TODAY = date(2026, 11, 30)
WRITER = Writer(Language.JA, datetime(2026, 11, 30, 3, tzinfo=UTC))
NOTHING = Doings(0, 0, None, 0, None, 0, None, None)
EMPTY = Board([], [], [], [], NOTHING, frozenset(), outages_known=True)
PLAN = document(2026)


def month(number: int, revision: int = 1) -> FrozenPeriod:
    first = date(2026, number, 1)
    return FrozenPeriod(
        "month", first, date(2026, number + 1, 1), revision, datetime(2026, 11, 9, 16, tzinfo=UTC), "サービス"
    )


def measure(state: str, due: date, title: str = "アンテナの移設") -> MeasureLine:
    return MeasureLine(7, 3, title, "農政課", due, state, has_result=False)


def late(items: list[Item]) -> list[str]:
    return [item.what for item in items if item.standing is Standing.LATE]


@pytest.mark.parametrize(
    ("due", "standing"),
    [
        (date(2026, 11, 29), Standing.LATE),
        (date(2026, 11, 30), Standing.SOON),
        (date(2026, 12, 14), Standing.SOON),
        (date(2026, 12, 15), Standing.OPEN),
    ],
)
def test_what_is_due_today_is_not_late(due: date, standing: Standing) -> None:
    assert standing_of(due, TODAY) is standing


def test_months_that_were_not_frozen_are_one_late_line_and_the_next_one_is_due() -> None:
    board = replace(EMPTY, frozen=[month(number) for number in range(4, 9)])
    items = checked(PLAN, board, YEAR, TODAY, WRITER)
    assert "2026年9月から2か月分の確定" in late(items)
    due = next(item for item in items if item.what == "2026年11月の確定")
    assert (due.due, due.standing, due.who) == (date(2026, 12, 10), Standing.SOON, "自動")
    frozen = next(item for item in items if item.standing is Standing.WELL)
    assert frozen.due == date(2026, 11, 10), "a day of Japan"


def test_a_quarter_is_reviewed_after_it_was_frozen_and_a_closed_one_is_well() -> None:
    closed = ReviewState("quarter", date(2026, 4, 1), closed=True, closed_by="報告 四郎", closed_at=CLOSED_AT, kpis=3)
    items = checked(PLAN, replace(EMPTY, reviews=[closed]), YEAR, TODAY, WRITER)
    by_name = {item.what: item for item in items}
    assert by_name["第1四半期の評価を終了"].who == "報告 四郎"
    assert by_name["第2四半期の評価"].due == date(2026, 10, 31)
    assert by_name["第2四半期の評価"].standing is Standing.LATE
    assert by_name["第3四半期の評価"].standing is Standing.OPEN
    assert "第4四半期の評価" not in by_name, "it has not begun"
    assert by_name["年度の評価"].due == date(2027, 6, 21)


def test_a_review_is_not_well_any_more_once_its_period_was_revised() -> None:
    closed = ReviewState("quarter", date(2026, 4, 1), closed=True, closed_by="報告 四郎", closed_at=CLOSED_AT, kpis=3)
    first, later = (
        FrozenPeriod(
            "quarter", date(2026, 4, 1), date(2026, 7, 1), revision, CLOSED_AT + timedelta(days=days), "service"
        )
        for revision, days in ((1, -5), (2, 5))
    )
    board = replace(EMPTY, reviews=[closed], frozen=[first])
    assert any(item.what == "第1四半期の評価を終了" for item in checked(PLAN, board, YEAR, TODAY, WRITER))
    items = checked(PLAN, replace(board, frozen=[later]), YEAR, TODAY, WRITER)
    (revised,) = [item for item in items if item.what == "第1四半期の実績が評価の終了後に改められました(第2版)"]
    assert revised.standing is Standing.SOON
    assert not any(item.what == "第1四半期の評価を終了" for item in items)


def test_a_plan_says_what_it_lacks_for_the_year() -> None:
    said = [item.what for item in planned(PLAN, "計画 第1版", FiscalYear(2027), WRITER)]
    assert said == ["計画 第1版", "この年度の目標値がありません: 10アール当たり収量"]
    assert planned(None, "", YEAR, WRITER)[0].path == "/plan/guide"


def test_a_log_that_is_not_kept_is_marked_only_where_a_kpi_needs_it_and_in_its_year() -> None:
    idle = "作業記録が60日以上ありません(指標の根拠です)"
    assert idle in [item.what for item in done(PLAN, EMPTY, YEAR, TODAY, WRITER)]
    kept = replace(EMPTY, doings=replace(NOTHING, visits=3, minutes=200, last_work=datetime(2026, 11, 20, tzinfo=UTC)))
    said = [item.what for item in done(PLAN, kept, YEAR, TODAY, WRITER)]
    assert idle not in said
    assert "現地作業 3回、延べ3時間" in said
    assert idle not in [item.what for item in done(PLAN, EMPTY, FiscalYear(2025), TODAY, WRITER)]
    without = PLAN.model_copy(update={"kpis": PLAN.kpis[:1]})
    assert idle not in [item.what for item in done(without, EMPTY, YEAR, TODAY, WRITER)]


def test_an_observation_is_waited_for_until_it_is_there() -> None:
    wait = "観測値の入力待ち: 10アール当たり収量"
    items = done(PLAN, EMPTY, YEAR, date(2027, 4, 1), WRITER)
    assert wait in late(items)
    seen = replace(EMPTY, observed=frozenset({"rice_yield"}))
    assert wait not in [item.what for item in done(PLAN, seen, YEAR, TODAY, WRITER)]


def test_a_planned_stop_without_signature_asks_for_one() -> None:
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    board = replace(EMPTY, stops=[StopLine(begin, end, "基地局の更新", "運用 五郎", unsigned=True)])
    stop = next(item for item in done(PLAN, board, YEAR, TODAY, WRITER) if "基地局の更新" in item.what)
    assert (stop.standing, stop.who) == (Standing.SOON, "運用 五郎")


def test_a_measure_is_late_until_it_is_done_and_then_waits_for_its_result() -> None:
    lines = [
        measure("under_way", date(2026, 11, 1), "一"), measure("done", date(2026, 11, 1), "二"),
        measure("evaluated", date(2026, 5, 1), "三"), measure("proposed", date(2027, 3, 1), "四"),
    ]  # fmt: skip
    items = improved(PLAN, replace(EMPTY, measures=lines), YEAR, TODAY, WRITER)
    standings = {item.what: item.standing for item in items}
    assert standings["3. 一(実施中)"] is Standing.LATE
    assert standings["3. 二(実施済)"] is Standing.SOON
    assert standings["3. 四(提案)"] is Standing.OPEN
    assert standings["評価まで終えた措置・中止した措置 1件"] is Standing.WELL
    assert [item.standing for item in in_order(items)] == sorted(
        (item.standing for item in items), key=list(Standing).index
    )


def test_a_closed_year_is_well() -> None:
    closed = replace(EMPTY, doings=replace(NOTHING, closed_at=datetime(2027, 6, 1, tzinfo=UTC), closed_by="袋井 花子"))
    items = improved(PLAN, closed, YEAR, date(2027, 7, 1), WRITER)
    assert next(item for item in items if item.who == "袋井 花子").standing is Standing.WELL
    assert late(improved(PLAN, EMPTY, YEAR, date(2027, 7, 1), WRITER)) == ["年度の締め"]


def test_that_nobody_looked_for_outages_is_told() -> None:
    behind = done(PLAN, replace(EMPTY, outages_known=False), YEAR, TODAY, WRITER)
    assert any("停止の検出が遅れています" in item.what for item in behind)
