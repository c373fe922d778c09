"""An acknowledgement by MQTT is taken, or refused for one reason of a closed list; nothing that it holds raises."""

import json
from typing import Any

import psycopg
import pytest

from ingest.watch.deeds.by_mqtt import AckRefusal, acknowledge_by_mqtt, topic_of
from ingest.watch.deeds.model import Acknowledged
from tests.watch.deeds.conftest import entries_of, incident, project_of

TOPIC = topic_of("here")
Connection = psycopg.Connection[Any]


def payload(number: object, rank: object = 2, by: object = "庁舎の表示盤") -> bytes:
    return json.dumps({"incident": number, "rank": rank, "by": by}).encode()


def test_a_message_takes_an_incident_once(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    done = acknowledge_by_mqtt(connection, TOPIC, payload(number))
    assert done == Acknowledged(number, 2, already=False, needs_more=False)
    again = acknowledge_by_mqtt(connection, TOPIC, payload(number))
    assert isinstance(again, Acknowledged)
    assert again.already
    assert entries_of(connection, "watch_acknowledged") == [("mqtt:庁舎の表示盤", f"incident {number}", "here")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", AckRefusal.JSON), (b"\xff", AckRefusal.JSON), (b"[1]", AckRefusal.JSON), (b"1", AckRefusal.JSON),
        (b"[" * 2_000, AckRefusal.JSON), (b" " * 2_049, AckRefusal.SIZE), (b"{}", AckRefusal.FIELDS),
        (payload("1"), AckRefusal.FIELDS), (payload(1.0), AckRefusal.FIELDS), (payload(True), AckRefusal.FIELDS),
        (payload(0), AckRefusal.FIELDS), (payload(2**63), AckRefusal.FIELDS), (payload(1, 0), AckRefusal.FIELDS),
        (payload(1, 1_001), AckRefusal.FIELDS), (payload(1, 2, ""), AckRefusal.FIELDS),
        (payload(1, 2, "x" * 101), AckRefusal.FIELDS), (payload(1, 2, "a\nb"), AckRefusal.FIELDS),
        (payload(1, 2, "\ud800"), AckRefusal.FIELDS), (payload(1, 2, ["a"]), AckRefusal.FIELDS),
        (payload(2**63 - 1), AckRefusal.INCIDENT),
    ],
    ids=lambda each: str(each)[:30],
)  # fmt: skip
def test_what_is_wrong_has_one_reason(connection: Connection, content: bytes, why: AckRefusal) -> None:
    assert acknowledge_by_mqtt(connection, TOPIC, content) is why


def test_a_rank_that_was_not_reached_and_the_incident_of_another_project(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    theirs = incident(connection, project_of(connection, "there"))
    assert acknowledge_by_mqtt(connection, TOPIC, payload(number, 3)) is AckRefusal.RANK
    assert acknowledge_by_mqtt(connection, TOPIC, payload(theirs)) is AckRefusal.INCIDENT
    assert acknowledge_by_mqtt(connection, topic_of("nowhere"), payload(number)) is AckRefusal.PROJECT


@pytest.mark.parametrize("topic", ["", TOPIC + "/x", TOPIC.upper(), topic_of("+"), "x" + TOPIC, topic_of("a/b")])
def test_another_topic_is_none(connection: Connection, project: int, topic: str) -> None:
    assert acknowledge_by_mqtt(connection, topic, payload(incident(connection, project))) is AckRefusal.TOPIC
