"""The SQL of the rules: stages of the registry, documents, and the version of both."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ingest.store.database import Database


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
    assert row is not None  # a select without from has one row
    return Version(*row)


def stage_rows(connection: Database) -> Iterator[StageRow]:
    """The stages of the registry, those of one series one after the other, by rank."""
    with connection.cursor() as cursor:
        for row in cursor.execute(_STAGES):
            yield StageRow(*row)
