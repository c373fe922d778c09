"""How messages came over the radio, in buckets, on every tier."""

import json
from datetime import datetime, timedelta

from ingest.figures.messages import link_series
from ingest.figures.model import LinkPoint
from tests.figures.field import Field, jst

START = jst(2026, 11, 24)


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def hours(field: Field) -> list[LinkPoint]:
    return link_series(field.connection, "tea", "a", start=START, end=START + timedelta(hours=2), points=2)


def test_lora_has_a_margin_gateways_and_time_in_the_air(field: Field) -> None:
    device = field.device("a")
    field.uplink(device, minute(1), rssi_dbm=-100, snr_db=-4.5, spreading_factor=9, gateway_count=2, airtime_ms=185.5)
    field.uplink(device, minute(2), rssi_dbm=-90, snr_db=-19, spreading_factor=12, gateway_count=1, airtime_ms=1482.5)
    (row,) = hours(field)
    assert (row.rssi_dbm, row.rssi_low, row.messages) == (-95, -100, 2)
    assert (row.margin_low, row.gateways, row.airtime_ms) == (1.0, 1.5, 1668.0)
    assert (row.rtt_ms, row.handovers) == (None, 0)


def test_a_handover_is_a_change_of_access_point_or_cell_also_from_one_bucket_to_the_next(field: Field) -> None:
    device = field.device("a")
    cells = ["a", "a", None, "b", "b", "a"]
    for number, cell in enumerate(cells):
        link = {"rtt_ms": 10 * number, **({"nr": {"nci": cell}} if cell else {})}
        field.uplink(device, minute(number * 20), link=json.dumps(link))
    first, second = hours(field)
    assert (first.handovers, second.handovers) == (0, 2)
    assert (first.rtt_ms, second.rtt_ms, first.margin_low) == (10, 40, None)


def test_a_round_trip_time_that_is_no_number_stops_nothing(field: Field) -> None:
    field.uplink(field.device("a"), minute(1), link=json.dumps({"rtt_ms": "fast", "halow": 5}))
    assert hours(field)[0].rtt_ms is None
