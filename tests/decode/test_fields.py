import math

import pytest

from ingest.decode.common import fields
from schemas.profile import Profile
from schemas.rejection import RejectionReason
from schemas.uplink import Measured

PROFILE = Profile.model_validate(
    {
        "code": "made-up",
        "fields": {
            "temp": {"quantity": "air_temperature", "unit": "°F", "sentinels": [-327.68, "broken"]},
            "level": {"quantity": "river_level", "scale": 0.001},
            "pm2.5": "air_pm2_5",
            "a": {"quantity": "soil_moisture", "channel": 10},
            "b": {"quantity": "soil_moisture", "channel": 30},
            "door": {"quantity": "contact", "states": {"0": "closed", "1": "open", "Zu": "closed", "true": "open"}},
            "leak": "leak",
            "dir": {"quantity": "wind_direction", "unit": "rad"},
            "水位": {"quantity": "paddy_water_level", "unit": "mm"},
        },
        "ignore": ["SWver"],
    }
)
RECORDS = Profile.model_validate(
    {
        "code": "records",
        "records": {"field": "messages", "id_key": "measurementId", "value_key": "measurementValue"},
        "ignore": ["type", "sensorId", "err"],
        "fields": {"4097": "air_temperature", "4098": "air_humidity", "Battery(%)": "battery_level"},
    }
)


def measured(decoded: dict[str, object], profile: Profile | None = PROFILE) -> list[Measured]:
    found, refused = fields.read(decoded, profile)
    assert refused == []
    return found


def reasons(decoded: dict[str, object], profile: Profile | None = PROFILE) -> list[tuple[str, RejectionReason]]:
    found, refused = fields.read(decoded, profile)
    assert found == []
    return [(part.part, part.reason) for part in refused]


def test_a_bound_field_gets_its_quantity_unit_and_channel() -> None:
    assert measured({"temp": 68, "a": 31.5, "b": 28.0}) == [
        Measured("air_temperature", 68, "°F", 0),
        Measured("soil_moisture", 31.5, None, 10),
        Measured("soil_moisture", 28.0, None, 30),
    ]


def test_the_payload_s_own_unit_wins_over_the_profile_s() -> None:
    assert measured({"temp": {"value": 20.5, "unit": "°C", "displayName": "Temperature"}}) == [
        Measured("air_temperature", 20.5, "°C")
    ]


@pytest.mark.parametrize("unit", ["", " ", "None", "-", None, 5])
def test_a_unit_that_says_nothing_leaves_the_profile_s(unit: object) -> None:
    assert measured({"temp": {"value": 70, "unit": unit}}) == [Measured("air_temperature", 70, "°F")]


def test_the_scale_is_applied_to_what_was_sent() -> None:
    [reading] = measured({"level": -1250})
    assert reading.value == pytest.approx(-1.25)


@pytest.mark.parametrize(
    ("text", "number"), [("24.59", 24.59), ("-3", -3.0), ("+0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), (" 7 ", 7.0)]
)
def test_a_number_may_be_written_as_text(text: str, number: float) -> None:
    assert measured({"pm2.5": text}) == [Measured("air_pm2_5", number)]


@pytest.mark.parametrize(
    "text",
    ["24,59", "24.5 mm", "0x10", "1_000", "Infinity", "inf", "１２", "--1", "1e400", "9" * 50, "2.4(low battery)"],
)
def test_a_text_that_is_no_number_is_refused(text: str) -> None:
    assert reasons({"pm2.5": text}) == [("pm2.5", RejectionReason.NOT_A_NUMBER)]


@pytest.mark.parametrize(
    "text", ["No Sensor", "NO SENSOR", "Invalid Reading", "N/A", "n/a", "NaN", "null", "---", "", "  "]
)
def test_the_words_for_no_measurement_are_sentinels(text: str) -> None:
    assert reasons({"pm2.5": text}) == [("pm2.5", RejectionReason.SENTINEL)]
    assert reasons({"leak": text}) == [("leak", RejectionReason.SENTINEL)]


@pytest.mark.parametrize("value", [-327.68, "-327.68", "broken", "Broken", {"value": -327.68, "unit": "K"}])
def test_sentinels_of_the_binding_are_what_was_sent_not_what_it_converts_to(value: object) -> None:
    assert reasons({"temp": value}) == [("temp", RejectionReason.SENTINEL)]


def test_a_sentinel_of_one_field_is_a_measurement_of_another() -> None:
    assert measured({"level": -327.68}) != []


@pytest.mark.parametrize("value", [math.nan, math.inf, [1], [], {}, {"celsius": 3}, True, {"value": [1]}])
def test_what_is_not_a_number_is_refused(value: object) -> None:
    assert reasons({"pm2.5": value}) == [("pm2.5", RejectionReason.NOT_A_NUMBER)]


def test_a_refused_part_keeps_its_name_and_its_value() -> None:
    _, [refused] = fields.read({"pm2.5": [1, 2]}, PROFILE)
    assert (refused.part, refused.value) == ("pm2.5", [1, 2])


def test_null_means_no_measurement() -> None:
    assert measured({"temp": None, "pm2.5": {"value": None, "unit": "ug/m3"}, "unheard of": None}) == []


def test_ignored_fields_are_silent_and_unknown_ones_are_not() -> None:
    assert measured({"SWver": 10}) == []
    assert reasons({"HWver": 2}) == [("HWver", RejectionReason.UNKNOWN_QUANTITY)]


def test_names_are_never_split() -> None:
    assert measured({"pm2.5": 12}) == [Measured("air_pm2_5", 12)]
    assert reasons({"pm2": {"5": 12}}) == [("pm2", RejectionReason.UNKNOWN_QUANTITY)]
    assert measured({"水位": -35}) == [Measured("paddy_water_level", -35, "mm")]


@pytest.mark.parametrize(
    ("said", "state"),
    [(0, "closed"), (1.0, "open"), ("1", "open"), ("Zu", "closed"), (True, "open"), ("moving", "moving")],
)
def test_states_get_the_catalogue_s_name(said: object, state: str) -> None:
    assert measured({"door": said}) == [Measured("contact", state)]


def test_a_number_the_profile_has_no_state_for_is_not_read_by_the_catalogue_s_numbering() -> None:
    assert reasons({"door": 2}) == [("door", RejectionReason.UNKNOWN_STATE)]


@pytest.mark.parametrize("value", [True, False, 1, "NoLeak", "leak"])
def test_a_state_without_names_in_the_profile_is_passed_on(value: object) -> None:
    assert measured({"leak": value}) == [Measured("leak", value)]


def test_a_list_is_no_state() -> None:
    assert reasons({"door": ["open"]}) == [("door", RejectionReason.NOT_A_NUMBER)]


OWN = Profile.model_validate({"code": "own", "fields": {"p": {"quantity": "pump_state", "sentinels": ["?"]}}})


@pytest.mark.parametrize("said", ["run", "運転", True, 3, 2.5])
def test_words_and_numbers_of_a_project_s_own_quantity_are_left_to_its_catalogue(said: object) -> None:
    assert measured({"p": said}, OWN) == [Measured("pump_state", said)]


@pytest.mark.parametrize("said", ["?", "n/a", ""])
def test_an_own_quantity_has_sentinels_too(said: str) -> None:
    assert reasons({"p": said}, OWN) == [("p", RejectionReason.SENTINEL)]


@pytest.mark.parametrize(
    ("word", "degrees"), [("N", 0.0), ("nne", 22.5), ("S", 180.0), ("北北西", 337.5), ("東", 90.0)]
)
def test_a_direction_may_be_a_word_of_the_compass(word: str, degrees: float) -> None:
    assert measured({"dir": word}) == [Measured("wind_direction", degrees)]


def test_a_direction_in_numbers_keeps_its_unit() -> None:
    assert measured({"dir": 1.5}) == [Measured("wind_direction", 1.5, "rad")]


def test_without_a_profile_only_exact_codes_are_understood() -> None:
    found, refused = fields.read(
        {"air_temperature": 18.4, "humidity": 71, "Air_Humidity": 71, "soil_ec": {"value": 300, "unit": "µS/cm"},
         "motion": True}, None,
    )  # fmt: skip
    assert found == [Measured("air_temperature", 18.4), Measured("soil_ec", 300, "µS/cm"), Measured("motion", True)]
    assert [(part.part, part.reason) for part in refused] == [
        ("humidity", RejectionReason.UNKNOWN_QUANTITY),
        ("Air_Humidity", RejectionReason.UNKNOWN_QUANTITY),
    ]


def test_records_are_fields_named_by_their_id() -> None:
    records: list[object] = [
        {"measurementId": 4097, "measurementValue": 21.4, "type": "Air Temperature"},
        {"measurementId": 4098.0, "measurementValue": "-0.5"},
    ]
    expected = [Measured("air_temperature", 21.4), Measured("air_humidity", -0.5)]
    assert measured({"err": 0, "messages": records}, RECORDS) == expected
    assert measured({"err": 0, "messages": [[record] for record in records]}, RECORDS) == expected


def test_a_record_without_an_id_is_an_object_of_its_own() -> None:
    assert measured({"messages": [{"Battery(%)": 85, "sensorId": "2CF7"}, {"type": "upload_sensor_id"}]}, RECORDS) == [
        Measured("battery_level", 85)
    ]


def test_one_bad_record_hurts_no_other() -> None:
    records = [{"measurementId": "4097", "measurementValue": 21.4}, 7, {"measurementId": "9999", "measurementValue": 1}]
    found, refused = fields.read({"messages": records}, RECORDS)
    assert found == [Measured("air_temperature", 21.4)]
    assert [(part.part, part.reason) for part in refused] == [
        ("messages[1]", RejectionReason.WRONG_SHAPE),
        ("9999", RejectionReason.UNKNOWN_QUANTITY),
    ]
