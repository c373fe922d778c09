"""Reviews: what was written stays, and a review is only done when every KPI has been evaluated."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from ingest.errors import CallRefused
from ingest.plan.check.freeze import freeze, newest_revision
from ingest.plan.check.review import ReviewText, close_review, history, lacking, reviews, revised_since, write_review
from ingest.plan.check.spans import PeriodKind, quarter_span
from ingest.plan.export.export import everything, tables
from schemas.japan import Month
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import BY, LATER, Town

QUARTER = quarter_span(Month(2026, 4))
DAY = QUARTER.first_day
WHOLE = ReviewText(factors="基地局の停電2回", direction="継続")


@pytest.fixture
def reviewed(town: Town) -> Town:
    """A plan of two KPIs whose first quarter is frozen."""
    town.plan(document(kpi(), kpi("second")))
    town.field.device("a")
    freeze(town.connection, BY, town.project, QUARTER, LATER)
    return town


def write(town: Town, text: ReviewText, about: str = "") -> bool:
    return write_review(town.connection, BY, town.project, PeriodKind.QUARTER, DAY, about, text)


def test_the_newest_counts_and_what_was_written_before_stays(reviewed: Town) -> None:
    assert write(reviewed, ReviewText(factors=" 停電 "), "completeness")
    assert not write(reviewed, ReviewText(factors="停電"), "completeness")
    assert write(reviewed, WHOLE, "completeness")
    project = reviewed.project.project_id
    assert reviews(reviewed.connection, project, PeriodKind.QUARTER, DAY)["completeness"].text == WHOLE
    every = history(reviewed.connection, project, PeriodKind.QUARTER, DAY, "completeness")
    assert [each.text.factors for each in every] == ["基地局の停電2回", "停電"]
    query = "select count(*) from audit_entry where action = 'plan_reviewed'"
    assert reviewed.connection.execute(query).fetchone() == (2,)


def test_a_review_is_closed_when_every_kpi_is_evaluated_and_takes_nothing_more(reviewed: Town) -> None:
    project = reviewed.project.project_id
    write(reviewed, WHOLE, "completeness")
    write(reviewed, ReviewText(factors="まだ"), "second")
    with pytest.raises(CallRefused) as refused:
        close_review(reviewed.connection, BY, reviewed.project, PeriodKind.QUARTER, DAY)
    assert "second" in str(refused.value)
    assert "completeness" not in str(refused.value)
    write(reviewed, WHOLE, "second")
    assert lacking(reviewed.connection, project, PeriodKind.QUARTER, DAY) == []
    close_review(reviewed.connection, BY, reviewed.project, PeriodKind.QUARTER, DAY)
    assert reviews(reviewed.connection, project, PeriodKind.QUARTER, DAY)[""].closed
    with pytest.raises(CallRefused):
        write(reviewed, ReviewText(factors="後から"), "second")


def test_a_review_says_that_its_period_was_revised_after_it_was_closed(reviewed: Town) -> None:
    project, reader = reviewed.project.project_id, reviewed.connection
    for code in ("completeness", "second"):
        write(reviewed, WHOLE, code)
    reader.execute(
        "alter table plan_snapshot disable trigger user; update plan_snapshot set frozen_at = now() - interval '1 day'"
    )
    close_review(reader, BY, reviewed.project, PeriodKind.QUARTER, DAY)
    whole = reviews(reader, project, PeriodKind.QUARTER, DAY)[""]
    assert revised_since(whole, newest_revision(reader, project, QUARTER)) is None
    reviewed.work("patrol", jst(2026, 5, 3, 9), 30)
    made = freeze(reader, BY, reviewed.project, QUARTER, datetime.now(UTC) + timedelta(days=1))
    assert made is not None
    assert revised_since(whole, made) == 2
    assert revised_since(reviews(reader, project, PeriodKind.QUARTER, DAY)["second"], made) is None
    file = csv.DictReader(io.StringIO(tables(everything(reader, project, "tea"))["plan_review.csv"].lstrip("\ufeff")))
    assert {(row["kpi"], row["revised_since"]) for row in file} == {("", "2"), ("completeness", ""), ("second", "")}


def test_what_is_not_frozen_cannot_be_closed(reviewed: Town) -> None:
    later = quarter_span(Month(2026, 7)).first_day
    assert len(lacking(reviewed.connection, reviewed.project.project_id, PeriodKind.QUARTER, later)) == 1
    with pytest.raises(CallRefused):
        close_review(reviewed.connection, BY, reviewed.project, PeriodKind.QUARTER, later)


def test_unknown_kpis_wrong_days_and_endless_texts_are_refused(reviewed: Town) -> None:
    for about, text in (("gone", WHOLE), ("second", ReviewText(factors="長" * 10_001))):
        with pytest.raises(CallRefused):
            write(reviewed, text, about)
    with pytest.raises(CallRefused):
        write_review(reviewed.connection, BY, reviewed.project, PeriodKind.QUARTER, Month(2026, 5).first_day, "", WHOLE)
