import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.decode.common.limits import Limits
from ingest.decode.mapped import mapped
from ingest.errors import Undecodable
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles
from schemas.quantity import BY_CODE, NEED_A_PROFILE
from schemas.rejection import RejectionReason
from schemas.uplink import EventKind, Uplink
from tests.decode.map_messages import (
    CAMPBELL,
    CAYENNE,
    FUNNEL,
    GPS,
    IIJ,
    MORNING_US,
    SENSEWAY,
    SIGFOX,
    SIGFOX_AIR,
    TASMOTA_SENSOR,
    TASMOTA_STATE,
    VENDORS,
    Vendor,
)
from tests.decode.named import named
from tests.decode.test_any_bytes import JSON, is_uplink

Values = list[tuple[str, object, int]]


def decode(code: str, document: Any, event: str = "", profile: Profile | None = None) -> Uplink:
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return mapped.decoder(shipped_maps()[code])(payload, event, profile, Limits())


def own(fields: Mapping[str, object] | None = None, **rule: Any) -> Profile:
    return Profile.model_validate({"code": "own", "fields": fields or {}, "map": rule})


def by_own(document: Any, fields: Mapping[str, object] | None = None, event: str = "", **rule: Any) -> Uplink:
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return mapped.decode(payload, event, own(fields, **rule), Limits())


def values(uplink: Uplink) -> Values:
    return [(one.quantity, one.value, one.channel) for one in named(uplink)]


def reasons(uplink: Uplink) -> list[tuple[str, RejectionReason]]:
    return [(refused.part, refused.reason) for refused in uplink.refused]


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.map)
def test_a_vendor_s_own_message_is_read_by_its_map(vendor: Vendor) -> None:
    profile = None if vendor.profile is None else shipped_profiles()[vendor.profile]
    uplink = decode(vendor.map, vendor.payload, vendor.event, profile)
    assert values(uplink) == list(vendor.measured)
    assert (uplink.time_us, uplink.counter) == (vendor.time_us, vendor.counter)


def test_every_shipped_map_has_a_message_here() -> None:
    assert {vendor.map for vendor in VENDORS} == set(shipped_maps())


def test_a_probe_whose_place_only_its_owner_knows_waits_for_a_profile() -> None:
    assert reasons(decode("tasmota", TASMOTA_SENSOR, "SENSOR")) == [
        ("DS18B20-1.Temperature", RejectionReason.UNKNOWN_QUANTITY)
    ]
    soil = Profile.model_validate({"code": "x", "fields": {"DS18B20-1.Temperature": "soil_temperature"}})
    bound = decode("tasmota", TASMOTA_SENSOR, "SENSOR", soil)
    assert ("soil_temperature", 16.9, 0) in values(bound)
    assert bound.refused == ()


def test_percent_of_a_tasmota_signal_is_not_stored_as_decibel() -> None:
    link = decode("tasmota", TASMOTA_STATE, "STATE").link
    assert link is not None
    assert (link.rssi_dbm, link.gateway) == (-78, "E6:8D:8C:4B:BE:F7")


def test_a_unit_beside_the_sensors_counts() -> None:
    warm = {**TASMOTA_SENSOR, "TempUnit": "F", "BME280": {"Temperature": 64.4}}
    assert [(one.value, one.unit) for one in named(decode("tasmota", warm, "SENSOR"))] == [(64.4, "F")]


def test_a_local_time_is_local_where_the_map_says_so_and_refused_where_not() -> None:
    rows = [{"each": "$", "name": "n", "value": "v"}]
    document = {"at": "2026-06-15T06:05:00", "n": "air_temperature", "v": 1}
    assert by_own(document, time={"path": "at", "zone": "+09:00"}, rows=rows).time_us == MORNING_US
    assert by_own(document, time={"path": "at", "zone": "Asia/Tokyo"}, rows=rows).time_us == MORNING_US
    with pytest.raises(Undecodable) as refusal:
        by_own(document, time={"path": "at"}, rows=rows)
    assert refusal.value.reason == RejectionReason.INVALID_TIME


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "2026-06-15T06:05:00+09:00"),
        ({}, 1781471100),
        ({}, "1781471100"),
        ({}, 1781471100000),
        ({}, 1781471100000000),
        ({}, 1781471100000000000),
        ({"format": "epoch_s"}, "1781471100"),
        ({"format": "epoch_ms"}, 1781471100000),
        ({"format": "epoch_us"}, 1781471100000000),
        ({"format": "rfc3339"}, "2026-06-14T21:05:00Z"),
        ({"format": "%Y/%m/%d %H:%M:%S", "zone": "+09:00"}, "2026/06/15 06:05:00"),
        ({"format": "%Y%m%d%H%M%S%z"}, "20260615060500+0900"),
        ({"zone": "+09:00", "ignore_offset": True}, "2026-06-15T06:05:00Z"),
    ],
)
def test_times_are_read_as_they_are_written(rule: dict[str, object], said: object) -> None:
    uplink = by_own({"at": said, "air_temperature": 1}, time={"path": "at", **rule}, rows=[{"each": "none | $"}])
    assert uplink.time_us == MORNING_US


NIGHT_US = MORNING_US + (17 * 60 + 55) * 60_000_000
"""Midnight after the morning, 00:00 of 16 June in Japan."""


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "2026-06-15T24:00:00+09:00"),
        ({}, "2026-06-15 24:00:00.000+09:00"),
        ({"format": "rfc3339", "zone": "+09:00"}, "2026-06-15T24:00"),
        ({"format": "%Y/%m/%d %H:%M", "zone": "+09:00"}, "2026/06/15 24:00"),
    ],
)
def test_the_end_of_a_day_is_said_where_the_map_allows_it(rule: dict[str, object], said: str) -> None:
    def read(**more: object) -> int | None:
        time = {"path": "at", **rule, **more}
        return by_own({"at": said, "air_temperature": 1}, time=time, rows=[{"each": "none | $"}]).time_us

    assert read(hour_24=True) == NIGHT_US
    with pytest.raises(Undecodable) as refusal:
        read()
    assert refusal.value.reason == RejectionReason.INVALID_TIME


@pytest.mark.parametrize("said", ["2026-06-15T24:01:00+09:00", "2026-06-15T24:00:01+09:00", "2026-06-15T25:00+09:00"])
def test_no_hour_is_behind_the_end_of_a_day(said: str) -> None:
    with pytest.raises(Undecodable):
        by_own({"at": said}, time={"path": "at", "hour_24": True}, rows=[{}])


@pytest.mark.parametrize("said", ["yesterday", True, [], {}, -1, 1e300, "", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_has_a_reason(said: object) -> None:
    with pytest.raises(Undecodable) as refusal:
        by_own({"at": said}, time={"path": "at"}, rows=[{}])
    assert refusal.value.reason == RejectionReason.INVALID_TIME


def test_seconds_are_not_read_as_milliseconds_where_the_map_knows_better() -> None:
    early = by_own({"at": 1781471100}, time={"path": "at", "format": "epoch_ms"}, rows=[{}])
    assert early.time_us == 1_781_471_100_000  # 1970: judged as a clock that was never set


def test_records_with_ids_and_units_are_named_by_their_ids() -> None:
    uplink = by_own(
        {"messages": [{"id": 4097, "v": "21.4", "u": "°C"}, {"id": 9, "v": 1}, {"v": 2}]},
        {"4097": "air_temperature"},
        rows=[{"each": "messages[*]", "name": "id", "value": "v", "unit": "u"}],
    )
    assert [(one.quantity, one.value, one.unit) for one in named(uplink)] == [("air_temperature", 21.4, "°C")]
    assert reasons(uplink) == [("9", RejectionReason.UNKNOWN_QUANTITY), ("2", RejectionReason.WRONG_SHAPE)]


def test_samples_have_times_of_their_own_and_one_bad_row_hurts_no_other() -> None:
    uplink = by_own(
        {"readings": [{"ts": 1781471100, "t": 18.2}, {"ts": "never", "t": 18.3}, {"ts": 1781471160, "t": 18.4}]},
        {"t": "air_temperature"},
        rows=[{"each": "readings[*]", "time": {"path": "ts"}}],
    )
    timed = [(one.value, one.time_us) for one in named(uplink) if one.quantity == "air_temperature"]
    assert timed == [(18.2, MORNING_US), (18.4, MORNING_US + 60_000_000)]
    assert ("1", RejectionReason.INVALID_TIME) in reasons(uplink)
    assert (uplink.kind, uplink.time_us) == (EventKind.BACKFILL, MORNING_US + 60_000_000)


def test_columns_of_unequal_length_refuse_their_row_alone() -> None:
    uplink = by_own(
        {"names": ["t", "rh"], "data": [{"vals": [18.2, 71]}, {"vals": [18.3]}]},
        {"t": "air_temperature", "rh": "air_humidity"},
        rows=[{"each": "data[*]", "names": "names", "values": "vals"}],
    )
    assert values(uplink) == [("air_temperature", 18.2, 0), ("air_humidity", 71, 0)]
    assert reasons(uplink) == [("1", RejectionReason.WRONG_SHAPE)]


def test_parallel_arrays_are_zipped_with_their_times() -> None:
    rule: dict[str, Any] = {"rows": [{"parallel": True, "time": {"path": "ts"}}]}
    uplink = by_own({"ts": [1781471100, 1781471160], "t": [1, 2]}, {"t": "air_temperature"}, **rule)
    assert [(one.value, one.time_us) for one in named(uplink)] == [(1, MORNING_US), (2, MORNING_US + 60_000_000)]
    short = by_own({"ts": [1781471100, 1781471160], "t": [1]}, {"t": "air_temperature"}, **rule)
    assert reasons(short) == [("$", RejectionReason.WRONG_SHAPE)]


def test_a_document_inside_the_document_is_opened() -> None:
    uplink = by_own(
        {"imei": "1", "payload": "eyJ0ZW1wIjoxOC4yfQ=="},
        {"temp": "air_temperature"},
        inner=[{"path": "payload", "encoding": "base64"}],
        rows=[{}],
    )
    assert ("air_temperature", 18.2, 0) in values(uplink)


def test_keys_with_dots_blanks_and_japanese_are_names_not_paths() -> None:
    uplink = by_own(
        {"pm2.5": 7, "気 温": 18.2},
        {"pm2.5": "air_pm2_5", "気 温": "air_temperature"},
        rows=[{}],
        time={"path": '["pm.x"]'},
    )
    assert values(uplink) == [("air_pm2_5", 7, 0), ("air_temperature", 18.2, 0)]


def test_texts_that_mean_no_measurement_and_decimal_commas_are_told_apart() -> None:
    document = {"a": "No Sensor", "b": "24,59"}
    fields: dict[str, object] = {"a": "air_temperature", "b": "air_temperature"}
    assert reasons(by_own(document, fields, rows=[{}])) == [
        ("a", RejectionReason.SENTINEL),
        ("b", RejectionReason.NOT_A_NUMBER),
    ]
    assert values(by_own(document, fields, rows=[{}], decimal_comma=True)) == [("air_temperature", 24.59, 0)]


def test_a_faulty_sample_of_the_gps_unit_measures_nothing_and_without_a_fix_it_has_no_place() -> None:
    with pytest.raises(Undecodable) as refusal:
        decode("soracom-gps-multiunit", {**GPS, "type": -1})
    assert refusal.value.reason == RejectionReason.SENTINEL
    inside = decode("soracom-gps-multiunit", {**GPS, "lat": None, "lon": None})
    assert [quantity for quantity, _, _ in values(inside)] == ["air_temperature", "air_humidity"]
    wrapped = decode("soracom-gps-multiunit", {**FUNNEL, "payloads": GPS})
    assert ("position_latitude", 35.68, 0) in values(wrapped)


def test_the_base_station_of_sigfox_is_not_where_the_device_is() -> None:
    uplink = decode("sigfox", SIGFOX, profile=CAYENNE)
    assert "position_latitude" not in [quantity for quantity, _, _ in values(uplink)]
    assert uplink.link is not None
    assert (uplink.link.rssi_dbm, uplink.link.snr_db, uplink.link.gateway) == (-121.0, 9.5, "BEEF")


def test_every_gateway_that_heard_it_is_in_the_link_record_once() -> None:
    for code, document in (("senseway", SENSEWAY), ("iij", IIJ)):
        link = decode(code, document, profile=CAYENNE).link
        assert link is not None
        assert link.gateway_count == 2
        assert link.spreading_factor == 10
        assert link.airtime_ms is not None
        assert link.more is not None
        assert link.more["frequency_hz"] == 923_200_000


def test_bytes_without_a_profile_have_a_reason_unless_the_vendor_read_them() -> None:
    with pytest.raises(Undecodable) as refusal:
        decode("senseway", SENSEWAY)
    assert refusal.value.reason == RejectionReason.NOT_DECODED
    parsed = decode("soracom-sigfox", {**SIGFOX_AIR, "air_temperature": 18.5})
    assert values(parsed) == [("air_temperature", 18.5, 0)]


@pytest.mark.parametrize("data", ["0", "xy", "0167é"])
def test_bytes_that_are_not_hexadecimal_have_a_reason(data: str) -> None:
    with pytest.raises(Undecodable) as refusal:
        decode("sigfox", {**SIGFOX, "data": data}, profile=CAYENNE)
    assert refusal.value.reason == RejectionReason.WRONG_SHAPE


def test_a_logger_that_writes_local_time_with_a_z_gets_a_map_of_its_own() -> None:
    shipped = shipped_maps()["campbell-geojson"].model_dump(exclude_defaults=True)
    shipped["map"]["rows"][0]["time"] = {"path": "$key", "zone": "+09:00", "ignore_offset": True}
    uplink = decode("campbell-geojson", CAMPBELL, profile=Profile.model_validate({**shipped, "code": "own"}))
    assert uplink.time_us == MORNING_US - 300_000_000 - 9 * 3600 * 1_000_000


def test_other_events_of_a_topic_measure_nothing() -> None:
    uplink = decode("tasmota", b"Online", "LWT")
    assert (uplink.kind, list(uplink.measured)) == (EventKind.OTHER, [])


def test_a_message_in_which_the_map_finds_nothing_is_not_passed_over_in_silence() -> None:
    with pytest.raises(Undecodable) as refusal:
        decode("soracom-funnel", {"timestamp": 1781471112421, "payload_": 1})
    assert refusal.value.reason == RejectionReason.WRONG_SHAPE


def test_without_a_map_a_message_is_not_guessed_at() -> None:
    for profile in (None, CAYENNE):
        with pytest.raises(Undecodable) as refusal:
            mapped.decode(b"{}", "", profile, Limits())
        assert refusal.value.reason == RejectionReason.NOT_DECODED


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ({}, "needs `rows`, `frame` or `position`"),
        ({"rows": [{"each": "a..b"}]}, "is no path"),
        ({"rows": [{}], "counter": "a[*]"}, "here one is needed"),
        ({"rows": [{}], "time": {"path": "t", "format": "iso"}}, "is no time format"),
        ({"rows": [{}], "time": {"path": "t", "format": "%Y-%m-%d"}}, "zone: +09:00"),
        ({"rows": [{}], "time": {"path": "t", "zone": "Tokyo"}}, "Asia/Tokyo"),
        ({"rows": [{}], "time": {"path": "$key"}}, "time of a row"),
        ({"rows": [{"name": "n"}]}, "go together"),
        ({"rows": [{"names": "n"}]}, "go together"),
        ({"rows": [{"parallel": True}]}, "array of their times"),
        ({"rows": [{"name": "n", "value": "v", "nested": True}]}, "one shape"),
    ],
)
def test_a_map_that_cannot_work_is_refused_with_what_to_write(rule: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        own(**rule)
    assert hint in str(refusal.value)
    assert refusal.value.errors()[0]["loc"][0] == "map"


def test_a_map_survives_the_database() -> None:
    for one in shipped_maps().values():
        assert Profile.model_validate_json(one.model_dump_json(exclude_defaults=True)) == one


DECODERS = {code: mapped.decoder(profile) for code, profile in shipped_maps().items()}


def attempt(code: str, payload: bytes, event: str, profile: Profile | None) -> None:
    try:
        result = DECODERS[code](payload, event, profile, Limits(max_bytes=20_000))
    except Undecodable:
        return
    assert is_uplink(result)


@pytest.mark.parametrize("code", sorted(shipped_maps()))
@example(payload=b"\x1f\x8b", event="")
@given(payload=st.binary(max_size=200), event=st.sampled_from(["", "SENSOR", "1/4097"]))
def test_any_bytes_are_an_uplink_or_undecodable(code: str, payload: bytes, event: str) -> None:
    attempt(code, payload, event, None)


@given(data=st.data(), vendor=st.sampled_from(VENDORS), profile=st.sampled_from([None, CAYENNE]))
def test_any_value_anywhere_in_a_vendor_s_message_is_survived(
    data: st.DataObject, vendor: Vendor, profile: Profile | None
) -> None:
    if not vendor.payload.startswith(b"{"):
        return
    document = json.loads(vendor.payload)
    place = document
    while isinstance(place, (dict, list)) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    attempt(vendor.map, json.dumps(document).encode(), vendor.event, profile)


@given(
    st.dictionaries(
        st.sampled_from(
            sorted(code for code, quantity in BY_CODE.items() if not quantity.states and code not in NEED_A_PROFILE)
        ),
        st.floats(-1e6, 1e6),
        min_size=1,
    )
)
def test_what_a_plain_device_says_in_our_words_is_always_understood(readings: dict[str, float]) -> None:
    uplink = decode("soracom-beam", readings)
    assert {one.quantity: one.value for one in named(uplink)} == readings
