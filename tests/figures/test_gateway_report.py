"""What gateways say of themselves, beside what their devices say, on every tier."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.figures.fleet import gateway_states
from ingest.figures.model import GatewayState
from schemas.gateway_report import GatewayEventKind
from tests.figures.field import Field

CONN, STATS = GatewayEventKind.CONN, GatewayEventKind.STATS


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


def gateway(field: Field, code: str = "hill") -> GatewayState:
    return next(row for row in gateway_states(field.connection, "tea") if row.gateway == code)


def statistics(field: Field, *ages_s: float, **columns: object) -> None:
    for age_s in ages_s:
        field.gateway_event("hill", ago(age_s), kind=STATS, **{"online": True, "received": 10, **columns})


def test_a_gateway_that_says_nothing_has_no_presence(field: Field) -> None:
    row = gateway(field)
    assert (row.presence, row.reported_at, row.received_hour) == (None, None, None)


@pytest.mark.parametrize(
    ("ages_s", "presence"), [((60, 30, 1), "online"), ((130, 100, 70), "online"), ((160, 130, 100), "offline")]
)
def test_a_gateway_is_offline_after_three_missed_statistics(
    field: Field, ages_s: tuple[float, ...], presence: str
) -> None:
    statistics(field, *ages_s)
    assert gateway(field).presence == presence


def test_a_slow_gateway_is_measured_by_its_own_period_and_one_lost_message_does_not_stretch_it(field: Field) -> None:
    statistics(field, 4400, 3500, 2600)
    assert gateway(field).presence == "online"
    field.connection.execute("delete from gateway_event")
    statistics(field, 5490, 3690, 2790)  # one was lost between; three periods of 900 s are over
    assert gateway(field).presence == "offline"


def test_the_last_word_on_its_connection_counts_until_statistics_come(field: Field) -> None:
    field.gateway_event("hill", ago(90), kind=CONN, online=True)
    assert gateway(field).presence == "online"
    field.gateway_event("hill", ago(40), kind=CONN, online=False)
    assert gateway(field).presence == "offline"
    statistics(field, 10)
    assert gateway(field).presence == "online", "it speaks: its connection is back"
    field.gateway_event("hill", ago(2), kind=CONN, online=False)
    assert gateway(field).presence == "offline"


def test_a_gateway_that_is_back_is_online_before_its_first_statistics(field: Field) -> None:
    statistics(field, 3660, 3630, 3600)
    assert gateway(field).presence == "offline"
    field.gateway_event("hill", ago(5), kind=CONN, online=True)
    assert gateway(field).presence == "online"


def test_the_increments_of_the_last_hour_are_summed(field: Field) -> None:
    statistics(field, 3700, 60, 30, 1, received_ok=8, wanted=2, sent=1)
    row = gateway(field)
    assert (row.received_hour, row.received_ok_hour, row.wanted_hour, row.sent_hour) == (30, 24, 6, 3)


def test_the_position_is_the_registry_s_or_else_the_gateway_s_own(field: Field) -> None:
    statistics(field, 60, latitude=38.27, longitude=140.87)
    statistics(field, 1)
    assert (gateway(field).latitude, gateway(field).longitude) == (38.27, 140.87)
    field.connection.execute("update gateway set latitude = 35.0, longitude = 139.0 where code = 'hill'")
    assert (gateway(field).latitude, gateway(field).longitude) == (35.0, 139.0)


def test_what_a_gateway_says_of_itself_does_not_change_what_its_devices_say(field: Field) -> None:
    field.uplink(field.device("a", gateway="hill"), ago(1))
    field.gateway_event("hill", ago(40), kind=CONN, online=False)
    row = gateway(field)
    assert (row.state, row.presence, row.devices, row.live) == ("silent", "offline", 1, 1)
