"""Any bytes on any topic become rows or a quarantine row; nothing is lost and nothing stops the service."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decode.common.limits import Limits
from ingest.message import Received
from ingest.pipeline.build import build_interpreter
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.rows import MessageRows
from ingest.settings.model import Settings
from ingest.settings.routes import Route
from ingest.store.batch.pack import HEADER, TRAILER, pack_readings, pack_uplinks
from ingest.validate.values import ClockPolicy
from schemas.profile import Profile
from schemas.reading import Quality
from schemas.rejection import RejectionReason as R
from schemas.uplink import Uplink
from tests.fixtures.examples import examples

NOW_US = 1_795_478_400_000_000
TOPIC = "noroshi/v1/farm/soil-1/up"
DEVICE = DeviceEntry(1, 7, "farm", "soil-1", True, None)
ASLEEP = DeviceEntry(2, 7, "farm", "soil-2", False, None)
DIRECTORY = Directory(
    3,
    native={"farm/soil-1": DEVICE, "farm/soil-2": ASLEEP},
    dev_eui={"24e124713c491234": DEVICE},
    things_stack={"farm-east/soil-07": DEVICE},
    gateways={"gw-1": 11},
    gateway_entries={"gw-1": GatewayEntry(11, 7, "farm", "roof")},
    projects={"farm": 7, "river": 8},
)
TOPICS = (
    TOPIC,
    "application/5d2e6c1a/device/24E124713C491234/event/up",
    "application/5d2e6c1a/device/24e124713c491234/event/status",
    "v3/farm-east@ttn/devices/soil-07/up",
    "gateway/gw-1/state/conn",
    "as923/gateway/GW-1/event/stats",
)


def a_judge(receipts: FirstReceipts | None = None) -> Interpreter:
    return build_interpreter(Settings(), DIRECTORY, receipts or FirstReceipts())


def received(payload: object, topic: str = TOPIC, **more: bool | int) -> Received:
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    return Received(topic, body, NOW_US, **more)  # type: ignore[arg-type]


def a_message(**more: object) -> dict[str, object]:
    return {"ts": NOW_US // 1000, "seq": 1, "readings": {"air_temperature": 18.4}} | more


def whole_reason(interpreted: MessageRows) -> R:
    assert interpreted.uplink is None
    assert not interpreted.readings
    (row,) = interpreted.quarantined
    assert row.part == 0
    assert row.payload == interpreted.message.payload
    assert row.topic == interpreted.message.topic
    return row.reason


def test_a_native_message_becomes_an_uplink_and_its_readings() -> None:
    interpreted = a_judge().interpret(received(a_message(link={"rssi": -98, "snr": 6.5, "gateway": "GW-1", "mcs": 2})))
    assert interpreted.uplink is not None
    assert interpreted.uplink[:2] == (NOW_US, NOW_US)
    assert (interpreted.uplink.counter, interpreted.uplink.gateway_id, interpreted.uplink.rssi_dbm) == (1, 11, -98)
    assert interpreted.uplink.link == b'{"mcs":2}'
    assert interpreted.readings == [(NOW_US, 18.4, 1, 20, 0, None)]
    assert not interpreted.by_receipt


@pytest.mark.parametrize(
    ("payload", "topic", "reason"),
    [
        (a_message(), "some/where/else", R.UNKNOWN_TOPIC),
        (a_message(), "noroshi/v1/farm/soil-9/up", R.UNKNOWN_DEVICE),
        (a_message(), "noroshi/v1/river/soil-1/up", R.UNKNOWN_DEVICE),
        (a_message(), "noroshi/v1/farm/soil-2/up", R.DEVICE_DISABLED),
        (b"", TOPIC, R.EMPTY_PAYLOAD),
        (b"  \n", TOPIC, R.EMPTY_PAYLOAD),
        (b"18.4", TOPIC, R.WRONG_SHAPE),
        (b"not json", TOPIC, R.NOT_JSON),
        (b'{"a": "\xff"}', TOPIC, R.NOT_UTF8),
        (b"x" * 10_000_000, TOPIC, R.TOO_LARGE),
        (b"[" * 5_000 + b"]" * 5_000, TOPIC, R.TOO_DEEP),
        (b"[" + b"1," * 50_000 + b"1]", TOPIC, R.TOO_MANY_ELEMENTS),
        ({"readings": [1]}, TOPIC, R.WRONG_SHAPE),
        (a_message(ts="yesterday"), TOPIC, R.INVALID_TIME),
        (a_message(ts="2026-11-24T09:00:00"), TOPIC, R.INVALID_TIME),
        (a_message(ts="2020-01-01T00:00:00Z"), TOPIC, R.TIME_TOO_OLD),
        ([], TOPIC, R.EMPTY_PAYLOAD),
        ({}, "application/a/device/24e124713c491234/event/surprise", R.UNSUPPORTED_EVENT),
        ({"simulated": True, "uplink_message": {}}, "v3/farm-east@ttn/devices/soil-07/up", R.SIMULATED),
    ],
)  # fmt: skip
def test_bad_messages_end_in_quarantine_with_their_reason(payload: object, topic: str, reason: R) -> None:
    assert whole_reason(a_judge().interpret(received(payload, topic))) is reason


def test_a_gateway_that_speaks_for_itself_becomes_a_row_of_its_own() -> None:
    interpreted = a_judge().interpret(received({"gatewayId": "gw-1", "state": "ONLINE"}, "gateway/gw-1/state/conn"))
    assert (interpreted.uplink, interpreted.readings, interpreted.quarantined, interpreted.project_id) == (
        None,
        [],
        [],
        7,
    )
    assert interpreted.gateway is not None
    assert interpreted.gateway[:2] == (NOW_US, NOW_US)
    assert interpreted.gateway[3:6] == (11, 1, True)
    assert interpreted.by_receipt
    assert interpreted.offered == 0


def test_what_a_gateway_is_told_is_a_row_of_its_own_and_no_sign_of_the_gateway() -> None:
    sent = {"modulation": {"lora": {"bandwidth": 125_000, "spreadingFactor": 10}}, "frequency": 923_200_000}
    said = {"downlinkId": 77, "items": [{"phyPayload": "YAAAAAAAAAAAAAAA", "txInfo": sent}]}
    interpreted = a_judge().interpret(received(said, "as923/gateway/GW-1/command/down"))
    assert interpreted.gateway is not None
    assert interpreted.gateway[3:6] == (11, 4, None)
    assert interpreted.by_receipt
    assert b'"airtime_ms":288.768' in (interpreted.gateway.more or b"")
    assert b"YAAA" not in (interpreted.gateway.more or b""), "a frame is not kept"
    answer = a_judge().interpret(received({"downlinkId": 77, "items": [{"status": "OK"}]}, "gateway/gw-1/event/ack"))
    assert answer.gateway is not None
    assert (answer.gateway[3:6], answer.gateway.more) == ((11, 3, True), b'{"downlink_id":77,"status":["OK"]}')


def test_a_retained_state_of_a_gateway_is_its_state_now() -> None:
    interpreted = a_judge().interpret(received(b'{"gatewayId":"gw-1"}', "gateway/gw-1/state/conn", retain=True))
    assert interpreted.gateway is not None
    assert interpreted.gateway.online is False
    deleted = a_judge().interpret(received(b"", "gateway/gw-1/state/conn"))
    assert whole_reason(deleted) is R.EMPTY_PAYLOAD, "a retained state that is deleted is not OFFLINE"


def test_statistics_have_the_gateway_s_own_time_unless_its_clock_was_never_set() -> None:
    topic, said = "as923/gateway/GW-1/event/stats", {"time": "2026-11-23T23:59:30Z", "rxPacketsReceived": 14}
    own = a_judge().interpret(received(said, topic))
    assert own.gateway is not None
    assert (own.gateway.time_us, own.gateway.received, own.by_receipt) == (NOW_US - 30_000_000, 14, False)
    unset = a_judge().interpret(received(said | {"time": "1970-01-01T00:00:12Z"}, topic))
    assert unset.gateway is not None
    assert (unset.gateway.time_us, unset.by_receipt) == (NOW_US, True)


EMBEDDED = (Route(topic="milesight/uplink", decoder="chirpstack"),)


@pytest.mark.parametrize("eui", ["24e124713c491234", "24E124713C491234", "JOEkcTxJEjQ="])
def test_a_server_that_says_everything_on_one_topic_names_the_device_in_the_payload(eui: str) -> None:
    interpreter = build_interpreter(Settings(routes=EMBEDDED), DIRECTORY, FirstReceipts())
    said = {"applicationID": 1, "devEUI": eui, "fCnt": 3, "object": {"air_temperature": 18.4}, "rxInfo": []}
    interpreted = interpreter.interpret(received(said, "milesight/uplink"))
    assert interpreted.uplink is not None
    assert (interpreted.uplink.device_id, interpreted.project_id, len(interpreted.readings)) == (1, 7, 1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"devEUI": "24e124713c49ffff", "rxInfo": []}, R.UNKNOWN_DEVICE),
        ({"rxInfo": []}, R.UNKNOWN_DEVICE),
        (b"temp=1", R.NOT_JSON),
        (b"\x0a\x02ab", R.UNKNOWN_DEVICE),
    ],
)
def test_there_a_message_without_a_known_device_is_set_aside(payload: object, reason: R) -> None:
    interpreter = build_interpreter(Settings(routes=EMBEDDED), DIRECTORY, FirstReceipts())
    assert whole_reason(interpreter.interpret(received(payload, "milesight/uplink"))) is reason


def test_where_the_topic_names_the_device_the_payload_cannot_name_another() -> None:
    said = {"devEUI": "24e124713c491234", "rxInfo": []}
    interpreted = a_judge().interpret(received(said, "application/1/device/24e124713c49ffff/event/up"))
    assert whole_reason(interpreted) is R.UNKNOWN_DEVICE


def test_a_gateway_nobody_registered_is_set_aside() -> None:
    assert whole_reason(a_judge().interpret(received(b"{}", "gateway/gw-9/state/conn"))) is R.UNKNOWN_GATEWAY


def test_a_half_good_array_keeps_its_good_half() -> None:
    interpreted = a_judge().interpret(
        received([a_message(), {"readings": 5}, a_message(ts=NOW_US // 1000 - 60_000), "x"])
    )
    assert interpreted.uplink is not None
    assert len(interpreted.readings) == 2
    assert [(row.part, row.reason, row.part_name) for row in interpreted.quarantined] == [
        (1, R.WRONG_SHAPE, "[1]"),
        (2, R.WRONG_SHAPE, "[3]"),
    ]
    assert interpreted.quarantined[0].payload == interpreted.message.payload
    assert interpreted.quarantined[1].payload is None, "the bytes are kept once"
    assert interpreted.offered == 4


def test_a_retained_message_without_a_time_is_not_a_fresh_measurement() -> None:
    message = a_message()
    del message["ts"]
    assert whole_reason(a_judge().interpret(received(message, retain=True))) is R.RETAINED_WITHOUT_TIME
    assert a_judge().interpret(received(a_message(), retain=True)).uplink is not None


def test_a_redelivered_message_without_a_time_keeps_its_first_time_of_receipt() -> None:
    receipts = FirstReceipts()
    receipts.ids_were_kept(0)
    message = a_message()
    del message["ts"]
    first = a_judge(receipts).interpret(received(message, packet_id=5))
    again = Received(TOPIC, first.message.payload, NOW_US + 60_000_000, 5, duplicate=True)
    later = Received(TOPIC, first.message.payload, NOW_US + 60_000_000, 5)
    assert first.uplink is not None
    assert first.uplink.quality == Quality.TIME_ABSENT
    assert first.by_receipt
    assert a_judge(receipts).interpret(again).uplink == first.uplink
    fresh = a_judge(receipts).interpret(later).uplink
    assert fresh is not None
    assert fresh.time_us == NOW_US + 60_000_000, "the same bytes, sent anew, are a new measurement"


def test_equal_bytes_under_a_packet_id_that_came_round_are_a_new_message() -> None:
    receipts = FirstReceipts(window=10)
    receipts.ids_were_kept(0)
    interpreter = a_judge(receipts)
    interpreter.interpret(received(b"junk", packet_id=9))
    for number in range(20):
        interpreter.interpret(received(b"other", packet_id=100 + number))
    again = interpreter.interpret(Received(TOPIC, b"junk", NOW_US + 5, 9, duplicate=True))
    assert again.quarantined[0].time_us == NOW_US + 5


def test_redeliveries_do_not_wear_out_the_memory_of_a_first_receipt() -> None:
    """A service killed in every life after COMMIT and before PUBACK gets the same messages in each."""
    receipts = FirstReceipts(window=10)
    receipts.ids_were_kept(0)
    interpreter = a_judge(receipts)
    first = interpreter.interpret(received(b"junk", packet_id=9))
    for _life in range(5):
        for number in range(8):
            interpreter.interpret(Received(TOPIC, b"other", NOW_US + number, 100 + number, duplicate=True))
    again = interpreter.interpret(Received(TOPIC, b"junk", NOW_US + 50, 9, duplicate=True))
    assert again.quarantined[0].time_us == first.quarantined[0].time_us


def test_redelivered_junk_is_the_same_junk() -> None:
    receipts = FirstReceipts()
    receipts.ids_were_kept(0)
    first = a_judge(receipts).interpret(received(b"junk", packet_id=9))
    again = a_judge(receipts).interpret(Received(TOPIC, b"junk", NOW_US + 5, 9, duplicate=True))
    assert again.quarantined[0].time_us == first.quarantined[0].time_us


def test_nothing_is_recognised_by_its_packet_id_where_the_broker_may_have_renumbered() -> None:
    receipts = FirstReceipts()
    interpreter = a_judge(receipts)
    interpreter.interpret(received(b"junk", packet_id=9))
    receipts.ids_were_kept(2)
    again = interpreter.interpret(Received(TOPIC, b"junk", NOW_US + 5, 9, 1, duplicate=True))
    assert again.quarantined[0].time_us == NOW_US + 5, "it came on connection 1, of which nobody knows"


def test_nothing_is_recognised_across_a_session_that_the_broker_lost() -> None:
    receipts = FirstReceipts()
    interpreter = a_judge(receipts)
    interpreter.interpret(received(b"junk", packet_id=9))
    receipts.forget()
    receipts.ids_were_kept(1)
    another = interpreter.interpret(Received(TOPIC, b"junk", NOW_US + 5, 9, 1, duplicate=True))
    assert another.quarantined[0].time_us == NOW_US + 5
    again = interpreter.interpret(Received(TOPIC, b"junk", NOW_US + 9, 9, 1, duplicate=True))
    assert again.quarantined[0].time_us == NOW_US + 5, "in the new session it is recognised"


def test_what_an_earlier_life_noted_before_the_canary_is_not_recognised() -> None:
    receipts = FirstReceipts({9: (1, NOW_US, 40), 10: (2, NOW_US, 41)}, position=41)
    receipts.ids_were_kept(1)
    receipts.forget_until(40)
    assert (receipts.earlier(9, 1, 1), receipts.earlier(10, 2, 1)) == (None, NOW_US)


def test_a_defect_of_a_decoder_is_quarantined_and_loud_but_stops_nothing() -> None:
    def broken(_payload: bytes, _event: str, _profile: Profile | None, _limits: Limits) -> Uplink:
        raise ZeroDivisionError("our own mistake")

    routes = Routes([pattern("noroshi/v1/{project}/{device}/up", "native", None)], DIRECTORY)
    interpreter = Interpreter(routes, Limits(), ClockPolicy(), FirstReceipts(), {"native": broken})
    interpreted = interpreter.interpret(received(a_message()))
    assert whole_reason(interpreted) is R.DECODER_DEFECT
    assert interpreted.quarantined[0].detail == "ZeroDivisionError: our own mistake"


def test_a_flood_of_made_up_topics_does_not_fill_the_memory() -> None:
    routes = Routes([pattern("noroshi/v1/{project}/{device}/up", "native", None)], DIRECTORY, remember=100)
    for number in range(1_000):
        routes.destination(f"noroshi/v1/farm/made-up-{number}/up")
    assert len(routes._known) <= 100


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
readings = st.dictionaries(
    st.sampled_from(["air_temperature", "gate_state", "rain_total", "nonsense"]) | st.text(max_size=5),
    json_values,
    max_size=4,
)
natives = st.fixed_dictionaries(
    {"readings": readings}, optional={"ts": json_values | st.floats(0, 2e12), "seq": json_values, "link": json_values}
)


def dumped(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # an integer no JSON writer of ours takes
        return str(value).encode("utf-8", "replace")


payloads = (
    st.binary(max_size=60)
    | json_values.map(dumped)
    | natives.map(dumped)
    | st.lists(natives, max_size=3).map(dumped)
    | st.fixed_dictionaries(
        {"time": json_values, "fCnt": json_values, "object": json_values, "rxInfo": json_values}
    ).map(dumped)
    | st.fixed_dictionaries({"uplink_message": json_values, "received_at": json_values}).map(dumped)
    | st.fixed_dictionaries(
        {
            "uplink_message": st.fixed_dictionaries(
                {"decoded_payload": readings, "f_cnt": json_values, "rx_metadata": json_values}
            )
        }
    ).map(dumped)
)


@settings(max_examples=examples(300, 1_500), deadline=None)
@given(
    topic=st.sampled_from(TOPICS) | st.text(max_size=20),
    payload=payloads,
    retain=st.booleans(),
    duplicate=st.booleans(),
)
def test_any_bytes_on_any_topic_become_rows_or_a_quarantine_row(
    topic: str, payload: bytes, *, retain: bool, duplicate: bool
) -> None:
    interpreted = a_judge().interpret(Received(topic, payload, NOW_US, 3, retain=retain, duplicate=duplicate))
    assert all(row.reason is not R.DECODER_DEFECT for row in interpreted.quarantined), interpreted.quarantined
    if interpreted.gateway is not None:
        assert (interpreted.uplink, interpreted.offered) == (None, 0)
        return
    if interpreted.uplink is None:
        whole_reason(interpreted)
        return
    assert interpreted.uplink.offered == len(interpreted.readings) + len(interpreted.quarantined)
    assert pack_uplinks([interpreted.uplink]).startswith(HEADER)
    assert pack_readings(interpreted.readings).endswith(TRAILER)
