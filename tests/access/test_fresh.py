"""What is believed for a moment: bounded in number and in time, by both clocks."""

import threading
import time
from datetime import UTC, datetime, timedelta

from ingest.access.fresh import Fresh

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_the_answer_used_longest_ago_goes_first() -> None:
    fresh: Fresh[int] = Fresh(60, 3)
    for key in range(3):
        fresh.get_or_ask(key, NOW, lambda key=key: key)  # type: ignore[misc]
    assert fresh.get(0, NOW) == 0
    fresh.get_or_ask(3, NOW, lambda: 3)
    assert [fresh.get(key, NOW) for key in range(4)] == [0, None, 2, 3]


def test_an_answer_ages_by_either_clock() -> None:
    fresh: Fresh[int] = Fresh(0.05, 10)
    fresh.get_or_ask("a", NOW, lambda: 1)
    assert fresh.get("a", NOW + timedelta(seconds=1)) is None
    fresh.get_or_ask("b", NOW, lambda: 1)
    assert fresh.get("b", NOW - timedelta(seconds=1)) is None
    fresh.get_or_ask("c", NOW, lambda: 1)
    assert fresh.get("c", NOW) == 1
    time.sleep(0.06)
    assert fresh.get("c", NOW) is None


def test_what_is_taken_away_while_it_is_asked_for_is_not_kept() -> None:
    fresh: Fresh[int] = Fresh(60, 10)
    asked, taken = threading.Event(), threading.Event()

    def slow() -> int:
        asked.set()
        taken.wait(10)
        return 1

    thread = threading.Thread(target=fresh.get_or_ask, args=("a", NOW, slow))
    thread.start()
    asked.wait(10)
    fresh.forget(lambda _: True)
    taken.set()
    thread.join(10)
    assert fresh.get("a", NOW) is None


def test_nobody_is_not_kept() -> None:
    fresh: Fresh[int] = Fresh(60, 10)
    assert fresh.get_or_ask("a", NOW, lambda: None) is None
    assert fresh.get_or_ask("a", NOW, lambda: 1) == 1
