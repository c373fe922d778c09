"""Every SQL query of the dashboards runs on every tier, as Grafana's reader, and brings what its panel names."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from ingest.figures.model import State
from schemas.gateway_report import GatewayEventKind
from schemas.japan import FiscalYear, to_jst
from schemas.uplink import EventKind
from tests.dashboards.documents import POSTGRESQL, Question, column_names, expand_sql, questions
from tests.deploy.installation import prepare, url
from tests.figures.field import Field
from tests.figures.watch_rows import WatchRows
from tests.fixtures.database import NAMES, installed
from tests.fixtures.postgres import Postgres

QUESTIONS = list(questions(POSTGRESQL))
CHOSEN = {"project": ["tea", "-"], "network": ["lora", "halow"], "gateway": ["hill", "-"], "base": ["10"],
          "kpi": ["tea/completeness"]}  # fmt: skip
EVERYTHING = ["river-1", "rain-1", "far-1", "paddy-1", "house-1"]
OF_ONE_DEVICE = {"project": ["tea"], "device": ["house-1"], "quantity": ["air_temperature", "valve_state"]}
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", params=NAMES)
def reader(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A database as the compose file makes it, with a small field in it, and the connection Grafana has."""
    server = Postgres(installed(request.param))
    try:
        prepare(server)
        with psycopg.connect(url(server, "noroshi"), autocommit=True) as owner:
            sow(owner)
        with psycopg.connect(url(server, "grafana"), autocommit=True, row_factory=dict_row) as connection:
            yield connection
    finally:
        server.discard()


def sow(connection: psycopg.Connection[Any]) -> None:
    """Of everything a panel may show there is at least one."""
    now = datetime.now(UTC)
    field = Field(connection)
    living, silent = field.device("river-1", interval_s=600, gateway="hill"), field.device("rain-1", interval_s=600)
    field.stage(living, 1, "市設定基準1", 1.2)
    field.stage(living, 2, "氾濫注意水位", 2.0, official=True, ref_level=2)
    field.device("new-1")
    far = field.device("far-1", interval_s=600, network="halow")
    for minutes in range(1, 300, 10):
        field.uplink(living, now - timedelta(minutes=minutes), {"river_level": 1.5 + minutes / 100, "battery_level": 9})
        field.uplink(silent, now - timedelta(minutes=minutes + 60), {"rain_amount": 0.5, "battery_voltage": 3.1})
    field.uplink(far, now - timedelta(hours=5), kind=EventKind.STATUS, link=json.dumps({"halow": {"bssid": "a"}}))
    sow_a_farm(field, now)
    sow_a_plan(field, now)
    watch = WatchRows(connection)
    watch.alive()
    watch.delivery(watch.stage("river-1"), delivered_at=now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    field.gateway_event("hill", now - timedelta(minutes=3), kind=GatewayEventKind.STATS, wanted=5, sent=4)
    field.tally(hour, stored=61, quarantined=3, readings_offered=122, readings_stored=120, readings_quarantined=2)
    field.tally(hour, 0, quarantined=2)
    field.quarantined(now - timedelta(minutes=5), "out_of_range", device=living, project=field.project_id)
    field.quarantined(now - timedelta(minutes=5), "unknown_device", part=0)


def sow_a_farm(field: Field, now: datetime) -> None:
    """Two days of a paddy and a greenhouse, with counters, airtime, a valve, a gate and snow; one value is annulled."""
    paddy = field.device("paddy-1", interval_s=3600, gateway="hill", installed_on=now.date() - timedelta(days=40))
    house = field.device("house-1", interval_s=3600, gateway="hill")
    for hours in range(48):
        time, counter = now - timedelta(hours=hours, minutes=1), 1000 - hours
        radio: dict[str, Any] = {
            "counter": counter,
            "airtime_ms": 60.0,
            "snr_db": 5,
            "rssi_dbm": -90,
            "gateway_count": 2,
        }
        wet = {"paddy_water_level": 5.0, "soil_temperature": 15.0, "gate_state": hours // 12 % 2, "snow_depth": 10}
        dry = {"air_temperature": 25.0, "air_humidity": 60.0, "soil_moisture": 30.0, "valve_state": hours // 6 % 2}
        field.uplink(paddy, time, wet, gateway="hill", **radio)
        field.uplink(house, time, dry, gateway="hill", **radio)
    field.connection.execute(
        "insert into correction (kind, device_id, starts, ends, who, why) values ('annul', %s, %s, %s, 'K', 'test')",
        (house, now - timedelta(hours=3), now - timedelta(hours=2)),
    )


def sow_a_plan(field: Field, now: datetime) -> None:
    """A plan of one KPI with a target of this fiscal year, and a frozen month of the day that is asked for."""
    today = to_jst(now).date()
    year = FiscalYear.of(today)
    kpi = {"code": "completeness", "label": "データ取得率", "unit": "%", "formula": "ratio", "owner": "農政課"}
    document = {"kpis": [kpi | {"targets": {str(year.year): 90}}]}
    frozen = kpi | {
        "actual": "93.5", "target": "90", "rate": "103.8", "grade": "A", "reference_only": False,
        "evidence": {"completeness": 93.5, "samples": 720},
    }  # fmt: skip
    field.connection.execute(
        "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
        " values (%s, 1, %s, 'K', '', %s, '')",
        (field.project_id, now - timedelta(days=400), json.dumps(document)),
    )
    field.connection.execute(
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by,"
        " plan_number, software, reason, body, digest)"
        " values (%s, 'month', %s, %s, 1, %s, 'service', 1, 'test', '', %s, '')",
        (field.project_id, today, today + timedelta(days=30), now, json.dumps({"kpis": [frozen]})),
    )


def chosen(question: Question) -> dict[str, list[str]]:
    """What somebody chose above the dashboard."""
    if question.where.startswith("device:"):
        return CHOSEN | OF_ONE_DEVICE
    return CHOSEN | {"device": EVERYTHING}


def ask(reader: psycopg.Connection[dict[str, Any]], question: Question) -> tuple[list[str], Rows]:
    cursor = reader.execute(expand_sql(question.text, chosen(question), datetime.now(UTC)).encode())
    return [column.name for column in cursor.description or ()], cursor.fetchall()


def titled(title: str) -> Question:
    (found,) = [question for question in QUESTIONS if question.panel.get("title") == title]
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.where for question in QUESTIONS])
def test_a_query_brings_the_columns_its_panel_names_and_something_to_show(
    reader: psycopg.Connection[dict[str, Any]], question: Question
) -> None:
    columns, rows = ask(reader, question)
    assert rows
    if not question.panel:
        assert columns == ["__text", "__value"]
    elif question.target["format"] == "table":
        assert columns == column_names(question.panel)
    else:
        assert columns[0] == "time"
        assert columns[1:] == (column_names(question.panel) or ["metric", "value"])


NOTHING: dict[str, list[str]] = {"project": [], "network": [], "gateway": [], "base": ["10"], "device": [],
           "kpi": []}  # fmt: skip
"""All of variables that have no values, which Grafana writes as nothing: a project without rivers, the first day."""
NO_DEVICE: dict[str, list[str]] = {"project": [""], "device": [""], "quantity": []}
"""Where one value is chosen and there is none, it is an empty text. A device never heard has no quantity."""


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.where for question in QUESTIONS])
def test_a_query_answers_where_there_is_nothing_to_choose_from(
    reader: psycopg.Connection[dict[str, Any]], question: Question
) -> None:
    nothing = NO_DEVICE if question.where.startswith("device:") else NOTHING
    reader.execute(expand_sql(question.text, nothing, datetime.now(UTC)).encode())


def test_the_projects_to_choose_from_end_with_what_belongs_to_none(reader: psycopg.Connection[dict[str, Any]]) -> None:
    (question,) = [question for question in QUESTIONS if question.where == "overview: variable project"]
    _, rows = ask(reader, question)
    assert [row["__value"] for row in rows] == ["tea", "-"]


def test_silent_devices_come_before_those_never_heard_the_longest_silence_first(
    reader: psycopg.Connection[dict[str, Any]],
) -> None:
    _, rows = ask(reader, titled("途絶・未受信の機器"))
    assert [row["device"] for row in rows] == ["far-1", "rain-1", "new-1"]
    assert [row["state"] for row in rows] == [State.SILENT, State.SILENT, State.NEVER]


def test_the_account_counts_what_belongs_to_no_project_too(reader: psycopg.Connection[dict[str, Any]]) -> None:
    _, (today, month) = ask(reader, titled("受信の収支"))
    assert (today["period"], today["received"], today["quarantined"]) == ("本日", 66, 5)
    assert (month["period"], month["received"], month["readings_unexplained"]) == ("今月", 66, 0)


def test_a_river_stands_with_its_stage_and_what_is_missing_to_the_next(
    reader: psycopg.Connection[dict[str, Any]],
) -> None:
    _, (row,) = ask(reader, titled("基準水位と現在"))
    assert (row["device"], row["rank"], row["name"], row["next_name"]) == ("river-1", 1, "市設定基準1", "氾濫注意水位")
    assert row["to_next_m"] == pytest.approx(2.0 - row["value"])


def test_the_chronology_says_when_a_level_fell_below_a_stage(reader: psycopg.Connection[dict[str, Any]]) -> None:
    _, rows = ask(reader, titled("時系列記録"))
    assert [row["word"] for row in rows if row["what"] == "基準水位"] == ["氾濫注意水位を下回る(いま 市設定基準1)"]


def test_rain_is_summed_within_its_interval(reader: psycopg.Connection[dict[str, Any]]) -> None:
    _, rows = ask(reader, titled("雨量"))
    assert sum(row["value"] for row in rows) == pytest.approx(30 * 0.5)


def test_low_batteries_are_listed_by_level_then_by_voltage(reader: psycopg.Connection[dict[str, Any]]) -> None:
    _, rows = ask(reader, titled("電池の少ない機器"))
    assert [row["device"] for row in rows] == ["river-1", "rain-1"]
