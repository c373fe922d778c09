"""The SQL of measures and of closed years."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from ingest.plan.act.model import Measure, MeasureEvent
from ingest.store.database import Database
from schemas.work import MeasureKind, MeasureState

_COLUMNS = """measure_id, project_id, number, fiscal_year, kind, title, detail, owner, due, kpis, devices, networks,
    figure, cost_yen, quota_used, state, done_on, window_days, result, carried_from, entered_at, entered_by"""

_SELECT: LiteralString = f"""
select {_COLUMNS} from measure
where project_id = %(project)s and (%(year)s::integer is null or fiscal_year = %(year)s)
  and (%(number)s::integer is null or number = %(number)s)
order by number
"""  # noqa: S608 - the columns are above


def select_measures(
    connection: Database, project_id: int, fiscal_year: int | None = None, number: int | None = None
) -> list[Measure]:
    """The measures of a project, or of one fiscal year, or the one with this number."""
    rows = connection.execute(_SELECT, {"project": project_id, "year": fiscal_year, "number": number})
    return [_measure(row) for row in rows]


def select_measure(connection: Database, measure_id: int) -> Measure | None:
    """The measure with this id, of whatever project this connection sees; None if there is none."""
    row = connection.execute(f"select {_COLUMNS} from measure where measure_id = %s", (measure_id,)).fetchone()  # noqa: S608
    return None if row is None else _measure(row)


def select_last_effects(connection: Database, project_id: int) -> dict[int, dict[str, Any]]:
    """By id of the measure: the effect that was kept when it was evaluated last."""
    rows = connection.execute(
        """
        select distinct on (measure_id) measure_id, after -> 'effect' from measure_event
        where project_id = %s and after ->> 'effect' is not null
        order by measure_id, measure_event_id desc
        """,
        (project_id,),
    )
    return dict(rows.fetchall())


def _measure(row: Sequence[Any]) -> Measure:
    values = list(row)
    values[4] = MeasureKind(values[4])
    values[9:12] = [tuple(value) for value in values[9:12]]
    values[15] = MeasureState(values[15])
    return Measure(*values)


def lock_measures(connection: Database, project_id: int) -> None:
    """Let one transaction at a time change measures of this project, until it ends."""
    connection.execute("select pg_advisory_xact_lock(hashtext('measure'), %s)", (project_id,))


def select_events(connection: Database, measure_id: int) -> list[MeasureEvent]:
    """What became of a measure, the oldest first."""
    rows = connection.execute(
        "select at, by, before, after, note from measure_event where measure_id = %s order by measure_event_id",
        (measure_id,),
    )
    return [MeasureEvent(*row) for row in rows]


def insert_measure(connection: Database, values: Mapping[str, Any]) -> tuple[int, int]:
    """Store a measure under the next number of its project: its id and its number."""
    row = connection.execute(
        """
        insert into measure (project_id, number, fiscal_year, kind, title, detail, owner, due, kpis, devices, networks,
            figure, cost_yen, quota_used, state, done_on, window_days, result, carried_from, entered_by,
            client_key)
        select %(project_id)s, coalesce(max(number), 0) + 1, %(fiscal_year)s, %(kind)s, %(title)s, %(detail)s,
            %(owner)s, %(due)s, %(kpis)s::text[], %(devices)s::integer[], %(networks)s::integer[], %(figure)s,
            %(cost_yen)s, %(quota_used)s, %(state)s, %(done_on)s, %(window_days)s, %(result)s, %(carried_from)s,
            %(entered_by)s, %(client_key)s
        from measure where project_id = %(project_id)s
        returning measure_id, number
        """,
        values,
    ).fetchone()
    assert row is not None  # of an insert
    return int(row[0]), int(row[1])


def select_keyed(connection: Database, project_id: int, client_key: UUID) -> tuple[int, int, dict[str, Any]] | None:
    """The measure that came with this key: its id and number, and what was said about it then."""
    row = connection.execute(
        """
        select m.measure_id, m.number, e.after from measure m join measure_event e using (measure_id)
        where m.project_id = %s and m.client_key = %s order by e.measure_event_id limit 1
        """,
        (project_id, client_key),
    ).fetchone()
    return None if row is None else (int(row[0]), int(row[1]), row[2])


def update_measure(connection: Database, values: Mapping[str, Any]) -> None:
    """Store what holds now of a measure."""
    connection.execute(
        """
        update measure set fiscal_year = %(fiscal_year)s, kind = %(kind)s, title = %(title)s, detail = %(detail)s,
            owner = %(owner)s, due = %(due)s, kpis = %(kpis)s::text[], devices = %(devices)s::integer[],
            networks = %(networks)s::integer[], figure = %(figure)s, cost_yen = %(cost_yen)s,
            quota_used = %(quota_used)s, state = %(state)s, done_on = %(done_on)s, window_days = %(window_days)s,
            result = %(result)s
        where measure_id = %(measure_id)s
        """,
        values,
    )


def insert_event(
    connection: Database,
    measure: tuple[int, int],
    by: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    note: str,
) -> None:
    """Store a change of a measure, named by its id and its project's."""
    connection.execute(
        "insert into measure_event (measure_id, project_id, by, before, after, note) values (%s, %s, %s, %s, %s, %s)",
        (*measure, by, Jsonb(before), Jsonb(after), note),
    )


def devices_of(connection: Database, project_id: int) -> dict[int, tuple[str, str]]:
    """The devices of a project by id: code and name."""
    rows = connection.execute(
        "select device_id, code, name from device where project_id = %s order by code", (project_id,)
    )
    return {device_id: (code, name) for device_id, code, name in rows}


def networks_of(connection: Database, project_id: int) -> dict[int, tuple[str, str]]:
    """The networks of a project by id: code and name."""
    rows = connection.execute(
        "select network_id, code, name from network where project_id = %s order by code", (project_id,)
    )
    return {network_id: (code, name) for network_id, code, name in rows}


def select_cycle(
    connection: Database, project_id: int, fiscal_year: int
) -> tuple[int, datetime, str, str, dict[str, Any]] | None:
    """A closed year: fiscal year, when, by whom, the note, the draft; None while it is open."""
    row = connection.execute(
        "select fiscal_year, closed_at, closed_by, note, draft from plan_cycle"
        " where project_id = %s and fiscal_year = %s",
        (project_id, fiscal_year),
    ).fetchone()
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def insert_cycle(
    connection: Database, project_id: int, fiscal_year: int, by: str, note: str, draft: Mapping[str, Any]
) -> None:
    """Store that a year is closed, with the draft of the next plan."""
    connection.execute(
        "insert into plan_cycle (project_id, fiscal_year, closed_by, note, draft) values (%s, %s, %s, %s, %s)",
        (project_id, fiscal_year, by, note, Jsonb(draft)),
    )
