"""Which gateways a message is a sign of: all that heard it, by whatever network server tells them."""

import orjson
import pytest

from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.gateways_heard import HeardGateways
from ingest.pipeline.interpret import Interpreter
from ingest.registry.index import DeviceEntry, Directory
from ingest.settings.model import Settings

NOW_US = 1_795_478_400_000_000
EUI = "24e124713c491234"
DEVICE = DeviceEntry(1, 7, "farm", "d", True, None)
DIRECTORY = Directory(
    1,
    native={"farm/d": DEVICE},
    dev_eui={EUI: DEVICE},
    things_stack={"farm/d": DEVICE},
    gateways={"roof": 11, "hill": 12, "ap-3": 13},
    projects={"farm": 7},
)
HEARD = (("ROOF", -70), ("hill", -118), ("nobody-s", -60))
"""The strongest is not registered; the weakest would never be the best."""


def interpret() -> Interpreter:
    return build_interpreter(Settings(), DIRECTORY, FirstReceipts())


def heard_of(topic: str, document: object, **more: bool) -> dict[int, int]:
    interpreting = interpret()
    interpreted = interpreting.interpret(Received(topic, orjson.dumps(document), NOW_US, **more))
    assert interpreted.uplink is not None
    return interpreting.heard.take()


def chirpstack(names: tuple[tuple[str, int], ...] = HEARD) -> tuple[str, object]:
    receptions = [{"gatewayId": name, "rssi": rssi, "snr": 1} for name, rssi in names]
    document = {"deviceInfo": {"devEui": EUI}, "fCnt": 1, "fPort": 2, "object": {}, "rxInfo": receptions}
    return f"application/a/device/{EUI}/event/up", document


def things_stack() -> tuple[str, object]:
    receptions = [{"gateway_ids": {"gateway_id": name}, "rssi": rssi, "snr": 1} for name, rssi in HEARD]
    return "v3/farm@ttn/devices/d/up", {
        "end_device_ids": {"device_id": "d", "application_ids": {"application_id": "farm"}, "dev_eui": EUI},
        "uplink_message": {"f_port": 2, "f_cnt": 1, "decoded_payload": {}, "rx_metadata": receptions},
    }


@pytest.mark.parametrize("server", [chirpstack, things_stack])
def test_every_gateway_that_heard_a_frame_is_alive(server: object) -> None:
    topic, document = server()  # type: ignore[operator]
    assert heard_of(topic, document) == {11: NOW_US, 12: NOW_US}


def test_the_access_point_that_a_native_message_names_is_alive_and_no_other() -> None:
    link = {"rssi": -60, "gateway": "AP-3", "gateways": [{"id": "hill"}, 7]}
    message = {"readings": {"air_temperature": 18.4}, "link": link}
    assert heard_of("noroshi/v1/farm/d/up", message) == {13: NOW_US}


def test_what_the_broker_kept_is_no_sign_of_life_now() -> None:
    message = {"ts": NOW_US // 1000, "readings": {"air_temperature": 18.4}, "link": {"gateway": "ap-3"}}
    assert heard_of("noroshi/v1/farm/d/up", message, retain=True) == {}
    assert heard_of("noroshi/v1/farm/d/up", message) == {13: NOW_US}


def test_the_newest_receipt_counts_also_of_what_could_not_be_noted() -> None:
    heard = HeardGateways()
    heard.note(1, 20)
    kept = heard.take()
    heard.note(1, 30)
    heard.note(2, 5)
    heard.give_back(kept)
    assert heard.take() == {1: 30, 2: 5}
    assert heard.take() == {}
