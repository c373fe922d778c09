"""The AsyncAPI 3.0 document: topic, messages and how they are sent, for the tools of device makers."""

from typing import Any

from pydantic import TypeAdapter

from schemas.native import TOPIC, NativeUplink
from schemas.project import CODE_PATTERN
from schemas.watch_message import EventSaid, WatchHealthSaid, WatchState

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
            "description": "What a field device publishes: PUBACK means that the message is in the database. And"
            " what the watch (監視) says to other programs.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": {"up": _channel(), **_watch_channels()},
        "operations": {
            "receiveMeasurement": _operation("measurement"),
            "receiveBackfill": _operation("backfill"),
            "sendWatchState": _said("watchState", retain=True),
            "sendWatchEvent": _said("watchEvent", retain=False),
            "sendWatchHealth": _said("watchHealth", retain=True),
        },
        "components": {
            "securitySchemes": {"device": {"type": "userPassword", "description": "User and password of the device"}},
            "messages": {
                "measurement": _message("One measurement", f"{_SCHEMAS}NativeUplink", MEASUREMENT_EXAMPLES),
                "backfill": _message("Measurements kept back, oldest first", f"{_SCHEMAS}Backfill", BACKFILL_EXAMPLES),
                "watchState": _message_said("What is open of a thing; empty when it is over", f"{_SCHEMAS}WatchState"),
                "watchEvent": _message_said("What happened, once", f"{_SCHEMAS}EventSaid"),
                "watchHealth": _message_said("Whether an absent state means calm", f"{_SCHEMAS}WatchHealthSaid"),
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


def _watch_channels() -> dict[str, Any]:
    project = {"project": {"description": f"Code of the project (事業コード), {CODE_PATTERN}"}}
    return {
        "watchState": {
            "address": "noroshi/v1/{project}/watch/{thing}/{what}",
            "description": "Retained while something of the thing is open. Drills (訓練) are never in it.",
            "parameters": {
                **project,
                "thing": {"description": "Code of a device, or gateway:CODE, network:CODE"},
                "what": {
                    "description": "The hazard of a stage (river, rain, ...), else silence, blind, quality, airtime"
                },
            },
            "messages": {"watchState": {"$ref": "#/components/messages/watchState"}},
        },
        "watchEvent": {
            "address": "noroshi/v1/{project}/watch/events",
            "description": "Not retained. The same event may come twice: its number tells.",
            "parameters": project,
            "messages": {"watchEvent": {"$ref": "#/components/messages/watchEvent"}},
        },
        "watchHealth": {
            "address": "noroshi/v1/{project}/watch/health",
            "description": "Retained, and said anew every 10 seconds. Absent, or older than 60 seconds by `at`: how"
            " things are is unknown, and states that are absent or old do not mean calm.",
            "parameters": project,
            "messages": {"watchHealth": {"$ref": "#/components/messages/watchHealth"}},
        },
    }


def _said(channel: str, *, retain: bool) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{channel}"}],
        "bindings": {"mqtt": {"qos": 1, "retain": retain, **_MQTT}},
    }


def _message_said(title: str, payload: str) -> dict[str, Any]:
    return {"title": title, "contentType": "application/json", "payload": {"$ref": payload}}


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
    _, said = TypeAdapter.json_schemas(
        [(model.__name__, "serialization", TypeAdapter(model)) for model in (WatchState, EventSaid, WatchHealthSaid)],
        ref_template=f"{_SCHEMAS}{{model}}",
    )
    backfill = {"type": "array", "minItems": 1, "items": {"$ref": f"{_SCHEMAS}NativeUplink"}}
    return {**schema["$defs"], **said["$defs"], "Backfill": backfill}
