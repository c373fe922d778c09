"""Reads what the tests of quality say of the readings of devices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.figures.fetch import Database, fetch
from schemas.bilingual import Bilingual
from schemas.watch_quality import FAIL, QualityTest


@dataclass(frozen=True, slots=True)
class QualityFlags:
    """One row of `figure_quality`; its comment defines every field."""

    project: str
    device: str
    device_name: str
    quantity: str
    label_ja: str
    label_en: str
    channel: int
    test: str
    grade: int
    flags: int
    readings: int
    first_at: datetime
    last_at: datetime
    amount: float | None
    value: float | None

    @property
    def test_name(self) -> Bilingual:
        """What people call the test."""
        return QualityTest(self.test).label

    @property
    def failed(self) -> bool:
        """Whether these readings are wrong, not only suspect."""
        return self.grade == FAIL


def quality_flags(
    connection: Database, projects: Sequence[str], devices: Sequence[str] | None, start: datetime, end: datetime
) -> list[QualityFlags]:
    """The flags that touch [start, end), by device, quantity, channel, test and grade; the newest first."""
    query = """
        select * from figure_quality(%(projects)s, %(devices)s, %(start)s, %(end)s)
        order by last_at desc, project, device, quantity, channel, test, grade
    """
    values = {
        "projects": list(projects), "devices": None if devices is None else list(devices), "start": start, "end": end,
    }  # fmt: skip
    return fetch(connection, QualityFlags, query, values)
