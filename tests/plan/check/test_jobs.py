"""The jobs of the check: what holds one project up holds no other, and nothing is frozen before it is known."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from psycopg.types.json import Jsonb

from ingest.plan.check.freeze import revisions
from ingest.plan.check.spans import Span, month_span
from ingest.service.plan_check_jobs import SomeNotFrozen, plan_check_jobs
from schemas.japan import Month, now_jst
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

FREEZE = next(job for job in plan_check_jobs() if job.name == "plan_freeze")
OUTAGES = kpi("outages", unit="回", evidence={"kind": "figure", "figure": "outages"})


@pytest.fixture
def month(town: Town) -> Span:
    """A month that is due, the only one of its plan, in which a device was to work."""
    span = month_span(Month.of((now_jst() - timedelta(days=100)).date()))
    town.plan(document(OUTAGES, begins=span.first_day, ends=span.until_day - timedelta(days=1)))
    town.connection.execute(
        "insert into uplink_hour (hour, device_id, received, payload_bytes, resets, first_at, last_at)"
        " values (%(at)s, %(device)s, 1, 1, 0, %(at)s, %(at)s)",
        {"at": span.start, "device": town.field.device("a")},
    )
    return span


def frozen(town: Town, span: Span) -> list[dict[str, str]]:
    return [each.body["kpis"][0] for each in revisions(town.connection, town.project.project_id, span)]


def test_a_month_waits_until_its_outages_were_looked_for(town: Town, month: Span) -> None:
    town.connection.execute("update rollup_state set closing_until = now(), materialised_until = now()")
    town.connection.execute("update outage_state set seen_until = %s", (month.end - timedelta(hours=1),))
    assert "wait" in FREEZE.run(town.connection, Event())
    assert frozen(town, month) == []
    town.connection.execute("update outage_state set seen_until = %s", (month.end,))
    FREEZE.run(town.connection, Event())
    assert [each["actual"] for each in frozen(town, month)] == ["0"]


def test_no_outage_is_counted_where_nobody_looked(town: Town, month: Span) -> None:
    row = town.kpi(month, "outages", datetime.now(UTC))
    assert row.actual.value is None
    assert "調べられていません" in (row.actual.missing or ("", ""))[0]


def test_a_period_that_fails_holds_up_no_later_one_of_its_project(town: Town) -> None:
    """The first of two months has a snapshot whose body nobody can compare; the table lets nothing mend it."""
    second = month_span(Month.of((now_jst() - timedelta(days=100)).date()))
    first = month_span(Month.of(second.first_day - timedelta(days=1)))
    town.plan(document(kpi(), begins=first.first_day, ends=second.until_day - timedelta(days=1)))
    town.field.device("a")
    town.connection.execute(
        "create function fail() returns trigger language plpgsql as $$ begin raise data_exception; end $$;"
        " create trigger fail before insert on plan_snapshot for each row"
        f" when (new.first_day = '{first.first_day}' and new.kind = 'month') execute function fail()".encode()
    )
    with pytest.raises(SomeNotFrozen, match=f"tea month {first.first_day}: "):
        FREEZE.run(town.connection, Event())
    assert frozen(town, first) == []
    assert len(frozen(town, second)) == 1


def test_a_project_that_fails_holds_up_no_other(town: Town, month: Span) -> None:
    town.connection.execute("insert into project (code, name) values ('a', 'a')")
    town.connection.execute(
        "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
        " select project_id, 1, %s, 'x', '', %s, '' from project where code = 'a'",
        (jst(2020, 1, 1), Jsonb({"no": "plan"})),
    )
    with pytest.raises(SomeNotFrozen, match="a: ValidationError"):
        FREEZE.run(town.connection, Event())
    assert len(frozen(town, month)) == 1
