"""Maps and bytes on the path: which decoder a topic leads to, and whom a gateway's message may name."""

import json
from typing import Any

import pytest

from ingest.decode.common.limits import Limits
from ingest.errors import SettingsRefused
from ingest.message import Received
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry, NetworkEntry
from ingest.rows import MessageRows
from ingest.settings.model import load
from ingest.settings.routes import Route
from ingest.validate.values import ClockPolicy
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles
from schemas.rejection import RejectionReason
from tests.decode.map_messages import IIJ, MORNING_US, SENSEWAY, SIGFOX, TASMOTA_SENSOR

CAYENNE = shipped_profiles()["cayenne-lpp"]
OWN_MAP = Profile.model_validate(
    {
        "code": "own-map",
        "fields": {"t": "air_temperature"},
        "map": {"time": {"path": "at"}, "rows": [{}]},
        "ignore": ["at"],
    }
)
HOUSE, NEXT_DOOR = NetworkEntry(1, "farm"), NetworkEntry(2, "farm")


def device(
    number: int, code: str, profile: Profile | None, network_id: int = 1, *, enabled: bool = True
) -> DeviceEntry:
    return DeviceEntry(number, 10, "farm", code, enabled, profile, network_id)


GREENHOUSE = device(1, "tasmota_n3", None)
TRAP = device(2, "1d2c3b", CAYENNE)
SOIL = device(3, "soil-1", CAYENNE)
STRANGER = device(4, "soil-2", CAYENNE, network_id=2)
OFF = device(5, "off-1", CAYENNE, enabled=False)
OWN = device(6, "own-1", OWN_MAP)
DIRECTORY = Directory(
    native={f"farm/{one.code}": one for one in (GREENHOUSE, TRAP, SOIL, STRANGER, OFF, OWN)},
    dev_eui={"000b78fffe4c15c3": SOIL, "000b78fffe4c15c4": STRANGER, "000b78fffe0515e9": SOIL},
    projects={"farm": 10},
    networks={"house": HOUSE, "next-door": NEXT_DOOR},
    gateway_entries={"000b78fffeabcdef": GatewayEntry(1, 10, HOUSE.project, "hill", HOUSE.network_id)},
    maps=shipped_maps() | {"own-map": OWN_MAP},
)
ROUTES = Routes(
    [
        pattern("tele/{device}/{event}", "mapped:tasmota", "farm"),
        pattern("lora/{application}/{device}/rx", "mapped:senseway", None),
        pattern("iij/{gateway}/up", "mapped:iij", None),
        pattern("sigfox/callback", "mapped:sigfox", "farm", "house"),
        pattern("other/{gateway}/up", "mapped:iij", "elsewhere"),
        pattern("lost/{device}", "mapped:no-such-map", "farm"),
        pattern("own/{device}", "mapped", "farm"),
        pattern("bytes/{device}/{event}", "raw", "farm"),
        pattern("/device_sensor_data/{application}/{device}/{channel}/+/{event}", "mapped:sensecap-openstream", "farm"),
    ],
    DIRECTORY,
)
INTERPRETER = Interpreter(ROUTES, Limits(), ClockPolicy(), FirstReceipts())
RECEIVED_US = MORNING_US + 60_000_000


def interpreted(topic: str, document: Any) -> MessageRows:
    payload = document if isinstance(document, bytes) else json.dumps(document).encode()
    return INTERPRETER.interpret(Received(topic, payload, RECEIVED_US, packet_id=1))


def reason(found: MessageRows) -> object:
    (row,) = found.quarantined
    return row.reason


def who(found: MessageRows) -> int:
    assert found.uplink is not None
    return found.uplink.device_id


def test_a_device_on_its_own_topic_is_read_by_the_map_of_the_route() -> None:
    found = interpreted("tele/Tasmota_N3/SENSOR", TASMOTA_SENSOR)
    assert who(found) == GREENHOUSE.device_id
    assert len(found.readings) == 4


def test_a_device_may_bring_a_map_of_its_own() -> None:
    found = interpreted("own/own-1", {"at": MORNING_US // 1_000_000, "t": 18})
    assert (who(found), len(found.readings)) == (OWN.device_id, 1)


def test_a_network_service_that_calls_devices_by_their_eui_finds_them() -> None:
    assert who(interpreted("lora/hokuto/000B78FFFE0515E9/rx", SENSEWAY)) == SOIL.device_id


def test_a_gateway_s_message_names_its_device_and_the_registry_has_the_last_word() -> None:
    assert who(interpreted("iij/000B78FFFEABCDEF/up", IIJ)) == SOIL.device_id
    assert who(interpreted("sigfox/callback", SIGFOX)) == TRAP.device_id
    for other in (
        {**IIJ, "deveui": "000b78fffe4c15c4"},
        {**IIJ, "deveui": "ffffffffffffffff"},
        {"rssi": 1},
        {**IIJ, "deveui": True},
    ):
        assert reason(interpreted("iij/000b78fffeabcdef/up", other)) == RejectionReason.UNKNOWN_DEVICE
    assert reason(interpreted("iij/000b78fffeabcdef/up", b"{")) == RejectionReason.NOT_JSON
    assert reason(interpreted("sigfox/callback", {**SIGFOX, "device": "off-1"})) == RejectionReason.DEVICE_DISABLED


def test_a_gateway_that_is_not_in_the_registry_speaks_for_nobody() -> None:
    assert reason(interpreted("iij/000b78fffe000000/up", IIJ)) == RejectionReason.UNKNOWN_DEVICE
    assert reason(interpreted("other/000b78fffeabcdef/up", IIJ)) == RejectionReason.WRONG_PROJECT


def test_two_devices_behind_one_gateway_have_identities_of_their_own() -> None:
    first = interpreted("sigfox/callback", SIGFOX)
    second = interpreted("sigfox/callback", {**SIGFOX, "device": "soil-1"})
    assert first.uplink is not None
    assert second.uplink is not None
    assert first.uplink.device_id != second.uplink.device_id


def test_a_route_whose_map_is_not_there_says_so() -> None:
    found = interpreted("lost/own-1", {})
    assert reason(found) == RejectionReason.NOT_DECODED
    assert "no-such-map" in found.quarantined[0].detail


def test_the_bytes_of_a_device_may_be_the_message() -> None:
    assert len(interpreted("bytes/soil-1/2", bytes.fromhex("03670110056700ff")).readings) == 2
    assert reason(interpreted("bytes/tasmota_n3/2", b"\x01")) == RejectionReason.NOT_DECODED


def test_a_channel_in_the_topic_is_the_channel_of_the_reading() -> None:
    found = interpreted("/device_sensor_data/org/soil-1/3/_/4097", {"value": "18.5", "timestamp": "1781471112137"})
    ((_, value, _, _, channel, _),) = found.readings
    assert (value, channel) == (18.5, 3)


def test_a_newer_registry_brings_its_maps() -> None:
    routes = Routes([pattern("own/{device}", "mapped:own-map", "farm")], Directory())
    interpreter = Interpreter(routes, Limits(), ClockPolicy(), FirstReceipts())
    message = Received("own/own-1", b'{"t": 18}', RECEIVED_US, packet_id=1)
    assert reason(interpreter.interpret(message)) == RejectionReason.NOT_DECODED
    interpreter.use(DIRECTORY)
    assert len(interpreter.interpret(message).readings) == 1


@pytest.mark.parametrize(
    ("route", "hint"),
    [
        ({"topic": "a/{device}", "decoder": "nativ"}, "mapped:tasmota"),
        ({"topic": "a/{device}", "decoder": "mapped:"}, "mapped:tasmota"),
        ({"topic": "a/b", "decoder": "mapped:tasmota"}, "write {device}"),
        ({"topic": "a/b", "decoder": "mapped:sigfox"}, "write {gateway}"),
    ],
)
def test_a_route_that_cannot_work_is_refused_at_the_start(route: dict[str, str], hint: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        load({"routes": [route]})
    assert "routes.0" in str(refusal.value)
    assert hint in str(refusal.value)


def test_a_map_of_the_registry_cannot_be_known_at_the_start() -> None:
    assert Route(topic="a/{device}", decoder="mapped:own-map").filter == "a/+"


def test_a_frame_is_the_same_whichever_gateway_heard_it_and_when() -> None:
    later = {"date": "2026-06-14T21:06:00Z", "rssi": -90, "snr": 1, "gwid": "000b78fffeb00080"}
    for topic, first, again in (
        ("lora/hokuto/000B78FFFE0515E9/rx", SENSEWAY, SENSEWAY | {"gw": [later]}),
        ("iij/000B78FFFEABCDEF/up", IIJ, IIJ | {"time": "2026-06-15T06:06:00+09:00", "rssi": -80}),
    ):
        frame = interpreted(topic, first).frame
        assert frame is not None
        assert interpreted(topic, again).frame == frame
    other = SENSEWAY | {"mod": {**SENSEWAY["mod"], "cnt": 312}}  # type: ignore[dict-item]
    assert (
        interpreted("lora/hokuto/000B78FFFE0515E9/rx", other).frame
        != interpreted("lora/hokuto/000B78FFFE0515E9/rx", SENSEWAY).frame
    )
    assert interpreted("own/own-1", {"at": MORNING_US // 1_000_000, "t": 18}).frame is None
