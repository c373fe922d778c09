"""A field with a plan in a real database: devices, messages, work and observations whose figures can be foreseen."""

from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ingest.access.authority import By
from ingest.figures.project import ProjectRef
from ingest.plan.check.results import KpiResult, PeriodResults, kpi_results
from ingest.plan.check.spans import Span
from schemas.japan import JST
from schemas.plan import PlanDocument
from tests.figures.field import Field, jst
from tests.fixtures.database import Database

BY = By.of_command("clerk")
LATER = jst(2027, 6, 30)
HOUR = timedelta(hours=1)


class Town:
    """The project `tea` of `Field`, its plan, and what people enter."""

    def __init__(self, database: Database) -> None:
        self.connection = database.connect()
        self.field = Field(self.connection)
        self.project = ProjectRef(self.field.project_id, "tea", "茶園見守り事業")

    def plan(self, document: PlanDocument, at: datetime | None = None, number: int = 1, reason: str = "") -> None:
        """A version of the plan, entered at a moment; before the plan begins if none is said."""
        self.connection.execute(
            "insert into plan_version (project_id, number, entered_at, entered_by, reason, document, digest)"
            " values (%s, %s, %s, 'clerk', %s, %s, '')",
            (
                self.project.project_id, number, at or jst(document.begins.year, document.begins.month, 1) - 30 * HOUR,
                reason, Jsonb(document.model_dump(mode="json")),
            ),
        )  # fmt: skip

    def hours(self, device: int, first: datetime, count: int, **columns: Any) -> None:
        """A message in the middle of each of so many hours."""
        for number in range(count):
            self.field.uplink(device, first + number * HOUR + HOUR / 2, **columns)

    def work(self, kind: str, starts: datetime, minutes: int, people: int = 1, **columns: Any) -> None:
        """An entry of the work log."""
        values = {
            "project_id": self.project.project_id, "kind": kind, "starts": starts, "minutes": minutes, "people": people,
            "entered_by": "clerk", **columns,
        }  # fmt: skip
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.connection.execute(f"insert into work_entry ({names}) values ({places})".encode(), values)

    def observe(self, code: str, first: date, last: date, value: float, **columns: Any) -> None:
        """An observation of a period, both days included."""
        values = {
            "project_id": self.project.project_id, "code": code, "first_day": first, "last_day": last, "value": value,
            "unit": "時間", "source": "聞き取り", "entered_by": "clerk", **columns,
        }  # fmt: skip
        names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.connection.execute(f"insert into observation ({names}) values ({places})".encode(), values)

    def results(self, span: Span, now: datetime = LATER) -> PeriodResults:
        """Every KPI of a period."""
        found = kpi_results(self.connection, self.project.project_id, span.first_day, span.until_day, now)
        assert found is not None
        return found

    def kpi(self, span: Span, code: str = "completeness", now: datetime = LATER) -> KpiResult:
        """One KPI of a period."""
        return next(each for each in self.results(span, now).kpis if each.code == code)


def midnight(day: date) -> datetime:
    """The beginning of a day in Japan."""
    return datetime(day.year, day.month, day.day, tzinfo=JST)
