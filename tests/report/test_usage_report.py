"""What the monthly usage report says, whatever its format."""

import pytest

from ingest.errors import CallRefused
from ingest.report.usage import usage_report
from schemas.japan import Month
from schemas.report import DeviceLine, UsageReport, below_limit
from tests.figures.field import jst
from tests.fixtures.database import Database
from tests.report.conftest import AFTERWARDS, NOVEMBER


def line(report: UsageReport, code: str) -> DeviceLine:
    return next(device for device in report.devices if device.device == code)


def test_each_line_says_what_was_computed_and_what_to_make_of_it(november: UsageReport) -> None:
    said = {
        device.device: (device.expected, device.received, device.completeness, device.notes)
        for device in november.devices
    }
    assert said == {
        "tea-1": (30, 30, 100.0, ()),
        "tea-2": (30, 23, 76.6, ("参考値",)),
        "paddy": (0, 0, None, ("運用期間外・設置前",)),
        "cam": (10, 0, 0.0, ("受信なし", "参考値")),
        "old": (0, 0, None, ("停止中",)),
    }


def test_the_total_is_the_sum_and_the_account_closes(november: UsageReport) -> None:
    total = november.total
    assert (total.expected, total.received, total.completeness, total.notes) == (70, 53, 75.7, ("参考値",))
    assert (total.devices, total.devices_expected, total.devices_heard, total.devices_below) == (5, 3, 2, 2)
    assert [(net.network, net.expected, net.received) for net in november.networks] == [
        ("halow", 10, 0),
        ("lora", 60, 53),
    ]
    account = november.identity
    assert (account.received, account.stored, account.duplicate, account.readings_unexplained) == (55, 53, 2, 0)


def test_the_head_names_project_month_and_method(november: UsageReport) -> None:
    assert (november.project.name, november.project.organisation_code) == ("茶園見守り事業", "222160")
    assert (november.period.label, november.period.over) == ("令和8年(2026年)11月", True)
    assert november.period.until == jst(2026, 12, 1)
    assert november.generated_at == AFTERWARDS
    assert november.software.startswith("Noroshi ")
    assert any("figure_usage('tea', '2026-11-01T00:00:00+09:00'" in text for text in november.method)


def test_the_lowest_come_first(november: UsageReport) -> None:
    assert [device.device for device in below_limit(november)] == ["cam", "tea-2"]


def test_a_running_month_says_until_when(project: Database) -> None:
    now = jst(2026, 11, 24, 18)
    with project.connect() as connection:
        report = usage_report(connection, "tea", NOVEMBER, now)
    assert (report.period.over, report.period.until) == (False, now)
    assert line(report, "tea-1").expected == 23
    assert line(report, "tea-1").received == 23


def test_a_month_that_has_not_begun_is_refused(project: Database) -> None:
    with project.connect() as connection, pytest.raises(CallRefused, match="not begun"):
        usage_report(connection, "tea", Month(2027, 1), AFTERWARDS)


def test_an_unknown_project_is_refused_with_the_known_ones(project: Database) -> None:
    with project.connect() as connection, pytest.raises(CallRefused, match="Known projects: tea"):
        usage_report(connection, "rice", NOVEMBER, AFTERWARDS)


def test_a_report_sees_one_moment_of_the_database(project: Database) -> None:
    """The connection is given back outside any transaction, and may be used again."""
    with project.connect() as connection:
        first = usage_report(connection, "tea", NOVEMBER, AFTERWARDS)
        assert usage_report(connection, "tea", NOVEMBER, AFTERWARDS) == first
        connection.execute("create temporary table writable_again ()")
