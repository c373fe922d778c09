"""What The Things Stack says about a device beside its uplinks."""

import pytest

from schemas.uplink import EventKind, Measured
from tests.decode.test_things_stack import APPLICATION_US, ENVELOPE, read


def test_a_failed_downlink_is_what_the_server_remarks_about_the_device() -> None:
    error = {"namespace": "pkg/networkserver", "name": "application_downlink_too_long", "message_format": "too long"}
    uplink = read(ENVELOPE | {"downlink_failed": {"downlink": {"f_port": 1}, "error": error}})
    assert uplink.kind == EventKind.LOG
    assert uplink.link is not None
    assert uplink.link.more == {"level": "ERROR", "code": "application_downlink_too_long", "description": "too long"}


def test_a_queued_and_an_acknowledged_downlink_are_kept_with_what_they_say() -> None:
    for key in ("downlink_queued", "downlink_ack"):
        link = read(ENVELOPE | {key: {"f_port": 1, "f_cnt": 7, "confirmed": True, "frm_payload": "AA=="}}).link
        assert link is not None
        assert link.more == {"event": key, "f_port": 1, "f_cnt_down": 7, "confirmed": True}


def test_a_join_is_noted_and_measures_nothing() -> None:
    uplink = read(ENVELOPE | {"join_accept": {"session_key_id": "AY8k"}})
    assert (uplink.kind, uplink.time_us, uplink.measured) == (EventKind.JOIN, APPLICATION_US, [])


@pytest.mark.parametrize("key", ["downlink_ack", "downlink_queue_invalidated", "downlink_sent", "service_data"])
def test_other_events_are_understood_and_measure_nothing(key: str) -> None:
    uplink = read(ENVELOPE | {key: {}})
    assert (uplink.kind, uplink.measured) == (EventKind.OTHER, [])


def test_a_solved_location_measures_the_position() -> None:
    solved = {"service": "frm-payload", "location": {"latitude": 35.68, "longitude": 139.77, "altitude": 40}}
    uplink = read(ENVELOPE | {"location_solved": solved})
    assert uplink.measured == [
        Measured("position_latitude", 35.68),
        Measured("position_longitude", 139.77),
        Measured("position_altitude", 40),
    ]
