from ingest.decode.table import DECODERS
from ingest.pipeline.route import GATEWAY_DECODER, Destination, Routes, pattern
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry
from ingest.settings.routes import DECODER_NAMES
from schemas.rejection import RejectionReason

PADDY = DeviceEntry(1, 10, "hokuto", "paddy-17", enabled=True, profile=None)
OFF = DeviceEntry(2, 10, "hokuto", "paddy-18", enabled=False, profile=None)
RIVER = DeviceEntry(3, 11, "fukuroi", "river-1", enabled=True, profile=None)
ROOF = GatewayEntry(5, 10, "hokuto", "roof")
DIRECTORY = Directory(
    gateways={"a84041ffff1f8020": 5},
    gateway_entries={"a84041ffff1f8020": ROOF},
    native={"hokuto/paddy-17": PADDY, "hokuto/paddy-18": OFF},
    dev_eui={"24e124713c491234": PADDY, "24e124713c49ffff": RIVER},
    things_stack={"farm-east/soil-07": PADDY},
    projects={"hokuto": 10, "fukuroi": 11},
)
ROUTES = Routes(
    [
        pattern("noroshi/v1/{project}/{device}/up", "native", None),
        pattern("application/{application}/device/{device}/event/{event}", "chirpstack", "hokuto"),
        pattern("v3/{application}/devices/{device}/{event}", "things_stack", None),
        pattern("v3/{application}/devices/{device}/location/solved", "things_stack", None),
        pattern("plant/+/{device}", "native", "hokuto"),
        pattern("gateway/{gateway}/state/conn", "chirpstack_gateway", None),
        pattern("+/gateway/{gateway}/event/{event}", "chirpstack_gateway", None),
        pattern("strict/{gateway}/stats", "chirpstack_gateway", "fukuroi"),
    ],
    DIRECTORY,
    remember=3,
)


def to(topic: str) -> Destination:
    return ROUTES.destination(topic)


def test_a_topic_says_who_speaks_and_which_decoder_reads() -> None:
    assert to("noroshi/v1/hokuto/paddy-17/up") == Destination("native", "", PADDY, 10, None)
    assert to("application/x/device/24E124713C491234/event/status") == Destination(
        "chirpstack", "status", PADDY, 10, None
    )
    assert to("v3/farm-east@ttn/devices/soil-07/up") == Destination("things_stack", "up", PADDY, 10, None)
    assert to("plant/anything/paddy-17").device is PADDY


def test_a_gateway_speaks_for_itself_and_the_last_level_is_the_event() -> None:
    assert to("gateway/A84041FFFF1F8020/state/conn") == Destination(
        "chirpstack_gateway", "conn", None, 10, None, gateway=ROOF
    )
    assert to("as923/gateway/a84041ffff1f8020/event/stats").event == "stats"


def test_a_gateway_that_is_not_in_the_registry_or_of_another_project_is_told_apart() -> None:
    stranger = to("gateway/a84041ffff1f9999/state/conn")
    assert (stranger.gateway, stranger.reason) == (None, RejectionReason.UNKNOWN_GATEWAY)
    assert "a84041ffff1f9999" in stranger.detail
    elsewhere = to("strict/a84041ffff1f8020/stats")
    assert (elsewhere.gateway, elsewhere.reason) == (None, RejectionReason.WRONG_PROJECT)


def test_a_solved_location_comes_on_a_topic_of_two_levels() -> None:
    assert to("v3/farm-east@ttn/devices/soil-07/location/solved").event == "solved"


def test_upper_and_lower_case_eui_are_one_device() -> None:
    upper, lower = (to(f"application/x/device/{name}/event/up") for name in ("24E124713C491234", "24e124713c491234"))
    assert upper == lower
    assert upper.device is not None


def test_the_normalized_copy_of_an_uplink_has_no_route() -> None:
    assert to("v3/farm-east@ttn/devices/soil-07/up/normalized").reason == RejectionReason.UNKNOWN_TOPIC


def test_who_is_not_in_the_registry_is_an_answer_too() -> None:
    stranger = to("noroshi/v1/hokuto/paddy-99/up")
    assert (stranger.device, stranger.project_id, stranger.reason) == (None, 10, RejectionReason.UNKNOWN_DEVICE)
    assert "hokuto/paddy-99" in stranger.detail


def test_a_disabled_device_and_one_of_another_project_are_told_apart() -> None:
    assert to("noroshi/v1/hokuto/paddy-18/up").reason == RejectionReason.DEVICE_DISABLED
    elsewhere = to("application/x/device/24e124713c49ffff/event/up")
    assert (elsewhere.device, elsewhere.reason) == (None, RejectionReason.WRONG_PROJECT)


def test_a_flood_of_topics_does_not_stay_in_memory() -> None:
    for number in range(100):
        to(f"noroshi/v1/hokuto/made-up-{number}/up")
        to("x" * 60_000 + str(number))
    assert len(ROUTES._known) <= 3
    assert all(len(topic) < 1_000 for topic in ROUTES._known)


def test_a_newer_registry_is_asked_anew() -> None:
    empty = ROUTES.with_directory(Directory(version=2))
    assert empty.destination("noroshi/v1/hokuto/paddy-17/up").reason == RejectionReason.UNKNOWN_DEVICE
    assert to("noroshi/v1/hokuto/paddy-17/up").device is PADDY


def test_the_settings_accept_the_decoders_there_are_and_no_other() -> None:
    assert set(DECODER_NAMES) == {*DECODERS, GATEWAY_DECODER}
