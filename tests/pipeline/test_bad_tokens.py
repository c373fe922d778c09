"""One bad token costs itself: the field or the part is set aside, and the readings are stored."""

from collections.abc import Mapping

import orjson
import pytest

from schemas.rejection import RejectionReason as R
from tests.pipeline.test_interpret import NOW_US, TOPIC, a_judge, received

TS = NOW_US // 1000
CHIRPSTACK = "application/5d2e6c1a/device/24e124713c491234/event/up"
TTS = "v3/farm-east@ttn/devices/soil-07/up"
SENML = "senml/farm/soil-1"

CHIRPSTACK_FRAME = b'{"fCnt":"1","object":{"air_humidity":NaN,"air_temperature":18.4},"rxInfo":[{"rssi":NaN}]}'
TTS_FRAME = (
    b'{"uplink_message":{"f_cnt":"1","decoded_payload":{"air_humidity":-Infinity,"air_temperature":18.4},'
    b'"rx_metadata":[{"snr":1e999}]}}'
)

MESSAGES: Mapping[str, tuple[str, bytes, list[tuple[R, str]]]] = {
    "native nan": (TOPIC, b'{"ts":%d,"readings":{"air_humidity":nan,"air_temperature":18.4}}' % TS,
                   [(R.NOT_A_NUMBER, "air_humidity")]),
    "native 1e400": (TOPIC, b'{"ts":%d,"readings":{"air_humidity":1e400,"air_temperature":18.4}}' % TS,
                     [(R.NOT_A_NUMBER, "air_humidity")]),
    "native NUL": (TOPIC, b'{"ts":%d,"readings":{"air_temperature":18.4}}\0' % TS, []),
    "native seq": (TOPIC, b'{"ts":%d,"seq":"124","readings":{"air_temperature":18.4}}' % TS, [(R.WRONG_SHAPE, "seq")]),
    "native rssi": (TOPIC, b'{"ts":%d,"link":{"rssi":nan},"readings":{"air_temperature":18.4}}' % TS,
                    [(R.WRONG_SHAPE, "link.rssi")]),
    "chirpstack": (CHIRPSTACK, CHIRPSTACK_FRAME,
                   [(R.SENTINEL, "air_humidity"), (R.WRONG_SHAPE, "fCnt"), (R.WRONG_SHAPE, "rxInfo[0].rssi")]),
    "things stack": (TTS, TTS_FRAME,
                     [(R.NOT_A_NUMBER, "air_humidity"), (R.WRONG_SHAPE, "f_cnt"),
                      (R.WRONG_SHAPE, "rx_metadata[0].snr")]),
    "senml": (SENML, b'[{"n":"air_humidity","v":NaN},{"n":"air_temperature","v":18.4}]',
              [(R.NOT_A_NUMBER, "air_humidity")]),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_a_bad_token_costs_nothing_but_itself(name: str) -> None:
    topic, payload, expected = MESSAGES[name]
    interpreted = a_judge().interpret(received(payload, topic))
    assert interpreted.uplink is not None, interpreted.quarantined
    assert [row[1] for row in interpreted.readings] == [18.4]
    assert [(row.reason, row.part_name) for row in interpreted.quarantined] == expected


def test_several_lines_are_several_messages() -> None:
    lines = [{"ts": TS - 600_000 * ago, "readings": {"rain_amount": 0.5}} for ago in (2, 1, 0)]
    interpreted = a_judge().interpret(received(b"\n".join(map(orjson.dumps, lines)) + b"\n"))
    assert [(row[0] - NOW_US, row[1]) for row in interpreted.readings] == [
        (-1_200_000_000, 0.5),
        (-600_000_000, 0.5),
        (0, 0.5),
    ]
    assert not interpreted.quarantined


def test_a_line_that_is_no_message_costs_no_other() -> None:
    interpreted = a_judge().interpret(received(b'{"readings":{"air_temperature":18.4}}\n{"readings":{"air_te'))
    assert [row[1] for row in interpreted.readings] == [18.4]
    assert [(row.reason, row.part_name) for row in interpreted.quarantined] == [(R.NOT_JSON, "line 2")]


def test_of_two_lines_without_a_time_the_last_counts() -> None:
    interpreted = a_judge().interpret(
        received(b'{"readings":{"air_temperature":18.4}}\n{"readings":{"air_temperature":18.5}}')
    )
    assert [row[1] for row in interpreted.readings] == [18.5]
    assert [row.reason for row in interpreted.quarantined] == [R.SAME_TIME]


def test_lines_of_a_network_server_are_read_too() -> None:
    frames = [{"time": f"2026-11-23T23:{at}:00Z", "fCnt": at, "object": {"air_temperature": 0.5}} for at in (40, 50)]
    interpreted = a_judge().interpret(received(b"\r\n".join(map(orjson.dumps, frames)), CHIRPSTACK))
    assert len(interpreted.readings) == 2
    assert interpreted.uplink is not None
    assert interpreted.uplink.counter == 50
