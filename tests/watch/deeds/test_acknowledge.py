"""Somebody takes an incident: up to a rank, once, on record, and nobody else is called any more."""

from typing import Any

import psycopg
import pytest

from ingest.access.authority import By, ChangeRefused, NotThere
from ingest.watch.deeds.acknowledge import acknowledge
from ingest.watch.deeds.database.incidents import actions_of
from ingest.watch.deeds.model import ActionKind, Doer, Way
from tests.watch.deeds.conftest import DOER, entries_of, incident, one, project_of

SUZUKI = Doer(By("suzuki"), Way.API)
Connection = psycopg.Connection[Any]


def taken(connection: Connection, number: int) -> tuple[Any, ...]:
    query = "select acknowledged_rank, escalate_at is null from watch_incident where incident_id = %s"
    return one(connection, query, number)


def test_an_incident_that_is_taken_escalates_no_more_and_is_on_record(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    done = acknowledge(connection, DOER, project, number, note="現地へ向かう")
    assert (done.rank, done.already, done.needs_more) == (2, False, False)
    assert taken(connection, number) == (2, True)
    (action,) = actions_of(connection, project, number)
    assert (action.kind, action.by, action.way) == (ActionKind.ACKNOWLEDGE, "sato", Way.PAGE)
    assert (action.rank, action.note) == (2, "現地へ向かう")
    assert entries_of(connection, "watch_acknowledged") == [("sato", f"incident {number}", "here")]


def test_the_same_again_changes_nothing_and_keeps_who_was_first(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    acknowledge(connection, DOER, project, number)
    for rank in (None, 1, 2):
        assert acknowledge(connection, SUZUKI, project, number, rank).already
    assert [action.by for action in actions_of(connection, project, number)] == ["sato"]
    assert len(entries_of(connection, "watch_acknowledged")) == 1


def test_what_rose_while_it_was_read_is_taken_no_further_than_it_was_read(connection: Connection, project: int) -> None:
    number = incident(connection, project, rank=3)
    done = acknowledge(connection, DOER, project, number, rank=2)
    assert done.needs_more
    assert taken(connection, number) == (2, False), "the third rank still calls people"
    assert not acknowledge(connection, SUZUKI, project, number, rank=3).already
    assert taken(connection, number) == (3, True)


def test_an_incident_that_is_over_can_still_be_taken(connection: Connection, project: int) -> None:
    number = incident(connection, project, rank=0, top_rank=3)
    connection.execute("update watch_incident set closed_at = opened_at where incident_id = %s", (number,))
    assert acknowledge(connection, DOER, project, number).rank == 1
    assert acknowledge(connection, DOER, project, number, rank=3).rank == 3


@pytest.mark.parametrize("rank", [0, -1, 4])
def test_a_rank_that_was_never_reached_is_refused(connection: Connection, project: int, rank: int) -> None:
    number = incident(connection, project, rank=3)
    with pytest.raises(ChangeRefused, match="reached the ranks 1 to 3"):
        acknowledge(connection, DOER, project, number, rank)


def test_an_incident_of_another_project_is_not_there(connection: Connection, project: int) -> None:
    number = incident(connection, project_of(connection, "there"))
    with pytest.raises(NotThere):
        acknowledge(connection, DOER, project, number)
    assert taken(connection, number) == (None, False)


def test_a_note_that_is_too_long_or_no_text_is_refused(connection: Connection, project: int) -> None:
    number = incident(connection, project)
    for note in ("あ" * 2001, "a\0b", "a\x1b[31mb"):
        with pytest.raises(ChangeRefused):
            acknowledge(connection, DOER, project, number, note=note)
    acknowledge(connection, DOER, project, number, note="あ" * 2000)
