"""What the field says is what real devices say, faults included, and a run can be repeated."""

from collections import Counter
from itertools import pairwise

import orjson
import pytest

from ingest.simulator.fault import SCHEDULED, Fault
from ingest.simulator.field import Field
from ingest.simulator.inventory import registry_document
from ingest.simulator.sensing import active_level
from ingest.simulator.station import Emission
from ingest.simulator.town import Kind
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason
from tests.fixtures.examples import examples
from tests.simulator.known import HOUR_S, NOON_S, a_directory, a_field, a_judge, interpreted


def lived(field: Field, seconds: float, step_s: float = 1.0, dies_after_s: float | None = None) -> list[Emission]:
    field.begin(NOON_S, dies_after_s)
    emissions: list[Emission] = []
    for step in range(1, round(seconds / step_s) + 1):
        emissions += field.due(NOON_S + step * step_s)
    return emissions + field.finish(NOON_S + seconds)


def test_a_seeded_run_repeats_byte_for_byte() -> None:
    one, other = a_field(60), a_field(60)
    assert list(one.history(NOON_S - 3 * HOUR_S, NOON_S)) == list(other.history(NOON_S - 3 * HOUR_S, NOON_S))
    assert lived(one, 120, dies_after_s=40) == lived(other, 120, dies_after_s=40)


def test_how_often_the_field_is_asked_changes_nothing_it_says() -> None:
    assert lived(a_field(60), 60, step_s=0.1) == lived(a_field(60), 60, step_s=60)


def test_another_seed_is_another_field() -> None:
    assert lived(a_field(60, seed=1), 30) != lived(a_field(60, seed=2), 30)


def test_everything_without_a_fault_is_understood_whole() -> None:
    field = a_field()
    interpreter = a_judge(field)
    history = list(field.history(NOON_S - 4 * HOUR_S, NOON_S))
    kinds = Counter[str]()
    for emission in [*history, *lived(field, 120)]:
        if emission.fault is None:
            row = interpreted(interpreter, emission, max(emission.time_s, NOON_S))
            assert (row.uplink or row.gateway) is not None, (emission, row.quarantined)
            assert not row.quarantined, (emission, row.quarantined)
            kinds[emission.topic.rpartition("/")[2]] += 1
    assert kinds["up"] > 1500
    assert kinds["join"] > 100
    assert kinds["status"] > 20
    assert kinds["conn"] == len([mast for mast in field.town.masts if "lpwa" in mast.network])


def test_every_quantity_the_field_promises_arrives_within_its_expected_range() -> None:
    field = a_field(100)
    interpreter = a_judge(field)
    quantities = set[int]()
    for emission in field.history(NOON_S - 24 * HOUR_S, NOON_S):
        for reading in interpreted(interpreter, emission, NOON_S).readings:
            quantities.add(reading[3])
            assert reading[5] is None, (emission, reading)
    promised = """
        paddy_water_level paddy_water_temperature battery_level soil_moisture soil_temperature soil_ec river_level
        battery_voltage rain_total rain_amount air_temperature air_humidity air_co2 radiation_par trap_state
        detection_label detection_confidence slope_tilt_x slope_tilt_y ground_displacement gate_state gate_opening
    """
    assert {BY_CODE[code].id for code in promised.split()} <= quantities


LEVEL = BY_CODE["river_level"].id

EXPECTED_REASON = {
    Fault.NOT_JSON: RejectionReason.NOT_JSON,
    Fault.UNKNOWN_DEVICE: RejectionReason.UNKNOWN_DEVICE,
    Fault.WRONG_TYPE: RejectionReason.NOT_A_NUMBER,
    Fault.WRONG_UNIT: RejectionReason.OUT_OF_RANGE,
    Fault.OUT_OF_RANGE: RejectionReason.OUT_OF_RANGE,
    Fault.SENTINEL: RejectionReason.SENTINEL,
    Fault.NAN_LITERAL: RejectionReason.NOT_A_NUMBER,
    Fault.UNKNOWN_EVENT: RejectionReason.UNSUPPORTED_EVENT,
}


def test_each_fault_ends_as_it_promises() -> None:
    field = a_field()
    interpreter = a_judge(field)
    seen = Counter[Fault]()
    for emission in lived(field, 180):
        if emission.fault is None or emission.fault is Fault.DUPLICATE:
            continue
        seen[emission.fault] += 1
        row = interpreted(interpreter, emission)
        outcome = "quarantined" if row.uplink is None else "partly" if row.quarantined else "stored"
        assert outcome == emission.fault.outcome, (emission, row.quarantined)
        if emission.fault in EXPECTED_REASON:
            assert {part.reason for part in row.quarantined} == {EXPECTED_REASON[emission.fault]}, emission.fault
    assert set(seen) == set(Fault) - {Fault.DUPLICATE}


def test_every_fault_is_counted() -> None:
    field = a_field()
    emissions = lived(field, 180)
    assert field.tally.faults == Counter(emission.fault for emission in emissions if emission.fault is not None)
    assert set(SCHEDULED) <= set(field.tally.faults)
    assert field.tally.messages == len(emissions)


def test_a_duplicate_is_the_same_bytes_on_the_same_topic_again() -> None:
    field = a_field()
    said = set[tuple[str, bytes]]()
    duplicates = 0
    for emission in lived(field, 120):
        key = emission.topic, emission.payload
        assert (key in said) == (emission.fault is Fault.DUPLICATE)
        said.add(key)
        duplicates += emission.fault is Fault.DUPLICATE
    assert duplicates >= 3


def test_a_dead_gateway_silences_those_only_it_hears_and_nobody_else() -> None:
    field = a_field()
    emissions = lived(field, 240, dies_after_s=60)
    (gateway,) = field.dead(NOON_S + 100)
    external = next(mast.external_id for mast in field.town.masts if mast.code == gateway)
    before = {emission.device for emission in emissions if external.encode() in emission.payload}
    after = [
        emission for emission in emissions if emission.time_s > NOON_S + 60 and emission.fault is not Fault.DUPLICATE
    ]
    said = [(emission.time_s, emission.payload) for emission in emissions if emission.topic.endswith("/state/conn")]
    assert (said[-1][0], b"OFFLINE" in said[-1][1], external.encode() in said[-1][1]) == (NOON_S + 60, True, True)
    assert field.tally.silenced > 20
    assert not any(external.encode() in emission.payload for emission in after)
    still = {emission.device for emission in after} & before
    assert still, "devices heard by a second gateway stay"
    assert before - still, "devices heard by this gateway alone are silent"


def test_a_clock_never_set_and_a_fast_clock_are_flagged_and_stored() -> None:
    field = a_field()
    interpreter = a_judge(field)
    flags = {Fault.CLOCK_UNSET: 0, Fault.CLOCK_DRIFT: 0}
    for emission in lived(field, 120):
        row = interpreted(interpreter, emission) if emission.fault in flags else None
        if row is not None and row.readings and emission.fault is not None:
            flags[emission.fault] |= row.readings[-1][5] or 0
    assert flags == {Fault.CLOCK_UNSET: Quality.CLOCK_UNSET, Fault.CLOCK_DRIFT: Quality.CLOCK_AHEAD}


def test_frame_counters_go_on_from_history_to_life_to_the_next_run_and_a_join_begins_anew() -> None:
    field = a_field(30)
    emissions = [*field.history(NOON_S - 2 * HOUR_S, NOON_S), *lived(field, 120)]
    last: dict[str, tuple[str, int]] = {}
    for emission in emissions:
        if emission.topic.endswith("/up") and emission.topic.startswith("application/") and emission.fault is None:
            event = orjson.loads(emission.payload)
            address, counter = last.get(emission.device, ("", -1))
            assert event["devAddr"] != address or event["fCnt"] > counter
            last[emission.device] = (event["devAddr"], event["fCnt"])
    again = Field(field.plan, NOON_S + 500, field.snapshot())
    assert again.snapshot() == field.snapshot()


def test_nested_gateway_messages_leave_out_defaults_and_the_top_level_does_not() -> None:
    uplinks = [
        orjson.loads(emission.payload)
        for emission in lived(a_field(), 60)
        if emission.topic.endswith("/event/up") and emission.fault is None
    ]
    assert any(event["fCnt"] == 0 for event in uplinks)
    assert all({"adr", "dr", "fCnt", "fPort", "confirmed", "data"} <= event.keys() for event in uplinks)
    receptions = [reception for event in uplinks for reception in event["rxInfo"]]
    assert any("channel" not in reception for reception in receptions)
    assert all(0 not in reception.values() for reception in receptions)
    assert {len(event["rxInfo"]) for event in uplinks} >= {1, 2}


@pytest.mark.parametrize("devices", [8, 40, 2000])
def test_live_devices_speak_every_ten_to_twenty_seconds_at_any_size(devices: int) -> None:
    """A river gauge may have nothing to say."""
    field = a_field(devices)
    lived(field, 60)
    said = field.tally.messages + field.tally.lost_on_air
    gauges = sum(site.kind is Kind.RIVER for site in field.town.sites)
    assert (devices - gauges) * 60 / 20 * 0.9 < said < devices * 60 / 10 * 1.6 + 60


def test_the_history_keeps_to_the_intervals_that_are_registered() -> None:
    """So a report of the first hour looks like that of a healthy project, and not like one that lost nearly all."""
    field = a_field()
    devices = registry_document(field).devices
    registered = {device.code: device.interval_s for device in devices if device.calm_interval_s is None}
    heard: dict[str, list[float]] = {code: [] for code in registered}
    interpreter = a_judge(field)
    codes = {entry.device_id: entry.code for entry in a_directory(registry_document(field)).native.values()}
    hours = examples(12, 24)
    for emission in field.history(NOON_S - hours * HOUR_S, NOON_S):
        for row in interpreted(interpreter, emission, NOON_S).readings:
            if codes[row[2]] in heard:
                heard[codes[row[2]]].append(row[0] / 1e6)
    slots = {code: {time_s // registered[code] for time_s in times} for code, times in heard.items()}
    expected = {code: int(hours * HOUR_S / interval_s) for code, interval_s in registered.items()}
    complete = sum(map(len, slots.values())) / sum(expected.values())
    assert 0.9 < complete < 1.02
    below = [code for code, found in slots.items() if len(found) < 0.8 * expected[code]]
    assert 1 <= len(below) < 10, below
    (mute,) = [code for code, times in heard.items() if max(times) < NOON_S - 4 * HOUR_S]
    assert mute in below


def test_a_gauge_of_a_river_sends_six_times_as_often_while_the_water_is_high() -> None:
    """Ten minutes from its level on, an hour below it; what tells that the water is low again is never lost."""
    field = a_field(40)
    gauges = {site.code: site for site in field.town.sites if site.kind is Kind.RIVER}
    told: dict[str, list[tuple[float, float]]] = {code: [] for code in gauges}
    interpreter = a_judge(field)
    for emission in field.history(NOON_S - 24 * HOUR_S, NOON_S):
        if emission.device in gauges:
            rows = interpreted(interpreter, emission, NOON_S).readings
            told[emission.device] += [(emission.time_s, row[1]) for row in rows if row[3] == LEVEL]
    (dead,) = field.outages
    for code, levels in told.items():
        active_m = active_level(gauges[code])
        gaps = [
            (round((after[0] - before[0]) / 600), before[1] >= active_m, after[1] >= active_m)
            for before, after in pairwise(levels)
            if after[0] < dead.from_s or before[0] > dead.until_s
        ]
        assert {gap for gap, high, _ in gaps if high} <= {1, 2, 3, 4}, code  # a frame or three were lost
        assert sum(gap == 1 for gap, high, _ in gaps if high) > 0.9 * sum(high for _, high, _ in gaps)
        assert {gap for gap, high, higher in gaps if not (high or higher)} <= {6}, code
        assert {gap for gap, high, higher in gaps if higher and not high} <= {1, 2, 3, 4, 5, 6}, code
        assert 20 < sum(high for _, high, _ in gaps) < len(gaps) - 5
