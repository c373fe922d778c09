"""Freezing: what is kept, what late data adds, and that nothing which is frozen ever changes."""

from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from psycopg.types.json import Jsonb

from ingest.errors import CallRefused
from ingest.plan.check.body import digest_of
from ingest.plan.check.freeze import (
    MOST_REASON,
    Snapshot,
    changed_spans,
    due_spans,
    freeze,
    lost_revisions,
    newest_revision,
    revisions,
    snapshots,
)
from ingest.plan.check.proof import Proven, faults_of_frozen
from ingest.plan.check.spans import PeriodKind, Span, month_span, quarter_span, year_span
from schemas.japan import FiscalYear, Month
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import BY, LATER, Town

APRIL, MAY = month_span(Month(2026, 4)), month_span(Month(2026, 5))
YEAR = year_span(FiscalYear(2026))

pytestmark = pytest.mark.usefixtures("device")


@pytest.fixture
def device(town: Town) -> int:
    """An hourly device of which 360 of 720 messages came in April, and the plan of its completeness."""
    town.plan(document(kpi()))
    device = town.field.device("a")
    town.hours(device, jst(2026, 4, 1), 360)
    return device


def frozen(town: Town, span: Span, reason: str = "") -> Snapshot | None:
    return freeze(town.connection, BY, town.project, span, LATER, reason)


def test_what_a_month_came_to_is_kept_whole_with_its_evidence(town: Town) -> None:
    made = frozen(town, APRIL)
    assert made is not None
    assert (made.revision, made.plan_number, made.frozen_by, made.difference) == (1, 1, BY.actor, None)
    assert made.intact
    row = made.body["kpis"][0]
    assert (row["actual"], row["target"], row["reference_only"]) == ("50", "90.0", True)
    assert row["evidence"]["figure"] == "completeness"
    whole = next(each for each in made.body["figures"] if each["level"] == "project")
    assert (whole["expected"], whole["valid"], whole["completeness"]) == (720, 360, "50.0000")
    assert {each["level"] for each in made.body["figures"]} >= {"network", "device", "technology"}


def test_the_same_again_adds_nothing(town: Town) -> None:
    frozen(town, APRIL)
    assert freeze(town.connection, BY, town.project, APRIL, LATER + timedelta(days=3)) is None
    assert len(revisions(town.connection, town.project.project_id, APRIL)) == 1


def test_late_data_adds_a_revision_with_difference_and_reason_and_leaves_the_first(town: Town, device: int) -> None:
    first = frozen(town, APRIL)
    town.hours(device, jst(2026, 4, 16), 180, received_at=jst(2026, 5, 20))
    second = frozen(town, APRIL, "修理した機器のまとめ送り")
    assert first is not None
    assert second is not None
    assert (second.revision, second.body["kpis"][0]["actual"]) == (2, "75")
    assert second.reason.startswith("修理した機器のまとめ送り")
    assert second.difference is not None
    assert {"what": "kpis.completeness.actual", "before": "50", "after": "75"} in second.difference
    assert {"what": "figures.project.tea.valid", "before": 360, "after": 540} in second.difference
    kept = revisions(town.connection, town.project.project_id, APRIL)
    assert kept == [first, second]
    assert all(each.intact for each in kept)


def test_a_stop_that_is_signed_after_the_freeze_makes_a_revision_and_an_unsigned_one_does_not(town: Town) -> None:
    """The device rested from 16 April on. Written down in May, that counts from May on; signed, the 15 days are off."""
    first = frozen(town, APRIL)
    assert first is not None
    values = (town.project.project_id, jst(2026, 4, 16), jst(2026, 5, 1), jst(2026, 5, 20))
    town.connection.execute(
        "insert into planned_stop (project_id, starts, ends, reason, entered_at, entered_by)"
        " values (%s, %s, %s, '工事', %s, 'clerk')", values,
    )  # fmt: skip
    assert frozen(town, APRIL) is None
    town.connection.execute("update planned_stop set signed_at = %s, signed_by = 'boss'", (jst(2026, 5, 21),))
    assert list(changed_spans(town.connection, town.project.project_id, date(2026, 4, 1))) == [APRIL]
    second = frozen(town, APRIL)
    assert second is not None
    assert (second.revision, second.body["kpis"][0]["actual"]) == (2, "100")
    assert second.difference is not None
    assert {"what": "figures.project.tea.expected", "before": 720, "after": 360} in second.difference
    assert "計画停止の追加・承認・取消し" in second.reason
    assert revisions(town.connection, town.project.project_id, APRIL)[0] == first


@pytest.mark.parametrize("statement", [
    "update plan_snapshot set body = '{}'", "delete from plan_snapshot", "truncate plan_snapshot",
])  # fmt: skip
def test_nothing_that_is_frozen_can_be_changed(town: Town, statement: str) -> None:
    frozen(town, APRIL)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        town.connection.execute(statement.encode())


OWNER = "alter table plan_snapshot disable trigger user; alter table audit_entry disable trigger user"
"""An owner of the tables who forges."""


def proven(town: Town) -> list[str]:
    return [said.ja for said in faults_of_frozen(town.connection, town.project.project_id, Proven())]


def test_a_body_that_was_changed_together_with_its_digest_is_found_by_the_audit_log(town: Town) -> None:
    made = frozen(town, APRIL)
    assert made is not None
    assert (made.noted, proven(town)) == (True, [])
    town.connection.execute(OWNER)
    forged = made.body | {"notes": ["all well"]}
    town.connection.execute("update plan_snapshot set body = %s, digest = %s", (Jsonb(forged), digest_of(forged)))
    (row,) = snapshots(town.connection, town.project.project_id)
    assert (row.noted, row.intact) == (False, False)
    assert [said.split(": ")[1] for said in proven(town)] == ["監査ログにある確定時の SHA-256 と違います"]


def test_a_body_alone_and_a_revision_that_is_gone_are_found(town: Town, device: int) -> None:
    frozen(town, APRIL)
    town.hours(device, jst(2026, 4, 16), 180, received_at=jst(2026, 5, 20))
    frozen(town, APRIL)
    town.connection.execute(OWNER)
    town.connection.execute("delete from plan_snapshot where revision = 2")
    assert lost_revisions(town.connection, town.project.project_id, APRIL) == [2]
    town.connection.execute("update plan_snapshot set body = '{}'")
    (row,) = revisions(town.connection, town.project.project_id, APRIL)
    assert (row.noted, row.intact) == (True, False)
    assert [said.split(": ")[1] for said in proven(town)] == [
        "監査ログにはありますが、ありません", "内容が SHA-256 と合いません",
    ]  # fmt: skip


@pytest.mark.parametrize("after", [None, "no json", '{"digest": 3}', '{"digest": "00", "revision": 1}'])
def test_what_the_audit_log_lacks_or_cannot_say_proves_nothing_and_breaks_nothing(
    town: Town, after: str | None
) -> None:
    frozen(town, APRIL)
    town.connection.execute(OWNER)
    town.connection.execute("update audit_entry set after = %s where action = 'plan_frozen'", (after,))
    (row,) = snapshots(town.connection, town.project.project_id)
    assert row.noted is (False if after and "revision" in after else None)
    assert row.intact is (row.noted is None)


def test_the_longest_reason_leaves_the_digest_in_the_audit_log_whole(town: Town, device: int) -> None:
    frozen(town, APRIL)
    town.hours(device, jst(2026, 4, 16), 180, received_at=jst(2026, 5, 20))
    for wrong in ("長" * (MOST_REASON + 1), "a\x00b", "\x01" * MOST_REASON):
        with pytest.raises(CallRefused):
            frozen(town, APRIL, wrong)
    made = frozen(town, APRIL, '"' * (MOST_REASON // 2) + "長" * (MOST_REASON // 2))
    assert made is not None
    assert (made.revision, made.noted) == (2, True)


def test_revisions_are_read_in_parts_the_newest_first(town: Town) -> None:
    frozen(town, APRIL)
    project = town.project.project_id
    town.connection.execute(
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by, software,"
        " reason, body, digest) select project_id, kind, first_day, until_day, n, frozen_at, frozen_by, software,"
        " reason, body, digest from plan_snapshot, generate_series(2, 120) n"
    )
    newest = newest_revision(town.connection, project, APRIL)
    assert newest is not None
    assert newest.revision == 120
    assert [each.revision for each in revisions(town.connection, project, APRIL, 72)] == list(range(22, 72))
    assert frozen(town, APRIL) is None
    found = Proven()
    assert list(faults_of_frozen(town.connection, project, found)) == []
    assert (found.revisions, found.unnoted) == (120, 119)


def test_a_later_plan_changes_nothing_of_a_period_before_it(town: Town) -> None:
    frozen(town, APRIL)
    town.plan(document(kpi(targets={2026: 40})), jst(2026, 6, 1), 2, "下げる")
    assert frozen(town, APRIL) is None
    made = frozen(town, MAY)
    assert made is not None
    assert made.plan_number == 1
    june = frozen(town, month_span(Month(2026, 6)))
    assert june is not None
    assert (june.plan_number, june.body["kpis"][0]["target"]) == (2, "40.0")


def test_an_input_that_changed_is_found_without_computing_everything_again(town: Town) -> None:
    project = town.project.project_id
    frozen(town, APRIL)
    frozen(town, MAY)
    assert list(changed_spans(town.connection, project, date(2026, 4, 1))) == []
    town.work("patrol", jst(2026, 5, 3, 9), 30)
    assert list(changed_spans(town.connection, project, date(2026, 4, 1))) == [MAY]
    made = frozen(town, MAY)
    assert made is not None
    assert "作業記録" in made.reason
    assert list(changed_spans(town.connection, project, date(2026, 4, 1))) == []


def test_what_was_missed_is_due_until_it_is_made_up(town: Town) -> None:
    """On 10 July: April, May, June and the first quarter. The service stood still all the while."""
    project = town.project.project_id
    assert due_spans(town.connection, project, jst(2026, 5, 9, 23, 59)) == []
    assert due_spans(town.connection, project, jst(2026, 5, 10)) == [APRIL]
    due = due_spans(town.connection, project, jst(2026, 7, 10))
    assert due == [APRIL, MAY, month_span(Month(2026, 6)), quarter_span(Month(2026, 4))]
    for span in due:
        frozen(town, span)
    assert due_spans(town.connection, project, jst(2026, 7, 10)) == []
    assert YEAR not in due_spans(town.connection, project, jst(2027, 5, 30))
    assert YEAR in due_spans(town.connection, project, jst(2027, 5, 31))


def test_a_period_that_is_not_over_is_refused(town: Town) -> None:
    with pytest.raises(CallRefused):
        freeze(town.connection, BY, town.project, APRIL, jst(2026, 4, 30, 23, 59))


def test_every_freezing_stands_in_the_audit_log(town: Town) -> None:
    made = frozen(town, APRIL)
    assert made is not None
    query = "select actor, subject, project, after::jsonb ->> 'digest' from audit_entry where action = 'plan_frozen'"
    assert town.connection.execute(query).fetchall() == [(BY.actor, "month 2026-04-01", "tea", made.digest.hex())]


def test_frozen_periods_are_listed_by_kind_and_year(town: Town) -> None:
    for span in (APRIL, MAY, quarter_span(Month(2026, 4)), YEAR):
        frozen(town, span)
    project = town.project.project_id
    assert [each.span for each in snapshots(town.connection, project, PeriodKind.MONTH)] == [APRIL, MAY]
    assert len(snapshots(town.connection, project, fiscal_year=2026)) == 4
    assert snapshots(town.connection, project, fiscal_year=2027) == []


def test_numbers_of_the_body_are_kept_to_the_last_digit(town: Town, device: int) -> None:
    """1 of 720 is 0.13888... %: cut, not rounded up, and as many digits as there are."""
    span = month_span(Month(2026, 6))
    town.hours(device, jst(2026, 6, 1), 1)
    made = frozen(town, span)
    assert made is not None
    assert Decimal(made.body["kpis"][0]["actual"]).quantize(Decimal("1e-20")) == Decimal("0.13888888888888888889")
    whole = next(each for each in made.body["figures"] if each["level"] == "project")
    assert whole["completeness"] == "0.1388"
