"""Where one format meets another's rules: bytes by profile in every envelope, corrections of doubted values, traces."""

import base64
import json
from datetime import date
from typing import Any

import pytest

from ingest.decode.chirpstack import message as chirpstack_message
from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.trace import trace
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.settings.model import Settings
from ingest.settings.routes import Route
from ingest.validate.bindings import bind
from schemas.binding import Binding
from schemas.profile import Profile
from schemas.profiles import shipped_profiles
from schemas.quantity import BY_CODE
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from tests.decode.chirpstack_vectors import protobuf_up
from tests.decode.sparkplug import DBIRTH, DDATA, DEVICE, FIELDS, NBIRTH, NODE, T0_MS, payload

EUI, NOW_US = "24e124713c491234", 1_795_650_000_000_000
SOIL = shipped_profiles()["milesight-em500-smt"]
FRAME = bytes.fromhex("017564046871")  # battery 100 %, soil moisture 56.5 %
TOPIC = f"application/a/device/{EUI}/event/up"
BATTERY, MOISTURE = BY_CODE["battery_level"].id, BY_CODE["soil_moisture"].id


def up(frame: bytes = FRAME, **more: object) -> dict[str, Any]:
    return {
        "time": "2026-11-25T23:00:00+09:00", "deviceInfo": {"devEui": EUI}, "devAddr": "00189440", "fPort": 85,
        "data": base64.b64encode(frame).decode(), **more,
    }  # fmt: skip


def a_judge(profile: Profile | None, *bound: Binding, routes: tuple[Route, ...] | None = None) -> Interpreter:
    held = bind(bound, BY_CODE, shipped_profiles()) if bound else None
    device = DeviceEntry(7, 1, "p", "d", enabled=True, profile=profile, bindings=held)
    gateway = GatewayEntry(3, 1, "p", "hill")
    directory = Directory(
        dev_eui={EUI: device},
        sparkplug={DEVICE: device},
        projects={"p": 1},
        gateway_entries={"a84041ffff1f8020": gateway},
    )
    settings = Settings() if routes is None else Settings(routes=routes)
    return build_interpreter(settings, directory, FirstReceipts())


def hears(interpreter: Interpreter, payload: bytes, topic: str = TOPIC) -> dict[int, float]:
    interpreted = interpreter.interpret(Received(topic, payload, NOW_US))
    assert interpreted.uplink is not None, interpreted.quarantined
    return {row[3]: row[1] for row in interpreted.readings}


def test_the_same_frame_in_json_and_in_protobuf_is_read_by_the_profile() -> None:
    in_json = hears(a_judge(SOIL), json.dumps(up()).encode())
    assert in_json == {BATTERY: pytest.approx(100), MOISTURE: pytest.approx(56.5)}
    assert hears(a_judge(SOIL), protobuf_up(up() | {"data": FRAME})) == in_json


def test_an_encrypted_frame_is_not_read_as_if_it_were_plain() -> None:
    interpreter = a_judge(SOIL)
    document = up(joinServerContext={"sessionKeyId": "AQ=="})
    interpreted = interpreter.interpret(Received(TOPIC, json.dumps(document).encode(), NOW_US))
    assert interpreted.uplink is not None
    assert not interpreted.readings
    assert [row.reason for row in interpreted.quarantined] == [R.ENCRYPTED]
    wrapped = {"uplink_message": {"app_s_key": {"key": "x"}, "f_port": 85, "frm_payload": document["data"]}}
    stack = Directory(things_stack={"a/d": DeviceEntry(7, 1, "p", "d", enabled=True, profile=SOIL)}, projects={"p": 1})
    interpreter.use(stack)
    interpreted = interpreter.interpret(Received("v3/a@t/devices/d/up", json.dumps(wrapped).encode(), NOW_US))
    assert [row.reason for row in interpreted.quarantined] == [R.ENCRYPTED]
    assert not interpreted.readings


def test_bytes_that_only_the_new_profile_reads_are_read_after_the_swap() -> None:
    old = Profile.model_validate({"code": "old", "fields": {"t": "air_temperature"}})
    swap = Binding.model_validate({"project": "p", "device": "d", "profile": SOIL.code, "valid_from": date(2026, 6, 1)})
    assert MOISTURE in hears(a_judge(old, swap), json.dumps(up()).encode())


def test_a_value_its_publisher_doubts_is_corrected_and_stays_doubted() -> None:
    profile = Profile.model_validate({"code": "slope", "fields": FIELDS})
    bound = Binding.model_validate({"project": "p", "device": "d", "quantity": "soil_temperature", "offset": 1})
    plain, corrected = (sparkplug_temperature(a_judge(profile, *held)) for held in ((), (bound,)))
    assert corrected[0] == pytest.approx(plain[0] + 1)
    assert corrected[1] & plain[1] & Quality.PUBLISHER


def sparkplug_temperature(interpreter: Interpreter) -> tuple[float, int]:

    at_us = (T0_MS + 61_000) * 1000
    for event, name, message in (("NBIRTH", NODE, NBIRTH), ("DBIRTH", DEVICE, DBIRTH)):
        interpreter.interpret(Received(spb(event, name), message, at_us))
    doubted = payload({"alias": 10, "float_value": 3.5, "quality": 64}, at_ms=T0_MS + 60_000, seq=2)
    interpreted = interpreter.interpret(Received(spb("DDATA", DEVICE), doubted, at_us))
    (row,) = [row for row in interpreted.readings if row[3] == BY_CODE["soil_temperature"].id]
    return row[1], row[5] or 0


def spb(event: str, name: str) -> str:
    group, *rest = name.split("/")
    return "/".join(("spBv1.0", group, event, *rest))


def test_a_gateway_and_a_birth_can_be_followed_step_by_step() -> None:
    interpreter = a_judge(Profile.model_validate({"code": "slope", "fields": FIELDS}))
    stats = b'{"gatewayId": "a84041ffff1f8020", "time": "2026-11-25T14:00:00Z", "rxPacketsReceived": 3}'
    found = trace(interpreter, Received("gateway/a84041ffff1f8020/event/stats", stats, NOW_US))
    assert found.stored
    assert "p/hill" in found.steps[1].text.en
    at_us = (T0_MS + 61_000) * 1000
    trace(interpreter, Received(spb("NBIRTH", NODE), NBIRTH, at_us))
    assert trace(interpreter, Received(spb("DBIRTH", DEVICE), DBIRTH, at_us)).stored
    assert trace(interpreter, Received(spb("DDATA", DEVICE), DDATA, at_us)).stored


def test_a_defect_in_finding_the_device_costs_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise RecursionError("too deep")

    interpreter = a_judge(SOIL, routes=(Route(topic="uplink", decoder="chirpstack"),))
    assert MOISTURE in hears(interpreter, json.dumps(up(rxInfo=[])).encode(), "uplink")
    monkeypatch.setattr(chirpstack_message, "speaker", broken)
    interpreted = interpreter.interpret(Received("uplink", json.dumps(up()).encode(), NOW_US))
    assert [(row.reason, row.detail) for row in interpreted.quarantined] == [
        (R.DECODER_DEFECT, "RecursionError: too deep")
    ]
