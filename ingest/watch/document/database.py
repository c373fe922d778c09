"""The SQL of the rules: stages of the registry, documents, and the version of both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ingest.store.database import Database

_LOCK = 20_261_131
"""Numbers of documents are given one after the other: the lock of this space and the id of the project."""


class Version(NamedTuple):
    """What the rules were made of. It is another one whenever registry or documents are."""

    registry: int = 0
    document: int = 0


class StageRow(NamedTuple):
    """A stage of the registry, of a device that is in use, with what its rule needs of the device."""

    device_id: int
    quantity_id: int
    channel: int
    project_id: int
    unit: str
    interval_s: int
    calm_interval_s: int | None
    season_from: str | None
    season_to: str | None
    rank: int
    level_m: float
    name: str
    name_en: str
    official: bool
    ref_level: int | None
    valid_from: datetime | None
    valid_to: datetime | None


class DocumentRow(NamedTuple):
    """A version of the document of a project, without what it says."""

    project_id: int
    number: int
    applied_at: datetime
    applied_by: str
    reason: str
    body: Any
    source: str


class DocumentId(NamedTuple):
    """The newest version of a project, by its number in the table."""

    watch_document_id: int
    applied_at: datetime
    project: str
    project_name: str


class DeviceRow(NamedTuple):
    """A device that a document may name. `seen`: pairs of quantity_id and channel that it has measured."""

    device_id: int
    project_id: int
    project: str
    code: str
    enabled: bool
    interval_s: int
    calm_interval_s: int | None
    season_from: str | None
    season_to: str | None
    area: str | None
    seen: list[list[int]]


class QuantityRow(NamedTuple):
    """A quantity of everybody (`project_id` None) or of one project, or the range of everybody's in one project."""

    quantity_id: int
    project_id: int | None
    code: str
    unit: str
    kind: str
    per_hour: float | None
    flag_low: float
    flag_high: float
    states: Mapping[str, int]


class Place(NamedTuple):
    """A project, and the organisation it belongs to."""

    project_id: int
    code: str
    organisation: str | None


_VERSION = """
select (select version from registry_state), (select coalesce(max(watch_document_id), 0) from watch_document)
"""

_STAGES = """
select s.device_id, s.quantity_id, s.channel, d.project_id, q.unit, d.interval_s, d.calm_interval_s,
    d.season_from, d.season_to, s.rank, s.level_m, s.name, coalesce(nullif(s.name_en, ''), s.name),
    s.official, s.ref_level, s.valid_from, s.valid_to
from device_stage s
join device d using (device_id)
join quantity q using (quantity_id)
where d.enabled
order by s.device_id, s.quantity_id, s.channel, s.rank, s.valid_from nulls first
"""


def rules_version(connection: Database) -> Version:
    """The version of the rules as they are in the database now."""
    row = connection.execute(_VERSION).fetchone()
    assert row is not None  # an aggregate has one row
    return Version(*row)


def stage_rows(connection: Database) -> Iterator[StageRow]:
    """The stages of the registry, those of one series one after the other, by rank."""
    with connection.cursor() as cursor:
        for row in cursor.execute(_STAGES):
            yield StageRow(*row)


_NEWEST = """
select distinct on (project_id) project_id, number, applied_at, applied_by, reason, body, ''
from watch_document order by project_id, number desc
"""

_DOCUMENTS = """
select project_id, number, applied_at, applied_by, reason, body, source from watch_document
where project_id = %(project)s and (%(number)s::integer is null or number = %(number)s)
order by number desc limit %(limit)s
"""

_IDS = """
select distinct on (p.code) w.watch_document_id, w.applied_at, p.code, p.name
from watch_document w join project p using (project_id)
where %(project)s::text is null or p.code = %(project)s
order by p.code, w.number desc
"""

_INSERT = """
insert into watch_document (project_id, number, body, source, applied_by, reason)
select %(project)s, coalesce(max(number), 0) + 1, %(body)s, %(source)s, %(by)s, %(reason)s
from watch_document where project_id = %(project)s
returning number
"""

_DEVICES = """
select d.device_id, d.project_id, p.code, d.code, d.enabled, d.interval_s, d.calm_interval_s, d.season_from,
    d.season_to, d.area, coalesce(s.seen, '[]')
from device d
join project p using (project_id)
left join lateral (
    select jsonb_agg(jsonb_build_array(quantity_id, channel)) as seen
    from (
        select k.quantity_id, k.channel from last_reading k where k.device_id = d.device_id
        union
        select r.quantity_id, r.channel from reading r
        where r.device_id = d.device_id and r.time > now() - interval '3 days'
        union
        select b.quantity_id, b.channel from device_binding b
        where b.device_id = d.device_id and b.quantity_id is not null
        union
        select q.quantity_id, b.channel from device_binding b join quantity q on q.code = b.level
        where b.device_id = d.device_id and b.mount_height_m is not null
          and coalesce(q.of_project_id, d.project_id) = d.project_id
    ) each_one
) s on %(seen)s
where d.code = any(%(codes)s)
order by d.device_id
"""

_QUANTITIES = """
select q.quantity_id, q.of_project_id, q.code, q.unit, q.kind, q.greatest_per_hour, q.flag_low, q.flag_high, q.states
from quantity q
union all
select q.quantity_id, o.project_id, q.code, q.unit, q.kind, coalesce(o.greatest_per_hour, q.greatest_per_hour),
    coalesce(o.flag_low, q.flag_low), coalesce(o.flag_high, q.flag_high), q.states
from quantity_range o join quantity q using (quantity_id)
"""


def newest_documents(connection: Database) -> list[DocumentRow]:
    """The document of each project that has one."""
    return [DocumentRow(*row) for row in connection.execute(_NEWEST).fetchall()]


def document_rows(
    connection: Database, project_id: int, *, number: int | None = None, limit: int | None = None
) -> list[DocumentRow]:
    """Versions of the document of a project, the newest first: all, or the one of this number."""
    values = {"project": project_id, "number": number, "limit": limit}
    with connection.cursor(row_factory=class_row(DocumentRow)) as cursor:
        return cursor.execute(_DOCUMENTS, values).fetchall()


def document_ids(connection: Database, project: str | None = None) -> list[DocumentId]:
    """The newest version of one project (its code) or of each."""
    return [DocumentId(*row) for row in connection.execute(_IDS, {"project": project}).fetchall()]


def document_bodies(connection: Database, numbers: Sequence[int]) -> dict[int, Any]:
    """What versions say, by `watch_document_id`."""
    if not numbers:
        return {}
    query = "select watch_document_id, body from watch_document where watch_document_id = any(%s)"
    return dict(connection.execute(query, (list(numbers),)).fetchall())


def insert_document(
    connection: Database, project_id: int, *, body: Mapping[str, Any], source: str, by: str, reason: str
) -> int:
    """Add the next version, and return its number."""
    values = {"project": project_id, "body": Jsonb(body), "source": source, "by": by, "reason": reason}
    row = connection.execute(_INSERT, values).fetchone()
    assert row is not None  # `returning` of one row
    return int(row[0])


def lock_documents(connection: Database, project_id: int) -> None:
    """Let nobody else add a version of this project until the transaction ends."""
    connection.execute("select pg_advisory_xact_lock(%s, %s)", (_LOCK, project_id))


def place_of(connection: Database, code: str) -> Place | None:
    """The project of this code; None if there is none."""
    query = "select project_id, code, organisation_code from project where code = %s"
    row = connection.execute(query, (code,)).fetchone()
    return None if row is None else Place(*row)


def device_rows(connection: Database, codes: Iterable[str], *, seen: bool = False) -> list[DeviceRow]:
    """Devices of these codes, of all projects. `seen`: what they have measured is looked up; rules need not know."""
    values = {"codes": sorted(set(codes)), "seen": seen}
    return [DeviceRow(*row) for row in connection.execute(_DEVICES, values).fetchall()]


def quantity_rows(connection: Database) -> list[QuantityRow]:
    """The catalogue, quantities of projects, and what is everybody's with the range that a project gave it."""
    return [QuantityRow(*row) for row in connection.execute(_QUANTITIES).fetchall()]


def areas(connection: Database, project_id: int) -> set[str]:
    """The areas that devices of a project have."""
    query = "select distinct area from device where project_id = %s and area is not null"
    return {row[0] for row in connection.execute(query, (project_id,)).fetchall()}
