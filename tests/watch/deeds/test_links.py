"""The link of a message: looking at it changes nothing, pressing takes what was told, and it ends after a week."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from ingest.access.authority import ChangeRefused, NotThere
from ingest.access.secret import digest_of, new_secret
from ingest.watch.deeds.links import acknowledge_by_link, resolve_link
from tests.watch.deeds.conftest import NOW, entries_of, incident, one

Connection = psycopg.Connection[Any]


def told(connection: Connection, project: int, number: int, rank: int) -> int:
    row = one(
        connection,
        "insert into watch_event (project_id, incident_id, kind, subject, rule, at, before_rank, rank, origin)"
        " values (%s, %s, 'stage', %s, '', now(), 0, %s, 'live') returning event_id",
        project, number, f"{number}", rank,
    )  # fmt: skip
    return int(row[0])


def message(
    connection: Connection, project: int, secret: str | None, number: int | None, event: int | None,
    digest: int | None = None,
) -> int:  # fmt: skip
    row = one(
        connection,
        "insert into watch_delivery (project_id, incident_id, event_id, channel, kind, target, recipient,"
        " idempotency_key, link_digest, digest_id, queued_at)"
        " values (%s, %s, %s, 'duty', 'mail', 't@example.jp', 'tanaka', %s, %s, %s, %s) returning delivery_id",
        project, number, event, uuid4(), None if secret is None else digest_of(secret), digest, NOW,
    )  # fmt: skip
    return int(row[0])


@pytest.fixture
def taken(connection: Connection, project: int) -> tuple[str, int]:
    """A secret, and the incident of rank 2 that its message told of."""
    secret, number = new_secret(), incident(connection, project)
    message(connection, project, secret, number, told(connection, project, number, 2))
    return secret, number


def test_looking_takes_nothing_and_pressing_takes_it_in_the_name_of_who_got_the_message(
    connection: Connection, taken: tuple[str, int]
) -> None:
    secret, number = taken
    for _ in range(2):
        (row,) = resolve_link(connection, secret, NOW)
        assert (row.incident_id, row.told_rank, row.acknowledged_rank) == (number, 2, None)
    assert entries_of(connection, "watch_acknowledged") == []
    (done,) = acknowledge_by_link(connection, secret, NOW)
    assert (done.incident_id, done.rank, done.already) == (number, 2, False)
    assert acknowledge_by_link(connection, secret, NOW)[0].already
    assert entries_of(connection, "watch_acknowledged") == [("link:tanaka", f"incident {number}", "here")]
    assert one(connection, "select way, by from watch_action") == ("link", "link:tanaka")


def test_a_link_of_an_old_message_takes_what_it_told_and_not_what_came_after(
    connection: Connection, taken: tuple[str, int]
) -> None:
    secret, number = taken
    connection.execute("update watch_incident set rank = 3, top_rank = 3 where incident_id = %s", (number,))
    (done,) = acknowledge_by_link(connection, secret, NOW)
    assert (done.rank, done.needs_more) == (2, True)
    (done,) = acknowledge_by_link(connection, secret, NOW, rank=3)
    assert (done.rank, done.needs_more) == (3, False), "its page had shown the third rank"
    with pytest.raises(ChangeRefused):
        acknowledge_by_link(connection, secret, NOW, rank=4)


def test_a_link_ends_after_a_week_and_another_text_is_none(connection: Connection, taken: tuple[str, int]) -> None:
    secret, _ = taken
    assert resolve_link(connection, secret, NOW + timedelta(days=7) - timedelta(seconds=1)) != []
    late = NOW + timedelta(days=7, seconds=1)
    assert resolve_link(connection, secret, late) == []
    with pytest.raises(NotThere):
        acknowledge_by_link(connection, secret, late)
    for wrong in (new_secret(), "", "x" * 10_000, secret + "\n", secret[:-1] + "あ"):
        assert resolve_link(connection, wrong, NOW) == []


def test_the_link_of_a_digest_takes_all_that_it_told_of(connection: Connection, project: int) -> None:
    secret, numbers = new_secret(), [incident(connection, project, subject=f"d{i}") for i in range(2)]
    whole = message(connection, project, secret, None, None)
    for number in numbers:
        message(connection, project, None, number, told(connection, project, number, 1), digest=whole)
    assert [row.incident_id for row in resolve_link(connection, secret, NOW)] == numbers
    done = acknowledge_by_link(connection, secret, NOW)
    assert [(each.incident_id, each.rank, each.needs_more) for each in done] == [(n, 1, True) for n in numbers]
