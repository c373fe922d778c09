"""A vendor's own JSON and a device's own bytes, through a real broker and the real service into a real database."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.device import Device, Gateway, Network, NetworkKind
from schemas.project import Project
from schemas.quantity import CATALOGUE
from schemas.registry import RegistryDocument
from tests.acceptance.fleet import publish, register, rows
from tests.decode.map_messages import IIJ, TASMOTA_SENSOR
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually, identity_holds

CODES = {quantity.id: quantity.code for quantity in CATALOGUE}
GATEWAY = "000b78fffeabcdef"
ROUTES = [
    {"topic": "tele/{device}/{event}", "decoder": "mapped:tasmota", "project": "farm"},
    {"topic": "iij/{gateway}/up", "decoder": "mapped:iij"},
    {"topic": "bytes/{device}/{event}", "decoder": "raw", "project": "farm"},
]
REGISTRY = """
projects: [{code: farm, name: 実証事業}]
networks: [{code: house, project: farm, kind: wifi, name: 温室}, {code: lora, project: farm, kind: lpwa, name: LoRa}]
gateways: [{code: gw-1, network: lora, name: 親機, gateway_id: 000B78FFFEABCDEF}]
profiles:
  - code: tube-probe
    name: 三深度の土壌水分計
    fields:
      vwc_1: {quantity: soil_moisture, channel: 10}
      vwc_2: {quantity: soil_moisture, channel: 30}
      battery: {quantity: battery_voltage, unit: mV}
    frames:
      - ports: [9]
        endian: little
        fields:
          - {name: battery, type: u16}
          - {repeat: 2, fields: [{name: vwc, type: u16, scale: 0.1, sentinels: [65535]}]}
devices:
  - {code: tasmota-1, project: farm, network: house, name: 温室1号}
  - {code: probe-1, project: farm, network: lora, name: 水分計, profile: tube-probe}
  - {code: node-1, project: farm, network: lora, name: 子機1, profile: cayenne-lpp, dev_eui: 000b78fffe4c15c3}
  - {code: node-2, project: farm, network: house, name: 子機2, profile: cayenne-lpp, dev_eui: 000b78fffe4c15c4}
"""


async def test_a_vendor_s_json_and_a_sensor_without_code_are_stored(
    database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi, tmp_path: Path
) -> None:
    registry = tmp_path / "farm.yaml"
    registry.write_text(REGISTRY, encoding="utf-8")
    run_noroshi("registry", "apply", str(registry), "--database", database.url)
    service = start_service(database.url, mosquitto.url, NOROSHI_ROUTES=json.dumps(ROUTES))
    now = datetime.now(UTC).astimezone()
    messages: list[tuple[str, Any]] = [
        ("tele/tasmota-1/SENSOR", {**TASMOTA_SENSOR, "Time": japanese(now)}),
        (f"iij/{GATEWAY}/up", {**IIJ, "time": now.isoformat()}),
        (f"iij/{GATEWAY}/up", {**IIJ, "time": now.isoformat(), "deveui": "000b78fffe4c15c4"}),
    ]
    content = [(topic, json.dumps(document).encode()) for topic, document in messages]
    content.append(("bytes/probe-1/9", bytes.fromhex("a20bfa00ffff")))
    await publish(mosquitto.url, content)
    metrics = service.wait_settled(len(content))
    assert identity_holds(metrics)
    stored = {
        (code, CODES[quantity], channel): value
        for code, quantity, channel, value in rows(
            database.url, "select d.code, quantity_id, channel, value from reading join device d using (device_id)"
        )
    }
    assert stored == pytest.approx(
        {
            ("tasmota-1", "air_temperature", 0): 18.2,
            ("tasmota-1", "air_humidity", 0): 71.4,
            ("tasmota-1", "air_dew_point", 0): 12.9,
            ("tasmota-1", "air_pressure", 0): 1008.6,
            ("node-1", "air_temperature", 1): 27.2,
            ("probe-1", "battery_voltage", 0): 2.978,
            ("probe-1", "soil_moisture", 10): 25.0,
        }
    )
    aside = rows(database.url, "select reason, coalesce(part_name, '') from quarantine order by 1, 2")
    assert aside == [
        ("sentinel", "vwc_2"),
        ("unknown_device", ""),
        ("unknown_quantity", "DS18B20-1.Temperature"),
    ]


async def test_a_profile_that_comes_later_makes_the_same_message_readable(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    without = RegistryDocument(
        projects=(Project(code="farm", name="実証事業"),),
        networks=(Network(code="lora", project="farm", kind=NetworkKind.LPWA, name="LoRa"),),
        gateways=(Gateway(code="gw-1", network="lora", name="親機", gateway_id=GATEWAY),),
        devices=(Device(code="node-1", project="farm", network="lora", name="子機", dev_eui="000b78fffe4c15c3"),),
    )
    register(any_database.url, without)
    service = start_service(any_database.url, mosquitto.url, NOROSHI_ROUTES=json.dumps(ROUTES))
    document = json.dumps({**IIJ, "time": datetime.now(UTC).isoformat()}).encode()
    await publish(mosquitto.url, [(f"iij/{GATEWAY}/up", document)])
    service.wait_settled(1)
    assert rows(any_database.url, "select reason from quarantine") == [("not_decoded",)]
    (device,) = without.devices
    register(
        any_database.url,
        without.model_copy(update={"devices": (device.model_copy(update={"profile": "cayenne-lpp"}),)}),
    )
    replay = ("quarantine", "replay", "--reason", "not_decoded", "--database", any_database.url)
    run_noroshi(*replay, NOROSHI_ROUTES=json.dumps(ROUTES))
    eventually(lambda: rows(any_database.url, "select value from reading") == [(27.2,)])


def japanese(moment: datetime) -> str:
    """As Tasmota writes it: the time in Japan, without saying so."""
    return datetime.fromtimestamp(moment.timestamp() + 9 * 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S")


FRAME = ("--profile", "milesight-em500-smt", "--port", "85", "--hex", "01 75 64 04:68:71")


@pytest.mark.japanese
def test_decode_shows_what_each_byte_means(run_noroshi: RunNoroshi) -> None:
    said = run_noroshi("decode", *FRAME).stdout
    (battery,) = [line for line in said.splitlines() if "battery_level" in line]
    assert battery.split() == ["2", "64", "battery", "100", "100", "battery_level", "電池残量", "100", "%"]
    assert "soil_moisture 土壌水分" in said


@pytest.mark.japanese
def test_decode_shows_what_a_vendor_s_message_means(run_noroshi: RunNoroshi, tmp_path: Path) -> None:
    message = tmp_path / "message.json"
    message.write_text(json.dumps(TASMOTA_SENSOR), encoding="utf-8")
    said = run_noroshi("decode", "--map", "tasmota", "--event", "SENSOR", str(message)).stdout
    assert "2026-06-14T21:05:00Z" in said
    assert "air_pressure 気圧(現地)" in said
    assert "unknown_quantity" in said


def test_decode_reads_profiles_of_one_s_own_and_names_their_mistakes(run_noroshi: RunNoroshi, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(REGISTRY, encoding="utf-8")
    said = run_noroshi(
        "decode", "--from", str(own), "--profile", "tube-probe", "--port", "9", "--hex", "a20bfa00ffff"
    ).stdout
    assert "soil_moisture [10]" in said
    assert "sentinel" in said
    own.write_text(REGISTRY.replace("type: u16, scale", "type: u61, scale"), encoding="utf-8")
    wrong = run_noroshi("decode", "--from", str(own), "--profile", "tube-probe", "--hex", "00", code=2).stderr
    assert "own.yaml" in wrong
    assert "frames.0.fields.1" in wrong
    assert "u61" in wrong


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--profile", "milesight-em500", "--hex", "00"), 2, "did you mean milesight-em500-smt"),
        (("--profile", "milesight-em500-smt", "--hex", "0"), 2, "not hexadecimal"),
        (("--profile", "tasmota", "--hex", "00"), 2, "does not say what bytes mean"),
        (("--profile", "milesight-em500-smt"), 2, "--help shows examples"),
        (("--profile", "ellenex-pls2-l", "--port", "15", "--hex", "01820012fc096b"), 1, "not_decoded"),
    ],
)
def test_decode_says_what_is_wrong_with_the_call_or_the_frame(
    run_noroshi: RunNoroshi, arguments: tuple[str, ...], code: int, said: str
) -> None:
    assert said in run_noroshi("decode", *arguments, code=code).stderr
