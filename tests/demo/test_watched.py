"""The watch of the demonstration: documents without a fault, and a year whose floods were told and taken."""

from datetime import UTC, date, datetime
from threading import Event

from ingest.access.authority import By
from ingest.demo.watching import watch_documents
from ingest.demo.year.database import make_past
from ingest.demo.year.events import whole_year
from ingest.demo.year.watched import enter_watch
from ingest.figures.project import project_refs
from ingest.figures.watch_record import watch_sums, watch_uptime
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import registry_document
from ingest.simulator.town import NEIGHBOUR_PROJECT
from ingest.store.registry import registry
from ingest.watch.document.read import read_text
from ingest.watch.document.versions import apply
from ingest.watch.replay.compare import Verdict
from ingest.watch.replay.replay import replay
from schemas.japan import JST
from tests.fixtures.database import Database

FIRST_DAY = date(2026, 11, 29)
YEAR = whole_year(FIRST_DAY)


def test_what_the_watch_did_in_the_year_is_what_the_machine_finds_in_its_readings(any_database: Database) -> None:
    field = Field(FieldPlan(200, 7, 0.0), 0.0)
    connection = any_database.connect()
    registry.apply(connection, registry.plan(connection, registry_document(field, FIRST_DAY)))
    for text in watch_documents(field.town):
        applied = apply(connection, By("demo"), read_text("demo", text.encode()))
        assert applied.number == 1
    until = datetime(2025, 5, 4, tzinfo=UTC)
    make_past(connection, YEAR, [site for site in field.town.sites if site.veteran], until, Event())
    project = next(each for each in project_refs(connection) if each.code == NEIGHBOUR_PROJECT)
    begin = YEAR.whole.start
    assert enter_watch(connection, project, begin, until) >= 2
    sums = watch_sums(connection, NEIGHBOUR_PROJECT, begin, datetime(2025, 6, 1, tzinfo=JST))
    assert sums is not None
    assert sums.watched
    assert sums.crossings > 1
    assert sums.delay_samples == sums.crossings + sums.incidents, "what is over is told, too"
    assert sums.acknowledged == sums.incidents == sums.marked
    assert 1 < (sums.delay_p50_s or 0) < (sums.delay_p95_s or 0) < 10
    uptime = watch_uptime(connection, NEIGHBOUR_PROJECT, begin, until)
    assert uptime is not None
    assert uptime.uptime == 1
    again = replay(connection, begin, until, project=NEIGHBOUR_PROJECT)
    assert {each.verdict for each in again.crossings} == {Verdict.SAME}
