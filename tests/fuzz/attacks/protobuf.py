"""Attacks in the protobuf of ChirpStack."""

from base64 import b64encode
from collections.abc import Callable

from google.protobuf.json_format import ParseDict

from tests.decode.chirpstack_vectors import new_message
from tests.fuzz.attacks.tools import chirpstack, grown

PLACE = "#####"
"""Where a numbered piece has its number."""


def _wire(name: str, **said: object) -> bytes:
    return bytes(ParseDict(said, new_message(name)).SerializeToString())


_FREQUENCY = _wire("gateway_stats", rxPacketsPerFrequency=[{"key": 2**21 - 1}]).split(b"\xff\xff\x7f")


def _numbered(name: str, **said: object) -> Callable[[int], bytes]:
    """The same message for each number, with the number in hexadecimal at PLACE. It is serialized once."""
    head, tail = _wire(name, **said).split(PLACE.encode())
    return lambda number: b"%b%05x%b" % (head, number, tail)


def _per_frequency(number: int) -> bytes:
    """A count of receptions at a frequency of this number: a varint of three bytes, as for numbers above 16,383."""
    number += 2**14
    head, tail = _FREQUENCY
    return head + bytes([number & 127 | 128, number >> 7 & 127 | 128, number >> 14]) + tail


def of_protobuf() -> dict[str, tuple[str, bytes]]:
    frame, plain, log = _wire("up", fPort=1), chirpstack("plain"), chirpstack("plain", "log")
    stats, ack = "gateway/gw/event/stats", "gateway/gw/event/ack"

    field = _numbered("up", object={"fields": [{"key": PLACE, "value": {"boolValue": True}}]})
    reception = _numbered("up", rxInfo=[{"gatewayId": PLACE}])
    deep: dict[str, object] = {"boolValue": True}
    for _ in range(30):  # each level is three messages in protobuf; its own limit is 100
        deep = {"structValue": {"fields": [{"key": "a", "value": deep}]}}
    listed = {"key": "messages", "value": {"listValue": {"values": [{"boolValue": True}] * 19_000}}}
    temperatures = b64encode(b"\x01\x67\x00\x00" * 65_000).decode()
    when = {"time": "2026-11-24T00:00:00Z"}
    return {
        "fields in protobuf": (plain, grown(frame, field)),
        "2,900 fields in protobuf": (plain, grown(frame, field, 2900)),
        "fields for a layout in protobuf": (chirpstack("layout"), grown(frame, field)),
        "receptions in protobuf": (plain, grown(frame, reception)),
        "1,000 receptions in protobuf": (plain, grown(frame, reception, 1000)),
        "a list of records in protobuf": (chirpstack("records"), frame + _wire("up", object={"fields": [listed]})),
        "nesting in protobuf": (plain, frame + _wire("up", object={"fields": [{"key": "a", "value": deep}]})),
        "a transmission for ever": (plain, frame + _wire("up", txInfo=b64encode(bytes(2) * 130_000).decode())),
        "a context in protobuf": (
            log,
            grown(_wire("log", **when), _numbered("log", context=[{"key": PLACE}])),
        ),
        "statistics in protobuf": (
            stats,
            grown(_wire("gateway_stats", **when), _per_frequency),
        ),
        "acknowledgements in protobuf": (ack, _wire("gateway_ack", downlinkId=1) + b"\x2a\x00" * 130_000),
        "an integration in protobuf": (
            chirpstack("plain", "integration"),
            _wire("integration", **when) + b"\x32\x05\x0a\x03\x0a\x01a" * 37_000,
        ),
        "Cayenne in protobuf": (chirpstack("cayenne"), _wire("up", fPort=1, data=temperatures)),
        "nested repetitions in protobuf": (chirpstack("deep-layout"), _wire("up", fPort=1, data=temperatures)),
    }
