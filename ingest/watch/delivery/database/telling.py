"""What is read to say a message: the events in it, as they stand now."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.rows import dict_row

from ingest.store.database import Database
from ingest.watch.delivery.model import Delivery, Effect, Fact
from ingest.watch.model import Kind, Origin
from schemas.bilingual import Bilingual

_FACTS = """
select e.event_id, e.incident_id, p.code as project, p.name as project_name, e.kind, e.hazard, e.subject, e.rule,
    coalesce(d.code, 'gateway:' || g.code, 'network:' || n.code, 'project') as thing,
    coalesce(d.name, g.name, n.name, p.name) as title, d.area, q.code as quantity, q.label_ja, q.label_en, e.channel,
    e.measure, e.at, e.before_rank, e.rank, i.rank as now_rank, e.name, e.name_en, e.value, e.threshold, e.unit,
    e.official, e.ref_level, e.origin, i.drill_id, e.withdrawn_ja, e.withdrawn_en, e.committed_at, m.effect,
    m.delivery_id, m.digest_id
from watch_delivery m
join watch_event e using (event_id)
join project p on p.project_id = e.project_id
left join watch_incident i on i.incident_id = e.incident_id
left join device d on d.device_id = e.device_id
left join gateway g on g.gateway_id = e.gateway_id
left join network n on n.network_id = e.network_id
left join quantity q on q.quantity_id = e.quantity_id
"""

_OF = "where m.delivery_id = any(%s) or m.digest_id = any(%s) order by e.at, e.event_id"


def read_facts(connection: Database, deliveries: Sequence[Delivery]) -> dict[int, list[Fact]]:
    """The events of each message by its number: one, those of a digest by their time, or none of a test."""
    facts: dict[int, list[Fact]] = {each.delivery_id: [] for each in deliveries}
    alone = [each.delivery_id for each in deliveries if each.event_id is not None]
    digests = [each.delivery_id for each in deliveries if each.event_id is None]
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(_FACTS + _OF, (alone, digests)):
            own, digest = row.pop("delivery_id"), row.pop("digest_id")
            facts[own if own in facts else digest].append(_fact(row))
    return facts


def read_project(connection: Database, project_id: int) -> tuple[str, str]:
    """Code and name of a project."""
    row = connection.execute("select code, name from project where project_id = %s", (project_id,)).fetchone()
    assert row is not None  # rows of other tables refer to it
    return str(row[0]), str(row[1])


def _fact(row: Mapping[str, Any]) -> Fact:
    words = {"kind": Kind(row["kind"]), "origin": Origin(row["origin"]), "effect": Effect(row["effect"])}
    told = {**row, **words}
    label = Bilingual(told.pop("label_ja") or "", told.pop("label_en") or "")
    name, name_en = told.pop("name"), told.pop("name_en")
    withdrawn_ja, withdrawn_en = told.pop("withdrawn_ja"), told.pop("withdrawn_en")
    return Fact(
        **told,
        label=label if row["quantity"] else None,
        name=Bilingual(name, name_en or name),
        withdrawn=None if withdrawn_ja is None else Bilingual(withdrawn_ja, withdrawn_en or withdrawn_ja),
    )
