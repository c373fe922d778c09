"""Transmitting time of gateways: commands and answers in any order, twice, late, or never."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from ingest.watch.airtime.pieces import Sent, on_air
from ingest.watch.delivery.database.states import read_states
from schemas.japan import JST
from tests.figures.field import jst
from tests.watch.airtime.conftest import Radios, Said, answer, command

START = jst(2026, 6, 30, 20)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def sent(at: datetime, number: int, airtime_ms: float) -> list[Said]:
    """A frame that is sent in the second receive window."""
    return [
        command(at - SECOND, number, airtime_ms / 2, airtime_ms),
        answer(at, number, "TOO_LATE", "OK"),
    ]


def test_ranks_of_a_gateway_rise_at_the_shares_of_its_limit_and_fall(radios: Radios) -> None:
    """36 s an hour: 13 frames of 2 s are 72 %, 17 are 94 %, 18 are 100 %."""
    hill = radios.gateway("hill", "D")
    radios.look(START)
    ranks = []
    number = 0
    for minute, frames in ((10, 12), (11, 1), (12, 4), (13, 1)):
        for _ in range(frames):
            number += 1
            radios.say(hill, sent(START + minute * MINUTE + number * SECOND, number, 2_000))
        events = radios.look(START + (minute + 1) * MINUTE)
        ranks += [(event.before_rank, event.rank) for event in events]
    assert ranks == [(0, 1), (1, 2), (2, 3)]
    (event,) = events
    assert event.subject == f"airtime:g{hill}"
    assert (event.thing.gateway_id, event.thing.device_id) == (hill, None)
    assert event.value == pytest.approx(36)
    assert event.details == {"percent": 100.0, "limit": 36, "regime": "D", "estimated": False}
    row = radios.connection.execute(
        "select kind, top_rank, gateway_id from watch_incident where closed_at is null"
    ).fetchone()
    assert row == ("airtime", 3, hill)
    assert radios.of_gateways() == [
        (f"g:{hill}", "2026-06-01", "D", pytest.approx(36), START + 13 * MINUTE + 18 * SECOND, 36, 2_000, False)
    ]
    (event,) = radios.look(START + 90 * MINUTE)
    assert event.rank == 0


def test_only_what_was_sent_counts_and_what_was_sent_without_a_length_is_said(radios: Radios) -> None:
    hill, valley = radios.gateway("hill", "D"), radios.other_gateway("valley", "D")
    radios.look(START)
    at = START + 5 * MINUTE
    radios.say(valley, [command(at, 1, 30_000), answer(at, 2), answer(at, 3, "TX_FREQ")])
    radios.look(START + 10 * MINUTE)
    assert radios.of_gateways() == [], "no answer, no command, refused: of none it is known how long it was"
    radios.say(hill, [*sent(at, 1, 26_000), command(at, 4, None), answer(at + SECOND, 4), answer(at, 5)])
    (event,) = radios.look(START + 11 * MINUTE)
    assert (event.rank, event.details["untold"]) == (1, 2)
    (row,) = radios.of_gateways()
    assert (row[3], row[-1]) == (pytest.approx(26), True), "at least so long"
    radios.say(hill, [command(at, 5, 500)])
    radios.look(START + 12 * MINUTE)
    (row,) = radios.of_gateways()
    assert row[3] == pytest.approx(26.5)


def test_an_answer_that_comes_twice_is_one_frame_and_a_number_that_comes_again_is_another(radios: Radios) -> None:
    hill = radios.gateway("hill", "B")
    radios.look(START)
    at = START + 5 * MINUTE
    radios.say(hill, [*sent(at, 7, 1_000), answer(at + 9 * SECOND, 7, "TOO_LATE", "OK"), *sent(at, 7, 1_000)])
    radios.look(START + 20 * MINUTE)
    (row,) = radios.of_gateways()
    assert row[3] == pytest.approx(1)
    later = at + timedelta(hours=2)
    radios.say(hill, [*sent(later, 7, 3_000)])
    radios.look(later + MINUTE)
    (row,) = radios.of_gateways()
    assert (row[3], row[4]) == (pytest.approx(3), later)


def test_a_gateway_without_a_sum_minds_single_frames(radios: Radios) -> None:
    hill = radios.gateway("hill", "A")
    radios.look(START)
    radios.say(hill, sent(START + MINUTE, 1, 3_999))
    assert radios.look(START + 2 * MINUTE) == []
    radios.say(hill, sent(START + 3 * MINUTE, 2, 4_001))
    (event,) = radios.look(START + 4 * MINUTE)
    assert (event.rank, event.value, event.measure) == (3, 4_001, "airtime_single")


def said_of(frames: list[tuple[datetime, int, float]], chance: Random) -> list[Said]:
    """Commands and answers of these frames, some of them twice, and some that were never sent."""
    every: list[Said] = []
    for at, number, airtime_ms in frames:
        every += [command(at - SECOND, number, airtime_ms), answer(at, number)]
        if chance.random() < 0.2:
            every.append(answer(at + chance.randrange(1, 900) * SECOND, number))
        if chance.random() < 0.2:
            every.append(command(at - 3 * SECOND, number, airtime_ms))
        if chance.random() < 0.1:
            every.append(command(at, number + 10_000, airtime_ms))
    return every


@pytest.mark.parametrize("seed", range(4))
def test_the_same_messages_give_the_same_ledger_in_any_order(radios: Radios, seed: int) -> None:
    """Two months; half of the messages are stored late, in any order. Airtimes are few, so that many hours tie."""
    hill, chance = radios.gateway("hill", "D"), Random(seed)
    frames = [
        (START + number * 6 * MINUTE + chance.randrange(300) * SECOND, number, chance.choice([500.0, 1_500.0]))
        for number in range(90)
    ]
    every = said_of(frames, chance)
    looks = [START + timedelta(hours=hours) for hours in (0, 2, 3, 5, 9, 30)]
    arrives: dict[datetime, list[Said]] = {look: [] for look in looks}
    for each in every:
        possible = [look for look in looks if look > each[0]]
        arrives[possible[0] if chance.random() < 0.5 else chance.choice(possible)].append(each)
    for now, arriving in arrives.items():
        chance.shuffle(arriving)
        for some in (arriving[::2], arriving[1::2]):
            radios.say(hill, some)
        radios.look(now)
    july = jst(2026, 7, 1)
    whole = on_air([Sent(at, airtime_ms, told=True) for at, _, airtime_ms in frames])
    wanted = []
    for month, starts, ends in (("2026-06-01", START, july), ("2026-07-01", july, looks[-1])):
        most = whole.most(starts.timestamp(), ends.timestamp())
        wanted.append((month, pytest.approx(most.seconds, abs=1e-6), pytest.approx(most.at_s, abs=1), 1_500, False))
    assert [(row[1], row[3], row[4].timestamp(), *row[6:]) for row in radios.of_gateways()] == wanted
    for before, after in pairwise([radios.of_gateways(), (radios.look(looks[-1] + MINUTE), radios.of_gateways())[1]]):
        assert before == after


def test_what_a_panel_hears_of_a_gateway(radios: Radios) -> None:
    """The state of the broker names the gateway."""
    hill = radios.gateway("hill", "D")
    radios.look(START)
    radios.say(hill, sent(START + MINUTE, 1, 30_000))
    (event,) = radios.look(START + 2 * MINUTE)
    radios.connection.execute(
        "insert into watch_delivery (project_id, incident_id, channel, kind, target, idempotency_key)"
        " select project_id, incident_id, 'mqtt', 'mqtt', 'x', gen_random_uuid() from watch_incident"
    )
    ((topic, state),) = read_states(radios.connection).items()
    assert topic == "noroshi/v1/tea/watch/gateway:hill/airtime"
    assert (state.rank, event.rank) == (1, 1)


def test_what_is_stored_at_once_needs_no_note(radios: Radios) -> None:
    hill, now = radios.gateway("hill", "D"), datetime.now(JST)
    radios.look(now - 2 * MINUTE)
    radios.say(hill, sent(now - MINUTE, 1, 1_000))
    assert radios.connection.execute("select count(*) from watch_touched").fetchone() == (0,)
    radios.look(now)
    assert [row[3] for row in radios.of_gateways()] == [pytest.approx(1)]
    radios.say(hill, sent(now - 10 * MINUTE, 2, 1_000))
    row = radios.connection.execute("select watcher, device_id, gateway_id from watch_touched").fetchone()
    assert row == ("airtime", None, hill)


def test_of_hours_that_are_as_long_the_first_is_kept_whichever_came_first(radios: Radios) -> None:
    hill = radios.gateway("hill", "D")
    first, second = START - 600 * MINUTE, START
    radios.look(first)
    radios.say(hill, sent(second, 2, 1_000))
    radios.look(second + MINUTE)
    radios.say(hill, sent(first, 1, 1_000))
    radios.look(second + 2 * MINUTE)
    assert [row[3:5] for row in radios.of_gateways()] == [(pytest.approx(1), first)]
