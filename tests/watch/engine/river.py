"""One gauge at a river with stages in the registry, for the tests of the engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.store.database import Database as Connection
from ingest.watch.model import Event, Kind, Origin, StageOf, Thing, subject_of
from schemas.device import Device, Network, NetworkKind
from schemas.project import Project
from schemas.quantity import CATALOGUE
from schemas.registry import RegistryDocument
from tests.acceptance.fleet import register
from tests.fixtures.database import Database

PROJECT = "river"
LEVEL = next(quantity.id for quantity in CATALOGUE if quantity.code == "river_level")
T0 = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)


def minutes(number: float) -> datetime:
    """So many minutes after the beginning of the tests' time."""
    return T0 + timedelta(minutes=number)


def make_river(database: Database, devices: int = 1) -> list[int]:
    """Gauges g-0, g-1, ... Returns their device ids."""
    register(
        database.url,
        RegistryDocument(
            projects=(Project(code=PROJECT, name="河川"),),
            networks=(Network(code="net", project=PROJECT, kind=NetworkKind.LPWA, name="LPWA"),),
            devices=tuple(
                Device(code=f"g-{number}", project=PROJECT, network="net", name=f"水位計{number}", interval_s=600)
                for number in range(devices)
            ),
        ),
    )
    rows = database.connect().execute("select device_id from device order by code").fetchall()
    return [row[0] for row in rows]


def project_of(connection: Connection) -> int:
    row = connection.execute("select project_id from project").fetchone()
    assert row is not None
    return int(row[0])


def crossing(
    device_id: int, project_id: int, minute: float, ranks: tuple[int, int], origin: Origin, **more: Any
) -> Event:
    """An event of a stage: `ranks` before and after."""
    thing = Thing(project_id, device_id, quantity_id=LEVEL, channel=0)
    return Event(
        Kind.STAGE, subject_of(Kind.STAGE, thing), thing, minutes(minute), *ranks, origin,
        hazard="river", measure="value", value=2.0, stage=StageOf("基準1", "Stage 1", 2.0, "m"), **more,
    )  # fmt: skip
