"""A gateway is judged by its own signs, never by devices that are registered behind it and heard elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest

from ingest.figures.fleet import gateway_states, network_states, project_states
from ingest.figures.model import GatewayState
from ingest.figures.silence import silence
from ingest.store.batch.gateway_heard import note_heard
from schemas.gateway_report import GatewayEventKind
from schemas.japan import to_us
from tests.figures.field import Field

CONN, STATS = GatewayEventKind.CONN, GatewayEventKind.STATS


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


def gateway(field: Field, code: str = "hill") -> GatewayState:
    return next(row for row in gateway_states(field.connection, "tea") if row.gateway == code)


def heard(field: Field, code: str, at: datetime) -> None:
    """Something came through it: told by a message that names it among those that heard."""
    row = field.connection.execute("select gateway_id from gateway where code = %s", (code,)).fetchone()
    assert row is not None
    note_heard(field.connection, {row[0]: to_us(at)})


@pytest.fixture
def roaming(field: Field) -> Field:
    """Three devices behind the hill that speak every ten minutes, all of them heard in the valley now."""
    field.gateway("valley", "lora", "谷")
    for number in range(3):
        field.uplink(field.device(f"d{number}", gateway="hill", interval_s=600), ago(1), gateway="valley")
    return field


def test_devices_heard_elsewhere_do_not_make_a_dead_gateway_live(roaming: Field) -> None:
    heard(roaming, "hill", ago(31))
    assert [row.state for row in gateway_states(roaming.connection, "tea")] == ["silent", "live"]
    assert gateway(roaming).silent_s == pytest.approx(31 * 60, abs=20)
    assert gateway(roaming).silent_from == pytest.approx(ago(1), abs=timedelta(seconds=20))
    assert {row.gateway for row in silence(roaming.connection) if row.silent} == {"hill"}
    lora = next(row for row in network_states(roaming.connection) if row.network == "lora")
    assert (lora.gateways_silent, project_states(roaming.connection)[0].gateways_silent) == (1, 1)


def test_a_gateway_through_which_nothing_ever_came_is_not_live_either(roaming: Field) -> None:
    row = gateway(roaming)
    assert (row.state, row.last_heard_at, row.live) == ("never", None, 3)


def test_a_gateway_that_is_never_the_best_but_hears_is_live(roaming: Field) -> None:
    heard(roaming, "hill", ago(2))
    row = gateway(roaming)
    assert row.state == "live"
    assert row.last_heard_at == pytest.approx(ago(2), abs=timedelta(seconds=20))


def test_a_slow_device_does_not_keep_a_gateway_alive_whose_quick_ones_are_heard_elsewhere(roaming: Field) -> None:
    roaming.uplink(roaming.device("daily", gateway="hill", interval_s=86_400), ago(60), gateway="hill")
    assert gateway(roaming).state == "silent"


def test_a_gateway_with_slow_devices_only_is_waited_for_as_long(field: Field) -> None:
    field.uplink(field.device("daily", gateway="hill", interval_s=86_400), ago(60 * 71), gateway="hill")
    assert gateway(field).state == "live"


def test_a_dead_quick_device_does_not_make_its_gateway_dead(field: Field) -> None:
    field.uplink(field.device("dead", gateway="hill", interval_s=600), ago(600), gateway="hill")
    field.uplink(field.device("hourly", gateway="hill", interval_s=3600), ago(50), gateway="hill")
    row = gateway(field)
    assert (row.state, row.silent) == ("live", 1)


def test_a_message_that_names_no_gateway_says_nothing_where_others_name_theirs(roaming: Field) -> None:
    """A join or a status of ChirpStack tells no reception."""
    heard(roaming, "hill", ago(31))
    roaming.uplink(roaming.device("joined", gateway="hill", interval_s=600), ago(1))
    assert gateway(roaming).state == "silent"


def test_where_no_message_names_a_gateway_the_registry_is_what_is_known(field: Field) -> None:
    field.gateway("pole", "halow", "電柱")
    field.uplink(field.device("a", network="halow", gateway="pole", interval_s=600), ago(5))
    row = gateway(field, "pole")
    assert (row.state, row.last_heard_at is not None) == ("live", True)


def test_what_a_gateway_says_of_itself_comes_first(roaming: Field) -> None:
    heard(roaming, "hill", ago(300))
    roaming.gateway_event("hill", ago(20), kind=CONN, online=True)
    assert gateway(roaming).state == "live", "it says that it is there, though nobody speaks through it"
    heard(roaming, "hill", ago(11))
    roaming.gateway_event("hill", ago(10), kind=CONN, online=False)
    assert gateway(roaming).state == "silent", "its devices are heard in the valley"
    heard(roaming, "hill", ago(3))
    assert gateway(roaming).state == "live", "something came through it since"


def test_without_its_statistics_a_gateway_is_silent_though_its_devices_live(roaming: Field) -> None:
    for minutes in (90, 89, 88):
        roaming.gateway_event("hill", ago(minutes), kind=STATS, online=True, received=1)
    row = gateway(roaming)
    assert (row.presence, row.state) == ("offline", "silent")
    assert row.silent_s == pytest.approx(88 * 60, abs=20)


def test_an_older_receipt_changes_nothing(field: Field) -> None:
    heard(field, "hill", ago(2))
    heard(field, "hill", ago(20))
    assert gateway(field).last_heard_at == pytest.approx(ago(2), abs=timedelta(seconds=20))


def test_a_gateway_that_is_gone_from_the_registry_is_not_noted(field: Field) -> None:
    note_heard(field.connection, {999_999: to_us(ago(1))})
    assert field.connection.execute("select count(*) from gateway_heard").fetchone() == (0,)
