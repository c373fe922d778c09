"""A device that joins again counts anew: nothing was lost, whatever the counter was before, and nobody reset it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.uplink import EventKind
from tests.fixtures.examples import examples
from tests.store.rollup.conftest import Rollups
from tests.store.rollup.counters import Frame, Step, classify

START = datetime(2026, 6, 10, 3, tzinfo=UTC)
HOURS = 6


class Sent(NamedTuple):
    """One message. `counter` None: a join where `joins`, else a status."""

    counter: int | None
    session: str | None = None
    joins: bool = False


MESSAGE = st.tuples(
    st.sampled_from([None, "0182ab7c", "0182AB7C", "0182ab7d"]),
    st.sampled_from([1, 1, 1, 2, 5, 0, -1, -20, 400, 65_000, 33_000]),
    st.sampled_from(["up", "up", "up", "up", "anew", "join", "status"]),
)
JOIN, STATUS = Sent(None, joins=True), Sent(None)


def sent(steps: list[tuple[str | None, int, str]]) -> list[Sent]:
    """What a device sends: it counts on in steps, and here and there begins anew."""
    counters = accumulate(steps, lambda at, step: 3 if step[2] == "anew" else max(at + step[1], 0), initial=0)
    messages = {"join": JOIN, "status": STATUS}
    return [
        messages.get(what) or Sent(counter, session)
        for counter, (session, _, what) in zip(counters, steps, strict=False)
    ]


def write(rollups: Rollups, messages: list[Sent]) -> list[tuple[datetime, Sent]]:
    times = [START + HOURS * timedelta(hours=1) * place / len(messages) for place in range(len(messages))]
    for time, one in zip(times, messages, strict=True):
        kind = EventKind.JOIN if one.joins else EventKind.UPLINK if one.counter is not None else EventKind.STATUS
        link = None if one.session is None else orjson.dumps({"dev_addr": one.session}).decode()
        rollups.field.uplink(rollups.devices[0], time, {}, kind=kind, counter=one.counter, link=link)
    return list(zip(times, messages, strict=True))


def by_hand(messages: list[tuple[datetime, Sent]]) -> dict[datetime, tuple[int | None, int]]:
    """Lost (None: nobody can say) and resets of each hour, by the rule in Python."""
    found: dict[datetime, tuple[int | None, int]] = defaultdict(lambda: (None, 0))
    before: Frame | None = None
    joined = False
    for time, one in messages:
        hour = time.replace(minute=0, second=0, microsecond=0)
        lost, resets = found[hour]
        if one.counter is not None:
            frame = Frame(one.counter, one.session)
            step = classify(before, frame, joined=joined)
            if step.step is not Step.FIRST or joined:
                lost = (lost or 0) + step.lost
            found[hour] = lost, resets + (step.step is Step.RESET)
            before, joined = frame, False
        joined = joined or one.joins
    return dict(found)


def by_sql(rollups: Rollups, from_: datetime, to: datetime) -> dict[datetime, tuple[int | None, int]]:
    rows = rollups.connection.execute(
        "select starts, lost, resets from rollup_uplinks(null, %s, %s, interval '1 hour')", (from_, to)
    )
    return {starts: (lost, resets) for starts, lost, resets in rows}


@settings(max_examples=examples(5, 10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MESSAGE, min_size=1, max_size=24), st.integers(1, HOURS - 1))
def test_sql_counts_over_joins_and_addresses_as_the_rule_in_python_does(
    rollups: Rollups, steps: list[tuple[str | None, int, str]], split: int
) -> None:
    rollups.empty()
    messages = write(rollups, sent(steps))
    whole, middle = by_hand(messages), START + timedelta(hours=split)
    end = START + timedelta(hours=HOURS)
    assert by_sql(rollups, START, end) == whole
    assert by_sql(rollups, START, middle) | by_sql(rollups, middle, end) == whole, "also where an hour looks back"


@pytest.mark.parametrize(
    ("messages", "lost", "resets"),
    [
        ([Sent(65_000), JOIN, Sent(3)], 0, 0),  # else a roll-over: 538 lost
        ([Sent(5), JOIN, Sent(20)], 0, 0),  # else 14 lost
        ([Sent(900), JOIN, Sent(0)], 0, 0),  # else a reset
        ([Sent(65_000, "0182ab7c"), Sent(3, "0182ab7d")], 0, 0),  # its join was not heard
        ([Sent(65_000, "0182ab7c"), Sent(3, "0182AB7C")], 538, 0),
        ([Sent(900), STATUS, Sent(0)], 0, 1),
        ([Sent(5), STATUS, Sent(20)], 14, 0),
        ([Sent(5), JOIN, JOIN, Sent(0), Sent(2)], 1, 0),
    ],
)
def test_a_rejoin_is_neither_a_loss_nor_a_reset(rollups: Rollups, messages: list[Sent], lost: int, resets: int) -> None:
    rollups.empty()
    write(rollups, messages)
    found = by_sql(rollups, START, START + timedelta(hours=HOURS)).values()
    assert (sum(hour[0] or 0 for hour in found), sum(hour[1] for hour in found)) == (lost, resets)


def test_a_join_heard_of_months_ago_counts_still(rollups: Rollups) -> None:
    rollups.empty()
    device = rollups.devices[0]
    for days, kind, counter in ((200, EventKind.UPLINK, 65_000), (150, EventKind.JOIN, None)):
        rollups.field.uplink(device, START - timedelta(days=days), {}, kind=kind, counter=counter)
    rollups.field.uplink(device, START, {}, counter=3)
    assert by_sql(rollups, START, START + timedelta(hours=1)) == {START: (0, 0)}


def test_a_join_that_comes_late_takes_back_what_was_counted_as_lost(rollups: Rollups) -> None:
    rollups.empty()
    device, now = rollups.devices[0], START + timedelta(days=1)
    rollups.field.uplink(device, START, {}, counter=5)
    rollups.field.uplink(device, START + timedelta(hours=3), {}, counter=20)
    rollups.keep(now)
    ask = "select coalesce(sum(lost), 0)::int from uplink_hourly"
    assert rollups.ask(ask) == [(14,)]
    rollups.field.uplink(device, START + timedelta(hours=1), {}, kind=EventKind.JOIN)
    rollups.connection.execute("select rollup_note(array[%s], array[%s])", (device, START + timedelta(hours=1)))
    assert rollups.ask(ask) == [(0,)]
    rollups.keep(now + timedelta(hours=1))
    assert rollups.ask(ask) == [(0,)]
