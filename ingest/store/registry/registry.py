"""The registry (台帳) in the database: compare, apply, export, and load it for the running service."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from ingest.errors import CallRefused, StoreUnavailable
from ingest.registry.changes import ChangeSet, Known, compare
from ingest.registry.client_ids import Reserved
from ingest.registry.index import DeviceEntry, Directory, GatewayEntry, NetworkEntry
from ingest.registry.problem import Subject
from ingest.registry.retention_duty import check_retention
from ingest.store.database import translated
from ingest.store.registry.catalogue import Catalogues, check_own, load_bindings, load_catalogues, own_units
from ingest.store.registry.rows import SHIPPED_KEY, everything, known_to, write
from ingest.validate.bindings import bind
from schemas.asset import Asset
from schemas.bilingual import Bilingual, joined
from schemas.binding import Binding
from schemas.device import Device, Gateway, Network
from schemas.own_quantity import OwnQuantity, OwnRange
from schemas.profile import Profile
from schemas.profiles import shipped_maps, shipped_profiles
from schemas.project import Project
from schemas.quantity import BY_CODE
from schemas.registry import RegistryDocument
from schemas.stage import Stage

LOCK = 0x4E4F524F_52454749
"""Advisory lock of a process that changes the registry."""
FETCHED_AT_ONCE = 50_000


def _misfit(code: str) -> StoreUnavailable:
    return StoreUnavailable(
        Bilingual(
            f"データベースのプロファイル {code!r} は、この版に合いません。noroshi registry apply で直してください",
            f"profile {code!r} in the database does not fit this version: correct it with `noroshi registry apply`",
        )
    )


def plan(
    connection: Connection[Any],
    document: RegistryDocument,
    *,
    allow_moves: bool = False,
    broken: frozenset[Subject] = frozenset(),
    reserved: Reserved = frozenset(),
) -> ChangeSet:
    """What applying the document would create and change, and what is in the way. Writes nothing.

    `allow_moves`: devices may go to another project, with all they have measured. `broken`: things
    that are named in the files but could not be read, so that it is not reported twice. `reserved`: client ids of ours.
    """
    with translated(), connection.transaction():
        present = known_to(connection, document)
        changes = compare(
            present, document, shipped_profiles(), allow_moves=allow_moves, broken=broken, reserved=reserved
        )
    return replace(changes, problems=(*changes.problems, *check_retention(changes, datetime.now(UTC))))


def apply(connection: Connection[Any], changes: ChangeSet) -> ChangeSet:
    """Carry a plan out, wholly or not at all; returns what was really done.

    The database may have changed since the plan was made, so it is made again behind the lock.
    Raises CallRefused if it has problems, StoreUnavailable or BatchRefused if the database says no.
    """
    with translated(), connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        settled = plan(connection, changes.document, allow_moves=changes.allow_moves)
        problems = changes.problems or settled.problems
        if problems:
            raise CallRefused(joined(problem.said for problem in problems))
        if settled.changes_something:
            write(connection, settled)
            connection.execute("update registry_state set version = version + 1, changed_at = now()")
        return settled


def known(connection: Connection[Any]) -> Known:
    """All that is in the registry."""
    with translated(), connection.transaction():
        return everything(connection)


def export(connection: Connection[Any]) -> RegistryDocument:
    """The whole registry as a document. Shipped profiles are left out: they come with the program."""
    registry = known(connection)
    profiles = [row for row in registry.profiles.values() if not row["shipped"]]
    for row in profiles:
        if row["profile"] is None:
            raise _misfit(row["code"])
    return RegistryDocument(
        projects=tuple(Project.model_validate(_fields(row)) for row in registry.projects.values()),
        quantities=tuple(OwnQuantity.model_validate(_fields(row)) for row in registry.quantities.values()),
        ranges=tuple(OwnRange.model_validate(_fields(row)) for row in registry.ranges.values()),
        networks=tuple(Network.model_validate(_fields(row)) for row in registry.networks.values()),
        gateways=tuple(Gateway.model_validate(_fields(row)) for row in registry.gateways.values()),
        profiles=tuple(row["profile"] for row in profiles),
        devices=tuple(Device.model_validate(_fields(row)) for row in registry.devices.values()),
        bindings=tuple(Binding.model_validate(_fields(row)) for row in registry.bindings.values()),
        stages=tuple(Stage.model_validate(_fields(row)) for row in registry.stages.values()),
        assets=tuple(Asset.model_validate(_fields(row)) for row in registry.assets.values()),
    )


def _fields(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("id", "device_id")}


def directory_version(connection: Connection[Any]) -> int:
    """The number that moves whenever the registry changes."""
    with translated(), connection.transaction():
        row = connection.execute("select version from registry_state").fetchone()
    return int(row[0]) if row else 0


def load_directory(connection: Connection[Any]) -> Directory:
    """The registry as look-up tables for the running service.

    Raises StoreUnavailable if a profile in the database does not fit this version of the program.
    """
    with translated(), connection.transaction():
        # The version first: what is committed meanwhile may already be in the tables, and then the
        # next poll merely loads it once more. The other way round it would be missed.
        version = directory_version(connection)
        projects = dict(connection.execute("select code, project_id from project").fetchall())
        gateways = connection.execute(
            "select g.external_id, g.gateway_id, p.project_id, p.code, g.code, network_id"
            " from gateway g join network n using (network_id) join project p using (project_id)"
            " where g.external_id is not null"
        ).fetchall()
        names = {id_: code for code, id_ in projects.items()}
        networks = connection.execute("select code, network_id, project_id from network").fetchall()
        own = load_catalogues(connection)
        profiles = _profiles(connection, own)
        devices = _devices(connection, names, profiles, own, load_bindings(connection))
    entries = {name: GatewayEntry(*entry) for name, *entry in gateways}
    return Directory(
        version=version,
        native=devices.native,
        dev_eui=devices.dev_eui,
        things_stack=devices.things_stack,
        sparkplug=devices.sparkplug,
        gateways={name: entry.gateway_id for name, entry in entries.items()},
        gateway_entries=entries,
        projects=projects,
        networks={code: NetworkEntry(id_, names[project_id]) for code, id_, project_id in networks},
        maps=shipped_maps() | {profile.code: profile for profile in profiles.values() if profile.map is not None},
    )


@dataclass(frozen=True, slots=True)
class _Devices:
    native: dict[str, DeviceEntry]
    dev_eui: dict[str, DeviceEntry]
    things_stack: dict[str, DeviceEntry]
    sparkplug: dict[str, DeviceEntry]


def _devices(
    connection: Connection[Any],
    projects: dict[int, str],
    profiles: dict[int | None, Profile],
    catalogues: Catalogues,
    held: dict[int, list[Binding]],
) -> _Devices:
    by_code = {profile.code: profile for profile in profiles.values()}
    devices = _Devices({}, {}, {}, {})
    with connection.cursor("directory", binary=True) as cursor:
        cursor.itersize = FETCHED_AT_ONCE
        cursor.execute(
            "select device_id, project_id, code, enabled, network_id, profile_id,"
            " dev_eui, things_stack_id, sparkplug_id from device"
        )
        for device_id, project_id, code, enabled, network_id, profile_id, *names in cursor:
            dev_eui, things_stack_id, sparkplug_id = names
            project = projects[project_id]
            catalogue = catalogues.get(project_id, BY_CODE)
            bindings = bind(held[device_id], catalogue, by_code) if device_id in held else None
            entry = DeviceEntry(
                device_id, project_id, project, code, enabled, profiles.get(profile_id),
                network_id, catalogue, bindings,
            )  # fmt: skip
            devices.native[f"{project}/{code}"] = entry
            if dev_eui is not None:
                devices.dev_eui[dev_eui] = entry
            if things_stack_id is not None:
                devices.things_stack[things_stack_id] = entry
            if sparkplug_id is not None:
                devices.sparkplug[sparkplug_id] = entry
    return devices


def _profiles(connection: Connection[Any], catalogues: Catalogues) -> dict[int | None, Profile]:
    profiles: dict[int | None, Profile] = {}
    own = own_units(catalogues)
    for profile_id, code, body in connection.execute(
        "select profile_id, code, body - %s::text from profile", (SHIPPED_KEY,)
    ):
        try:
            profiles[profile_id] = Profile.model_validate(body)
            check_own(profiles[profile_id], own)
        except ValueError as error:
            raise _misfit(code) from error
    return profiles
