"""What devices of the field send besides their usual frame: alarms, errors, absent probes, histories, texts with units.

Nothing wrong is stored without a flag, and nothing that a device said is dropped without a trace.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from ingest.decode.common import fields
from ingest.decode.common.limits import Limits
from ingest.decode.frame import raw
from ingest.decode.mapped import mapped
from ingest.decode.things_stack import normalized
from ingest.pipeline import explain
from ingest.validate.values import ClockPolicy, validate
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles
from schemas.quantity import CATALOGUE, NEED_A_PROFILE
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from schemas.uplink import EventKind, Measured, Refused, Uplink

CODES = {quantity.id: quantity.code for quantity in CATALOGUE}
DOUBTED, RANGE = Quality.PUBLISHER, Quality.RANGE
AT_US = 1_795_478_400_000_000


class MessageRows(NamedTuple):
    """`sure`: stored with nothing to remark. `flagged`: stored with these flags. `waiting`: part -> reason."""

    sure: dict[str, float]
    flagged: dict[str, tuple[float, int]]
    waiting: dict[str, R]


def interpreted(measured: list[Measured], refused: list[Refused]) -> MessageRows:
    valid = validate(Uplink(EventKind.UPLINK, AT_US, None, measured, None, tuple(refused)), 1, AT_US, ClockPolicy())
    sure = {CODES[row[3]]: row[1] for row in valid.readings if not row[5]}
    flagged = {CODES[row[3]]: (row[1], row[5]) for row in valid.readings if row[5]}
    return MessageRows(sure, flagged, {one.part: one.reason for one in valid.refused})


def of_bytes(code: str, port: int, frame: str) -> MessageRows:
    return interpreted(*raw.read(bytes.fromhex(frame), port, shipped_profiles()[code], AT_US))


def of_object(code: str | None, said: Mapping[str, object]) -> MessageRows:
    return interpreted(*fields.read(said, None if code is None else shipped_profiles()[code]))


@pytest.mark.parametrize(
    ("code", "port", "frame", "sure"),
    [
        # An alarm repeats the value with a word about it; newer firmware counts rain in four bytes.
        ("milesight-wts506", 85, "8367e6ff01 86732c2701 8792410001", {
            "air_temperature": -2.6, "air_pressure": 1002.8, "wind_speed": 6.5}),
        ("milesight-wts506", 85, "08ec40e2010003 0584ca08", {"rain_total": 1234.56, "wind_direction": 225}),
        ("milesight-wts506", 85, "88ec40e201000301", {"rain_total": 1234.56}),
        ("milesight-em500-smt", 85, "0367ecff 04caac0d 057f2c01", {
            "soil_temperature": -2, "soil_moisture": 35, "soil_ec": 0.3}),
        ("milesight-em500-smt", 85, "83d7d2000f0001", {"soil_temperature": 21}),
        ("milesight-em310-udl", 85, "ff03b004 017541 03820a05", {"battery_level": 65, "distance": 1.29}),
        # What stands before the measurements, and beside them.
        ("sensecap-s2120", 1, "00000002000300 00070055003c00 01200100000000 abcd", {"battery_level": 85}),
        ("tektelic-t00059xx", 10, "00ff0154 0b67ffec 0302035c", {
            "battery_voltage": 3.4, "air_temperature": -2, "input_voltage": 0.86}),
        ("elsys-ers-co2", 1, "03ff0240 01ffce 070e10 3d00000001", {
            "air_temperature": -5, "battery_voltage": 3.6}),
        ("ellenex-pls2-l", 1, "0201000123000021", {"battery_voltage": 3.3}),
        ("teneo-iot-filling-degree", 1, "0b00c800", {"battery_voltage": 3.1, "distance": 2}),
        ("teneo-iot-filling-degree", 2, "0b03", {"battery_voltage": 3.1}),
        ("dragino-lse01", 2, "0ce4ffd80bb8fed400d200", {
            "battery_voltage": 3.3, "air_temperature": -4, "soil_moisture": 30, "soil_temperature": -3,
            "soil_ec": 0.21}),
    ],
)  # fmt: skip
def test_a_frame_that_says_more_than_usual_is_read(code: str, port: int, frame: str, sure: dict[str, float]) -> None:
    found = of_bytes(code, port, frame)
    assert found.sure == pytest.approx(sure)
    assert found.flagged == {}
    assert set(found.waiting) <= {"level_words"}


@pytest.mark.parametrize(
    ("code", "port", "frame", "waiting"),
    [
        ("milesight-wts506", 85, "20ce0078516a e6ff502c27ca08410040e2", {"history": R.UNKNOWN_QUANTITY}),
        ("milesight-wts506", 85, "21ce0078516a e6ff502c27ca084100 40e20100", {"history": R.UNKNOWN_QUANTITY}),
        ("milesight-em500-smt", 85, "20ce0078516a 2c01d200ac0d", {"history": R.UNKNOWN_QUANTITY}),
        ("milesight-at101", 85, "20ce0078516a c0a85308c0f32302", {"history": R.UNKNOWN_QUANTITY}),
        ("milesight-em500-smt", 85, "04caffff 057ffdff", {"moisture": R.SENTINEL, "ec": R.SENTINEL}),
        ("milesight-em400-mud", 85, "0482fdff", {"distance": R.SENTINEL}),
        ("teneo-iot-filling-degree", 1, "0b00c804", {"no_distance": R.UNKNOWN_QUANTITY}),
        ("tinovi-pm-io-5-sm", 1, "30400000002a0064", {"pulse": R.UNKNOWN_QUANTITY, "press": R.UNKNOWN_QUANTITY}),
        ("tinovi-pm-io-5-sm", 1, "00400209c4", {"tail_2": R.UNKNOWN_QUANTITY, "tail_3": R.UNKNOWN_QUANTITY}),
    ],
)  # fmt: skip
def test_what_is_no_reading_of_now_waits_under_its_name(
    code: str, port: int, frame: str, waiting: dict[str, R]
) -> None:
    assert of_bytes(code, port, frame).waiting == waiting


def test_an_error_of_a_distance_sensor_costs_no_other_reading_of_its_frame() -> None:
    found = of_bytes("teneo-iot-filling-degree", 1, "0b00c80309c40fa0")
    assert found.sure == pytest.approx({"battery_voltage": 3.1, "device_temperature": 25, "air_humidity": 40})
    assert set(found.waiting) == {"no_distance"}


def test_a_soil_probe_that_is_not_there_reads_noughts_and_they_are_doubtful() -> None:
    noughts = {"soil_ec": (0, DOUBTED), "soil_temperature": (0, DOUBTED), "soil_moisture": (0, DOUBTED | RANGE)}
    assert of_bytes("tinovi-pm-io-5-sm", 1, "0140" + "0000" * 4 + "00").flagged == noughts
    said = {"bat": 64, "valv": 0, "leak": 0, "e25": 0.0, "ec": 0.0, "temp": 0.0, "vwc": 0.0}
    assert of_object("tinovi-pm-io-5-sm", said).flagged == noughts
    there = of_object("tinovi-pm-io-5-sm", {**said, "e25": 12.5, "temp": 0.0, "vwc": 18.0})
    assert there.flagged == {}
    assert there.sure["soil_temperature"] == 0


def test_raw_words_of_another_working_mode_are_no_soil_moisture_without_a_flag() -> None:
    usual, other = "0ce400f10bb8012c00d2", {"soil_moisture", "soil_temperature", "soil_ec"}
    assert of_bytes("dragino-lse01", 2, usual + "00").flagged == {}
    assert set(of_bytes("dragino-lse01", 2, usual + "80").flagged) == other
    said = {"BatV": 3.3, "Mod": 1, "Soil_dielectric_constant": "12.5", "Raw_water_SOIL": 2715, "temp_DS18B20": "4.10"}
    found = of_object("dragino-lse01", said)
    assert found.sure == pytest.approx({"battery_voltage": 3.3, "soil_permittivity": 12.5, "air_temperature": 4.1})


def test_a_word_for_an_error_that_is_also_a_temperature_is_doubtful() -> None:
    assert of_bytes("milesight-em500-smt", 85, "0367ffff").flagged == {"soil_temperature": (-0.1, DOUBTED)}
    assert of_object("milesight-em500-smt", {"temperature": -0.3}).flagged == {"soil_temperature": (-0.3, DOUBTED)}
    assert of_object("milesight-em500-smt", {"temperature": -0.2, "electricity": 300}).flagged == {}


def test_a_distance_beside_an_error_code_is_doubtful() -> None:
    said = {"battery": 3.1, "valid": False, "errorcode": 3, "distance": 200}
    assert of_object("teneo-iot-filling-degree", said).flagged == {"distance": (2, DOUBTED)}
    assert of_object("teneo-iot-filling-degree", {**said, "valid": True}).sure["distance"] == 2


def test_a_map_and_the_command_that_explains_frames_see_the_same_doubt() -> None:
    binding = {"quantity": "distance", "unit": "cm", "doubt_if": {"status": ["bad"]}}
    profile = Profile.model_validate(
        {"code": "x", "ignore": ["status"], "fields": {"d": binding}, "map": {"rows": [{"each": "rows[*]"}]}}
    )
    rows = b'{"rows": [{"d": 120, "status": "bad"}]}'
    assert interpreted(*parts(mapped.decode(rows, "", profile, Limits()))).flagged == {"distance": (1.2, DOUBTED)}
    assert interpreted(*parts(mapped.decode(rows.replace(b"bad", b"ok"), "", profile, Limits()))).flagged == {}
    lines = explain.frame(bytes.fromhex("0367ffff"), 85, shipped_profiles()["milesight-em500-smt"])
    assert ["publisher" in f"{line.remark}" for line in lines] == [True]


def parts(uplink: Uplink) -> tuple[list[Measured], list[Refused]]:
    return [Measured(*row) for row in uplink.measured], list(uplink.refused)


@pytest.mark.parametrize(
    ("code", "said", "sure"),
    [
        ("dragino-ldds75", {"Bat": "3.4 V", "Distance": "1290 mm", "TempC_DS18B20": "-4.00 °C"}, {
            "battery_voltage": 3.4, "distance": 1.29, "air_temperature": -4}),
        ("dragino-lse01", {"Bat": "3.4 V", "water_SOIL": "30 %", "temp_SOIL": "21.5 °C", "conduct_SOIL": "210 uS/cm"}, {
            "battery_voltage": 3.4, "soil_moisture": 30, "soil_temperature": 21.5, "soil_ec": 0.21}),
        (None, {"air_temperature": "68 °F", "air_humidity": "55%", "distance": "1290mm", "battery_voltage": "3.4V"}, {
            "air_temperature": 20, "air_humidity": 55, "distance": 1.29, "battery_voltage": 3.4}),
        (None, {"air_pressure": "760 mmHg"}, {"air_pressure": 1013.25}),
    ],
)  # fmt: skip
def test_a_number_with_its_unit_in_one_text_is_read(
    code: str | None, said: dict[str, object], sure: dict[str, float]
) -> None:
    found = of_object(code, said)
    assert found.sure == pytest.approx(sure)
    assert (found.flagged, found.waiting) == ({}, {})


@pytest.mark.parametrize(
    "text", ["3.1(low battery)", "12:30", "3.4 %", "5 apples", "3 None", "3.4.1 V", "V", "1e400 V"]
)
def test_a_text_that_is_no_number_with_a_unit_of_its_quantity_is_refused(text: str) -> None:
    assert of_object("dragino-ldds75", {"Bat": text}).waiting == {"Bat": R.NOT_A_NUMBER}


def test_a_word_of_an_error_stays_one_whatever_its_number() -> None:
    assert of_object("dragino-ldds75", {"Distance": "65535 mm"}).waiting == {"Distance": R.SENTINEL}


@pytest.mark.parametrize(
    "said",
    [
        {"contact": "true"}, {"contact": "OFF"}, {"valve_state": "on"}, {"gate_state": "No"}, {"detection_label": 1},
        {"leaf_wetness": 8}, {"air_voc": 120}, {"seismic_pga": 0.3}, {"device_uptime": 86_400_000},
        {"gate_opening": 35}, {"water_turbidity": 12},
    ],
)  # fmt: skip
def test_a_scale_or_a_yes_that_differs_between_products_waits_for_a_profile(said: dict[str, object]) -> None:
    (name,) = said
    assert name in NEED_A_PROFILE
    assert of_object(None, said) == MessageRows({}, {}, {name: R.NEEDS_PROFILE})


def test_words_that_can_mean_one_thing_only_are_taken() -> None:
    assert of_object(None, {"contact": "open", "detection_label": "boar", "leak": "off"}).sure == {
        "contact": 1, "detection_label": 1, "leak": 0,
    }  # fmt: skip


def test_a_fraction_of_water_and_a_full_word_of_a_counter_are_seen() -> None:
    assert of_object(None, {"soil_moisture": 0.31}).flagged == {"soil_moisture": (0.31, RANGE)}
    counts = {"people_count": 65535, "vehicle_count": 32767}
    assert of_object(None, counts).waiting == dict.fromkeys(counts, R.SENTINEL)


@pytest.mark.parametrize(("volts", "flagged"), [(12.0, True), (5, True), (3.6, False), (12.4, False), (4, False)])
def test_a_whole_number_of_volts_that_may_be_percent_is_flagged(volts: float, flagged: bool) -> None:  # noqa: FBT001  a column of the table
    found = interpreted(*normalized.read({"battery": volts}))
    assert found.flagged == ({"battery_voltage": (volts, RANGE)} if flagged else {})


def test_an_object_under_the_key_of_a_frame_is_not_dropped() -> None:
    beam = mapped.decoder(shipped_maps()["soracom-beam"])
    uplink = beam(b'{"air_temperature": 20, "payload": {"temp": 21}}', "", None, Limits())
    assert [(one.part, one.value) for one in uplink.refused] == [("payload", {"temp": 21})]
    assert beam(b'{"air_temperature": 20, "payload": "AWcBEA=="}', "", None, Limits()).refused == ()


@pytest.mark.parametrize("key", ["unit", "units", "uom", "unit_of_measurement"])
def test_a_unit_beside_a_value_counts_whatever_its_key_is_called(key: str) -> None:
    assert of_object(None, {"air_temperature": {"value": 41, key: "°F"}}) == MessageRows({"air_temperature": 5}, {}, {})


def test_what_stands_beside_a_value_leaves_a_trace() -> None:
    said = {"value": 21.5, "unit": "°C", "displayName": "Air", "status": "fault", "time": 1}
    found = of_object(None, {"air_temperature": said})
    assert found.sure == {"air_temperature": 21.5}
    assert list(found.waiting) == ["air_temperature.status", "air_temperature.time"]
    quiet = Profile.model_validate({"code": "x", "fields": {"t": "air_temperature"}, "ignore": ["t.status", "time"]})
    assert interpreted(*fields.read({"t": said}, quiet)) == MessageRows({"air_temperature": 21.5}, {}, {})
    beam = mapped.decoder(shipped_maps()["soracom-beam"])
    uplink = beam(
        b'{"t": {"value": 21.5, "status": "fault"}}', "", quiet.model_copy(update={"ignore": frozenset()}), Limits()
    )
    assert [one.part for one in uplink.refused] == ["t.status"]
