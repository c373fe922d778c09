"""KPIs of the watch: values with their samples, and a reason wherever there is none."""

from datetime import timedelta

import pytest

from ingest.figures.plan.catalogue import CATALOGUE, Source
from ingest.plan.check.spans import month_span
from schemas.japan import Month
from tests.figures.field import jst
from tests.figures.watched import Watched, minutes
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

SEPTEMBER = Month(2026, 9)
FLOOD = jst(2026, 9, 12, 21, 10)
CODES = [figure.code for figure in CATALOGUE if figure.source is Source.WATCH]


@pytest.fixture
def watched(town: Town) -> Watched:
    rows = [kpi(code, evidence={"kind": "figure", "figure": code}) for code in CODES]
    town.plan(document(*rows))
    return Watched(town.connection, town.project.project_id)


def values(town: Town) -> dict[str, float | None]:
    found = town.results(month_span(SEPTEMBER)).kpis
    assert all(each.actual.value is not None or each.actual.missing for each in found)
    return {each.code: None if each.actual.value is None else float(each.actual.value) for each in found}


def test_without_a_watch_every_one_has_a_reason_and_none_is_nought(town: Town, watched: Watched) -> None:
    assert values(town) == dict.fromkeys(CODES)
    watched.document(jst(2026, 10, 1))
    assert values(town) == dict.fromkeys(CODES)


def test_a_quiet_month_has_no_crossing_but_also_no_delay_and_nobody_who_judged(town: Town, watched: Watched) -> None:
    watched.document(jst(2026, 4, 1))
    known = {"crossings": 0, "notifications": 0, "watch_uptime": 0}
    assert values(town) == dict.fromkeys(CODES) | known


def test_a_month_with_a_flood_has_them_all(town: Town, watched: Watched) -> None:
    watched.document(jst(2026, 4, 1))
    gauge = town.field.device("river")
    flood = watched.incident(gauge, FLOOD, mark="true", closed_at=FLOOD + minutes(90))
    watched.incident(gauge, FLOOD + minutes(120), mark="false", closed_at=FLOOD + minutes(130))
    event = watched.event(flood, gauge, FLOOD, 0, 1)
    watched.delivery(flood, event, FLOOD + timedelta(seconds=2))
    watched.delivery(flood, event, FLOOD + minutes(10), purpose="escalation", step=1)
    watched.action(flood, "acknowledge", FLOOD + timedelta(seconds=2) + minutes(12), rank=1)
    watched.action(None, "missed", FLOOD)
    town.connection.execute("insert into watch_run values (%s, %s)", (SEPTEMBER.start, jst(2026, 9, 16)))
    assert values(town) == {
        "notification_delay_p50": 2, "notification_delay_p95": 2, "time_to_acknowledge_p50": 12,
        "time_to_acknowledge_p95": 12, "false_alarm_rate": 50, "missed": 1, "crossings": 1, "escalations": 1,
        "notifications": 2, "watch_uptime": 50,
    }  # fmt: skip
