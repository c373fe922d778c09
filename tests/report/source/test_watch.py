"""What reports say of the watch: the flood of the made year, who was told, who took it, and nothing told twice."""

from datetime import timedelta
from decimal import Decimal

from ingest.report.make import make_report
from ingest.report.source.watch import SPAN, span_ja
from schemas.japan import Month
from schemas.report_document import Period, ReportKind
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.plan.check.town import Town
from tests.report.source.papers import LATER, cells_of, field_of, made, monthly, row_of, table_of, yearly
from tests.report.source.year import AUGUST, reader_of


def test_the_month_of_the_flood_says_how_fast_people_knew_and_took_it(filled: Database) -> None:
    report = monthly(reader_of(filled), AUGUST)
    found = {code: field_of(report, "watch", code).value for code in (
        "incidents", "notifications", "notification_delay_p95", "time_to_acknowledge_p95", "false_alarm_rate", "missed",
        "escalations", "watch_uptime",
    )}  # fmt: skip
    assert found == {
        "incidents": 1, "notifications": 1, "notification_delay_p95": Decimal("3.0"),
        "time_to_acknowledge_p95": Decimal("7.0"), "false_alarm_rate": 0, "missed": 0, "escalations": 0,
        "watch_uptime": 100,
    }  # fmt: skip
    (row,) = table_of(report, "watch_incidents").rows
    cells = cells_of(table_of(report, "watch_incidents"), row)
    assert (cells["title"].value, cells["stage"].value, cells["value"].value, cells["taken_by"].value) == (
        "田川第二", "氾濫注意水位", "2.3 m", "鈴木",
    )  # fmt: skip


def test_a_month_without_incidents_has_reasons_in_place_of_delays(filled: Database) -> None:
    report = monthly(reader_of(filled), Month(2026, 5))
    for code in ("notification_delay_p95", "time_to_acknowledge_p95", "false_alarm_rate", "missed", "escalations"):
        cell = field_of(report, "watch", code)
        assert cell.value is None, code
        assert cell.missing, code
    assert field_of(report, "watch", "notifications").value == 0


def test_before_the_watch_began_nothing_is_counted(filled: Database) -> None:
    report = monthly(reader_of(filled), Month(2026, 3))
    cells = [field_of(report, "watch", code) for code in ("incidents", "notifications", "missed", "watch_uptime")]
    assert [(cell.value, cell.missing is not None) for cell in cells] == [(None, True)] * 4


def test_the_year_has_messages_to_people_crossings_and_its_incidents(filled: Database) -> None:
    report = yearly(reader_of(filled))
    assert row_of(table_of(report, "use"), "total")["notifications"].value == 1
    (row,) = table_of(report, "watch_crossings").rows
    cells = cells_of(table_of(report, "watch_crossings"), row)
    assert (cells["month"].value, cells["name"].value, cells["live"].value) == ("2026年8月", "氾濫注意水位", 1)
    assert len(table_of(report, "watch_incidents").rows) == 1


def test_the_chronology_of_a_month_has_each_crossing_once(filled: Database) -> None:
    report = made(reader_of(filled), ReportKind.CHRONOLOGY, Period.of_month(AUGUST, LATER))
    table = table_of(report, "chronology")
    rows = [{code: cell.value for code, cell in cells_of(table, row).items()} for row in table.rows]
    assert [(row["stage"], row["remark"]) for row in rows] == [
        ("氾濫注意水位に到達", "正しい"), ("基準1に到達", "取消(08/15 12:00): 流木"),
        ("すべての基準の外に戻る", "正しい"),
    ]  # fmt: skip
    assert (rows[0]["told"], rows[0]["delay"], rows[0]["taken_by"]) == ("田中", Decimal("3.0"), "鈴木")
    assert rows[0]["response"] == "08/14 12:40 樋門を閉めた(鈴木)"
    assert rows[2]["since"] == "1日"


def test_a_night_of_its_own_may_be_asked_for(town: Town) -> None:
    start = jst(2026, 8, 14, 18)
    period = Period.of_month(AUGUST, LATER)
    number, kind = town.project.project_id, ReportKind.CHRONOLOGY
    told = {SPAN: (start, start + timedelta(hours=12), True)}
    report = make_report(town.connection, number, kind, period, LATER, "clerk", told)
    evidence = next(each for each in report.evidence if each.id == "chronology")
    assert (evidence.arguments["from_"], evidence.arguments["drills"]) == ("2026-08-14T18:00:00+09:00", "True")
    assert table_of(report, "chronology").rows == ()


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    spans = (None, timedelta(minutes=85), timedelta(0), timedelta(days=2), timedelta(days=1, seconds=239))
    assert [span_ja(span) for span in spans] == ["", "1時間25分", "0分", "2日", "1日3分"]
