"""Reads what the next operator of a project takes over; who may come in only where the connection may read it."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.figures.fetch import Database, fetch
from ingest.figures.stages import Stage


@dataclass(frozen=True, slots=True)
class TakeoverDevice:
    """One row of `figure_takeover_device`; its comment defines every field."""

    device: str
    device_name: str
    network: str
    network_name: str
    technology: str
    gateway: str | None
    model: str | None
    serial: str | None
    profile: str | None
    dev_eui: str | None
    things_stack_id: str | None
    sparkplug_id: str | None
    client_id: str | None
    account: str
    interval_s: int
    enabled: bool
    published: bool
    installed_on: date | None
    technical_conformity: str | None
    verification_until: date | None
    last_received_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakeoverNetwork:
    """One row of `figure_takeover_network`."""

    network: str
    network_name: str
    technology: str
    gateways: int
    devices: int
    through: str | None
    last_received_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakeoverAccess:
    """One row of `figure_takeover_access`."""

    role: str
    reach: str
    people: int
    second_factor: int


@dataclass(frozen=True, slots=True)
class TakeoverToken:
    """One row of `figure_takeover_token`."""

    name: str
    made_by: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    maker_disabled: bool


@dataclass(frozen=True, slots=True)
class TakeoverExport:
    """One row of `figure_takeover_export`."""

    at: datetime
    actor: str
    to: str | None
    from_day: str | None
    to_day: str | None
    rows: int | None


@dataclass(frozen=True, slots=True)
class TakeoverStore:
    """One row of `figure_takeover_store`."""

    what: str
    rows: int
    first_day: date | None
    last_day: date | None


def takeover_devices(connection: Database, project: str) -> list[TakeoverDevice]:
    """The devices, by network and code."""
    query = "select * from figure_takeover_device(%(project)s) order by network, device"
    return fetch(connection, TakeoverDevice, query, {"project": project})


def takeover_networks(connection: Database, project: str) -> list[TakeoverNetwork]:
    """The networks, by code."""
    query = "select * from figure_takeover_network(%(project)s) order by network"
    return fetch(connection, TakeoverNetwork, query, {"project": project})


def takeover_stages(connection: Database, project: str, at: datetime) -> list[Stage]:
    """The stages of levels that hold at a moment, by device and rank."""
    query = """
        select * from figure_stage s
        where s.project = %(project)s and coalesce(s.valid_from, '-infinity') <= %(at)s
          and coalesce(s.valid_to, 'infinity') > %(at)s
        order by device, quantity, channel, rank
    """
    return fetch(connection, Stage, query, {"project": project, "at": at})


def takeover_access(connection: Database, project: str) -> list[TakeoverAccess] | None:
    """How many people may come in, by role and reach; None where it may not be read."""
    if not _may_read(connection, "person", "membership"):
        return None
    query = "select * from figure_takeover_access(%(project)s) order by reach, role"
    return fetch(connection, TakeoverAccess, query, {"project": project})


def takeover_tokens(connection: Database, project: str) -> list[TakeoverToken] | None:
    """The tokens, those that expire first on top; None where it may not be read."""
    if not _may_read(connection, "person", "membership", "api_token"):
        return None
    query = "select * from figure_takeover_token(%(project)s) order by expires_at, name, created_at"
    return fetch(connection, TakeoverToken, query, {"project": project})


def takeover_export(connection: Database, project: str) -> list[TakeoverExport] | None:
    """The last hand-over that was written, or nothing; None where the audit log may not be read."""
    if not _may_read(connection, "audit_entry"):
        return None
    return fetch(connection, TakeoverExport, "select * from figure_takeover_export(%(project)s)", {"project": project})


def takeover_stores(connection: Database, project: str) -> list[TakeoverStore]:
    """What the database holds of the project."""
    return fetch(connection, TakeoverStore, "select * from figure_takeover_store(%(project)s)", {"project": project})


def _may_read(connection: Database, *tables: str) -> bool:
    row = connection.execute(
        "select bool_and(has_table_privilege(name, 'select')) from unnest(%s::text[]) name", (list(tables),)
    ).fetchone()
    return row is not None and bool(row[0])
