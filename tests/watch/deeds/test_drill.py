"""A drill goes the whole way and is marked as one everywhere; it ends by itself, and nothing of it stays open."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from ingest.access.authority import ChangeRefused, NotThere
from ingest.store.database import Database
from ingest.watch.deeds.drill import Injected, begin_drill, drills_since, end_drill, inject, look
from ingest.watch.model import Event, Kind, Origin
from tests.watch.deeds.conftest import DOER, entries_of, incident, one, project_of

Connection = psycopg.Connection[Any]


def soon(hours: float = 1) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def keep(connection: Database, events: Sequence[Event], _now: datetime) -> None:
    """Store the events as the engine does, and nothing else."""
    for event in events:
        connection.execute(
            "insert into watch_event (project_id, kind, subject, rule, at, before_rank, rank, origin, details)"
            " values (%s, %s, %s, %s, clock_timestamp(), %s, %s, %s, jsonb_build_object('drill', %s::bigint))",
            (event.thing.project_id, event.kind.value, event.subject, event.rule, event.before_rank, event.rank,
             event.origin.value, event.details["drill"]),
        )  # fmt: skip


def test_one_drill_at_a_time_and_the_same_again_is_the_same(connection: Connection, project: int) -> None:
    until = soon()
    first = begin_drill(connection, DOER, project, "秋の訓練", until)
    assert begin_drill(connection, DOER, project, "秋の訓練", until) == (first.number, True)
    with pytest.raises(ChangeRefused, match="under way"):
        begin_drill(connection, DOER, project, "冬の訓練", until)
    begin_drill(connection, DOER, project_of(connection, "there"), "秋の訓練", until)
    assert [drill.title for drill in drills_since(connection, [project], until)] == ["秋の訓練"]
    assert entries_of(connection, "drill_held")[0] == ("sato", f"drill {first.number}", "here")


@pytest.mark.parametrize(("title", "hours"), [("", 1), ("長" * 201, 1), ("x", 24.1), ("x", -1)])
def test_a_drill_out_of_bounds_is_refused(connection: Connection, project: int, title: str, hours: float) -> None:
    with pytest.raises(ChangeRefused):
        begin_drill(connection, DOER, project, title, soon(hours))


def test_stations_reach_stages_of_the_registry_and_of_the_document(connection: Connection, project: int) -> None:
    drill = begin_drill(connection, DOER, project, "訓練", soon()).number
    first, second = inject(connection, DOER, project, [Injected("dev_1_here", 1), Injected("dev_2_here", 2)], keep)
    assert (first.kind, first.rule, first.rank, first.before_rank) == (Kind.STAGE, "", 1, 0)
    assert (first.stage.name, first.stage.threshold, first.value) == ("here", 2, 2)
    assert (second.rule, second.hazard, second.measure) == ("rain", "rain", "rain_1h")
    assert (second.stage.name, second.stage.ref_level) == ("市設定基準2", 3)
    for event in (first, second):
        assert event.origin is Origin.DRILL
        assert event.details["drill"] == drill


def test_what_stands_already_is_not_told_again_and_rank_0_lets_it_be_over(connection: Connection, project: int) -> None:
    begin_drill(connection, DOER, project, "訓練", soon())
    assert len(inject(connection, DOER, project, [Injected("dev_1_here", 1)], keep)) == 1
    assert inject(connection, DOER, project, [Injected("dev_1_here", 1)], keep) == []
    (over,) = inject(connection, DOER, project, [Injected("dev_1_here", 0)], keep)
    assert (over.before_rank, over.rank, over.value) == (1, 0, None)
    assert inject(connection, DOER, project, [Injected("dev_1_here", 0)], keep) == []


@pytest.mark.parametrize(
    ("injected", "refusal", "why"),
    [
        ([Injected("dev_1_here", 9)], ChangeRefused, "it has: 1"), ([Injected("dev_1_there", 1)], NotThere, "no such"),
        ([], ChangeRefused, "1 to 200"), ([Injected("dev_1_here", 1)] * 201, ChangeRefused, "1 to 200"),
    ],
    ids=lambda each: str(each)[:20],
)  # fmt: skip
def test_all_or_nothing_is_injected(
    connection: Connection, project: int, injected: list[Injected], refusal: type[Exception], why: str
) -> None:
    begin_drill(connection, DOER, project, "訓練", soon())
    with pytest.raises(refusal, match=why):
        inject(connection, DOER, project, [Injected("dev_2_here", 1), *injected] if injected else [], keep)
    assert one(connection, "select count(*) from watch_event where origin = 'drill'") == (0,)


def test_without_a_drill_nothing_is_injected_or_ended(connection: Connection, project: int) -> None:
    with pytest.raises(ChangeRefused, match="no drill"):
        inject(connection, DOER, project, [Injected("dev_1_here", 1)], keep)
    with pytest.raises(ChangeRefused, match="no drill"):
        end_drill(connection, DOER, project)


def test_a_drill_whose_time_ran_out_ends_and_only_its_incidents_are_over(connection: Connection, project: int) -> None:
    drill = begin_drill(connection, DOER, project, "訓練", soon()).number
    ours = incident(connection, project, drill_id=drill, subject="stage:d1")
    incident(connection, project, subject="stage:d1")
    assert look(connection, None, soon(0.9)) == []
    later = soon(1.1)
    (event,) = look(connection, None, later)
    assert (event.subject, event.at, event.before_rank, event.rank) == ("stage:d1", later, 2, 0)
    assert (event.origin, event.details["drill"]) == (Origin.DRILL, drill)
    assert entries_of(connection, "drill_held")[-1] == ("service", f"drill {drill}", "here")
    assert len(look(connection, None, later)) == 1, "until the event is stored it is told again"
    connection.execute("update watch_incident set closed_at = now() where incident_id = %s", (ours,))
    assert look(connection, None, later) == []


def test_who_ends_a_drill_ends_its_incidents(connection: Connection, project: int) -> None:
    drill = begin_drill(connection, DOER, project, "訓練", soon()).number
    incident(connection, project, drill_id=drill)
    assert end_drill(connection, DOER, project).number == drill
    assert [event.rank for event in look(connection, None, soon(0))] == [0]
    assert not begin_drill(connection, DOER, project, "次の訓練", soon()).already
