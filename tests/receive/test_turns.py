"""A sender who fills the inbox delays nobody else; acknowledgements keep the order of arrival."""

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest

from ingest.message import Received
from ingest.receive.buffer import ROUND_BYTES, Inbox
from ingest.receive.fresh_lane import Newest
from ingest.receive.subscription import ordered_routes
from ingest.receive.turns import senders
from ingest.settings.model import Settings

LARGE = 500_000
FLOOD, HONEST = "noroshi/v1/kochi/hostile/up", "noroshi/v1/kochi/gauge-1/up"
sender_of = senders(ordered_routes(Settings()))


def an_inbox(*messages: Received) -> Inbox:
    inbox = Inbox(24_000, 64 * 2**20, sender_of=sender_of)
    arrive(inbox, messages)
    return inbox


def arrive(inbox: Inbox, messages: Sequence[Received]) -> None:
    inbox.put(messages, sum(len(message.payload) for message in messages))


def flood(count: int, size: int = LARGE, topic: str = FLOOD, generation: int = 0) -> list[Received]:
    payload = bytes(size)
    return [Received(topic, payload, 0, number + 1, generation) for number in range(count)]


def honest(count: int = 1, topic: str = HONEST, generation: int = 0) -> list[Received]:
    return [Received(topic, b"%d" % number, 0, 30_000 + number, generation) for number in range(count)]


def take_all(inbox: Inbox, limit: int = 500) -> list[list[Received]]:
    rounds = []
    while inbox.waiting:
        rounds.append(inbox.take_now(limit))
    return rounds


@pytest.mark.parametrize(("count", "size"), [(120, LARGE), (20_000, 100), (60, 1_000_000)])
def test_a_message_behind_a_flood_is_in_the_first_round_or_the_second(count: int, size: int) -> None:
    inbox = an_inbox(*flood(count, size))
    first = inbox.take_now(500)
    late = honest(3)
    arrive(inbox, late)
    assert len(first) <= 500
    assert [message for message in inbox.take_now(500) if message.topic == HONEST] == late


def test_a_message_behind_floods_of_many_senders_does_not_wait_for_their_large_messages() -> None:
    many = [message for number in range(100) for message in flood(1, LARGE, f"noroshi/v1/kochi/made-up-{number}/up")]
    inbox = an_inbox(*many, *honest())
    assert honest()[0].payload in [message.payload for message in inbox.take_now(500)]


def test_a_large_message_of_an_honest_device_has_its_turn_among_a_flood_too() -> None:
    backfill = flood(1, 200_000, HONEST)
    inbox = an_inbox(*flood(120, 1_000), *flood(100), *backfill)
    taken = [message for one in take_all(inbox)[:2] for message in one]
    assert backfill[0] in taken


def test_a_round_is_bounded_in_bytes_and_brings_at_least_one_message() -> None:
    for size in (LARGE, 3 * ROUND_BYTES):
        rounds = take_all(an_inbox(*flood(20, size)))
        assert all(1 <= len(one) <= max(ROUND_BYTES // size + 1, 1) for one in rounds)
        assert sum(len(one) for one in rounds) == 20


def test_usual_messages_of_many_devices_are_taken_in_the_order_of_arrival() -> None:
    usual = [Received(f"noroshi/v1/kochi/gauge-{n % 50}/up", bytes(300), 0, n) for n in range(5_000)]
    inbox = an_inbox(*usual)
    assert [message for one in take_all(inbox) for message in one] == usual
    assert inbox.in_order(usual[:7]) == usual[:7]


def test_the_order_of_one_sender_stays_and_nothing_is_lost_or_doubled_whatever_comes_when() -> None:
    chance = random.Random(5)
    inbox, taken, sent, number = an_inbox(), list[Received](), list[Received](), 0
    for _ in range(400):
        for _ in range(chance.choice((0, 1, 5, 40))):
            number += 1
            size = chance.choice((10, 10, 300, 20_000, LARGE))
            sent.append(Received(chance.choice((FLOOD, FLOOD, HONEST, "a", "b")), bytes(size), number, number))
            arrive(inbox, sent[-1:])
        taken += inbox.take_now(chance.choice((1, 20)))
    taken += [message for one in take_all(inbox) for message in one]

    assert sorted(taken, key=lambda message: message.received_us) == sent
    assert taken != sent
    of_each = defaultdict[str, list[int]](list)
    for message in taken:
        of_each[message.topic].append(message.received_us)
    assert all(order == sorted(order) for order in of_each.values())


def test_what_was_overtaken_is_acknowledged_first_and_counts_as_held_until_then() -> None:
    overtaken, late = flood(120), honest(2)
    inbox = an_inbox(*overtaken, *late)
    taken = [message for one in take_all(inbox) for message in one]
    assert taken.index(late[1]) < 10

    acknowledged = list[Received]()
    for message in taken:
        before = len(acknowledged)
        released = inbox.in_order([message])
        inbox.release(released)
        acknowledged += released
        assert inbox.held == 122 - len(acknowledged)
        assert message not in late or len(acknowledged) == before, "it waits for those it has overtaken"
    assert acknowledged == [*overtaken, *late]
    assert (inbox.held, inbox._held_bytes) == (0, 0)


def test_the_order_of_acknowledgements_holds_over_the_beginning_and_the_end_of_turns() -> None:
    chance = random.Random(3)
    inbox, sent, under_way, acknowledged = an_inbox(), list[Received](), list[list[Received]](), list[Received]()
    for number in range(600):
        new = flood(chance.randrange(12)) if number % 60 < 20 else []
        new += [Received(f"d{n}", b"", 0, 1) for n in range(chance.randrange(3))]
        sent += new
        arrive(inbox, new)
        under_way.append(inbox.take_now(25))
        if len(under_way) > chance.randrange(12):
            released = inbox.in_order(under_way.pop(0))
            inbox.release(released)
            acknowledged += released
    for one in [*under_way, *take_all(inbox)]:
        acknowledged += inbox.in_order(one)
    assert list(map(id, acknowledged)) == list(map(id, sent))
    assert not inbox._turns.pending


def test_a_message_of_a_later_connection_overtakes_none_of_an_earlier_one() -> None:
    """Packet ids begin anew with a new session: what is noted under them must be noted in the order of arrival."""
    inbox = an_inbox(*flood(20, generation=1), *honest(generation=1))
    inbox.take_now(500)
    arrive(inbox, [*flood(20, generation=2), *honest(generation=2)])
    generations = [message.generation for one in take_all(inbox) for message in one]
    assert generations == sorted(generations)


def test_a_sparkplug_node_is_one_sender_whatever_topic_it_writes_to() -> None:
    node = [f"spBv1.0/kochi/{event}" for event in ("NBIRTH/edge", "NDATA/edge", "DBIRTH/edge/pump", "DDATA/edge/pump")]
    assert len({sender_of(topic) for topic in node}) == 1
    assert sender_of("spBv1.0/kochi/NDATA/other") != sender_of(node[0])
    assert sender_of(HONEST) == HONEST

    birth, *others = [Received(topic, b"", 0, number) for number, topic in enumerate(node * 100)]
    large = flood(1, LARGE, "spBv1.0/kochi/DDATA/edge/valve")
    inbox = an_inbox(*flood(50), birth, *large, *others)
    of_the_node = [message for one in take_all(inbox) for message in one if message.topic != FLOOD]
    assert of_the_node == [birth, *large, *others]


async def test_after_an_unclean_end_messages_come_in_the_order_of_arrival_whoever_fills_the_inbox() -> None:
    sent = [*flood(120), *honest()]
    inbox = an_inbox(*sent)
    assert await inbox.take_in_order(500) == sent


def test_a_flood_does_not_push_others_out_of_the_fresh_lane() -> None:
    inbox = Newest(1_000, 8 * 2**20)
    first = honest()
    arrive(inbox, first)
    for message in flood(100):
        arrive(inbox, [message])
    taken = inbox.take_now(500)
    assert taken[0] is first[0]
    assert len(taken) > 10, "the newest of the flood are kept as far as there is room"
