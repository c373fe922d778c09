"""Attacks in the name of network servers, in JSON."""

import json
from base64 import b64encode

from tests.fuzz.attacks.tools import (
    as_json,
    chirpstack,
    repeated,
    unknown,
)


def of_servers() -> dict[str, tuple[str, bytes]]:
    objects: dict[str, tuple[str, bytes]] = {}
    frame = b64encode(bytes(range(256)) * 750).decode()
    triples = b64encode(b"\x01\x67\x00" * 64_000).decode()
    inside = json.dumps(unknown(12_000))
    for name in ("plain", "fields"):
        for count in (2_900, 18_000):
            objects[f"an object of {count} unknown fields ({name})"] = (
                chirpstack(name),
                as_json({"object": unknown(count)}),
            )
    objects |= {
        "records": (
            chirpstack("records"),
            as_json({"object": {"messages": [{"measurementId": 9, "measurementValue": 1}] * 4900}}),
        ),
        "2,900 records": (
            chirpstack("records"),
            as_json({"object": {"messages": [{"measurementId": 9, "measurementValue": 1}] * 2900}}),
        ),
        "2,900 records of texts": (
            chirpstack("records"),
            repeated(b'{"object":{"messages":[', b'{"a":1}', b"]}}", most=2900),
        ),
        "a frame of 15 kB of Cayenne": (
            chirpstack("cayenne"),
            as_json({"data": b64encode(b"\x01\x67\x00\x00" * 2900).decode(), "fPort": 1}),
        ),
        "a frame of 250 bytes by a layout": (
            chirpstack("layout"),
            as_json({"data": b64encode(bytes(250)).decode(), "fPort": 1}),
        ),
        "lists of lists of records": (
            chirpstack("records"),
            repeated(b'{"object":{"messages":[[', b"1", b"]]}}", most=19_900),
        ),
        "records of texts": (
            chirpstack("records"),
            repeated(b'{"object":{"messages":[', b'{"a":1}', b"]}}", most=9900),
        ),
        "a frame of 190 kB by a layout": (chirpstack("layout"), as_json({"data": frame, "fPort": 1})),
        "a frame of 190 kB by nested repetitions": (chirpstack("deep-layout"), as_json({"data": frame, "fPort": 1})),
        "a frame of 190 kB of Cayenne": (chirpstack("cayenne"), as_json({"data": triples, "fPort": 1})),
        "a frame of unknown types": (chirpstack("cayenne"), as_json({"data": frame, "fPort": 1})),
        "Cayenne as an object": (
            chirpstack("cayenne"),
            as_json({"object": {"gyrometer": {f"{n}": {"x": 1, "y": 1, "z": 1} for n in range(4500)}}}),
        ),
        "Cayenne as an object of other names": (chirpstack("cayenne"), as_json({"object": unknown(18_000)})),
        "an encrypted frame": (chirpstack("plain"), as_json({"joinServerContext": {"a": 1}, "data": "A" * 262_000})),
        "receptions of nobody": (chirpstack("plain"), repeated(b'{"object":{},"rxInfo":[', b"{}", b"]}", most=9900)),
        "receptions": (
            chirpstack("plain"),
            as_json({"object": {}, "rxInfo": [{"gatewayId": f"{n}"} for n in range(6500)]}),
        ),
        "a log with a context": (chirpstack("plain", "log"), as_json({"context": unknown(18_000)})),
        "v3 with an object in a text": (chirpstack("plain"), as_json({"devEUI": "a", "objectJSON": inside})),
        "v3 with receptions": (
            chirpstack("plain"),
            repeated(b'{"devEUI":"a","rxInfo":[', b'{"mac":"AAAAAAAAAAA="}', b"]}", most=9900),
        ),
        "a server that names nobody": ("server/up", as_json({"deviceInfo": {}, "object": unknown(18_000)})),
        "statistics": ("gateway/gw/event/stats", as_json({"rxPacketsPerFrequency": unknown(18_000)})),
        "acknowledgements": ("gateway/gw/event/ack", repeated(b'{"items":[', b"{}", b"]}", most=9900)),
        "a decoded payload of unknown fields": (
            "v3/app/devices/plain/up",
            as_json({"uplink_message": {"decoded_payload": unknown(18_000)}}),
        ),
        "normalized measurements of nothing": (
            "v3/app/devices/plain/up",
            repeated(b'{"uplink_message":{"normalized_payload":[', b"{}", b"]}}", most=9900),
        ),
        "normalized measurements": (
            "v3/app/devices/plain/up",
            repeated(b'{"uplink_message":{"normalized_payload":[', b'{"air":{"temperature":1}}', b"]}}", most=6600),
        ),
        "1,000 normalized measurements with times": (
            "v3/app/devices/plain/up",
            repeated(
                b'{"uplink_message":{"normalized_payload":[',
                b'{"time":"2026-11-24T00:00:00Z","soil":{"ec":1,"depth":3,"x":1,"y":1}}',
                b"]}}",
                most=1000,
            ),
        ),
        "normalized measurements with times": (
            "v3/app/devices/plain/up",
            repeated(
                b'{"uplink_message":{"normalized_payload":[',
                b'{"time":"2026-11-24T00:00:00Z","soil":{"ec":1,"depth":3}}',
                b"]}}",
                most=2900,
            ),
        ),
        "normalized measurements of unknown names": (
            "v3/app/devices/plain/up",
            as_json({"uplink_message": {"normalized_payload": {"soil": unknown(18_000)}}}),
        ),
        "metadata": (
            "v3/app/devices/plain/up",
            repeated(
                b'{"uplink_message":{"rx_metadata":[',
                b'{"rssi":1,"gateway_ids":{"gateway_id":"packetbroker"},"packet_broker":{}}',
                b"]}}",
                most=2900,
            ),
        ),
    }
    return objects
