"""The AsyncAPI 3.0 document: topic, messages and how they are sent, for the tools of device makers."""

from typing import Any

from pydantic import TypeAdapter

from schemas.native import TOPIC, NativeUplink
from schemas.project import CODE_PATTERN

_SCHEMAS = "#/components/schemas/"
_MQTT = {"bindingVersion": "0.2.0"}

MEASUREMENT_EXAMPLES: list[dict[str, Any]] = [
    {
        "ts": "2026-11-24T09:00:00+09:00",
        "seq": 123,
        "readings": {"air_temperature": 18.4, "soil_moisture": 31.2},
        "link": {"rssi": -98, "snr": 6.5},
    },
    {"readings": {"river_level": 1.23}},
    {"ts": 1795478400000, "readings": {"gate_state": "open", "battery_voltage": None}},
]
BACKFILL_EXAMPLES: list[list[dict[str, Any]]] = [
    [
        {"ts": "2026-11-24T08:50:00+09:00", "readings": {"river_level": 1.2}},
        {"ts": "2026-11-24T09:00:00+09:00", "readings": {"river_level": 1.23}},
    ]
]


def asyncapi() -> dict[str, Any]:
    """The whole document. It describes Noroshi, so its operations are to receive what devices send."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Noroshi 狼煙",
            "version": "1",
            "description": "What a field device publishes. PUBACK means that the message is in the database.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": {"up": _channel()},
        "operations": {"receiveMeasurement": _operation("measurement"), "receiveBackfill": _operation("backfill")},
        "components": {
            "securitySchemes": {"device": {"type": "userPassword", "description": "User and password of the device"}},
            "messages": {
                "measurement": _message("One measurement", f"{_SCHEMAS}NativeUplink", MEASUREMENT_EXAMPLES),
                "backfill": _message("Measurements kept back, oldest first", f"{_SCHEMAS}Backfill", BACKFILL_EXAMPLES),
            },
            "schemas": _schemas(),
        },
    }


def _server() -> dict[str, Any]:
    return {
        "host": "mqtt.example.jp:8883",
        "protocol": "secure-mqtt",
        "protocolVersion": "5.0",
        "description": "The broker of the municipality; MQTT 3.1.1 is understood too",
        "security": [{"$ref": "#/components/securitySchemes/device"}],
    }


def _channel() -> dict[str, Any]:
    return {
        "address": TOPIC,
        "description": "The device is the one the topic names; what the payload says about it plays no part.",
        "parameters": {
            "project": {"description": f"Code of the project (事業コード), {CODE_PATTERN}"},
            "device": {"description": f"Code of the device (機器コード), {CODE_PATTERN}"},
        },
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("measurement", "backfill")},
    }


def _operation(message: str) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/up"},
        "messages": [{"$ref": f"#/channels/up/messages/{message}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": False, **_MQTT}},
    }


def _message(title: str, payload: str, examples: list[Any]) -> dict[str, Any]:
    return {
        "title": title,
        "contentType": "application/json",
        "payload": {"$ref": payload},
        "examples": [{"payload": example} for example in examples],
    }


def _schemas() -> dict[str, Any]:
    _, schema = TypeAdapter.json_schemas(
        [("uplink", "validation", TypeAdapter(NativeUplink))], ref_template=f"{_SCHEMAS}{{model}}"
    )
    backfill = {"type": "array", "minItems": 1, "items": {"$ref": f"{_SCHEMAS}NativeUplink"}}
    return {**schema["$defs"], "Backfill": backfill}
