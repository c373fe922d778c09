"""What devices, gateways, networks and projects are doing now, and their last values, on every tier."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.figures.device import device_state, latest, latest_of_devices
from ingest.figures.fleet import device_states, gateway_states, network_states, project_states
from schemas.japan import JST
from schemas.uplink import EventKind
from tests.figures.field import Field

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def season_around(days_from: int, days_to: int) -> tuple[str, str]:
    """A season by days from today in Japan; negative: in the past."""
    today = datetime.now(JST)
    return f"{today + days_from * DAY:%m-%d}", f"{today + days_to * DAY:%m-%d}"


def states(field: Field) -> dict[str, str]:
    return {row.device: row.state for row in device_states(field.connection)}


def test_what_is_said_about_a_device_is_no_sign_of_life(field: Field) -> None:
    """A Sparkplug death comes from the broker, just when the device has fallen silent."""
    dead, unborn = field.device("dead", interval_s=600), field.device("unborn", interval_s=600)
    spoke_at = now() - 2 * HOUR
    field.uplink(dead, spoke_at, rssi_dbm=-90)
    for device in (dead, unborn):
        field.uplink(device, now(), {}, kind=EventKind.OTHER)
    assert states(field) == {"dead": "silent", "unborn": "never"}
    row = device_state(field.connection, "tea", "dead")
    assert row is not None
    assert (row.last_received_at, row.rssi_dbm) == (spoke_at, -90)
    field.uplink(dead, now(), {}, kind=EventKind.JOIN)
    assert states(field)["dead"] == "live"


def test_a_device_is_silent_after_three_intervals(field: Field) -> None:
    for code, age_s in (("fresh", 0), ("just", 3 * 600 - 30), ("over", 3 * 600 + 1)):
        field.uplink(field.device(code, interval_s=600), now() - timedelta(seconds=age_s))
    assert states(field) == {"fresh": "live", "just": "live", "over": "silent"}


def test_silence_counts_from_the_receipt_and_not_from_a_wrong_clock(field: Field) -> None:
    field.uplink(field.device("slow clock", interval_s=600), now() - 5 * HOUR, received_at=now())
    assert states(field) == {"slow clock": "live"}


def test_never_resting_and_disabled_are_not_silent(field: Field) -> None:
    field.device("never")
    field.uplink(field.device("disabled", enabled=False), now())
    field.uplink(field.device("resting", season=season_around(20, 80)), now() - 9 * DAY)
    field.device("resting, never heard", season=season_around(20, 80))
    field.uplink(field.device("resting, other half", season=season_around(-80, -20)), now() - 9 * DAY)
    field.uplink(field.device("in season", season=season_around(-20, 80)), now() - 9 * DAY)
    field.uplink(field.device("on its last day", season=season_around(-20, 0)), now() - 9 * DAY)
    field.uplink(field.device("on the last day of a long one", season=season_around(20, 0)), now() - 9 * DAY)
    field.uplink(field.device("a day after a long one", season=season_around(1, -1)), now() - 9 * DAY)
    field.device("not yet installed", installed_on=datetime.now(JST).date() + DAY)
    field.device("installed today", installed_on=datetime.now(JST).date())
    field.uplink(field.device("speaks out of season", season=season_around(20, 80)), now())
    assert states(field) == {
        "never": "never",
        "disabled": "disabled",
        "resting": "resting",
        "resting, never heard": "resting",
        "resting, other half": "resting",
        "in season": "silent",
        "on its last day": "silent",
        "on the last day of a long one": "silent",
        "a day after a long one": "resting",
        "not yet installed": "resting",
        "installed today": "never",
        "speaks out of season": "live",
    }


def test_a_device_shows_its_last_message_and_battery(field: Field) -> None:
    device = field.device("a", gateway="hill", interval_s=3600)
    field.gateway("valley", "lora", "谷")
    field.uplink(device, now() - 2 * HOUR, {"battery_level": 71.0, "battery_voltage": 3.6}, rssi_dbm=-90)
    last = now() - timedelta(minutes=5)
    field.uplink(device, last, {"air_temperature": 18.0, "soil_moisture": 30.0}, rssi_dbm=-101, gateway="valley")
    field.uplink(device, now() - 30 * HOUR, received_at=now(), rssi_dbm=-50)  # a late one says nothing about now

    row = device_state(field.connection, "tea", "a")
    assert row is not None
    assert (row.last_time, row.rssi_dbm, row.gateway, row.last_gateway) == (last, -101, "hill", "valley")
    assert (row.battery_level, row.battery_voltage, row.readings_10min) == (71.0, 3.6, 2)
    assert row.silent_s == pytest.approx(300, abs=20)
    assert device_state(field.connection, "tea", "b") is None


def test_a_gateway_is_silent_when_everything_behind_it_is(field: Field) -> None:
    for name in ("dead", "half", "unheard", "heard by payload", "alone"):
        field.gateway(name, "lora", name)
    for code, gateway, age in (("d1", "dead", 9 * DAY), ("d2", "dead", 8 * DAY), ("h1", "half", 9 * DAY)):
        field.uplink(field.device(code, gateway=gateway), now() - age, gateway=gateway)
    field.uplink(field.device("h2", gateway="half"), now(), gateway="half")
    field.device("u1", gateway="unheard")
    field.uplink(field.device("elsewhere", gateway="unheard"), now() - 9 * DAY, gateway="heard by payload")

    rows = {row.gateway: row for row in gateway_states(field.connection, "tea")}
    assert {code: row.state for code, row in rows.items()} == {
        "dead": "silent",
        "half": "live",
        "unheard": "never",
        "heard by payload": "silent",
        "alone": "empty",
        "hill": "empty",
    }
    assert (rows["dead"].devices, rows["dead"].silent) == (2, 2)
    assert rows["dead"].silent_s == pytest.approx(8 * 86400, abs=20)
    assert rows["unheard"].last_heard_at is None
    assert (rows["half"].live, rows["half"].silent) == (1, 1)


def test_a_network_and_a_project_count_their_devices_by_state(field: Field) -> None:
    field.gateway("dead", "halow", "dead")
    field.uplink(field.device("live"), now(), {"air_temperature": 1, "soil_moisture": 2})
    field.uplink(field.device("silent"), now() - 9 * DAY)
    field.device("never")
    field.uplink(field.device("h", network="halow", gateway="dead"), now() - 9 * DAY)
    field.device("off", network="halow", enabled=False)
    field.quarantined(now(), project=field.project_id)
    field.quarantined(now(), project=field.project_id, replayed_at=now())

    halow, lora = network_states(field.connection)
    assert (lora.state, lora.devices, lora.live, lora.silent, lora.never) == ("live", 3, 1, 1, 1)
    assert (lora.gateways, lora.gateways_silent, lora.readings_10min) == (1, 0, 2)
    assert (halow.state, halow.devices, halow.silent, halow.disabled) == ("silent", 2, 1, 1)
    assert (halow.gateways, halow.gateways_silent) == (1, 1)

    (tea,) = project_states(field.connection)
    assert (tea.state, tea.devices, tea.live, tea.silent, tea.never, tea.disabled) == ("live", 5, 1, 2, 1, 1)
    assert (tea.networks, tea.gateways, tea.gateways_silent, tea.quarantine_open) == (2, 2, 1, 1)
    assert (tea.organisation_code, tea.readings_10min) == ("222160", 2)


def test_the_last_value_is_the_newest_of_each_quantity_and_channel(field: Field) -> None:
    device = field.device("a")
    hour = now().replace(minute=0, second=0, microsecond=0)
    for ago in range(5, 0, -1):
        field.uplink(device, hour - ago * HOUR, {"air_temperature": 20.0 - ago, "rain_total": 100.0 - ago})
    field.reading(device, hour - 3 * HOUR, "soil_moisture", 31.0, channel=1)
    field.reading(device, hour - 4 * HOUR, "soil_moisture", 35.0, channel=2, quality=1 | 16)
    field.reading(device, hour - 30 * DAY, "trap_state", 1.0)
    field.reading(device, hour - 50 * DAY, "air_humidity", 50.0)

    rows = {(row.quantity, row.channel): row for row in latest(field.connection, "tea", "a")}
    assert [key[0] for key in rows] == ["soil_moisture", "soil_moisture", "air_temperature", "rain_total", "trap_state"]
    temperature = rows["air_temperature", 0]
    assert (temperature.value, temperature.time, temperature.unit_ja) == (19.0, hour - HOUR, "℃")
    assert (temperature.label_ja, temperature.label_en, temperature.flags) == ("気温", "Air temperature", [])
    assert rows["soil_moisture", 1].value == 31.0
    assert (rows["soil_moisture", 2].value, rows["soil_moisture", 2].flags) == (35.0, ["range", "clamped"])
    assert rows["trap_state", 0].state_name == "triggered"
    assert temperature.state_name is None


def test_a_device_long_silent_still_shows_its_last_values(field: Field) -> None:
    device = field.device("a")
    field.uplink(device, now() - 200 * DAY, {"air_temperature": 7.0})
    field.reading(device, now() - 230 * DAY, "soil_moisture", 8.0)
    field.reading(device, now() - 240 * DAY, "air_humidity", 50.0)
    rows = latest(field.connection, "tea", "a")
    assert [(row.quantity, row.value) for row in rows] == [("soil_moisture", 8.0), ("air_temperature", 7.0)]


def test_the_last_values_of_several_devices_are_those_of_each(field: Field) -> None:
    ids = [field.device(code) for code in ("b", "a", "c", "d")]
    for device, value in zip(ids, (1.0, 2.0), strict=False):
        field.uplink(device, now(), {"soil_moisture": 9.0, "air_temperature": value})
        field.reading(device, now() - HOUR, "soil_moisture", 31.0, channel=1)
    field.uplink(ids[3], now() - 200 * DAY, {"air_temperature": 7.0})
    found = latest_of_devices(field.connection, [ids[0], ids[1], ids[2]])
    assert found == {ids[0]: latest(field.connection, "tea", "b"), ids[1]: latest(field.connection, "tea", "a")}
    assert [len(rows) for rows in found.values()] == [3, 3]
