"""The rows of the registry: fetched in the fields of their models, written a kind at a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from ingest.registry.columns import MODELS
from ingest.registry.plan import Item, Known, Plan, Row
from ingest.registry.problem import Kind
from ingest.registry.references import REFERENCES
from schemas.profile import Profile
from schemas.registry import RegistryDocument

SHIPPED_KEY = "shipped"
"""In the body of a profile that came with the program rather than with a document."""
ROWS_AT_ONCE = 10_000

_PROJECTS: LiteralString = """
select project_id as id, code, name, organisation_code, organisation_name, grant_number, granted_on, completed_on
from project order by code"""

_NETWORKS: LiteralString = """
select network_id as id, network.code, project.code as project, kind, network.name
from network join project using (project_id) order by network.code"""

_GATEWAYS: LiteralString = """
select gateway_id as id, gateway.code, network.code as network, gateway.name, external_id as gateway_id,
       latitude, longitude
from gateway join network using (network_id) order by gateway.code"""

_PROFILES: LiteralString = "select profile_id as id, code, body from profile order by code"

_DEVICES: LiteralString = """
select device_id as id, device.code, project.code as project, network.code as network, device.name,
       gateway.code as gateway, model, serial, use, profile.code as profile, dev_eui, things_stack_id,
       sparkplug_id, client_id,
       device.latitude, device.longitude, interval_s, season_from, season_to, installed_on, enabled
from device
join project using (project_id)
join network using (network_id)
left join gateway using (gateway_id)
left join profile using (profile_id)
"""

_CONCERNED: LiteralString = """
where device_id in (
    select device_id from device where code = any(%(code)s)
    union all select device_id from device where dev_eui = any(%(dev_eui)s)
    union all select device_id from device where things_stack_id = any(%(things_stack_id)s)
    union all select device_id from device where sparkplug_id = any(%(sparkplug_id)s)
    union all select device_id from device where client_id = any(%(client_id)s)
)"""

_BY_PROJECT_AND_CODE: LiteralString = " order by project.code, device.code"

_INSERT: LiteralString = """
insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, %s)"""

_UPDATE: LiteralString = """
update {table} set ({columns}) = row({new})
from jsonb_populate_recordset(null::{table}, %s) as item where {table}.{id} = item.{id}"""

_RELEASE: Mapping[Kind, LiteralString] = {
    Kind.GATEWAY: "update gateway set external_id = null where gateway_id = any(%s)",
    Kind.DEVICE: """
update device set dev_eui = null, things_stack_id = null, sparkplug_id = null, client_id = null
where device_id = any(%s)""",
}
"""Ids are given back before they are given out: two devices may have swapped theirs."""

_TABLE: Mapping[Kind, str] = {
    Kind.PROJECT: "project",
    Kind.NETWORK: "network",
    Kind.GATEWAY: "gateway",
    Kind.PROFILE: "profile",
    Kind.DEVICE: "device",
}


def known_to(connection: Connection[Any], document: RegistryDocument) -> Known:
    """Everything but devices, and of those the ones a document names by code or by any of their ids."""
    devices = [device.__dict__ for device in document.devices]
    names = ("code", "dev_eui", "things_stack_id", "sparkplug_id", "client_id")
    wanted = {name: [device[name] for device in devices if device[name] is not None] for name in names}
    return _known(connection, _rows(connection, _DEVICES + _CONCERNED, wanted) if devices else [])


def everything(connection: Connection[Any]) -> Known:
    """The whole registry, in the order of its codes."""
    return _known(connection, _rows(connection, _DEVICES + _BY_PROJECT_AND_CODE))


def _known(connection: Connection[Any], devices: Sequence[Row]) -> Known:
    return Known(
        projects=_by_code(_rows(connection, _PROJECTS)),
        networks=_by_code(_rows(connection, _NETWORKS)),
        gateways=_by_code(_rows(connection, _GATEWAYS)),
        profiles=_by_code([_profile(row) for row in _rows(connection, _PROFILES)]),
        devices={f"{row['project']}/{row['code']}": row for row in devices},
    )


def _rows(
    connection: Connection[Any], query: LiteralString, parameters: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["code"]: row for row in rows}


def _profile(row: Mapping[str, Any]) -> Row:
    body = dict(row["body"])
    shipped = bool(body.pop(SHIPPED_KEY, False))
    try:
        profile = Profile.model_validate(body)
    except ValidationError:
        profile = None  # written by another version: whatever a document says is a change
    return {"id": row["id"], "code": row["code"], "profile": profile, "shipped": shipped}


def write(connection: Connection[Any], plan: Plan) -> None:
    """Write what the plan creates and changes: what is referred to before what refers to it."""
    ids: dict[Kind, dict[str, int]] = {}
    for kind in Kind:
        part = plan.parts[kind]
        if part.changed and kind in _RELEASE:
            connection.execute(_RELEASE[kind], ([item.id for item in part.changed],))
        for template, items in ((_UPDATE, part.changed), (_INSERT, part.created)):
            _write(connection, _statement(template, kind), items, ids)
        if kind is not Kind.DEVICE:
            ids[kind] = _ids(connection, kind)


def _write(
    connection: Connection[Any], statement: sql.Composed, items: Iterable[Item], ids: Mapping[Kind, Mapping[str, int]]
) -> None:
    remaining = iter(items)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        records = [_record(item, ids) for item in batch]
        connection.execute(statement, (Jsonb(records, dumps=_dumps),))


def _ids(connection: Connection[Any], kind: Kind) -> dict[str, int]:
    table = _TABLE[kind]
    query = sql.SQL("select code, {id} from {table}").format(
        id=sql.Identifier(f"{table}_id"), table=sql.Identifier(table)
    )
    return dict(connection.execute(query).fetchall())


def _statement(template: LiteralString, kind: Kind) -> sql.Composed:
    table = _TABLE[kind]
    columns = list(_columns(kind).values())
    return sql.SQL(template).format(
        table=sql.Identifier(table),
        id=sql.Identifier(f"{table}_id"),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        new=sql.SQL(", ").join(sql.Identifier("item", column) for column in columns),
    )


def _columns(kind: Kind) -> dict[str, str]:
    """Field of the model -> column of the table."""
    if kind is Kind.PROFILE:
        return {"code": "code", "body": "body"}
    columns = {field: field for field in MODELS[kind].model_fields}
    if kind is Kind.GATEWAY:
        columns["gateway_id"] = "external_id"
    return columns | {field: f"{_TABLE[target]}_id" for field, target in REFERENCES.get(kind, ())}


def _record(item: Item, ids: Mapping[Kind, Mapping[str, int]]) -> dict[str, object]:
    kind = item.subject.kind
    targets = dict(REFERENCES.get(kind, ()))
    values = {**item.values, "body": _body(item.values)} if kind is Kind.PROFILE else item.values
    record: dict[str, object] = {f"{_TABLE[kind]}_id": item.id}
    for field, column in _columns(kind).items():
        value = values[field]
        record[column] = ids[targets[field]].get(value) if field in targets else value
    return record


def _body(values: Row) -> dict[str, object]:
    profile: Profile = values["profile"]
    body = profile.model_dump(mode="json", exclude_defaults=True)
    body["ignore"] = sorted(profile.ignore)
    return {**body, SHIPPED_KEY: True} if values["shipped"] else body


def _dumps(records: object) -> str:
    return json.dumps(records, default=str, ensure_ascii=False)
