"""The made past of a demonstration: its plans are plans, and its messages are counted as any others."""

from datetime import UTC, date, datetime
from threading import Event

from ingest.demo.accounts import COLLEAGUES, GUESTS
from ingest.demo.year.database import make_past, past_is_there
from ingest.demo.year.diary import measures, works
from ingest.demo.year.events import whole_year
from ingest.demo.year.plans import channel_plan, farm_plan
from ingest.demo.year.visitors import visits
from ingest.plan.document.checks import faults
from ingest.simulator.field import Field, FieldPlan
from ingest.simulator.inventory import TOWN_CODE, registry_document
from ingest.simulator.town import FARM
from ingest.store.registry import registry
from schemas.work import MeasureState, WorkKind
from tests.fixtures.database import Database

FIRST_DAY = date(2026, 11, 29)
YEAR = whole_year(FIRST_DAY)


def test_the_plans_have_no_fault_and_the_year_is_the_last_that_was_over() -> None:
    assert (YEAR.whole.year, whole_year(date(2026, 3, 31)).whole.year) == (2025, 2024)
    assert [list(faults(plan)) for plan in (farm_plan(YEAR.whole), channel_plan(YEAR.whole))] == [[], []]


def test_the_diary_reaches_the_target_of_patrols_and_one_measure_of_the_next_year_is_late() -> None:
    log = [work for work in works(YEAR, YEAR.whole.end) if work.project == FARM and work.kind is WorkKind.PATROL]
    assert 150 < sum(work.minutes for work in log) / 60 < 200
    open_ones = [each for each in measures(YEAR) if each.steps and each.steps[-1].state is MeasureState.UNDER_WAY]
    assert [each.due < FIRST_DAY for each in open_ones] == [True]


def test_departments_of_the_year_use_it_and_none_of_them_is_a_stranger() -> None:
    made = visits(YEAR, YEAR.at(11, 29, later=1))
    assert made == sorted(made, key=lambda visit: (visit.at, visit.actor))
    people = {visit.actor for visit in made if not visit.actor.startswith("token:")}
    assert people <= {guest.login for guest in GUESTS} | {login for login, *_ in COLLEAGUES}
    farming = {visit.department for visit in made if visit.organisation == TOWN_CODE}
    assert farming == {"農政課", "防災課", "企画課", "総務課", "建設課"}
    assert 1_000 < len(made) < 4_000


def test_the_messages_of_the_past_are_in_the_account_and_summed_up(any_database: Database) -> None:
    field = Field(FieldPlan(200, 7, 0.0), 0.0)
    veterans = [site for site in field.town.sites if site.veteran]
    connection = any_database.connect()
    registry.apply(connection, registry.plan(connection, registry_document(field, FIRST_DAY)))
    assert not past_is_there(connection, veterans)
    until = datetime(2025, 4, 20, tzinfo=UTC)
    said: list[float] = []
    made = make_past(connection, YEAR, veterans, until, Event(), said.append)
    stored, summed = connection.execute(
        "select (select sum(stored) from tally), (select sum(received) from uplink_hour)"
    ).fetchone() or (0, 0)
    assert made.messages == stored == summed > 6_000
    assert said == [0.5, 1.0]
    assert make_past(connection, YEAR, veterans, until, Event()).messages == 0  # a later run writes nothing twice
    completeness = connection.execute(
        "select completeness from figure_usage(%s, '2025-04-16+09', '2025-04-19+09', now()) where level = 'project'",
        (FARM,),
    ).fetchone()
    assert completeness is not None
    assert 85 < completeness[0] < 98
    assert not past_is_there(connection, veterans)  # nobody has closed its year yet
    weather = "select rain_most_mm from figure_plan_weather(%s, '2025-04-01', '2025-04-20')"
    rain = connection.execute(weather, (FARM,))
    assert 20 < (rain.fetchone() or (0,))[0] < 40
