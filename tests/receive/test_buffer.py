"""The count that bounds memory, the pauses between attempts, and the door."""

import asyncio

import pytest

from ingest.message import Received
from ingest.mqtt.address import address_of
from ingest.receive.buffer import Inbox
from ingest.receive.factory import open_intake
from ingest.receive.mqtt5 import Mqtt5Intake
from ingest.receive.mqtt311 import Mqtt311Intake
from ingest.runtime.backoff import Backoff
from ingest.settings.broker import BrokerSettings
from ingest.settings.model import Settings
from tests.receive.helpers import now_us


def messages(count: int, size: int = 10) -> list[Received]:
    return [Received("t", bytes(size), 0, number) for number in range(1, count + 1)]


async def test_the_inbox_is_full_by_messages_and_roomy_again_below_three_quarters() -> None:
    inbox = Inbox(8, 10_000)
    inbox.put(messages(8), 80)
    assert inbox.above_high_watermark
    inbox.release(await inbox.take(2))
    assert (inbox.above_high_watermark, inbox.below_low_watermark) == (False, False)
    inbox.release(await inbox.take(1))
    assert inbox.below_low_watermark
    assert (inbox.held, inbox.received_total) == (5, 8)


async def test_the_inbox_is_full_by_bytes_too() -> None:
    inbox = Inbox(1000, 100)
    inbox.put(messages(1, 100), 100)
    assert inbox.above_high_watermark
    inbox.release(await inbox.take(5))
    assert inbox.below_low_watermark


async def test_taking_waits_for_the_first_message_and_keeps_the_order() -> None:
    inbox = Inbox(100, 1000)
    taking = asyncio.create_task(inbox.take(2))
    await asyncio.sleep(0)
    assert not taking.done()
    inbox.put(messages(3), 30)
    assert [message.packet_id for message in await taking] == [1, 2]
    assert [message.packet_id for message in await inbox.take(2)] == [3]
    assert inbox.held == 3


def test_the_back_off_doubles_up_to_its_bound_and_begins_anew_after_a_good_connection() -> None:
    backoff = Backoff(3.0, lambda: 1.0)
    assert [backoff.pause_s() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    backoff.lived(2.9)
    assert backoff.pause_s() == 3.0
    backoff.lived(3.0)
    assert backoff.pause_s() == 0.5


def test_the_jitter_is_full_but_not_after_a_quarrel() -> None:
    backoff = Backoff(30.0, lambda: 0.0)
    assert backoff.pause_s() == 0.0
    assert backoff.long_pause_s() == 15.0


@pytest.mark.parametrize(
    ("url", "shown", "user"),
    [
        ("mqtt://broker.example", "mqtt://broker.example:1883", None),
        ("mqtts://me:secret@broker.example", "mqtts://broker.example:8883", "me"),
        ("mqtt://[::1]:2000", "mqtt://[::1]:2000", None),
    ],
)
def test_an_address_is_shown_without_credentials(url: str, shown: str, user: str | None) -> None:
    address = address_of(BrokerSettings(url=url))
    assert (str(address), address.username) == (shown, user)


async def test_the_settings_choose_the_intake() -> None:
    assert isinstance(open_intake(Settings(), now_us=now_us), Mqtt5Intake)
    old = Settings(broker=BrokerSettings(protocol="3.1.1"))
    assert isinstance(open_intake(old, now_us=now_us), Mqtt311Intake)
