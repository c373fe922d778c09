"""The radios of a fleet side by side, on every tier."""

import json
from datetime import timedelta
from typing import Any

import pytest
from psycopg.rows import dict_row

from schemas.gateway_report import GatewayEventKind
from schemas.uplink import EventKind
from tests.figures.field import Field, jst

START = jst(2026, 11, 24)
DAY = START + timedelta(days=1)


def ask(field: Field, function: str, *between: object) -> list[dict[str, Any]]:
    chosen = "array['tea'], null" + (", null" if "traffic" not in function else "")
    with field.connection.cursor(row_factory=dict_row) as cursor:
        query = f"select * from {function}({chosen}, %s, %s)"
        return cursor.execute(query.encode(), between or (START, DAY)).fetchall()


def heard(field: Field) -> None:
    """Two LoRa devices with counters and airtime, one HaLow device."""
    near, far = field.device("near"), field.device("far", gateway="hill")
    wide = field.device("wide", network="halow")
    for number in range(6):
        time = START + timedelta(minutes=10 * number)
        field.uplink(
            near, time, rssi_dbm=-80, snr_db=7, counter=number, airtime_ms=50_000, gateway="hill", gateway_count=3
        )
        if number in {0, 1, 5}:
            field.uplink(
                far, time, rssi_dbm=-120, snr_db=-15, counter=number, airtime_ms=10_000, gateway="hill", gateway_count=1
            )  # fmt: skip
        field.uplink(wide, time, received_at=time + timedelta(seconds=number), rssi_dbm=-60)


def test_each_network_has_its_hours_with_arrival_and_the_middle_and_worst_of_its_devices(field: Field) -> None:
    heard(field)
    halow, lora = ask(field, "figure_radio")
    assert (lora["time"], lora["devices"], lora["received"], lora["lost"]) == (START, 2, 9, 3)
    assert (lora["arrival_rate"], lora["rssi_dbm"], lora["rssi_worst"], lora["snr_worst"]) == (75.0, -100, -120, -15)
    assert lora["airtime_s"] == pytest.approx(330)
    assert (halow["network_kind"], halow["arrival_rate"], halow["rssi_dbm"]) == ("halow", None, -60)


def test_more_than_three_days_are_shown_by_day(field: Field) -> None:
    heard(field)
    rows = ask(field, "figure_radio", START - timedelta(days=9), DAY)
    assert [(row["time"], row["received"]) for row in rows] == [(START, 6), (START, 9)]


def test_a_network_or_a_gateway_can_be_chosen(field: Field) -> None:
    heard(field)
    count = "select count(*) from figure_chosen(array['tea'], %s, %s)"
    chosen = [(None, None), (["halow"], None), (None, ["hill"]), (None, ["-"]), (["halow"], ["hill"])]
    counts = [field.connection.execute(count.encode(), pair).fetchone() for pair in chosen]
    assert counts == [(3,), (1,), (1,), (2,), (0,)]


def test_the_worst_hour_of_a_device_is_held_against_360_seconds(field: Field) -> None:
    heard(field)
    rows = {row["device"]: row for row in ask(field, "figure_airtime")}
    assert set(rows) == {"near", "far"}
    near = rows["near"]
    assert (near["worst_hour"], near["worst_s"], near["total_s"]) == (START, 300.0, 300.0)
    assert near["budget_used"] == pytest.approx(83.3, abs=0.1)


def test_delay_is_told_in_its_middle_and_its_tail_without_backfills(field: Field) -> None:
    heard(field)
    wide = field.device("late", network="halow")
    field.uplink(wide, START, received_at=DAY, kind=EventKind.BACKFILL)
    halow, lora = ask(field, "figure_latency")
    assert (halow["messages"], halow["p50_s"], halow["p95_s"]) == (6, 2.5, 4.75)
    assert (lora["messages"], lora["p50_s"]) == (9, 0)


def test_what_looks_at_single_messages_looks_at_the_last_day_of_the_period(field: Field) -> None:
    heard(field)
    for function in ("figure_latency", "figure_gateway_traffic"):
        assert ask(field, function, START - timedelta(days=30), DAY), function
        assert ask(field, function, START - timedelta(days=30), START + timedelta(days=2)) == [], function


def test_a_gateway_is_known_by_what_it_heard_best(field: Field) -> None:
    heard(field)
    (hill,) = ask(field, "figure_gateway_traffic")
    assert (hill["gateway"], hill["messages"], hill["devices"]) == ("hill", 9, 2)
    assert hill["heard_by"] == pytest.approx((6 * 3 + 3) / 9)
    assert hill["airtime_s"] == pytest.approx(330)


def test_a_device_that_moves_from_cell_to_cell_is_counted(field: Field) -> None:
    device = field.device("bus", network="halow")
    for number, cell in enumerate(["a", "a", None, "b", "a"]):
        link = {"halow": {"bssid": cell}} if cell else {"rtt_ms": 5}
        field.uplink(device, START + timedelta(minutes=number), link=json.dumps(link))
    (row,) = ask(field, "figure_handover")
    assert (row["device"], row["handovers"], row["cells"], row["last_cell"], row["messages"]) == ("bus", 2, 2, "a", 4)


def test_a_gateway_says_how_often_it_sent_and_how_often_its_duty_cycle_forbade_it(field: Field) -> None:
    refusals = json.dumps({"tx_per_status": {"OK": 4, "DUTY_CYCLE_OVERFLOW": 2}})
    for minutes, wanted, sent, more in ((5, 3, 3, None), (65, 6, 4, refusals), (66, 1, 1, None)):
        time = START + timedelta(minutes=minutes)
        field.gateway_event("hill", time, kind=GatewayEventKind.STATS, wanted=wanted, sent=sent, more=more)
    field.gateway_event("hill", START + timedelta(minutes=70), kind=GatewayEventKind.CONN, online=True)
    (hill,) = ask(field, "figure_gateway_sent")
    assert (hill["gateway"], hill["wanted"], hill["sent"], hill["not_sent"], hill["over_duty"]) == ("hill", 10, 8, 2, 2)
    assert (hill["worst_hour"], hill["worst_sent"]) == (START + timedelta(hours=1), 5)
    assert hill["last_at"] == START + timedelta(minutes=66)


def test_the_seconds_of_a_gateway_are_those_of_frames_whose_length_is_told(field: Field) -> None:
    field.gateway_event("hill", START + timedelta(minutes=5), kind=GatewayEventKind.STATS, wanted=4, sent=3)
    (hill,) = ask(field, "figure_gateway_sent")
    assert (hill["sent"], hill["timed"], hill["airtime_s"]) == (3, 0, None)
    for number, airtime_ms in enumerate((1_500, 500, None)):
        item = {} if airtime_ms is None else {"airtime_ms": airtime_ms}
        for kind, more in (
            (GatewayEventKind.COMMAND, {"downlink_id": number, "items": [item]}),
            (GatewayEventKind.ACK, {"downlink_id": number, "status": ["OK"]}),
        ):
            field.gateway_event("hill", START + timedelta(minutes=number), kind=kind, more=json.dumps(more))
    (hill,) = ask(field, "figure_gateway_sent")
    assert (hill["sent"], hill["timed"], hill["airtime_s"]) == (3, 2, 2)


def test_a_gateway_that_tells_nothing_of_its_duty_cycle_is_not_said_to_keep_it(field: Field) -> None:
    field.gateway_event("hill", START, kind=GatewayEventKind.STATS, wanted=3, sent=3)
    (hill,) = ask(field, "figure_gateway_sent")
    assert (hill["sent"], hill["over_duty"]) == (3, None)
