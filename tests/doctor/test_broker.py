"""A broker is tried out, not believed: real ones that drop, forget, refuse, hang, or are as they should be."""

import asyncio
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.doctor import broker, queue, share
from ingest.doctor.finding import Finding, Severity
from ingest.mqtt.probe.granted import Granted
from ingest.mqtt.probe.mark import started_at
from ingest.mqtt.probe.queue import Queued
from ingest.mqtt.probe.share import Shared
from ingest.mqtt.probe.window import Window
from ingest.settings.model import Settings
from ingest.simulator.publisher import Publisher
from tests.deploy.shipped import VERSIONS, shipped_broker
from tests.doctor.call import doctor
from tests.figures.field import Field
from tests.fixtures.broker import AmqttBroker, Broker
from tests.fixtures.database import Database
from tests.receive.helpers import TOPIC, make_intake, payloads, running, take
from tests.security.valley import INGEST, INGEST_PASSWORD, Valley

ALL = ("broker", "queue", "memory", "share")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
GRANTED = Granted(
    session_expiry_s=7 * 86400, max_packet_bytes=None, qos=2, shared=True, retain=True, round_trip_s=0.001, refused=[]
)


class AsItComes(Broker):
    """Mosquitto with the limits it has by itself."""

    def _lines(self) -> Iterator[str]:
        return (line for line in super()._lines() if not line.startswith("max_"))


def severities(findings: Iterator[Finding]) -> list[Severity]:
    return [finding.severity for finding in findings]


def test_the_messages_that_mosquitto_drops_by_default_are_missed(tmp_path: Path) -> None:
    with AsItComes(tmp_path) as shipped:
        found = doctor("queue", broker=shipped.url)
    assert found.code == 1
    assert "acknowledged 1,200 messages for somebody who was away and silently dropped 200" in found.of("bad")[0]
    assert found.data() == {"sent": 1200, "accepted": 1200, "returned": 1000}
    assert "max_queued_messages 0" in found.findings[0]["todo_en"]


def test_what_is_left_is_told_in_minutes_of_the_registered_devices(tmp_path: Path, any_database: Database) -> None:
    field = Field(any_database.connect())
    for number in range(20):
        field.device(f"d{number}", interval_s=60)
    with AsItComes(tmp_path) as shipped:
        found = doctor("queue", broker=shipped.url, database=any_database.url)
    assert "about 50 minutes of the registered devices" in found.of("bad")[0]


def test_nothing_is_wrong_with_a_broker_as_we_configure_it(tmp_path: Path) -> None:
    """What deploy/mosquitto says, as far as Mosquitto 2.0 knows it. That it overruns a receive maximum is noted."""
    acl = tmp_path / "acl"
    acl.write_text(
        "user ingest\ntopic read noroshi/v1/+/+/up\ntopic readwrite noroshi/doctor/#\n"
        "topic read $SYS/broker/uptime\ntopic read $SYS/broker/publish/messages/dropped\n"
    )
    config = [f"acl_file {acl}", "max_queued_bytes 2147483647", "max_packet_size 524288"]
    ours = Broker(tmp_path, persistence=True, config=config)
    ours.require_password("ingest", "secret")
    url = f"mqtt://ingest:secret@127.0.0.1:{ours.port}"
    with ours:
        first = doctor("memory", broker=url)
        ours.stop()
        ours.start()
        found = doctor(*ALL, broker=url)
    assert "not proven yet" in first.of("note")[0]
    assert found.code == 0
    assert found.severities <= {"ok", "note"}
    assert all("unacknowledged" in said for said in found.of("note"))
    assert any("remembers what was before its start" in said for said in found.of("ok"))
    assert not any("secret" in str(one) for one in found.findings)


@pytest.mark.parametrize(
    ("uptime_s", "started"), [(None, None), (30, NOW - timedelta(seconds=30)), (2**64 - 1, None)], ids=str
)
def test_a_broker_may_count_its_first_second_backwards(uptime_s: int | None, started: datetime | None) -> None:
    """Mosquitto 2.1 said 18446744073709551615 seconds in the second of its start."""
    assert started_at(NOW, uptime_s) == started


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_wrong_with_the_broker_as_shipped(version: str) -> None:
    """The account of the service is as `noroshi broker apply` makes it."""
    with shipped_broker(version) as shipped:
        Valley(shipped).apply()
        account = {"NOROSHI_BROKER__USERNAME": INGEST, "NOROSHI_BROKER__PASSWORD": INGEST_PASSWORD}
        doctor("memory", broker=shipped.url, **account)
        shipped.stop()
        shipped.start()
        found = doctor(*ALL, "ids", broker=shipped.url, **account)
    assert found.code == 0
    assert found.severities <= {"ok", "note"}
    assert all("unacknowledged" in said for said in found.of("note"))
    assert {one["check"] for one in found.findings if one["severity"] == "ok"} == {*ALL, "ids"}


def test_a_broker_without_persistence_never_proves_that_it_remembers(mosquitto: Broker) -> None:
    assert "not proven yet" in doctor("memory", broker=mosquitto.url).of("note")[0]
    mosquitto.stop()
    mosquitto.start()
    found = doctor("memory", broker=mosquitto.url)
    assert "not proven yet" in found.of("note")[0]
    assert "the broker forgets" in found.findings[0]["todo_en"]


def test_where_our_user_may_not_try_it_is_said_what_to_permit(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic read noroshi/v1/+/+/up\n")
    with Broker(tmp_path, config=[f"acl_file {acl}"]) as narrow:
        found = doctor(*ALL, broker=narrow.url)
    assert found.code == 0
    assert len([said for said in found.of("note") if "does not let us use noroshi/doctor/#" in said]) == 3
    assert "noroshi broker apply" in found.findings[1]["todo_en"]


def test_a_topic_that_the_service_may_not_hear_is_named(tmp_path: Path) -> None:
    guarded = Broker(tmp_path)
    guarded.refuse_subscription("noroshi/v1/+/+/up")
    with guarded:
        found = doctor("broker", broker=guarded.url)
    assert (found.code, len(found.findings)) == (1, 1)
    assert "the subscription to noroshi/v1/+/+/up is refused" in found.of("bad")[0]


def test_topics_of_downlinks_that_are_refused_stop_no_reading(tmp_path: Path) -> None:
    guarded = Broker(tmp_path)
    guarded.refuse_subscription("gateway/+/command/down")
    with guarded:
        found = doctor("broker", broker=guarded.url)
    assert found.of("bad") == []
    assert "the subscription to gateway/+/command/down is refused" in found.of("warning")[0]


def test_a_broker_that_cuts_off_what_we_could_read_is_told(tmp_path: Path) -> None:
    with Broker(tmp_path, config=["max_packet_size 2000"]) as small:
        found = doctor("broker", broker=small.url)
    assert "takes no packet above 2,000 bytes" in found.of("warning")[0]


async def test_the_session_of_the_service_and_its_messages_are_left_alone(mosquitto: Broker) -> None:
    """Away or connected: what waits for it comes to it, and nobody throws it out."""
    intake = make_intake("5", mosquitto.url)
    async with running(intake):
        pass
    async with Publisher(mosquitto.url, "field") as field:
        await field.publish_many((TOPIC, b"%d" % number) for number in range(30))
    await asyncio.to_thread(doctor, *ALL, broker=mosquitto.url)
    again = make_intake("5", mosquitto.url)
    async with running(again):
        assert payloads(await take(again, 30)) == [b"%d" % number for number in range(30)]
        await asyncio.to_thread(doctor, *ALL, broker=mosquitto.url)
        assert (again.connects_total, again.held) == (1, 30)


def test_no_session_stays_behind(tmp_path: Path) -> None:
    """The broker writes down those it keeps; beside them, who has left a retained message."""
    with Broker(tmp_path, persistence=True) as careful:
        doctor(*ALL, broker=careful.url)
        careful.stop()
        stored = (tmp_path / "mosquitto.db").read_bytes()
    assert b"noroshi/doctor/mark" in stored
    assert set(re.findall(rb"noroshi-doctor-[0-9a-f]{12}-(.{4})", stored)) == {b"mark"}


def test_a_broker_that_is_away_is_said_once(mosquitto: Broker) -> None:
    mosquitto.stop()
    found = doctor(*ALL, broker=mosquitto.url)
    assert found.code == 1
    assert "nothing listens there" in found.of("bad")[0]
    assert found.of("unknown") == ["not examined, see [broker]"] * 3


def test_what_could_not_be_examined_is_not_called_good() -> None:
    found = doctor("share")
    assert (found.code, found.severities) == (1, {"unknown"})
    assert "nothing listens there" in found.of("unknown")[0]


def test_a_port_that_never_answers_holds_up_nothing_else(any_database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mqtt://127.0.0.1:{silent.getsockname()[1]}"
        found = doctor("broker", "queue", "clock", broker=url, database=any_database.url)
    by_check = {one["check"]: one for one in found.findings}
    assert "does not answer CONNECT within 5 s" in by_check["broker"]["found_en"]
    assert by_check["queue"]["severity"] == "unknown"
    assert by_check["clock"]["severity"] == "ok"


def test_a_broker_of_mqtt_3_1_1_is_not_tried_out(tmp_path: Path) -> None:
    with AmqttBroker(tmp_path) as old:
        found = doctor(*ALL, broker=old.url, NOROSHI_BROKER__PROTOCOL="3.1.1")
    assert (found.code, found.severities) == (0, {"note"})


def test_a_session_that_is_kept_for_too_short_is_bad() -> None:
    (finding,) = broker.findings_of(GRANTED._replace(session_expiry_s=3600), Settings())
    assert finding.severity is Severity.BAD
    assert "for 3,600 s, and we ask for 604,800 s" in finding.found.en
    assert severities(broker.findings_of(GRANTED, Settings())) == []


def test_a_broker_that_forgets_sessions_at_once_is_bad() -> None:
    forgets = Queued(sent=10, accepted=10, returned=0, session_kept=False, window_asked=5, window=0)
    assert severities(queue.findings_of(forgets, 0.0)) == [Severity.BAD]


def test_a_broker_that_says_no_when_its_queue_is_full_is_bad_too() -> None:
    refuses = Queued(sent=10, accepted=8, returned=8, session_kept=True, window_asked=5, window=5)
    (finding,) = queue.findings_of(refuses, 0.0)
    assert (finding.severity, "it refused 2" in finding.found.en) == (Severity.BAD, True)


@pytest.mark.parametrize(("window", "most", "notes"), [(5, 5, 0), (2, 5, 1), (5, 9, 1), (2, 9, 2)])
def test_a_window_that_is_narrow_or_overrun_is_noted(window: int, most: int, notes: int) -> None:
    queued = Queued(sent=10, accepted=10, returned=10, session_kept=True, window_asked=5, window=window)
    assert severities(queue.findings_of_window(queued, Window(5, most))) == [Severity.NOTE] * notes


def test_what_a_broker_does_with_a_dead_worker_decides_whether_workers_are_advised() -> None:
    kept = Shared(sent=40, moved=0, again=10, lost=0, dealt_to_the_dead=10)
    assert severities(share.findings_of(kept)) == [Severity.OK]
    assert severities(share.findings_of(kept._replace(moved=10, again=0))) == [Severity.NOTE]
    (lost,) = share.findings_of(kept._replace(lost=10))
    assert (lost.severity, "without --workers" in str(lost.todo)) == (Severity.WARNING, True)
    assert severities(share.findings_of(None)) == [Severity.NOTE]
