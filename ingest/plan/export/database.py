"""The SQL of an export: the rows of every table of the plan, with codes in place of ids of the registry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, NamedTuple

from ingest.store.database import Database
from schemas.bilingual import Bilingual


class Table(NamedTuple):
    """A table of the plan. `order`: what its rows are sorted by. `names`: the things of the registry it refers to."""

    name: str
    label: Bilingual
    order: LiteralString
    names: tuple[str, ...] = ()


TABLES = (
    Table("plan_version", Bilingual("計画の版", "versions of the plan"), "number"),
    Table("work_entry", Bilingual("作業記録", "work log"), "starts, work_entry_id", ("device",)),
    Table(
        "planned_stop", Bilingual("計画停止", "planned stops"), "starts, planned_stop_id",
        ("network", "gateway", "device"),
    ),
    Table("observation", Bilingual("手入力の観測", "observations"), "code, first_day, observation_id"),
    Table("outage", Bilingual("停止", "outages"), "starts, outage_id", ("network", "gateway", "device")),
    Table("outage_change", Bilingual("停止の変更", "changes of outages"), "at, outage_change_id"),
    Table("plan_snapshot", Bilingual("確定した実績", "what was frozen"), "kind, first_day, revision"),
    Table("plan_review", Bilingual("評価", "reviews"), "kind, first_day, kpi, plan_review_id"),
    Table("measure", Bilingual("改善措置", "improvement measures"), "number"),
    Table("measure_event", Bilingual("改善措置の履歴", "history of measures"), "at, measure_event_id"),
    Table("plan_cycle", Bilingual("年度の締め", "closed cycles"), "fiscal_year"),
)  # fmt: skip

_JOINS: dict[str, LiteralString] = {
    "device": " left join device d on d.device_id = t.device_id",
    "network": " left join network n on n.network_id = t.network_id",
    "gateway": " left join gateway g on g.gateway_id = t.gateway_id",
}
_CODES: dict[str, LiteralString] = {"device": "d.code", "network": "n.code", "gateway": "g.code"}

_LISTS = """ || jsonb_build_object(
    'devices', (select coalesce(jsonb_agg(d.code order by d.code), '[]') from device d
                where d.device_id = any(t.devices)),
    'networks', (select coalesce(jsonb_agg(n.code order by n.code), '[]') from network n
                 where n.network_id = any(t.networks)))"""

_REVISED = """ || jsonb_build_object('revised_since', (
    select max(s.revision) from plan_snapshot s
    where t.closed and s.project_id = t.project_id and s.kind = t.kind and s.first_day = t.first_day
      and s.frozen_at > t.entered_at))"""

_DIGEST = " || jsonb_build_object('digest', encode(t.digest, 'hex'))"


@contextmanager
def one_moment(connection: Database) -> Iterator[None]:
    """A transaction that sees one moment. Must be the outermost one."""
    with connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        yield


def rows(connection: Database, table: Table, project_id: int) -> Iterator[dict[str, Any]]:
    """The rows of one table, in its order. Times are text with their zone, digests hexadecimal."""
    joins = "".join(_JOINS[name] for name in table.names)
    order = ", ".join(f"t.{each}" for each in table.order.split(", "))
    query = f"select {_row(table)} from {table.name} t{joins} where t.project_id = %s order by {order}"  # noqa: S608
    for (row,) in connection.execute(query.encode(), (project_id,)):
        yield row


def _row(table: Table) -> str:
    gone = ", ".join(f"'{name}'" for name in ("project_id", *(f"{name}_id" for name in table.names)))
    row = f"(to_jsonb(t) - array[{gone}]"
    if table.names:
        codes = ", ".join(f"'{name}', {_CODES[name]}" for name in table.names)
        row += f" || jsonb_build_object({codes})"
    if table.name in ("plan_version", "plan_snapshot"):
        row += _DIGEST
    if table.name == "plan_review":
        row += _REVISED
    if table.name == "measure":
        row += _LISTS
    return f"{row})"
