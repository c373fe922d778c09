"""What did not arrive is counted for the metric: what was lost for an hour, what is overdue while it lasts."""

import time
from datetime import timedelta

import pytest

from ingest.watch.delivery.database.undelivered import count_undelivered
from ingest.watch.tally import Tally
from tests.fixtures.database import Database
from tests.watch.delivery.conftest import Sending, wait_until
from tests.watch.delivery.receiver import Receiver
from tests.watch.delivery.valley import NOON, Valley


@pytest.fixture
def valley(any_database: Database) -> Valley:
    found = Valley(any_database)
    found.apply(notify=[{"to": ["hook", "list"]}], escalation=[])
    return found


def change(valley: Valley, channel: str, **columns: object) -> None:
    """Columns of the messages to a channel."""
    query = f"update watch_delivery set {', '.join(f'{name} = %s' for name in columns)} where channel = %s"
    valley.connection.execute(query.encode(), (*columns.values(), channel))


def test_what_was_lost_counts_for_an_hour_by_project_and_state(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    assert count_undelivered(valley.connection, NOON) == {}
    change(valley, "hook", given_up_at=NOON, tries=5)
    change(valley, "list", doubt_at=NOON + timedelta(minutes=30), tries=1)
    later = NOON + timedelta(minutes=59)
    assert count_undelivered(valley.connection, later) == {"river/given_up": 1, "river/doubt": 1}
    assert count_undelivered(valley.connection, NOON + timedelta(minutes=61)) == {"river/doubt": 1}


def test_what_is_tried_in_vain_for_ten_minutes_is_overdue_until_it_arrives(valley: Valley) -> None:
    valley.keep(valley.event((0, 1)))
    later = NOON + timedelta(minutes=11)
    assert count_undelivered(valley.connection, later) == {}, "nobody tried yet: it may wait for the morning"
    change(valley, "hook", tries=3, due_at=later + timedelta(hours=1))
    assert count_undelivered(valley.connection, NOON + timedelta(minutes=9)) == {}
    assert count_undelivered(valley.connection, later) == {"river/overdue": 1}
    change(valley, "hook", delivered_at=later)
    assert count_undelivered(valley.connection, later) == {}


def test_of_a_digest_the_message_counts_and_a_trial_does_not(valley: Valley) -> None:
    valley.apply(notify=[{"to": ["list"]}], limit={"messages": 1, "per_min": 10})
    valley.keep(valley.event((0, 1)), valley.event((1, 2), NOON + timedelta(seconds=1)))
    assert len(valley.rows("1")) == 3  # two, and the one they are said in
    change(valley, "list", given_up_at=NOON)
    assert count_undelivered(valley.connection, NOON) == {"river/given_up": 1}
    change(valley, "list", purpose="test")
    assert count_undelivered(valley.connection, NOON) == {}


def test_the_sender_keeps_the_tally(
    valley: Valley, hook: Receiver, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.watch.delivery.run.TICK_EVERY_S", 0.1)
    monkeypatch.setattr("ingest.watch.delivery.run.COUNT_EVERY_S", 0.1)
    hook.answers = ["410"]
    valley.apply(
        channels=[{"code": "hook", "kind": "webhook", "url": hook.url, "plain_http": True}], notify=[{"to": ["hook"]}]
    )
    valley.keep(valley.event((0, 1)))
    tally = Tally()
    sending(valley, tally=tally)
    wait_until(valley, "kind = 'webhook' and given_up_at is not null")
    until_s = time.monotonic() + 10
    while tally.undelivered != {"river/given_up": 1}:
        assert time.monotonic() < until_s, tally
        time.sleep(0.02)
