import json
from typing import Any

import pytest

from ingest.decode.common.limits import Limits
from ingest.decode.things_stack import things_stack
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Measured, Uplink
from tests.decode.named import named

MESSAGE: dict[str, Any] = {
    "session_key_id": "AY8kqYc1d0bq0sUuPpQ1xA==",
    "f_port": 2,
    "f_cnt": 3377,
    "frm_payload": "zikA8QelCZtuKJA=",
    "decoded_payload": {
        "Bat": 3.625,
        "TempC_DS18B20": "24.1",
        "conduct_SOIL": 28200,
        "temp_SOIL": "24.59",
        "water_SOIL": "19.57",
    },
    "normalized_payload": [{"soil": {"moisture": 19.57, "temperature": 24.59, "ec": 28.2}, "battery": 3.625}],
    "rx_metadata": [
        {
            "gateway_ids": {"gateway_id": "gw-barn", "eui": "A84041FFFF1F8020"},
            "time": "2006-06-14T21:06:00.489Z",
            "timestamp": 2463457000,
            "rssi": -103,
            "channel_rssi": -103,
            "snr": 6.2,
            "received_at": "2026-06-14T21:06:00.497Z",
        }
    ],
    "settings": {
        "data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 10, "coding_rate": "4/5"}},
        "frequency": "923200000",
    },
    "received_at": "2026-06-14T21:06:00.499Z",
    "consumed_airtime": "0.370688s",
    "packet_error_rate": 0.0125,
}
ENVELOPE: dict[str, Any] = {
    "end_device_ids": {"device_id": "soil-07", "dev_eui": "A8404127A1851234", "dev_addr": "260B1C44"},
    "correlation_ids": ["as:up:01J0C3Q22M4V5K"],
    "received_at": "2026-06-14T21:06:00.701233101Z",
}
NETWORK_US = 1_781_471_160_499_000
APPLICATION_US = 1_781_471_160_701_233


def decode(message: dict[str, Any], profile: Profile | None = None) -> Uplink:
    return read(ENVELOPE | {"uplink_message": message}, profile)


def read(envelope: object, profile: Profile | None = None) -> Uplink:
    return things_stack.decode(json.dumps(envelope).encode(), "up", profile, Limits())


def refusal(envelope: object) -> RejectionReason:
    with pytest.raises(Undecodable) as refused:
        read(envelope)
    return refused.value.reason


def without(*keys: str) -> dict[str, Any]:
    return {key: value for key, value in MESSAGE.items() if key not in keys}


def normalized(*elements: object) -> dict[str, Any]:
    return without("decoded_payload") | {"normalized_payload": list(elements)}


def test_an_uplink_has_its_time_counter_and_link() -> None:
    uplink = decode(MESSAGE)
    assert (uplink.kind, uplink.time_us, uplink.counter) == (EventKind.UPLINK, NETWORK_US, 3377)
    assert uplink.link is not None
    assert uplink.link[:6] == (-103, 6.2, "gw-barn", 1, 10, 370.688)
    assert uplink.link.more == {
        "frequency_hz": 923200000,
        "bandwidth_hz": 125000,
        "f_port": 2,
        "dev_addr": "260B1C44",
        "packet_error_rate": 0.0125,
        "gateways": [{"id": "gw-barn", "rssi": -103, "snr": 6.2}],
    }


def test_a_profile_reads_the_decoded_payload() -> None:
    uplink = decode(MESSAGE, shipped_profiles()["dragino-lse01"])
    assert {one.quantity: (one.value, one.unit) for one in named(uplink)} == {
        "battery_voltage": (3.625, "V"),
        "air_temperature": (24.1, "Cel"),
        "soil_ec": (28200, "uS/cm"),
        "soil_temperature": (24.59, "Cel"),
        "soil_moisture": (19.57, "%"),
    }


def test_without_a_profile_the_normalized_payload_is_read() -> None:
    uplink = decode(MESSAGE)
    assert uplink.measured == [
        Measured("soil_moisture", 19.57, "%"),
        Measured("soil_temperature", 24.59, "Cel"),
        Measured("soil_ec", 28.2, "dS/m"),
        Measured("battery_voltage", 3.625, "V"),
    ]
    assert uplink.refused == ()


def test_without_profile_and_normalized_payload_exact_codes_are_read() -> None:
    uplink = decode(without("normalized_payload") | {"decoded_payload": {"soil_moisture": 20, "Bat": 3.6}})
    assert uplink.measured == [Measured("soil_moisture", 20)]
    assert [part.reason for part in uplink.refused] == [RejectionReason.UNKNOWN_QUANTITY]


def test_a_profile_that_reads_the_bytes_needs_neither_payload() -> None:
    uplink = decode(without("decoded_payload"), shipped_profiles()["dragino-lse01"])
    assert [row[0] for row in uplink.measured] == [
        "battery_voltage", "air_temperature", "soil_moisture", "soil_temperature", "soil_ec"
    ]  # fmt: skip


def test_with_a_profile_but_no_decoded_payload_the_normalized_one_is_read() -> None:
    of_fields_alone = shipped_profiles()["dragino-lse01"].model_copy(update={"frames": ()})
    uplink = decode(without("decoded_payload"), of_fields_alone)
    assert len(uplink.measured) == 4


def test_a_payload_nobody_decoded_is_set_aside() -> None:
    message = without("decoded_payload", "normalized_payload")
    assert refusal(ENVELOPE | {"uplink_message": message}) == RejectionReason.NOT_DECODED


@pytest.mark.parametrize("absent", ["f_port", "frm_payload"])
def test_a_frame_without_application_payload_measures_nothing_but_its_link_counts(absent: str) -> None:
    uplink = decode(without("decoded_payload", "normalized_payload", absent))
    assert uplink.measured == []
    assert uplink.link is not None
    assert uplink.link.gateway == "gw-barn"


def test_the_first_frame_of_a_session_has_counter_zero() -> None:
    assert decode(without("f_cnt")).counter == 0


def test_absent_rssi_and_lora_snr_are_zero() -> None:
    uplink = decode(MESSAGE | {"rx_metadata": [{"gateway_ids": {"gateway_id": "a"}}]})
    assert uplink.link is not None
    assert (uplink.link.rssi_dbm, uplink.link.snr_db) == (0, 0.0)


def test_an_absent_snr_is_not_available_with_fsk() -> None:
    settings = {"data_rate": {"fsk": {"bit_rate": 50000}}, "frequency": "923200000"}
    uplink = decode(MESSAGE | {"settings": settings, "rx_metadata": [{"gateway_ids": {"gateway_id": "a"}, "rssi": -9}]})
    assert uplink.link is not None
    assert (uplink.link.rssi_dbm, uplink.link.snr_db, uplink.link.spreading_factor) == (-9, None, None)


def test_the_rssi_is_the_channel_s_even_where_the_signal_s_is_given() -> None:
    heard = {"gateway_ids": {"gateway_id": "a"}, "channel_rssi": -110, "signal_rssi": -118, "snr": -7.8}
    uplink = decode(MESSAGE | {"rx_metadata": [heard]})
    assert uplink.link is not None
    assert uplink.link.rssi_dbm == -110


def test_gateways_of_other_networks_are_told_apart() -> None:
    roaming = [
        {
            "gateway_ids": {"gateway_id": "packetbroker"},
            "packet_broker": {"forwarder_net_id": "000013", "forwarder_gateway_id": name},
            "rssi": rssi,
        }
        for name, rssi in (("north", -120), ("south", -101))
    ]
    uplink = decode(MESSAGE | {"rx_metadata": roaming})
    assert uplink.link is not None
    assert (uplink.link.gateway, uplink.link.gateway_count) == ("packetbroker/south", 2)


def test_nanoseconds_are_cut_to_microseconds() -> None:
    assert decode(without("received_at")).time_us == APPLICATION_US


def test_the_measurement_s_own_time_comes_first_and_the_gateway_s_clock_never() -> None:
    uplink = decode(normalized({"time": "2026-06-14T20:00:00Z", "air": {"temperature": 20}}))
    assert uplink.time_us == 1_781_467_200_000_000
    assert named(uplink)[0].time_us == 1_781_467_200_000_000
    assert decode(without("received_at", "normalized_payload")).time_us == APPLICATION_US


def test_several_measurements_keep_their_own_times() -> None:
    uplink = decode(
        normalized(
            {"time": "2026-06-14T20:00:00Z", "air": {"temperature": 20}},
            {"time": "2026-06-14T21:00:00Z", "air": {"temperature": 21}},
        )
    )
    assert uplink.time_us == NETWORK_US
    assert [(one.value, one.time_us) for one in named(uplink)] == [
        (20, 1_781_467_200_000_000),
        (21, 1_781_470_800_000_000),
    ]


def test_a_soil_depth_is_the_channel_of_soil_readings_only() -> None:
    element = {"soil": {"depth": 20.4, "moisture": 30, "n": 12}, "air": {"temperature": 18}}
    assert {one.quantity: one.channel for one in named(decode(normalized(element)))} == {
        "soil_moisture": 20,
        "soil_nitrogen": 20,
        "air_temperature": 0,
    }


def test_percent_in_the_place_of_volts_is_set_aside() -> None:
    uplink = decode(normalized({"battery": 92, "air": {"temperature": 18}}))
    assert [one.quantity for one in named(uplink)] == ["air_temperature"]
    assert [(part.part, part.reason) for part in uplink.refused] == [("battery", RejectionReason.UNKNOWN_UNIT)]


def test_the_whole_vocabulary_is_read() -> None:
    element = {
        "soil": {"pH": 6.5, "p": 10, "k": 11},
        "air": {"location": "outdoor", "relativeHumidity": 61, "pressure": 1003, "co2": 410, "lightIntensity": 900},
        "wind": {"speed": 3.2, "direction": 359, "elevation": 200},
        "rain": {"intensity": 1.5, "cumulative": 120.2},
        "water": {"leak": "true", "temperature": {"min": 4, "max": 6, "avg": 5, "current": 5.5}},
        "metering": {"water": {"total": 900}},
        "action": {"motion": {"detected": False, "count": 3}, "contactState": "open"},
        "position": {"latitude": 35.68, "longitude": 139.77},
    }
    uplink = decode(normalized(element))
    assert {one.quantity: one.value for one in named(uplink)} == {
        "soil_ph": 6.5,
        "soil_phosphorus": 10,
        "soil_potassium": 11,
        "air_humidity": 61,
        "air_pressure": 1003,
        "air_co2": 410,
        "light_illuminance": 900,
        "wind_speed": 3.2,
        "wind_direction": 359,
        "rain_intensity": 1.5,
        "rain_total": 120.2,
        "leak": "true",
        "water_temperature": 5.5,
        "water_total": 900,
        "motion": False,
        "motion_count": 3,
        "contact": "open",
        "position_latitude": 35.68,
        "position_longitude": 139.77,
    }
    assert uplink.refused == ()


def test_a_key_outside_the_vocabulary_is_set_aside() -> None:
    uplink = decode(normalized({"air": {"temperature": 18, "radon": 40}, "mood": "good"}))
    assert [(part.part, part.reason) for part in uplink.refused] == [
        ("air.radon", RejectionReason.UNKNOWN_QUANTITY),
        ("mood", RejectionReason.UNKNOWN_QUANTITY),
    ]


def test_a_simulated_message_is_never_stored() -> None:
    assert refusal(ENVELOPE | {"simulated": True, "uplink_message": MESSAGE}) == RejectionReason.SIMULATED
    assert refusal(ENVELOPE | {"simulated": True, "join_accept": {}}) == RejectionReason.SIMULATED


def test_an_encrypted_payload_is_kept_undecoded_and_its_frame_counts() -> None:
    uplink = decode(MESSAGE | {"app_s_key": {"kek_label": "x", "encrypted_key": "AAAA"}})
    assert (uplink.counter, uplink.measured) == (3377, [])
    assert [(part.reason, part.value) for part in uplink.refused] == [(RejectionReason.ENCRYPTED, "zikA8QelCZtuKJA=")]
    assert uplink.link is not None
    assert uplink.link.more is not None
    assert (uplink.link.rssi_dbm, uplink.link.more["encrypted"]) == (-103, True)


def test_the_normalized_copy_of_an_uplink_is_not_stored_twice() -> None:
    assert refusal(ENVELOPE | {"uplink_normalized": MESSAGE}) == RejectionReason.UNSUPPORTED_EVENT


def test_the_normalized_copy_is_read_where_it_is_routed_instead() -> None:
    element = {"time": "2026-06-14T20:00:00Z", "air": {"temperature": 20}}
    envelope = ENVELOPE | {"uplink_normalized": without("decoded_payload") | {"normalized_payload": element}}
    profile = shipped_profiles()["dragino-lse01"]
    uplink = things_stack.decode(json.dumps(envelope).encode(), "normalized", profile, Limits())
    assert (uplink.time_us, uplink.counter) == (1_781_467_200_000_000, 3377)
    assert [one.quantity for one in named(uplink)] == ["air_temperature"]


def test_warnings_and_the_network_a_roaming_frame_came_through_are_kept() -> None:
    heard = {
        "gateway_ids": {"gateway_id": "packetbroker"},
        "packet_broker": {"forwarder_net_id": "000013"},
        "rssi": -120,
    }
    said = {
        "rx_metadata": [heard],
        "decoded_payload_warnings": ["low battery"],
        "normalized_payload_warnings": ["x" * 900],
    }
    link = decode(MESSAGE | said).link
    assert link is not None
    assert link.more is not None
    assert link.more["roaming"] == "000013"
    assert link.more["warnings"] == ["low battery", "x" * 200]


@pytest.mark.parametrize("envelope", [{}, ENVELOPE, ENVELOPE | {"weather_forecast": {}}])
def test_a_message_without_an_event_is_set_aside(envelope: dict[str, Any]) -> None:
    assert refusal(envelope) == RejectionReason.UNSUPPORTED_EVENT


@pytest.mark.parametrize(
    "changed",
    [
        {"normalized_payload": [5]},
        {"normalized_payload": [{"soil": 5}]},
        {"normalized_payload": [{"soil": {"depth": 1e9}}]},
    ],
)
def test_what_has_the_wrong_shape_is_set_aside(changed: dict[str, Any]) -> None:
    assert refusal(ENVELOPE | {"uplink_message": MESSAGE | changed}) == RejectionReason.WRONG_SHAPE


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"consumed_airtime": "long"}, "rx_metadata"),
        ({"consumed_airtime": "1e9s"}, "rx_metadata"),
        ({"consumed_airtime": "nans"}, "rx_metadata"),
        ({"rx_metadata": "none"}, "rx_metadata"),
        ({"rx_metadata": [{"gateway_ids": {"gateway_id": "a"}, "rssi": "x", "snr": 5}]}, "rx_metadata[0].rssi"),
        ({"rx_metadata": [{"gateway_ids": {"gateway_id": "a"}, "rssi": -90, "snr": "x"}]}, "rx_metadata[0].snr"),
        ({"f_cnt": "3377"}, "f_cnt"),
    ],
)
def test_what_says_nothing_about_the_readings_costs_none(changed: dict[str, Any], part: str) -> None:
    uplink, sound = decode(MESSAGE | changed), decode(MESSAGE)
    assert uplink.measured == sound.measured
    assert [(one.reason, one.part) for one in uplink.refused[len(sound.refused) :]] == [
        (RejectionReason.WRONG_SHAPE, part)
    ]
