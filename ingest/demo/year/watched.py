"""What the watch noticed in the year of the demonstration: the machine itself looks at the readings that were made."""

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ingest.demo.year import diary
from ingest.figures.project import ProjectRef
from ingest.store.database import Database
from ingest.watch.replay.run import replay_rules
from ingest.watch.rules import load_rules
from ingest.watch.stages.machine import Change
from ingest.watch.stages.rule import WatchedRule
from schemas.japan import to_datetime

_INCIDENT = """
insert into watch_incident (project_id, kind, hazard, subject, device_id, opened_at, closed_at, rank, top_rank, live,
    acknowledged_rank, escalated, mark, marked_by, marked_at, mark_note)
values (%(project)s, 'stage', %(hazard)s, %(subject)s, %(device)s, %(opened)s, %(closed)s, 0, %(top)s, true,
    %(top)s, %(escalated)s, %(mark)s, %(by)s, %(marked_at)s, %(mark_note)s)
returning incident_id
"""
_EVENT = """
insert into watch_event (project_id, incident_id, kind, hazard, subject, rule, device_id, quantity_id, channel,
    measure, at, before_rank, rank, name, name_en, value, threshold, unit, official, ref_level, origin,
    committed_at, recorded_at)
values (%(project)s, %(incident)s, 'stage', %(hazard)s, %(subject)s, %(rule)s, %(device)s, %(quantity)s, %(channel)s,
    %(measure)s, %(at)s, %(before)s, %(rank)s, %(name)s, %(name_en)s, %(value)s, %(threshold)s, %(unit)s,
    %(official)s, %(ref_level)s, 'live', %(committed)s, %(recorded)s)
on conflict do nothing returning event_id
"""
_DELIVERY = """
insert into watch_delivery (project_id, incident_id, event_id, channel, kind, target, recipient, step, purpose,
    idempotency_key, queued_at, due_at, tries, delivered_at)
values (%(project)s, %(incident)s, %(event)s, %(channel)s, %(kind)s, '', %(recipient)s, %(step)s, %(purpose)s, %(key)s,
    %(queued)s, %(queued)s, 1, %(delivered)s)
"""
_ACTION = """
insert into watch_action (project_id, incident_id, action, at, recorded_at, by, way, rank, mark, note)
values (%(project)s, %(incident)s, %(action)s, %(at)s, %(at)s, %(by)s, %(way)s, %(rank)s, %(mark)s, %(note)s)
"""
_MISSED = """
insert into watch_action (project_id, action, at, recorded_at, by, way, place, note)
values (%s, 'missed', %s, %s, %s, 'page', '用水路 上流', '雨量計のない沢で、用水路があふれかけた')
"""
_DRIED = ("水防団に連絡、見回りを依頼", "水門を確認、異常なし", "水路の水門を開けた", "現地を確認、土のうを準備")


class _Flood(NamedTuple):
    """The changes of one rule from rank 0 to rank 0."""

    rule: WatchedRule
    changes: Sequence[Change]

    @property
    def top(self) -> int:
        return max(change.rank for change in self.changes)


def enter_watch(connection: Database, project: ProjectRef, begin: datetime, until: datetime) -> int:
    """Enter what the watch of a project would have done from its beginning on; returns how many incidents.

    The rules are those of now, the readings those that were made. A condition that lasts at the end is left out: it is
    for the watch that runs.
    """
    every = {rule.subject: rule for rules in load_rules(connection).by_series.values() for rule in rules}
    rules = [rule for rule in every.values() if rule.project_id == project.project_id and not rule.code]
    with connection.transaction():  # readings are streamed by a cursor of the server
        floods = [flood for answer in replay_rules(connection, rules, begin, until) for flood in _floods(answer)]
    floods.sort(key=lambda flood: flood.changes[0].at_us)
    with connection.transaction():
        connection.execute(
            "update watch_document set applied_at = least(applied_at, %s) where project_id = %s",
            (begin, project.project_id),
        )
        _enter_runs(connection, begin, until)
        for number, flood in enumerate(floods):
            _enter(connection, project.project_id, number, flood)
        missed_at = begin + timedelta(days=100, hours=17)
        if missed_at < until:
            values = (project.project_id, missed_at, missed_at + timedelta(hours=15), diary.NEIGHBOUR_OPERATOR)
            connection.execute(_MISSED, values)
    return len(floods)


def _floods(answer: Any) -> Iterator[_Flood]:
    open_: list[Change] = []
    for change in answer.changes:
        if not open_ and change.before_rank:
            continue
        open_.append(change)
        if not change.rank:
            yield _Flood(answer.rule, tuple(open_))
            open_ = []


def _enter_runs(connection: Database, begin: datetime, until: datetime) -> None:
    """The process of the watch ran all the time, but for three quarters of an hour of an update in summer."""
    cut = begin + timedelta(days=75, hours=10)
    spans = [(begin, min(cut, until)), (cut + timedelta(minutes=45), until)]
    for since, to in spans:
        if since < to:
            connection.execute("insert into watch_run values (%s, %s) on conflict do nothing", (since, to))


def _enter(connection: Database, project_id: int, number: int, flood: _Flood) -> None:
    rule, by = flood.rule, diary.NEIGHBOUR_OPERATOR
    opened, closed = (to_datetime(flood.changes[place].at_us) for place in (0, -1))
    false = number % 9 == 4
    values = {
        "project": project_id, "hazard": rule.hazard, "subject": rule.subject, "device": rule.series.device_id,
        "opened": opened, "closed": closed, "top": flood.top, "escalated": int(flood.top > 2),
        "mark": "false" if false else "true", "by": by, "marked_at": closed + timedelta(hours=12),
        "mark_note": "水門の操作で上がっただけ" if false else "",
    }  # fmt: skip
    found = connection.execute(_INCIDENT, values).fetchone()
    assert found is not None  # an insert of one row
    of = {"project": project_id, "incident": found[0]}
    for place, change in enumerate(flood.changes):
        _enter_change(connection, of, rule, change, number + place)
    taken = opened + timedelta(minutes=3 + 5 * number % 17)
    deed = {"by": by, "way": "link" if number % 3 else "page", "rank": None, "mark": None, "note": ""}
    acknowledged = {"action": "acknowledge", "at": taken, "rank": flood.top}
    connection.execute(_ACTION, of | deed | acknowledged)
    noted = {"action": "note", "at": taken + timedelta(minutes=35), "note": _DRIED[number % len(_DRIED)]}
    connection.execute(_ACTION, of | deed | noted)
    marked = {"action": "mark", "at": values["marked_at"], "mark": values["mark"], "note": values["mark_note"]}
    connection.execute(_ACTION, of | deed | marked)


def _enter_change(connection: Database, of: dict[str, Any], rule: WatchedRule, change: Change, number: int) -> None:
    at, stage = to_datetime(change.at_us), change.threshold
    committed = at + timedelta(seconds=0.8 + number % 5 / 4)
    event = connection.execute(_EVENT, {
        **of, "hazard": rule.hazard, "subject": rule.subject, "rule": rule.code, "device": rule.series.device_id,
        "quantity": rule.series.quantity_id, "channel": rule.series.channel, "measure": rule.measure.kind, "at": at,
        "before": change.before_rank, "rank": change.rank, "name": stage.name if stage else "",
        "name_en": stage.name_en if stage else "", "value": change.value,
        "threshold": stage.value if stage else None, "unit": rule.measure.unit,
        "official": bool(stage and stage.official), "ref_level": stage.ref_level if stage else None,
        "committed": committed, "recorded": committed + timedelta(seconds=0.1),
    }).fetchone()  # fmt: skip
    if event is None:  # the watch that runs has found it out by itself
        return
    queued = committed + timedelta(seconds=0.1)
    _deliver(connection, {**of, "event": event[0]}, queued, _MQTT, 0.05)
    rises = change.rank > change.before_rank
    if rises or not change.rank:
        _deliver(connection, {**of, "event": event[0]}, queued, _MAIL, 0.6 + number % 7 / 2)
    if rises and change.rank > 2:  # the highest stage is told further
        _deliver(connection, {**of, "event": event[0]}, queued + timedelta(minutes=10), _FURTHER, 1.1)


class _Channel(NamedTuple):
    kind: str
    recipient: str = ""
    step: int = 0


_MQTT, _MAIL, _FURTHER = _Channel("mqtt"), _Channel("mail", "watanabe"), _Channel("mail", "suzuki", 1)


def _deliver(connection: Database, of: dict[str, Any], queued: datetime, by: _Channel, after_s: float) -> None:
    key = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([of["incident"], of["event"], *by]))
    connection.execute(_DELIVERY, {
        **of, "channel": by.kind, "kind": by.kind, "recipient": by.recipient, "step": by.step,
        "purpose": "escalation" if by.step else "event", "key": key, "queued": queued,
        "delivered": queued + timedelta(seconds=after_s),
    })  # fmt: skip
