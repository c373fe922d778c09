"""The use of a year as it is shown: what is frozen stays, what is open is counted, and nobody is known by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from ingest.access.audit import Action, Entry, append
from ingest.figures.fetch import Database as Connection
from ingest.figures.use import LEAST_PEOPLE, use
from ingest.plan.check.use.months import DepartmentOfUse
from ingest.plan.check.use.year import (
    NO_ORGANISATION,
    NOT_BEGUN,
    NOT_FROZEN,
    NOT_TOLD,
    OTHERS,
    OpenLog,
    UsageOfYear,
    put_together,
    usage_of_year,
)
from schemas.japan import FiscalYear, Month, now_jst
from tests.plan.check.town import Town


def department(name: str, people: int, views: int = 1) -> DepartmentOfUse:
    return DepartmentOfUse(name, people, views, 0, 0, 0)


def frozen(town: Town, month: Month, use: dict[str, object] | None, revision: int = 0) -> None:
    """A frozen month with this use."""
    town.connection.execute(
        "insert into plan_snapshot (project_id, kind, first_day, until_day, revision, frozen_at, frozen_by,"
        " plan_number, software, reason, body, digest)"
        " values (%s, 'month', %s, %s, %s, now(), 'service', 1, '', '', %s, '')",
        (town.project.project_id, month.first_day, month.next.first_day, revision, Jsonb({"use": use})),
    )


def kept(month: Month, people: int, departments: dict[str, int]) -> dict[str, object]:
    """The use of a month as it is frozen, with ten views by each of its people."""
    rows = [
        {"department": name, "people": count, "page_views": count * 10, "sign_ins": 0, "downloads": 0, "reports": 0}
        for name, count in departments.items()
    ]
    return {
        "month": f"{month.year}-{month.month:02}", "people": people, "page_views": people * 10, "sign_ins": people,
        "downloads": 2, "reports": 1, "programs": 1, "departments": rows, "roles": [["viewer", people]],
    }  # fmt: skip


def log_of(connection: Connection) -> OpenLog:
    @contextmanager
    def opened() -> Iterator[Connection]:
        yield connection

    return opened


def shown(town: Town, year: FiscalYear, now: datetime, *, counting: bool = True) -> UsageOfYear:
    log = log_of(town.connection) if counting else None
    return usage_of_year(town.connection, town.project.project_id, "tea", year, now, log)


def test_months_are_frozen_counted_now_or_say_why_not(town: Town) -> None:
    """April is frozen with 4 and 3 people of two departments, 2 of a third; this month is looked at by one person."""
    now = now_jst()
    this, year = Month.of(now.date()), FiscalYear.of(now.date())
    first = year.months[0]
    town.connection.execute("update project set organisation_code = 'city'")
    if this != first:
        frozen(town, first, kept(first, 99, {}), revision=0)
        frozen(town, first, kept(first, 9, {"農政課": 4, "防災課": 3, "総務課": 2}), revision=1)
    append(town.connection, Entry(Action.PAGE_SEEN, "overview", actor="sato", department="企画課", organisation="city"))
    town.field.uplink(town.field.device("a"), now - timedelta(hours=2))  # an hour counts once it is over
    found = shown(town, year, now)
    by_month = {each.month: each for each in found.months}
    current = by_month[this]
    assert current.use is not None
    assert (current.use.people, current.use.page_views, current.revision) == (1, 1, None)
    assert [each.department for each in current.use.departments] == [OTHERS], "one person alone is not shown"
    assert [each.missing for each in found.months if each.month > this] == [NOT_BEGUN] * (
        len([month for month in year.months if month > this])
    )
    if this == first:
        return
    april = by_month[first].use
    assert april is not None
    assert by_month[first].revision == 1
    assert by_month[first].frozen_at is not None
    assert [(each.department, each.people) for each in april.departments] == [("農政課", 4), (OTHERS, 5)]
    assert (found.mean("people"), found.total("page_views")) == (Fraction(10, 2), 91)
    assert (found.uses, found.departments, found.department_count) == (("農業",), ("農政課",), 4)
    assert (found.diversity, found.frozen) == (4, 1)
    between = [each.missing for each in found.months if first < each.month < this]
    assert all(each in (NOT_FROZEN, NOT_TOLD) for each in between)
    assert not between or between[-1] == NOT_TOLD, "the log begins today, and the month before this one was asked"


def test_without_the_audit_log_only_frozen_months_are_told(town: Town) -> None:
    year = FiscalYear(2026)
    town.connection.execute("update project set organisation_code = 'city'")
    frozen(town, Month(2026, 5), None)
    found = shown(town, year, datetime(2026, 7, 2, tzinfo=UTC), counting=False)
    assert [each.missing for each in found.months[:4]] == [NOT_FROZEN, NOT_TOLD, NOT_FROZEN, NOT_FROZEN]
    assert found.months[1].revision == 0, "it is frozen, and what was not known then stays so"
    assert (found.mean("people"), found.total("downloads"), found.diversity) == (None, None, None)


def test_a_project_of_no_organisation_says_so(town: Town) -> None:
    now = now_jst()
    town.connection.execute("update project set organisation_code = null")
    found = shown(town, FiscalYear.of(now.date()), now)
    assert found.months[0].missing == NO_ORGANISATION


names = st.sampled_from(["", "A", "B", "C", "D", "E", "F"])


@given(st.dictionaries(names, st.tuples(st.integers(0, 6), st.integers(0, 50))))
def test_no_department_of_few_people_is_named_and_nothing_is_lost(counts: dict[str, tuple[int, int]]) -> None:
    rows = [department(name, people, views) for name, (people, views) in counts.items()]
    found = put_together(rows)
    assert sum(each.people for each in found) == sum(each.people for each in rows)
    assert sum(each.page_views for each in found) == sum(each.page_views for each in rows)
    named = [each for each in found if each.department != OTHERS]
    assert all(each.people >= LEAST_PEOPLE for each in named)
    others = next((each for each in found if each.department == OTHERS), None)
    if others is not None and named and any(people for people, _ in counts.values() if people < LEAST_PEOPLE):
        assert others.people >= LEAST_PEOPLE or not others.people


def test_departments_are_put_together_as_the_figure_does_it(town: Town) -> None:
    """Every department of one organisation is a case: 1 to 5 people of A to D."""
    cases = [(5, 3, 2, 2), (3, 3, 1, 0), (5, 2, 1, 0), (3, 4, 5, 3), (2, 0, 0, 0), (1, 1, 1, 4)]
    for number, case in enumerate(cases):
        for name, people in zip("ABCD", case, strict=True):
            for person in range(people):
                entry = Entry(
                    Action.PAGE_SEEN, "x", actor=f"{name}{person}", department=name, organisation=f"city{number}"
                )
                append(town.connection, entry)
    start, end = now_jst() - timedelta(days=32), now_jst() + timedelta(days=1)
    for number in range(len(cases)):
        folded = {
            row.department: row.people
            for row in use(town.connection, start, end)
            if row.organisation == f"city{number}"
        }
        exact = [
            department(row.department or "", row.people, row.page_views) for row in use(town.connection, start, end, 1)
            if row.organisation == f"city{number}" and row.department is not None
        ]  # fmt: skip
        del folded[None]
        assert {each.department: each.people for each in put_together(exact)} == folded, cases[number]
