"""The monthly report: the figures of the plan's pages, in the words of the layout."""

from decimal import Decimal

from ingest.plan.check.freeze import freeze
from ingest.plan.check.spans import month_span
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import BY, Town, midnight
from tests.report.source.papers import MAY, field_of, monthly, row_of, table_of


def test_a_month_has_the_figures_of_the_plan(town: Town) -> None:
    town.plan(document(kpi()))
    town.hours(town.field.device("tea-1"), jst(2026, 5, 1), 31 * 24)
    town.hours(town.field.device("tea-2"), jst(2026, 5, 1), 372)
    report = monthly(town)
    assert field_of(report, "summary", "expected").value == 2 * 31 * 24
    assert field_of(report, "summary", "completeness").value == Decimal("75.0")
    assert field_of(report, "summary", "completeness").reference_only
    uses = table_of(report, "uses")
    assert row_of(uses, "農業")["valid"] == row_of(uses, "total")["valid"] == field_of(report, "summary", "valid")
    assert row_of(table_of(report, "kpis"), "completeness")["rate"].value == Decimal("83.3")


def test_a_frozen_month_stays_as_it_was_frozen(town: Town) -> None:
    town.plan(document(kpi()))
    device = town.field.device("tea-1")
    town.hours(device, jst(2026, 5, 1), 372)
    assert freeze(town.connection, BY, town.project, month_span(MAY), midnight(MAY.next.first_day))
    town.hours(device, jst(2026, 5, 20), 24)
    report = monthly(town)
    assert field_of(report, "summary", "completeness").value == Decimal("50.0")
    assert row_of(table_of(report, "kpis"), "completeness")["actual"].value == Decimal("50.0")
    assert "確定した値" in str(field_of(report, "basis", "basis").value)
    assert any("第1版" in mark.ja for mark in report.marks)
