"""A report is made of a project, a kind and a period, and written in every form that there is."""

from datetime import date

import pytest

from ingest.errors import CallRefused
from ingest.report.form.forms import FORMS, ReportForm, file_name, write_form
from ingest.report.make import kinds_offered, make_report, period_of, span_of
from schemas.japan import FiscalYear, Month
from schemas.report_document import Period, ReportDocument, ReportKind
from tests.figures.field import jst
from tests.fixtures.database import Database

NOW = jst(2026, 12, 2, 9)
YEAR = Period.of_year(FiscalYear(2026), NOW)


def _yearly(project: Database, period: Period = YEAR) -> ReportDocument:
    with project.connect() as connection:
        return make_report(connection, 1, ReportKind.YEARLY, period, NOW, "test")


def test_a_yearly_report_says_whose_it_is_and_that_the_year_still_runs(project: Database) -> None:
    document = _yearly(project)
    assert (document.project.code, document.period.label) == ("tea", "令和8年度(2026年度)")
    assert "集計時点" in document.marks[0].ja


def test_a_year_that_has_not_begun_is_refused(project: Database) -> None:
    with pytest.raises(CallRefused, match="2027年度"):
        _yearly(project, Period.of_year(FiscalYear(2027), NOW))


def test_a_project_that_nobody_knows_is_refused(project: Database) -> None:
    with project.connect() as connection, pytest.raises(CallRefused, match="no such project"):
        make_report(connection, 99, ReportKind.YEARLY, YEAR, NOW, "test")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_has_the_same_bytes_each_time(project: Database, form: ReportForm) -> None:
    document = _yearly(project)
    assert write_form(document, form) == write_form(_yearly(project), form)
    assert write_form(document, form)


def test_the_name_of_a_file_says_what_is_in_it(project: Database) -> None:
    document = _yearly(project)
    assert file_name(document, ReportForm.XLSX) == "運用状況等報告書_2026年度_tea.xlsx"
    assert file_name(document, ReportForm.CSV_CP932) == "運用状況等報告書_2026年度_tea_sjis.csv"
    strange = document.model_copy(update={"title": 'a/b\\c:*?"<>| d\n'})
    assert file_name(strange, ReportForm.JSON) == "a・b・c・・・・・・・・d・_2026年度_tea.json"


def test_the_period_follows_from_what_the_kind_is_about() -> None:
    assert ReportKind.YEARLY in kinds_offered()
    assert span_of(ReportKind.YEARLY) == "year"
    assert period_of(ReportKind.YEARLY, FiscalYear(2025), NOW).over
    with pytest.raises(CallRefused, match="about a fiscal year"):
        period_of(ReportKind.YEARLY, Month(2026, 11), NOW)


def test_a_running_year_has_days_up_to_its_end() -> None:
    assert (YEAR.first_day, YEAR.last_day, YEAR.over) == (date(2026, 4, 1), date(2027, 3, 31), False)
