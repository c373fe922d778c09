"""What a broker says in CONNACK: refused where messages would be lost without a word, else said to the operator."""

from typing import Any

import mqtt5
import pytest

from ingest.errors import BrokerRefused
from ingest.mqtt.address import address_of
from ingest.receive.terms import check_terms, lowered
from ingest.settings.broker import BrokerSettings

BROKER = BrokerSettings(client_id="noroshi-test")
FILTERS = ("noroshi/v1/+/+/up",)
SHARED = ("$share/noroshi-ingest/noroshi/v1/+/+/up",)


def check(filters: tuple[str, ...] = FILTERS, qos: mqtt5.QoS = mqtt5.QoS.AT_LEAST_ONCE, **said: Any) -> None:
    check_terms(mqtt5.ConnAckPacket(**said), BROKER, filters, qos, address_of(BROKER))


@pytest.mark.parametrize(
    ("said", "filters", "words"),
    [
        ({"max_qos": mqtt5.QoS.AT_MOST_ONCE}, FILTERS, "grants QoS 0 only.*max_qos"),
        ({"session_expiry_interval": 0}, FILTERS, "keeps no session.*broker.session_expiry_s"),
        ({"shared_subscription_available": False}, SHARED, "knows no shared subscriptions.*--workers 1"),
        ({"wildcard_subscription_available": False}, FILTERS, "knows no wildcards.*routes"),
        ({"assigned_client_id": "auto-1"}, FILTERS, "calls us 'auto-1'.*broker.client_id"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_broker_with_which_messages_would_be_lost_is_refused(
    said: dict[str, Any], filters: tuple[str, ...], words: str
) -> None:
    with pytest.raises(BrokerRefused, match=words):
        check(filters, **said)


def test_a_broker_that_grants_what_is_needed_is_taken() -> None:
    check()
    check(SHARED, max_qos=mqtt5.QoS.AT_LEAST_ONCE, session_expiry_interval=3600, subscription_id_available=False)
    check(shared_subscription_available=False, retain_available=False)
    check(qos=mqtt5.QoS.AT_MOST_ONCE, max_qos=mqtt5.QoS.AT_MOST_ONCE)


def test_a_session_kept_for_less_than_asked_is_said_with_the_setting() -> None:
    assert lowered(mqtt5.ConnAckPacket(), BROKER) == ""
    assert lowered(mqtt5.ConnAckPacket(session_expiry_interval=604_800), BROKER) == ""
    assert "for 86400 s, not for broker.session_expiry_s = 604800" in lowered(
        mqtt5.ConnAckPacket(session_expiry_interval=86_400), BROKER
    )
