"""Real device examples, wrapped as the two network servers would publish them."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Example: TypeAlias = Mapping[str, Any]

DEV_EUI = "24e124713c491234"
APPLICATION_ID = "5d2e6c1a-8a35-4d0f-9f1b-6a0e7c1b2d34"
TIME = "2026-11-24T00:00:00.348112Z"

_EXAMPLES = Path(__file__).parent.parent / "data" / "lorawan_examples.jsonl"


@cache
def examples() -> dict[int, Example]:
    """The 30 examples by their id."""
    lines = _EXAMPLES.read_text(encoding="utf-8").splitlines()
    return {example["id"]: example for example in map(json.loads, lines)}


def chirpstack_topic(dev_eui: str = DEV_EUI, event: str = "up") -> str:
    return f"application/{APPLICATION_ID}/device/{dev_eui}/event/{event}"


def things_stack_topic(device: str, application: str = "farm-east", event: str = "up") -> str:
    return f"v3/{application}@ttn/devices/{device}/{event}"


_DEVICE_INFO = {
    "tenantId": "0b9f2f6e-5f0a-4b65-8f3c-3a2b6a5f7c01",
    "tenantName": "Hokuto Agri",
    "applicationId": APPLICATION_ID,
    "applicationName": "fields",
    "deviceProfileId": "c3a1d9f0-2b44-4e0c-8a4e-0f5f6f1c7a55",
    "deviceProfileName": "AS923",
    "deviceClassEnabled": "CLASS_A",
    "tags": {"field": "N3"},
}
_TX_INFO = {
    "frequency": 922200000,
    "modulation": {"lora": {"bandwidth": 125000, "spreadingFactor": 9, "codeRate": "CR_4_5"}},
}


def chirpstack_up(example: Example, dev_eui: str = DEV_EUI, *, time: str = TIME, f_cnt: int = 1042) -> bytes:
    """The event `up`; numbers of the codec are doubles there. Without decoded output there is no `object`."""
    document: dict[str, Any] = {
        "deduplicationId": "7f1c2a54-0d6e-4b7c-9a53-2f6f4f1d9e10",
        "time": time,
        "deviceInfo": _DEVICE_INFO | {"deviceName": f"{example['vendor']}-{example['id']}", "devEui": dev_eui},
        "devAddr": "0182ab7c",
        "adr": True,
        "dr": 3,
        "fCnt": f_cnt,
        "fPort": example["fPort"] or 1,
        "confirmed": False,
        "data": _base64(example),
        "rxInfo": [
            {
                "gatewayId": "a84041ffff1f8020",
                "uplinkId": 2743190011,
                "gwTime": time,
                "nsTime": time,
                "rssi": -109,
                "snr": -4.5,
                "channel": 2,
                "rfChain": 1,
                "location": {"latitude": 38.2682, "longitude": 140.8694, "altitude": 41.0},
                "context": "ChssPQ==",
                "crcStatus": "CRC_OK",
            },
            {"gatewayId": "a84041ffff1f8033", "uplinkId": 99, "nsTime": time, "rssi": -117, "crcStatus": "CRC_OK"},
        ],
        "txInfo": _TX_INFO,
        "regionConfigId": "as923",
    }
    if example["decoded"] is not None:
        document["object"] = _doubles(example["decoded"])
    return _bytes(document)


_RX_METADATA = {
    "gateway_ids": {"gateway_id": "gw-barn", "eui": "A84041FFFF1F8020"},
    "time": "1980-01-06T00:00:00Z",
    "timestamp": 2463457000,
    "rssi": -103,
    "channel_rssi": -103,
    "snr": 6.2,
    "channel_index": 2,
}
_SETTINGS = {
    "data_rate": {"lora": {"bandwidth": 125000, "spreading_factor": 10, "coding_rate": "4/5"}},
    "frequency": "923200000",
    "timestamp": 2463457000,
}


def things_stack_up(
    example: Example,
    device: str = "soil-07",
    application: str = "farm-east",
    *,
    time: str = TIME,
    f_cnt: int = 3377,
    normalized: bool = True,
) -> bytes:
    """The message `up`; whatever is empty or 0 is left out, except inside the payloads."""
    message: dict[str, Any] = {
        "session_key_id": "AY8kqYc1d0bq0sUuPpQ1xA==",
        "f_port": example["fPort"] or 1,
        "f_cnt": f_cnt,
        "frm_payload": _base64(example),
        "rx_metadata": [_RX_METADATA | {"received_at": time}],
        "settings": _SETTINGS,
        "received_at": time,
        "consumed_airtime": "0.370688s",
        "packet_error_rate": 0.0125,
        "network_ids": {"net_id": "000013", "tenant_id": "ttn", "cluster_id": "au1"},
    }
    if f_cnt == 0:
        del message["f_cnt"]
    if example["decoded"] is not None:
        message["decoded_payload"] = example["decoded"]
    if normalized and example["normalized"]:
        message["normalized_payload"] = example["normalized"]
    envelope = {
        "end_device_ids": {
            "device_id": device,
            "application_ids": {"application_id": application},
            "dev_eui": "A8404127A1851234",
            "join_eui": "A840410000000100",
            "dev_addr": "260B1C44",
        },
        "correlation_ids": ["gs:uplink:01J0C3Q1ZT8E6W", "as:up:01J0C3Q22M4V5K"],
        "received_at": time,
        "uplink_message": message,
    }
    return _bytes(envelope)


def _base64(example: Example) -> str:
    return base64.b64encode(bytes.fromhex(example["bytes_hex"])).decode()


def _bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _doubles(value: Any) -> Any:
    """ChirpStack keeps the codec's output in a protobuf Struct, which knows only doubles."""
    if isinstance(value, dict):
        return {key: _doubles(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_doubles(inner) for inner in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
