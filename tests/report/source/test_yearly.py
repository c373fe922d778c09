"""The yearly report: what it says of systems, use, targets, money, and of what is missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from ingest.plan.check.factors import Days, factors_to_target
from ingest.plan.check.freeze import freeze
from ingest.plan.check.review import ReviewText, write_review
from ingest.plan.check.spans import PeriodKind, year_span
from ingest.report.canonical import canonical_text
from schemas.japan import FiscalYear, Month
from schemas.report_document import Lines, ReportDocument, ReportKind, Table
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import BY, Town
from tests.report.source.papers import (
    LATER,
    YEAR,
    all_cells,
    cells_of,
    field_of,
    monthly,
    row_of,
    table_of,
    words_of,
    yearly,
)
from tests.report.source.year import AUGUST, MOVED, fill_year, reader_of


@pytest.fixture(scope="module")
def report(filled: Database) -> ReportDocument:
    """The yearly report of the made year."""
    return yearly(reader_of(filled))


def test_the_head_says_which_year_of_five_in_both_calendars(report: ReportDocument) -> None:
    assert report.report_of == (1, 5)
    assert field_of(report, "head", "report_of").value == "1 / 5 回目"
    assert field_of(report, "head", "period").value == "令和8年度(2026年度)"
    assert (report.period.first_day, report.period.last_day) == (date(2026, 4, 1), date(2027, 3, 31))


def test_a_total_is_the_rate_of_sums_and_no_mean_of_rates(report: ReportDocument) -> None:
    systems = table_of(report, "systems")
    rows, total = [cells_of(systems, row) for row in systems.rows], row_of(systems, "total")
    assert len(rows) == 2
    expected = sum(int(str(row["expected"].value)) for row in rows)
    valid = sum(int(str(row["valid"].value)) for row in rows)
    assert (total["expected"].value, total["valid"].value) == (expected, valid)
    of_sums = Decimal(valid * 1000 // expected) / 10
    mean = sum(Decimal(str(row["completeness"].value)) for row in rows) / 2
    assert total["completeness"].value == of_sums != round(mean, 1)


def test_systems_say_how_many_stood_how_at_the_end(report: ReportDocument) -> None:
    total = row_of(table_of(report, "systems"), "total")
    assert {name: total[name].value for name in ("installed", "working", "resting", "silent")} == {
        "installed": 6, "working": 4, "resting": 1, "silent": 0,
    }, "one of the six is switched off"  # fmt: skip
    assert total["main_cause"].value == "電池(384時間)"
    assert total["planned"].value is None
    assert total["planned"].missing is not None


def test_a_device_that_moved_is_part_of_both_networks_and_one_device(filled: Database) -> None:
    town = reader_of(filled)
    lines = {row.key: row for row in table_of(yearly(town), "systems").rows}
    days_before = (MOVED.date() - date(2026, 4, 1)).days
    lpwa, halow = (cells_of(table_of(yearly(town), "systems"), lines[kind]) for kind in ("lpwa", "halow"))
    assert lpwa["expected"].value == 365 + 365 + days_before
    assert halow["expected"].value == 365 + 169 + (365 - days_before)
    mover = row_of(table_of(yearly(town), "devices"), "mover")
    assert (mover["network_name"].value, mover["expected"].value) == ("HaLow網", 365)
    assert mover["note"].value == "期間中に設置場所・設定が1回変わった"


def test_targets_have_baseline_rate_and_formula(report: ReportDocument) -> None:
    kpis = table_of(report, "kpis")
    patrol = row_of(kpis, "patrol")
    assert [str(patrol[name].value) for name in ("baseline", "target", "actual", "rate", "grade")] == [
        "260", "150", "168", "83.6", "B",
    ]  # fmt: skip
    assert "改善度" in str(patrol["formula"].value)
    missing = row_of(kpis, "no_data")["actual"]
    assert missing.value is None
    assert missing.missing is not None


def test_money_is_that_of_the_plan(report: ReportDocument) -> None:
    assert field_of(report, "money", "income").value == 300_000
    assert field_of(report, "money", "running").value == 1_320_000, "of the cloud paid for five years, one year"
    assert field_of(report, "money", "self_sufficiency").value == Decimal("22.7")
    assert row_of(table_of(report, "amounts"), "total")["yen"].value == 13_320_000


def test_annexes_list_devices_outages_events_method_and_integrity(report: ReportDocument) -> None:
    annexes = {each.annex for each in report.sections if isinstance(each, Table | Lines)}
    assert annexes == {None, 1, 2, 3, 4, 5}
    assert [row.key for row in table_of(report, "devices").rows] == ["mover", "paddy", "river", "off", "tea-1", "tea-2"]
    outages = [cells_of(table_of(report, "outages"), row) for row in table_of(report, "outages").rows]
    assert [(each["name"].value, each["cause"].value, each["decided"].value) for each in outages] == [
        ("機器 tea-2", "電池", "人"), ("機器 tea-1", "雪・雷", "推定"), ("庁舎屋上", "基地局", "推定"),
    ]  # fmt: skip
    events = [cells_of(table_of(report, "events"), row) for row in table_of(report, "events").rows]
    assert [(each["after"].value, each["rise"].value) for each in events] == [
        ("氾濫注意水位", "上昇"), ("基準未満", "低下"),
    ]  # fmt: skip
    method = next(each for each in report.sections if each.code == "method")
    assert isinstance(method, Lines)
    assert any("四捨五入" in line for line in method.lines)


def test_every_figure_without_a_value_says_why(report: ReportDocument) -> None:
    for where, cell in all_cells(report):
        not_yet = where.endswith(("/ends", "/done_on"))  # what lasts, and what is not done
        assert cell.value is not None or cell.missing or cell.evidence is None or not_yet, where


def test_the_same_moment_makes_the_same_document(filled: Database, report: ReportDocument) -> None:
    assert canonical_text(yearly(reader_of(filled))) == canonical_text(report)


def test_the_worst_devices_are_those_of_the_page_of_factors(filled: Database) -> None:
    town = reader_of(filled)
    days = Days(AUGUST.first_day, AUGUST.next.first_day)
    page = factors_to_target(town.connection, "tea", Decimal(100), days, LATER).worst
    rows = table_of(monthly(town, AUGUST), "worst").rows
    assert [row.key for row in rows] == [each.device for each in page] == ["tea-2"]


def test_a_year_that_runs_is_marked(filled: Database) -> None:
    now = jst(2026, 9, 15, 10)
    running = yearly(reader_of(filled), now=now)
    assert not running.period.over
    assert any("途中" in mark.ja for mark in running.marks)
    assert [row.key for row in table_of(running, "months").rows][-1] == "2026-09"
    assert row_of(table_of(running, "months"), "2026-09")["frozen"].value == "途中"


def test_a_frozen_year_is_shown_as_it_was_frozen(town: Town) -> None:
    fill_year(town)
    town.connection.execute("update outage_state set seen_until = %s", (LATER,))
    snapshot = freeze(town.connection, BY, town.project, year_span(YEAR), jst(2027, 5, 31))
    assert snapshot is not None
    before = yearly(town)
    town.observe("yield", date(2026, 4, 1), date(2027, 3, 31), 55, unit="kg")
    after = yearly(town)
    assert row_of(table_of(after, "kpis"), "no_data") == row_of(table_of(before, "kpis"), "no_data")
    assert snapshot.digest.hex() in next(each for each in after.evidence if each.id == "kpi_1").arguments["sha256"]
    integrity = next(each for each in after.sections if each.code == "integrity")
    assert isinstance(integrity, Lines)
    assert any(snapshot.digest.hex() in line and "内容と一致" in line for line in integrity.lines)


def test_words_come_from_the_review_until_somebody_writes_into_the_report(town: Town) -> None:
    town.plan(document(kpi()))
    text = ReviewText(factors="基地局の停電", direction="継続")
    assert write_review(town.connection, BY, town.project, PeriodKind.YEAR, YEAR.first_day, "", text)
    assert words_of(yearly(town), "factors") == "基地局の停電"
    assert words_of(yearly(town, kind=ReportKind.EFFECT), "direction") == "継続"
    for number, written in enumerate(("はじめの文", "直した文")):
        town.connection.execute(
            "insert into report_text (project_id, kind, first_day, key, text, author, written_at, entered_by)"
            " values (%s, 'yearly', %s, 'factors', %s, '農林課', %s, 'clerk')",
            (town.project.project_id, YEAR.first_day, written, LATER + timedelta(days=number)),
        )
    assert words_of(yearly(town), "factors") == "直した文"
    assert words_of(yearly(town, kind=ReportKind.EFFECT), "factors") == "基地局の停電"


@pytest.mark.parametrize("kind", [ReportKind.YEARLY, ReportKind.EFFECT])
def test_a_project_with_nothing_at_all_has_a_report_of_reasons(town: Town, kind: ReportKind) -> None:
    report = yearly(town, kind=kind)
    assert any("計画" in mark.ja for mark in report.marks)
    if kind is ReportKind.YEARLY:
        assert table_of(report, "devices").rows == ()
        assert field_of(report, "summary", "devices").value == 0
        assert field_of(report, "summary", "completeness").missing is not None
    assert monthly(town).sections


def test_a_plan_without_data_has_reasons_in_place_of_rates(town: Town) -> None:
    town.plan(document(kpi()))
    town.field.device("tea-1", installed_on=date(2026, 4, 1))
    report = yearly(town)
    assert field_of(report, "summary", "completeness").value == Decimal("0.0"), "expected and not received"
    assert field_of(report, "summary", "mttr_h").missing is not None
    assert row_of(table_of(report, "devices"), "tea-1")["first_data_on"].missing is not None
    assert row_of(table_of(report, "kpis"), "completeness")["actual"].value == Decimal("0.0")


@pytest.mark.parametrize(("year", "label", "months"), [
    (2018, "2018年度", 365), (2019, "令和元年度(2019年度)", 366), (2023, "令和5年度(2023年度)", 366),
])  # fmt: skip
def test_a_fiscal_year_has_its_days_and_its_era(town: Town, year: int, label: str, months: int) -> None:
    town.field.uplinks(town.field.device("a", interval_s=86_400, installed_on=date(2018, 4, 1)), [])
    report = yearly(town, FiscalYear(year))
    assert report.period.label == label
    assert field_of(report, "summary", "expected").value == months, "a leap year has a day more"


def test_the_last_moment_of_march_belongs_to_the_year_and_the_first_of_april_to_the_next(town: Town) -> None:
    device = town.field.device("a", interval_s=86_400, installed_on=date(2026, 4, 1))
    town.field.uplinks(device, [jst(2027, 3, 31, 23, 59, 59), jst(2027, 4, 1)])
    assert field_of(yearly(town), "summary", "valid").value == 1
    assert field_of(monthly(town, Month(2027, 4)), "summary", "valid").value == 1
