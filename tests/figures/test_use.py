"""The use of the pages, reckoned by hand: who is a person, which month it is, and which departments stand together."""

import itertools
from datetime import date, datetime

import pytest

from ingest.figures.use import Use, use
from tests.figures.field import Field, jst

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
START, END = jst(2026, 4, 1), jst(2026, 6, 1)

numbers = itertools.count(1)


def seen(
    field: Field,
    actor: str,
    department: str = "",
    at: datetime = START,
    *,
    action: str = "page_seen",
    organisation: str | None = "222160",
    project: str | None = None,
) -> None:
    """An entry as the table has it; the figures do not look at the chain."""
    values = (next(numbers), at, actor, department, organisation, project, action)
    field.connection.execute(
        "insert into audit_entry values (%s, %s, %s, %s, %s, %s, %s, 'x', null, null, '', '')", values
    )


def counts(row: Use) -> tuple[int, ...]:
    return row.people, row.sign_ins, row.page_views, row.downloads, row.reports, row.programs


def table(
    field: Field, least_people: int = 1, level: str = "organisation"
) -> dict[tuple[object, ...], tuple[int, ...]]:
    """The counts by month, organisation, project and department."""
    return {
        (row.month, row.organisation, row.project, row.department): counts(row)
        for row in use(field.connection, START, END, least_people) if row.level == level
    }  # fmt: skip


def test_the_same_person_counts_once_and_the_whole_is_of_all_departments(field: Field) -> None:
    for _ in range(3):
        seen(field, "sato", "農林課")
    seen(field, "sato", "農林課", action="signed_in")
    seen(field, "suzuki", "農林課", action="data_downloaded")
    seen(field, "ito", "防災課", action="report_made")
    assert table(field) == {
        (APRIL, "222160", None, None): (3, 1, 3, 1, 1, 0),
        (APRIL, "222160", None, "農林課"): (2, 1, 3, 1, 0, 0),
        (APRIL, "222160", None, "防災課"): (1, 0, 0, 0, 1, 0),
    }


def test_who_moves_to_another_department_counts_in_both_and_once_in_the_whole(field: Field) -> None:
    seen(field, "sato", "農林課")
    seen(field, "sato", "防災課")
    people = {key[3]: row[0] for key, row in table(field).items()}
    assert people == {None: 1, "農林課": 1, "防災課": 1}


def test_programs_commands_and_the_service_are_no_people(field: Field) -> None:
    seen(field, "token:1 sato", "農林課", action="data_downloaded")
    seen(field, "token:1 sato", "農林課", action="page_seen")
    seen(field, "token:2 sato", "農林課", action="data_downloaded")
    seen(field, "command:root", action="report_made")
    seen(field, "command:root", action="export_made")
    seen(field, "service", action="export_made")
    seen(field, "", action="page_seen")
    assert table(field) == {
        (APRIL, "222160", None, None): (0, 0, 0, 2, 1, 2),
        (APRIL, "222160", None, "農林課"): (0, 0, 0, 0, 0, 2),
        (APRIL, "222160", None, ""): (0, 0, 0, 2, 1, 0),
    }


def test_other_actions_are_no_use(field: Field) -> None:
    for action in ("sign_in_refused", "signed_out", "person_added", "registry_changed"):
        seen(field, "sato", action=action)
    assert table(field) == {}


def test_a_month_ends_at_midnight_in_japan(field: Field) -> None:
    seen(field, "a", at=jst(2026, 3, 31, 23, 59, 59))
    seen(field, "b", at=jst(2026, 4, 1))
    seen(field, "c", at=jst(2026, 4, 30, 23, 59, 59))
    seen(field, "d", at=jst(2026, 5, 1))
    seen(field, "e", at=jst(2026, 6, 1))
    people = {key[0]: row[0] for key, row in table(field).items() if key[3] is None}
    assert people == {APRIL: 2, MAY: 1}


def test_organisations_and_projects_are_counted_apart(field: Field) -> None:
    seen(field, "sato", "農林課", project="tea")
    seen(field, "sato", "農林課", project="rain")
    seen(field, "sato", "農林課")
    seen(field, "mori", "土木課", organisation="222135", project="river")
    seen(field, "root", organisation=None)
    wholes = {key[1]: row[:3] for key, row in table(field).items() if key[3] is None}
    assert wholes == {"222160": (1, 0, 3), "222135": (1, 0, 1), None: (1, 0, 1)}
    projects = {key[1:3]: row[:3] for key, row in table(field, level="project").items() if key[3] is None}
    assert projects == {
        ("222160", "tea"): (1, 0, 1), ("222160", "rain"): (1, 0, 1), ("222135", "river"): (1, 0, 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("departments", "shown"),
    [
        ({"A": 3, "B": 3}, {"A": 3, "B": 3}),
        ({"A": 5, "B": 2, "C": 1}, {"A": 5, "その他": 3}),
        ({"A": 5, "B": 3, "C": 1}, {"A": 5, "その他": 4}),
        ({"A": 5, "B": 3, "C": 2, "D": 2}, {"A": 5, "B": 3, "その他": 4}),
        ({"A": 2}, {"その他": 2}),
        ({"": 3, "A": 1, "B": 3}, {"B": 3, "その他": 4}),
    ],
)
def test_a_department_with_few_people_is_put_together_with_others(
    field: Field, departments: dict[str, int], shown: dict[str, int]
) -> None:
    for department, people in departments.items():
        for number in range(people):
            seen(field, f"{department}{number}x", department)
    found = {key[3]: row[0] for key, row in table(field, 3).items()}
    assert found.pop(None) == sum(departments.values())
    assert found == shown
    exact = {key[3]: row[0] for key, row in table(field, 1).items()}
    exact.pop(None)
    assert exact == departments


def test_the_others_are_counted_once_over_their_departments_and_by_project_too(field: Field) -> None:
    seen(field, "sato", "A", project="tea")
    seen(field, "sato", "B", project="tea", action="data_downloaded")
    seen(field, "command:root", project="tea", action="report_made")
    assert table(field, 3, "project") == {
        (APRIL, "222160", "tea", None): (1, 0, 1, 1, 1, 0),
        (APRIL, "222160", "tea", "その他"): (1, 0, 1, 1, 1, 0),
    }


def test_rows_stand_in_a_fixed_order_and_name_nobody(field: Field) -> None:
    for actor, department in (("sato", "B"), ("ito", "A")):
        seen(field, actor, department, project="tea")
        seen(field, actor, department, jst(2026, 5, 2), project="tea")
    rows = use(field.connection, START, END, 1)
    keys = [(row.level, row.month.month, row.department) for row in rows]
    months = [(month, department) for month in (4, 5) for department in (None, "A", "B")]
    assert keys == [(level, *each) for level in ("organisation", "project") for each in months]
    assert "sato" not in repr(rows)
