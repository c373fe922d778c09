"""Transmitting time on real servers: ranks of the last hour, and a ledger that late messages keep exact."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from ingest.store.database import Database
from ingest.watch.airtime import changes, ledger
from ingest.watch.airtime import look as look_module
from ingest.watch.airtime.database import sent_in
from ingest.watch.airtime.pieces import Sent, on_air
from ingest.watch.progress.database import Span
from schemas.airtime import airtime_limits
from tests.figures.field import jst
from tests.watch.airtime.conftest import Frame, Radios

START = jst(2026, 6, 30, 20)
MINUTE = timedelta(minutes=1)


def sent(starts: datetime, minutes: range, airtime_ms: float = 2_000) -> list[Frame]:
    return [(starts + minute * MINUTE, minute, airtime_ms) for minute in minutes]


def count_what_is_asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For how many devices messages were asked for, question by question."""
    asked: list[int] = []

    def ask(connection: Database, spans: Sequence[Span]) -> dict[int, list[Sent]]:
        asked.append(len(spans))
        return sent_in(connection, spans)

    monkeypatch.setattr(look_module, "DEVICES", ledger.DEVICES._replace(sent_in=ask))
    return asked


def test_a_rank_rises_with_the_sliding_hour_and_falls_when_it_is_over(radios: Radios) -> None:
    """36 s an hour: twelve frames of 2 s are 66 %, thirteen 72 %, whatever the clock hour."""
    device = radios.device("d", "D")
    radios.device("unsaid", None)
    radios.look(START)
    radios.arrive(device, sent(START + 50 * MINUTE, range(12)))
    assert radios.look(START + 62 * MINUTE) == []
    radios.arrive(device, sent(START + 50 * MINUTE, range(12, 13)))
    (event,) = radios.look(START + 63 * MINUTE)
    assert (event.rank, event.stage.unit) == (1, "s")
    assert event.stage.threshold == pytest.approx(25.2)
    assert event.value == pytest.approx(26)
    assert event.details["estimated"] is True
    radios.arrive(device, sent(START + 50 * MINUTE, range(20, 21)))  # the counter tells of seven lost ones
    (event,) = radios.look(START + 71 * MINUTE)
    assert (event.before_rank, event.rank, event.details["percent"]) == (1, 3, 116.7)
    (event,) = radios.look(START + 140 * MINUTE)
    assert event.rank == 0


def test_a_regime_without_a_sum_minds_single_transmissions(radios: Radios) -> None:
    device = radios.device("a", "A")
    radios.look(START)
    radios.arrive(device, sent(START, range(40), 3_900))
    assert radios.look(START + 41 * MINUTE) == []
    radios.arrive(device, sent(START, range(41, 42), 4_100))
    (event,) = radios.look(START + 42 * MINUTE)
    assert (event.rank, event.value, event.measure) == (3, 4_100, "airtime_single")


def test_the_ledger_is_exact_whenever_messages_arrive(radios: Radios) -> None:
    """Frames of two months in any order, half of them late: a lost one that arrives later counts where it was sent."""
    device = radios.device("d", "D")
    chance = Random(3)
    every = [
        (START + number * 7 * MINUTE + timedelta(seconds=chance.randrange(60)), number, chance.choice([200.0, 1_500.0]))
        for number in range(100)
    ]
    every = [each for each in every if each[1] % 10 not in {3, 4}]  # these are never heard
    looks = [START + timedelta(hours=hours) for hours in (0, 3, 5, 9, 13, 30)]
    arrives: dict[datetime, list[Frame]] = {look: [] for look in looks}
    for each in every:
        possible = [look for look in looks if look > each[0]]
        arrives[possible[0] if chance.random() < 0.5 else chance.choice(possible)].append(each)
    for now, arriving in arrives.items():
        radios.arrive(device, arriving)
        radios.look(now)
    rows = [
        Sent(at, airtime_ms, 0 if not before else counter - before[1] - 1, before[0] if before else None)
        for before, (at, counter, airtime_ms) in zip([None, *every], every, strict=False)
    ]
    july = jst(2026, 7, 1)
    for (_, month, seconds, at, longest, _), (starts, ends) in zip(
        radios.ledger(), [(START, july), (july, looks[-1])], strict=True
    ):
        most = on_air(rows).most(starts.timestamp(), ends.timestamp())
        assert seconds == pytest.approx(most.seconds, abs=2e-3), month
        assert on_air(rows).used(at.timestamp()) == pytest.approx(most.seconds, abs=2e-3), month
        assert longest == 1_500


def test_what_a_transmitter_counts_itself_is_no_estimate(radios: Radios) -> None:
    device = radios.device("h", "B")
    radios.look(START)
    for number in range(13):
        link = f'{{"tx_airtime_ms": {20_000 * number}}}'.encode()
        radios.arrive(device, [(START + 10 * number * MINUTE, number, 1.0)], link)
    assert radios.look(START + 121 * MINUTE) == []
    ((_, _, seconds, _, _, estimated),) = radios.ledger()
    assert (seconds, estimated) == (pytest.approx(120, abs=0.01), False)


def test_nothing_is_written_of_a_transmitter_that_tells_no_airtime(radios: Radios) -> None:
    device = radios.device("silent", "D")
    radios.look(START)
    radios.arrive(device, [(START + minute * MINUTE, minute, None) for minute in range(5)])
    assert radios.look(START + 6 * MINUTE) == []
    assert radios.ledger() == []


def test_one_look_writes_the_months_of_every_transmitter_as_if_it_were_alone(
    radios: Radios, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames of seven transmitters over the end of a month, half of them late, against the sums of each alone."""
    for module in (ledger, changes):
        monkeypatch.setattr(module, "AT_ONCE", 3)
    asked = count_what_is_asked(monkeypatch)
    chance, july = Random(5), jst(2026, 7, 1)
    regimes = ["D", None, "A", "B", "D", None, "E"]
    devices = [radios.device(f"t-{number}", regime) for number, regime in enumerate(regimes)]
    ends = START + timedelta(hours=8)
    frames: dict[int, list[Frame]] = {
        device: [
            (START + number * 9 * MINUTE + timedelta(seconds=chance.randrange(60)), None, chance.choice([150.0, 2_500]))
            for number in range(chance.randrange(1, 50))
        ]
        for device in devices
    }
    for late in (False, True):
        for device in devices:
            radios.arrive(device, frames[device][late::2])
        radios.look(ends)
    limits = dict(radios.connection.execute("select device_id, limit_s from watch_airtime").fetchall())
    wanted = []
    for device, regime in zip(devices, regimes, strict=True):
        sent = [Sent(at, airtime_ms) for at, _, airtime_ms in frames[device]]
        for month, starts, until in (("2026-06-01", START, july), ("2026-07-01", july, ends)):
            most = on_air(sent).most(starts.timestamp(), until.timestamp())
            longest = max((each.airtime_ms or 0 for each in sent if starts <= each.at <= until), default=None)
            if most.seconds > 0:
                wanted.append((device, month, pytest.approx(most.seconds, abs=2e-3), longest, True))
        limit = airtime_limits().of(regime)
        assert limits[device] == (None if limit is None else limit.hour_s), regime
    assert [(*row[:3], *row[4:]) for row in radios.ledger()] == wanted
    assert max(asked) <= 3


def test_late_messages_lower_the_months_of_many_transmitters_by_few_questions(
    radios: Radios, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was lost counted as long as the next message; then it arrives, and was short. Two months of each."""
    monkeypatch.setattr(ledger, "MONTHS_AT_ONCE", 4)
    july = jst(2026, 7, 1)
    devices = [radios.device(f"t-{number}", "D") for number in range(10)]
    radios.look(START)
    frames = {
        device: [
            (starts + minute * MINUTE, first + minute, 2_000.0 + device if minute in {0, 20} else 100.0)
            for starts, first in ((START + MINUTE, 0), (july + MINUTE, 21))
            for minute in range(21)
        ]
        for device in devices
    }  # fmt: skip
    for device, every in frames.items():
        radios.arrive(device, [each for each in every if each[2] != 100])
    radios.look(july + timedelta(hours=3))
    assert [row[2] > 40 for row in radios.ledger()] == [True] * 20
    asked = count_what_is_asked(monkeypatch)
    for device, every in frames.items():
        radios.arrive(device, [each for each in every if each[2] == 100])
    radios.look(july + timedelta(hours=7))
    assert [(device, month, seconds) for device, month, seconds, *_ in radios.ledger()] == [
        (device, month, pytest.approx(2 * (2 + device / 1000) + 19 * 0.1, abs=2e-3))
        for device in devices for month in ("2026-06-01", "2026-07-01")
    ]  # fmt: skip
    assert asked[-7:] == [*[4, 4, 2] * 2, 10], "the last one is for the ranks"
    assert len(asked) < 20
