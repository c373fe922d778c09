"""The rows of the registry: fetched in the fields of their models, written a kind at a time."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, LiteralString

from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from pydantic import ValidationError

from ingest.registry.changes import ChangeSet, Item, Known, Row
from ingest.registry.columns import MODELS
from ingest.registry.problem import Kind, key_of
from ingest.registry.references import REFERENCES
from schemas.profile import Profile
from schemas.registry import RegistryDocument

SHIPPED_KEY = "shipped"
"""In the body of a profile that came with the program rather than with a document."""
ROWS_AT_ONCE = 10_000

_PROJECTS: LiteralString = """
select project_id as id, code, name, organisation_code, organisation_name, grant_number, granted_on, completed_on,
       (select jsonb_object_agg(kind, keep_months) from retention where retention.project_id = project.project_id)
           as retention
from project order by code"""

_QUANTITIES: LiteralString = """
select quantity_id as id, project.code as project, quantity.code, label_ja, label_en, unit, unit_ja, kind,
       reject_low, reject_high, flag_low, flag_high, greatest_per_hour, states
from quantity join project on project_id = of_project_id order by project.code, quantity.code"""

RANGES: LiteralString = """
select quantity_range_id as id, project.code as project, quantity.code as quantity,
       quantity_range.reject_low, quantity_range.reject_high, quantity_range.flag_low, quantity_range.flag_high,
       quantity_range.greatest_per_hour
from quantity_range
join project using (project_id)
join quantity using (quantity_id)
order by project.code, quantity.code"""

BINDINGS: LiteralString = """
select device_binding_id as id, device_id, project.code as project, device.code as device,
       quantity.code as quantity, channel, valid_from, valid_to, profile.code as profile, device_binding.unit,
       depth_cm, mount_height_m, level, sensor, blind_zone_m, range_m, bed_m, scale, "offset"
from device_binding
join device using (device_id)
join project on project.project_id = device.project_id
left join quantity using (quantity_id)
left join profile on profile.profile_id = device_binding.profile_id
order by project.code, device.code, quantity.code, channel, valid_from nulls first"""

_STAGES: LiteralString = """
select device_stage_id as id, project.code as project, device.code as device, rank, device_stage.name, level_m,
       quantity.code as quantity, channel, name_en, official, ref_level, source, datum, valid_from, valid_to
from device_stage
join device using (device_id)
join project on project.project_id = device.project_id
join quantity using (quantity_id)
order by project.code, device.code, quantity.code, channel, rank, valid_from nulls first"""

_NETWORKS: LiteralString = """
select network_id as id, network.code, project.code as project, kind, network.name
from network join project using (project_id) order by network.code"""

_GATEWAYS: LiteralString = """
select gateway_id as id, gateway.code, network.code as network, gateway.name, external_id as gateway_id,
       latitude, longitude, airtime_regime
from gateway join network using (network_id) order by gateway.code"""

_ASSETS: LiteralString = """
select asset_id as id, asset.code, project.code as project, asset.name, device.code as device,
       gateway.code as gateway, asset.model, asset.serial, quantity, unit_price_yen, subsidised_yen, subsidy_yen,
       acquired_on, service_life_years, disposal_until, place, technical_conformity, jc_star, support_until,
       label_attached_on, photo, verification_number, verification_until, jma_notified_on, state, disposed_on, note
from asset
join project using (project_id)
left join device on device.device_id = asset.device_id and device.project_id = asset.project_id
left join gateway on gateway.gateway_id = asset.gateway_id
order by project.code, asset.code"""

_PROFILES: LiteralString = "select profile_id as id, code, body from profile order by code"

_DEVICES: LiteralString = """
select device_id as id, device.code, project.code as project, network.code as network, device.name,
       gateway.code as gateway, model, serial, use, profile.code as profile, dev_eui, things_stack_id,
       sparkplug_id, client_id,
       device.latitude, device.longitude, area, interval_s, calm_interval_s, active_level_m, season_from, season_to,
       installed_on, enabled, device.airtime_regime, site_class, published
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
    Kind.ASSET: "update asset set device_id = null, gateway_id = null where asset_id = any(%s)",
}
"""Ids are taken off before they are written anew: two devices may have swapped theirs, and two assets their devices."""

_FORGET_RETENTION: LiteralString = """
delete from retention where project_id = %(project)s and kind <> all(%(kinds)s::text[])"""

_KEEP_RETENTION: LiteralString = """
insert into retention (project_id, kind, keep_months)
select %(project)s, * from unnest(%(kinds)s::text[], %(months)s::integer[])
on conflict (project_id, kind) do update
set keep_months = excluded.keep_months, forced_by = null, forced_why = null, forced_at = null
where retention.keep_months <> excluded.keep_months"""

_TABLE: Mapping[Kind, str] = {
    Kind.PROJECT: "project",
    Kind.QUANTITY: "quantity",
    Kind.RANGE: "quantity_range",
    Kind.NETWORK: "network",
    Kind.GATEWAY: "gateway",
    Kind.PROFILE: "profile",
    Kind.DEVICE: "device",
    Kind.BINDING: "device_binding",
    Kind.STAGE: "device_stage",
    Kind.ASSET: "asset",
}

_IDS: Mapping[Kind, LiteralString] = {
    Kind.PROJECT: "select code, project_id from project",
    Kind.QUANTITY: """
select coalesce(project.code || '/', '') || quantity.code, quantity_id
from quantity left join project on project_id = of_project_id""",
    Kind.NETWORK: "select code, network_id from network",
    Kind.GATEWAY: "select code, gateway_id from gateway",
    Kind.PROFILE: "select code, profile_id from profile",
}
"""By key; those of the catalogue by their code alone."""

_DEVICE_IDS: LiteralString = """
select project.code || '/' || device.code, device_id from device join project using (project_id)
where device.code = any(%s)"""

NAME_STATES: LiteralString = """
insert into figure_state_name (quantity_id, value, name)
select quantity_id, state.value::integer, min(state.key)
from quantity, jsonb_each_text(states) state where of_project_id is not null group by 1, 2
on conflict (quantity_id, value) do update set name = excluded.name"""


_CHECKED_ELSEWHERE: Mapping[Kind, dict[str, Kind]] = {
    Kind.RANGE: {"quantity": Kind.QUANTITY},
    Kind.BINDING: {"device": Kind.DEVICE, "quantity": Kind.QUANTITY},
    Kind.STAGE: {"device": Kind.DEVICE, "quantity": Kind.QUANTITY},
    Kind.ASSET: {"device": Kind.DEVICE},
}
"""References that `ingest.registry` checks elsewhere: in `catalogue`, `stages` and `assets`."""


def known_to(connection: Connection[Any], document: RegistryDocument) -> Known:
    """Everything but devices, and of those the ones a document names by code or by any of their ids."""
    devices = [device.__dict__ for device in document.devices]
    bound = [binding.device for binding in document.bindings] + [stage.device for stage in document.stages]
    bound += [asset.device for asset in document.assets if asset.device is not None]
    names = ("code", "dev_eui", "things_stack_id", "sparkplug_id", "client_id")
    wanted = {name: [device[name] for device in devices if device[name] is not None] for name in names}
    wanted["code"] += bound + [one.partition("/")[2] for one in wanted["client_id"]]
    wanted["client_id"] += [f"{device['project']}/{device['code']}" for device in devices]
    return _known(connection, _rows(connection, _DEVICES + _CONCERNED, wanted) if devices or bound else [])


def everything(connection: Connection[Any]) -> Known:
    """The whole registry, in the order of its codes."""
    return _known(connection, _rows(connection, _DEVICES + _BY_PROJECT_AND_CODE))


def _known(connection: Connection[Any], devices: Sequence[Row]) -> Known:
    return Known(
        projects=_by_code(_rows(connection, _PROJECTS)),
        networks=_by_code(_rows(connection, _NETWORKS)),
        gateways=_by_code(_rows(connection, _GATEWAYS)),
        profiles=_by_code([_profile(row) for row in _rows(connection, _PROFILES)]),
        devices=_by_key(Kind.DEVICE, devices),
        quantities=_by_key(Kind.QUANTITY, _rows(connection, _QUANTITIES)),
        ranges=_by_key(Kind.RANGE, _rows(connection, RANGES)),
        bindings=_by_key(Kind.BINDING, _rows(connection, BINDINGS)),
        stages=_by_key(Kind.STAGE, _rows(connection, _STAGES)),
        assets=_by_key(Kind.ASSET, _rows(connection, _ASSETS)),
    )


def _rows(
    connection: Connection[Any], query: LiteralString, parameters: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


def _by_code(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["code"]: row for row in rows}


def _by_key(kind: Kind, rows: Iterable[Row]) -> dict[str, Row]:
    return {key_of(kind, row): row for row in rows}


def _profile(row: Mapping[str, Any]) -> Row:
    body = dict(row["body"])
    shipped = bool(body.pop(SHIPPED_KEY, False))
    try:
        profile = Profile.model_validate(body)
    except ValidationError:
        profile = None  # written by another version: whatever a document says is a change
    return {"id": row["id"], "code": row["code"], "profile": profile, "shipped": shipped}


def write(connection: Connection[Any], plan: ChangeSet) -> None:
    """Write what the plan creates and changes: what is referred to before what refers to it."""
    ids: dict[Kind, dict[str, int]] = {}
    hanging = [item for kind in (Kind.BINDING, Kind.STAGE, Kind.ASSET) for item in plan.parts[kind].items]
    for kind in Kind:
        part = plan.parts[kind]
        if part.changed and kind in _RELEASE:
            connection.execute(_RELEASE[kind], ([item.id for item in part.changed],))
        for template, items in ((_UPDATE, part.changed), (_INSERT, part.created)):
            _write(connection, _statement(template, kind), items, ids)
        if kind in _IDS:
            ids[kind] = dict(connection.execute(_IDS[kind]).fetchall())
        elif kind is Kind.DEVICE:
            bound = [item.values["device"] for item in hanging]
            ids[kind] = dict(connection.execute(_DEVICE_IDS, (bound,)).fetchall()) if bound else {}
        if kind is Kind.QUANTITY and (part.created or part.changed):
            connection.execute(NAME_STATES)
        if kind is Kind.PROJECT:
            _write_retention(connection, (*part.created, *part.changed), ids[kind])


def _write_retention(connection: Connection[Any], items: Iterable[Item], ids: Mapping[str, int]) -> None:
    """Write the periods of retention of projects. One that does not change keeps who forced it, and why."""
    for item in items:
        periods = item.values["retention"] or {}
        values = {"project": ids[item.subject.key], "kinds": list(periods), "months": list(periods.values())}
        connection.execute(_FORGET_RETENTION, values)
        connection.execute(_KEEP_RETENTION, values)


def _write(
    connection: Connection[Any], statement: sql.Composed, items: Iterable[Item], ids: Mapping[Kind, Mapping[str, int]]
) -> None:
    remaining = iter(items)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        records = [_record(item, ids) for item in batch]
        connection.execute(statement, (Jsonb(records, dumps=_dumps),))


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
    columns = {field: field for field in MODELS[kind].model_fields if field != "retention"}  # has a table of its own
    if kind is Kind.GATEWAY:
        columns["gateway_id"] = "external_id"
    elif kind in (Kind.BINDING, Kind.STAGE):
        del columns["project"]  # that of the device
    columns |= {field: f"{_TABLE[target]}_id" for field, target in _targets(kind).items()}
    return columns | ({"project": "of_project_id"} if kind is Kind.QUANTITY else {})


def _targets(kind: Kind) -> dict[str, Kind]:
    """The fields that are ids in the table, and what they point to."""
    return dict(REFERENCES.get(kind, ())) | _CHECKED_ELSEWHERE.get(kind, {})


def _record(item: Item, ids: Mapping[Kind, Mapping[str, int]]) -> dict[str, object]:
    kind = item.subject.kind
    targets = _targets(kind)
    values = {**item.values, "body": _body(item.values)} if kind is Kind.PROFILE else item.values
    record: dict[str, object] = {f"{_TABLE[kind]}_id": item.id}
    for field, column in _columns(kind).items():
        value = values[field]
        record[column] = _id(ids[targets[field]], values, value) if field in targets else value
    return record


def _id(ids: Mapping[str, int], values: Row, code: str) -> int | None:
    """A project's own thing before everybody's of the same code."""
    own = ids.get(f"{values.get('project')}/{code}")
    return ids.get(code) if own is None else own


def _body(values: Row) -> dict[str, object]:
    profile: Profile = values["profile"]
    body = profile.model_dump(mode="json", exclude_defaults=True)
    body["ignore"] = sorted(profile.ignore)
    return {**body, SHIPPED_KEY: True} if values["shipped"] else body


def _dumps(records: object) -> str:
    return json.dumps(records, default=str, ensure_ascii=False)
