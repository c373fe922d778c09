"""One cause, one row: who is silent behind whom, on every tier."""

from datetime import UTC, datetime, timedelta

from ingest.figures.fleet import gateway_states
from ingest.figures.silence import silence
from schemas.gateway_report import GatewayEventKind
from schemas.japan import JST
from tests.figures.field import Field

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def of_networks(field: Field) -> dict[str, tuple[int, int | None]]:
    """Silent devices of each network, and of these the ones not behind a silent gateway."""
    rows = silence(field.connection)
    return {row.network: (row.devices_silent, row.devices_silent_alone) for row in rows if row.gateway is None}


def silent_gateways(field: Field) -> set[str | None]:
    return {row.gateway for row in silence(field.connection) if row.silent}


def test_devices_behind_a_silent_gateway_are_not_counted_beside_it(field: Field) -> None:
    for number in range(3):
        field.uplink(field.device(f"behind-{number}", gateway="hill"), now() - 9 * HOUR)
    field.uplink(field.device("elsewhere", network="halow"), now() - 9 * HOUR)
    assert silent_gateways(field) == {"hill"}
    assert of_networks(field) == {"lora": (3, 0), "halow": (1, 1)}


def test_one_living_device_behind_it_makes_the_gateway_live_and_the_others_count(field: Field) -> None:
    field.uplink(field.device("living", gateway="hill"), now())
    field.uplink(field.device("dead", gateway="hill"), now() - 9 * HOUR)
    assert silent_gateways(field) == set()
    assert of_networks(field)["lora"] == (1, 1)


def test_a_device_stands_behind_the_gateway_that_heard_it_last_too(field: Field) -> None:
    field.gateway("valley", "lora", "谷")
    field.uplink(field.device("roamed", gateway="hill"), now() - 9 * HOUR, gateway="valley")
    field.uplink(field.device("living", gateway="hill"), now())
    assert silent_gateways(field) == {"valley"}
    assert of_networks(field)["lora"] == (1, 0)


def test_a_gateway_that_says_it_is_offline_is_silent_and_one_that_says_it_is_there_is_not(field: Field) -> None:
    field.gateway("valley", "lora", "谷")
    field.gateway_event("hill", now() - HOUR, kind=GatewayEventKind.CONN, online=True)
    field.gateway_event("valley", now() - HOUR, kind=GatewayEventKind.CONN, online=False)
    field.uplink(field.device("behind the hill", gateway="hill"), now() - 9 * HOUR)
    field.uplink(field.device("heard by others", gateway="valley"), now())
    field.uplink(field.device("in the valley", gateway="valley"), now() - 9 * HOUR)
    assert silent_gateways(field) == {"valley"}
    assert of_networks(field)["lora"] == (2, 1)


def test_only_devices_that_should_speak_are_silent(field: Field) -> None:
    today = datetime.now(JST)
    winter = (f"{today + 20 * DAY:%m-%d}", f"{today + 80 * DAY:%m-%d}")
    field.uplink(field.device("resting", gateway="hill", season=winter), now() - 9 * HOUR)
    field.uplink(field.device("disabled", gateway="hill", enabled=False), now() - 9 * HOUR)
    field.uplink(field.device("slow", gateway="hill", interval_s=86_400), now() - 9 * HOUR)
    field.device("never", gateway="hill")
    assert silent_gateways(field) == set()
    assert of_networks(field) == {"lora": (0, 0), "halow": (0, 0)}


def test_what_is_sent_and_what_is_shown_agree_where_gateways_do_not_speak_for_themselves(field: Field) -> None:
    cases: dict[str, list[datetime | None]] = {
        "all silent": [now() - 9 * HOUR, now() - 8 * HOUR],
        "one lives": [now() - 9 * HOUR, now()],
        "one never heard": [now() - 9 * HOUR, None],
        "none heard": [None],
        "none behind": [],
    }
    for gateway, times in cases.items():
        field.gateway(gateway, "lora", gateway)
        for number, time in enumerate(times):
            device = field.device(f"{gateway} {number}", gateway=gateway)
            if time is not None:
                field.uplink(device, time)
    shown = {row.gateway for row in gateway_states(field.connection) if row.state == "silent"}
    assert silent_gateways(field) == shown == {"all silent", "one never heard"}


def test_devices_without_a_gateway_are_counted_alone(field: Field) -> None:
    for number in range(2):
        field.uplink(field.device(f"d{number}", network="halow"), now() - 9 * HOUR)
    assert of_networks(field) == {"lora": (0, 0), "halow": (2, 2)}
