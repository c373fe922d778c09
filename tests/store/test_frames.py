"""The same LoRaWAN frame again is a duplicate, whoever heard it and whatever time the server gives it."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest

from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.registry.index import DeviceEntry, Directory
from ingest.rows import MessageRows
from ingest.settings.model import DatabaseSettings, Settings
from ingest.store.batch.frames import forget
from ingest.store.batch.writer import Writer
from schemas.profile import Profile
from tests.fixtures.database import Database

NOW_US = 1_795_478_400_000_000
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
EUI = "24e124713c491234"
RAIN = Profile.model_validate({"code": "gauge", "fields": {"rain": "rain_amount"}})
GAUGE = DeviceEntry(1, 7, "farm", "gauge-1", True, RAIN)
DIRECTORY = Directory(
    1, native={"farm/gauge-1": GAUGE}, dev_eui={EUI: GAUGE}, things_stack={"farm/gauge-1": GAUGE}, projects={"farm": 7}
)
FRAME = {"rain": 2.5}


def moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat().replace("+00:00", "Z")


def chirpstack(at_us: int, counter: int, address: str, gateway: str, said: dict[str, float]) -> tuple[str, Any]:
    document = {
        "deduplicationId": f"{at_us}-{gateway}", "time": moment(at_us), "deviceInfo": {"devEui": EUI},
        "devAddr": address, "fCnt": counter, "fPort": 2, "data": base64.b64encode(json.dumps(said).encode()).decode(),
        "object": said, "rxInfo": [{"gatewayId": gateway, "rssi": -90, "snr": 5, "nsTime": moment(at_us)}],
    }  # fmt: skip
    return f"application/a/device/{EUI}/event/up", document


def things_stack(at_us: int, counter: int, address: str, gateway: str, said: dict[str, float]) -> tuple[str, Any]:
    document = {
        "end_device_ids": {
            "device_id": "gauge-1", "application_ids": {"application_id": "farm"}, "dev_eui": EUI, "dev_addr": address,
        },
        "received_at": moment(at_us),
        "uplink_message": {
            "f_port": 2, "f_cnt": counter, "frm_payload": base64.b64encode(json.dumps(said).encode()).decode(),
            "decoded_payload": said, "received_at": moment(at_us),
            "rx_metadata": [{"gateway_ids": {"gateway_id": gateway}, "rssi": -90, "snr": 5}],
        },
    }  # fmt: skip
    return "v3/farm@ttn/devices/gauge-1/up", document


Server = Callable[[int, int, str, str, dict[str, float]], tuple[str, Any]]


class Path:
    """Judge and writer, as the service has them; `minute` says how long after the first message one is received."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.interpret: Interpreter = build_interpreter(Settings(), DIRECTORY, FirstReceipts())
        self.writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")

    def interpreted(
        self, server: Server, counter: int, after_us: int = 0, address: str = "01a2b3c4", gateway: str = "0016c001",
        said: dict[str, float] = FRAME,
    ) -> MessageRows:  # fmt: skip
        topic, document = server(NOW_US + after_us, counter, address, gateway, said)
        return self.interpret.interpret(Received(topic, json.dumps(document).encode(), NOW_US + after_us + SECOND_US))

    def rain(self) -> float:
        with self.database.connect() as connection:
            (total,) = connection.execute("select coalesce(sum(value), 0) from reading").fetchone() or (None,)
        return float(total or 0)


@pytest.fixture
def path(database: Database) -> Iterator[Path]:
    made = Path(database)
    yield made
    made.writer.close()


@pytest.mark.parametrize("server", [chirpstack, things_stack])
def test_the_same_frame_by_another_gateway_and_later_is_counted_once(path: Path, server: Server) -> None:
    first, again = path.interpreted(server, 137), path.interpreted(server, 137, 48 * SECOND_US, gateway="0016c002")
    assert path.writer.write([first]).total.stored == 1
    account = path.writer.write([again]).total
    assert (account.stored, account.duplicate, account.readings_offered, account.readings_duplicate) == (0, 1, 1, 1)
    assert path.rain() == 2.5


def test_it_is_counted_once_within_a_batch_after_a_restart_and_when_it_is_delivered_again(path: Path) -> None:
    copies = [path.interpreted(chirpstack, 137, n * 20 * SECOND_US) for n in range(3)]
    account = path.writer.write(copies).total
    assert (account.stored, account.duplicate) == (1, 2)
    path.writer.close()
    later = Writer(DatabaseSettings(url=path.database.url), "test/1", "test")
    account = later.write([*copies, path.interpreted(chirpstack, 138, 600 * SECOND_US)]).total
    assert (account.stored, account.duplicate) == (1, 3)
    later.close()
    assert path.rain() == 5.0


def test_two_workers_that_get_it_at_the_same_moment_store_it_once(path: Path) -> None:
    stored: list[int] = []
    writers = [Writer(DatabaseSettings(url=path.database.url), f"test/{n}", f"test-{n}") for n in range(2)]

    def write(number: int) -> None:
        copies = [
            path.interpreted(chirpstack, counter, (counter * 60 + number) * SECOND_US) for counter in range(100, 200)
        ]
        stored.append(writers[number].write(copies[:: 1 - 2 * number]).total.stored)

    threads = [Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer in writers:
        writer.close()
    assert sum(stored) == 100
    assert path.rain() == 250.0


def test_another_counter_value_or_address_is_another_frame(path: Path) -> None:
    batch = [
        path.interpreted(chirpstack, 137),
        path.interpreted(chirpstack, 138, SECOND_US),
        path.interpreted(chirpstack, 137, 2 * SECOND_US, said={"rain": 3.0}),
        path.interpreted(chirpstack, 137, 3 * SECOND_US, address="01a2b3c5"),  # it has rejoined
    ]
    assert path.writer.write(batch).total.stored == 4


def test_a_counter_that_began_anew_counts_again(path: Path) -> None:
    """An hour later any of them, and the first ones a device says as soon as its interval allows."""
    assert path.writer.write([path.interpreted(chirpstack, 137), path.interpreted(chirpstack, 0)]).total.stored == 2
    assert path.writer.write([path.interpreted(chirpstack, 0, 48 * SECOND_US)]).total.duplicate == 1
    assert path.writer.write([path.interpreted(chirpstack, 0, HOUR_US * 2 // 3)]).total.stored == 1
    assert path.writer.write([path.interpreted(chirpstack, 137, HOUR_US * 2 // 3)]).total.duplicate == 1
    assert path.writer.write([path.interpreted(chirpstack, 137, HOUR_US + 2 * SECOND_US)]).total.stored == 1


def test_after_a_join_every_frame_counts_again(path: Path) -> None:
    path.writer.write([path.interpreted(chirpstack, 137)])
    join = {"time": moment(NOW_US + SECOND_US), "deviceInfo": {"devEui": EUI}, "devAddr": "01a2b3c4"}
    topic = f"application/a/device/{EUI}/event/join"
    path.writer.write([path.interpret.interpret(Received(topic, json.dumps(join).encode(), NOW_US + SECOND_US))])
    assert path.writer.write([path.interpreted(chirpstack, 137, 48 * SECOND_US)]).total.stored == 1


def test_a_refused_batch_beside_it_takes_nothing_of_it_along(path: Path) -> None:
    """The batch goes the careful way, for one of its messages is there already under another frame."""
    path.writer.write([path.interpreted(chirpstack, 137)])
    with path.database.connect() as connection:
        connection.execute("delete from lorawan_frame")
    batch = [
        path.interpreted(chirpstack, 137),
        path.interpreted(chirpstack, 138),
        path.interpreted(chirpstack, 138, SECOND_US),
    ]
    account = path.writer.write(batch).total
    assert (account.stored, account.duplicate) == (1, 2)
    assert path.writer.write([path.interpreted(chirpstack, 138, 2 * SECOND_US)]).total.duplicate == 1


def test_the_house_keeps_frames_no_longer_than_they_are_asked_for(path: Path) -> None:
    path.writer.write([path.interpreted(chirpstack, 137)])
    with path.database.connect() as connection:
        connection.execute("update lorawan_frame set received_at = now() - interval '119 minutes'")
        assert forget(connection) == 0
        connection.execute("update lorawan_frame set received_at = now() - interval '121 minutes'")
        assert forget(connection) == 1
