"""Enters what people wrote in the year: plans, work, stops, observations, measures; then freezes what is over.

Rows bear the time at which somebody would have entered them, so they are written here and not by the rooms themselves.
"""

import json
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from ingest.access.authority import By
from ingest.demo.year import diary
from ingest.demo.year.database import write_late
from ingest.demo.year.diary import Explained, Planned
from ingest.demo.year.events import Year
from ingest.demo.year.plans import channel_plan, farm_plan
from ingest.demo.year.reviews import reviews
from ingest.demo.year.visitors import visits
from ingest.demo.year.watched import enter_watch
from ingest.figures.project import ProjectRef, project_refs
from ingest.plan.act.cycle import draft_of
from ingest.plan.check.freeze import due_spans, freeze
from ingest.plan.check.spans import frozen_from, month_span
from ingest.plan.document.versions import current, digest_of
from ingest.plan.outage.find import find_outages
from ingest.simulator.town import FARM, NEIGHBOUR_PROJECT
from ingest.store.database import Database
from schemas.japan import JST, Month
from schemas.work import MeasureKind, MeasureState

SERVICE = By("service")
ENTERED_BEFORE = timedelta(days=12)
"""So long before the fiscal year the plans were entered."""

_PLAN = """
insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)
values (%s, %s, %s, %s, %s, %s::jsonb, %s)
"""
_REVIEW = """
insert into plan_review (project_id, kind, first_day, kpi, factors, direction, closed, entered_at, entered_by)
values (%(project)s, %(kind)s, %(first_day)s, %(kpi)s, %(factors)s, %(direction)s, %(closed)s, %(entered_at)s, %(by)s)
"""
_CLOSE = """
insert into plan_cycle (project_id, fiscal_year, closed_at, closed_by, draft) values (%s, %s, %s, %s, %s::jsonb)
"""
_WORK = """
insert into work_entry (project_id, kind, starts, minutes, people, device_id, place, note, km_before, km_after,
    entered_at, entered_by)
values (%(project)s, %(kind)s, %(starts)s, %(minutes)s, %(people)s,
    (select device_id from device where project_id = %(project)s and code = %(device)s),
    %(place)s, %(note)s, %(km_before)s, %(km_after)s, %(entered_at)s, %(by)s)
"""
_STOP = """
insert into planned_stop (project_id, network_id, starts, ends, reason, entered_at, entered_by)
values (%(project)s, (select network_id from network where project_id = %(project)s and code = %(network)s),
    %(starts)s, %(ends)s, %(reason)s, %(entered_at)s, %(by)s)
"""
_OBSERVATION = """
insert into observation (project_id, code, first_day, last_day, value, unit, source, entered_at, entered_by)
values (%(project)s, %(code)s, %(first_day)s, %(last_day)s, %(value)s, %(unit)s, %(source)s, %(entered_at)s, %(by)s)
"""
_VISIT = """
with last as (select entry_id, hash from audit_entry order by entry_id desc limit 1)
insert into audit_entry
select l.entry_id + 1, %(at)s, %(actor)s, %(department)s, %(organisation)s, %(project)s, %(action)s, %(subject)s,
    null, null, l.hash, sha256(convert_to(audit_text(
        l.entry_id + 1, %(at)s, %(actor)s, %(department)s, %(organisation)s, %(project)s, %(action)s, %(subject)s,
        null, null, l.hash
    ), 'UTF8'))
from last l
"""
_MEASURE = """
insert into measure (project_id, number, fiscal_year, kind, title, detail, owner, due, kpis, networks, cost_yen, state,
    done_on, result, entered_at, entered_by)
values (%(project)s, %(number)s, %(fiscal_year)s, %(kind)s, %(title)s, %(detail)s, %(owner)s, %(due)s, %(kpis)s,
    array(select network_id from network where project_id = %(project)s and code = any(%(networks)s)),
    %(cost_yen)s, %(state)s, %(done_on)s, %(result)s, %(entered_at)s, %(by)s)
returning measure_id
"""
_MEASURE_EVENT = """
insert into measure_event (measure_id, project_id, at, by, before, after, note)
values (%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s)
"""
_EXPLAIN = """
with explained as (
    update outage o set cause = %(cause)s, cause_note = %(note)s, cause_at = %(entered_at)s, cause_by = %(by)s
    from project p
    where p.project_id = o.project_id and p.code = %(project)s and o.withdrawn_at is null and o.cause is null
      and o.starts >= %(at)s and o.starts < %(at)s::timestamptz + interval '6 hours'
    returning o.outage_id, o.project_id
)
insert into outage_change (outage_id, project_id, at, by, what, after, reason_ja, reason_en)
select e.outage_id, e.project_id, %(entered_at)s, %(by)s, 'cause', jsonb_build_object('cause', %(cause)s::text),
    %(note)s, %(note)s
from explained e
"""


def enter_papers(connection: Database, year: Year, until: datetime, stop: Event) -> None:
    """Enter and freeze everything up to a moment. The connection is in autocommit mode.

    Ends early when `stop` is set; the next call goes on from there. To be called after `make_past`, on its connection.
    Raises NoroshiError of the rooms that freeze and find.
    """
    projects = {project.code: project for project in project_refs(connection)}
    if NEIGHBOUR_PROJECT not in projects:
        return
    if current(connection, projects[FARM].project_id) is None:
        with connection.transaction():
            _enter_plans(connection, year, projects)
            _enter_visits(connection, year, until)
            _enter_diary(connection, year, projects, until)
            for number, measure in enumerate(diary.measures(year), start=1):
                _enter_measure(connection, projects[measure.project], number, measure)
        enter_watch(connection, projects[NEIGHBOUR_PROJECT], year.whole.start, until)
    _find(connection, until, stop)
    for explained in diary.explanations(year):
        _explain(connection, explained)
    farm, neighbour = projects[FARM], projects[NEIGHBOUR_PROJECT]
    _freeze(connection, farm, year.late_at, stop)
    if stop.is_set():
        return
    write_late(connection, year)
    _find(connection, until, stop)
    october = month_span(Month.of(year.at(10, 1).date()))
    freeze(connection, SERVICE, farm, october, year.late_at + timedelta(days=1))
    for project in (farm, neighbour):
        _freeze(connection, project, until, stop)
    if not stop.is_set():  # all at once and last: by the closed year a later run sees that nothing is left to do
        _review(connection, year, projects)


def _review(connection: Database, year: Year, projects: dict[str, ProjectRef]) -> None:
    """Enter the reviews, close them, and close the year of the farming project, with its next plan."""
    plans = {code: current(connection, projects[code].project_id) for code in (FARM, NEIGHBOUR_PROJECT)}
    kpis = {code: [kpi.code for kpi in plan.document.kpis] for code, plan in plans.items() if plan is not None}
    farm = projects[FARM].project_id
    with connection.transaction():
        for reviewed in reviews(year, kpis):
            connection.execute(_REVIEW, {**_of(reviewed, projects), "closed": False})
        for closed in {each._replace(kpi="") for each in reviews(year, kpis)}:
            values = {**_of(closed, projects), "factors": "", "direction": "", "closed": True}
            connection.execute(_REVIEW, {**values, "entered_at": closed.entered_at + timedelta(hours=2)})
        draft = draft_of(connection, farm, year.whole.year)
        if draft is None:
            return
        closed_at = year.at(6, 5, 15, later=1)
        body = draft.model_dump(mode="json")
        connection.execute(_CLOSE, (farm, year.whole.year, closed_at, diary.REPORTER, json.dumps(body)))
        reason = f"{year.whole.label}の締めから"
        row = (farm, 2, closed_at + timedelta(days=5), diary.REPORTER, reason, json.dumps(body), digest_of(body))
        connection.execute(_PLAN, row)


def _find(connection: Database, until: datetime, stop: Event) -> None:
    while find_outages(connection, until, stop).behind and not stop.is_set():
        pass


def _enter_plans(connection: Database, year: Year, projects: dict[str, ProjectRef]) -> None:
    entered_at = year.whole.start - ENTERED_BEFORE
    for document, by in ((farm_plan(year.whole), diary.REPORTER), (channel_plan(year.whole), diary.NEIGHBOUR_OPERATOR)):
        body = document.model_dump(mode="json")
        values = (projects[document.project].project_id, 1, entered_at, by, "", json.dumps(body), digest_of(body))
        connection.execute(_PLAN, values)


def _enter_visits(connection: Database, year: Year, until: datetime) -> None:
    """Add who looked at the pages to the audit log, where every entry is tied to the one before it."""
    connection.execute("select from audit_anchor for update")  # nobody adds another entry meanwhile
    with connection.cursor() as cursor:
        cursor.executemany(_VISIT, [visit._asdict() for visit in visits(year, until)])


def _enter_diary(connection: Database, year: Year, projects: dict[str, ProjectRef], until: datetime) -> None:
    driven: dict[str, float] = {}
    for work in diary.works(year, until):
        before = driven.get(work.project, 21_400.0)
        after = before + (work.km or 0)
        driven[work.project] = after
        connection.execute(_WORK, {
            **_of(work, projects), "entered_at": work.starts + timedelta(minutes=work.minutes + 60),
            "km_before": before if work.km else None, "km_after": after if work.km else None,
        })  # fmt: skip
    for stop in diary.stops(year):
        if stop.entered_at < until:
            connection.execute(_STOP, _of(stop, projects))
    for observed in diary.observations(year):
        entered_at = datetime.combine(observed.last_day, datetime.min.time(), JST) + timedelta(days=9, hours=10)
        if entered_at < until:
            connection.execute(_OBSERVATION, {**_of(observed, projects), "entered_at": entered_at})


def _enter_measure(connection: Database, project: ProjectRef, number: int, measure: Planned) -> None:
    steps = measure.steps
    state = steps[-1].state if steps else MeasureState.PROPOSED
    entered_at = (
        steps[0].at - timedelta(days=2)
        if steps
        else datetime.combine(measure.due, datetime.min.time(), JST) - timedelta(days=120)
    )
    values = measure._asdict() | {
        "project": project.project_id, "number": number, "kind": MeasureKind.IMPROVEMENT, "state": state,
        "kpis": list(measure.kpis), "networks": list(measure.networks), "entered_at": entered_at,
    }  # fmt: skip
    del values["steps"]
    (measure_id,) = connection.execute(_MEASURE, values).fetchone() or (0,)
    was = MeasureState.PROPOSED
    for step in steps:
        before, after = json.dumps({"state": was}), json.dumps({"state": step.state})
        row = (measure_id, project.project_id, step.at, measure.by, before, after, step.note)
        connection.execute(_MEASURE_EVENT, row)
        was = step.state


def _explain(connection: Database, explained: Explained) -> None:
    with connection.transaction():
        connection.execute(_EXPLAIN, explained._asdict() | {"entered_at": explained.at + timedelta(days=5)})


def _freeze(connection: Database, project: ProjectRef, until: datetime, stop: Event) -> None:
    """Freeze each period on its day, as the service would have done."""
    plan = current(connection, project.project_id)
    assert plan is not None  # entered above
    for span in due_spans(connection, project.project_id, until):
        if stop.is_set():
            return
        day = frozen_from(span, plan.document.calendar)
        freeze(connection, SERVICE, project, span, datetime.combine(day, datetime.min.time(), JST) + timedelta(hours=1))


def _of(line: Any, projects: dict[str, ProjectRef]) -> dict[str, Any]:
    return {**line._asdict(), "project": projects[line.project].project_id}
