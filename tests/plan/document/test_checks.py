"""What must fit together in a plan: one thing is broken at a time, and exactly that is told."""

from typing import Any

import pytest

from ingest.plan.document.checks import faults
from ingest.plan.document.fault import problem_of
from ingest.plan.document.kpi_checks import notes
from tests.plan.document.example import body, document, kpi

QUOTAS = (
    "there is no kind of adviser improvement (there are: regional_adviser_site, regional_adviser_online, dx_adviser)"
)
UNSEEN = (
    "there is a character that nobody sees (U+202E RIGHT-TO-LEFT OVERRIDE): remove what is round it and enter it again"
)
BOX = {"code": "sensors", "stage": "input", "label": "センサー"}


def kpis(**more: Any) -> dict[str, Any]:
    return {"kpis": [kpi(**more), body()["kpis"][1]]}


def test_the_example_is_right() -> None:
    assert faults(document()) == []
    assert notes(document()) == []


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"purpose": "水\u202e田"}, ("purpose",), UNSEEN),
        ({"ends": "2026-03-31", "kpis": []}, ("ends",), "the plan ends before it begins"),
        ({"boxes": [*body()["boxes"], BOX]}, ("boxes", 4, "code"), "the code sensors is there twice"),
        (
            {"boxes": [BOX | {"leads_to": ["data"]}, *body()["boxes"][1:]]}, ("boxes", 0, "leads_to", 0),
            "after input comes activity, and data is output",
        ),
        (
            {"boxes": [BOX | {"leads_to": ["none"]}, *body()["boxes"][1:]]}, ("boxes", 0, "leads_to", 0),
            "there is no box none (there are: sensors, watching, data, hours)",
        ),
        (
            {"boxes": [*body()["boxes"][:3], body()["boxes"][3] | {"leads_to": ["data"]}]},
            ("boxes", 3, "leads_to", 0), "nothing comes after an outcome",
        ),
        ({"kpis": [kpi(), kpi()]}, ("kpis", 1, "code"), "the code patrol_hours is there twice"),
        (kpis(box="x"), ("kpis", 0, "box"), "the logic model has no box x (there are: sensors, watching, data, hours)"),
        (kpis(targets={2025: 1}), ("kpis", 0, "targets", "2025"),
         "fiscal year 2025 is outside the plan, from fiscal year 2026 to fiscal year 2030"),
        (kpis(final_year=2031), ("kpis", 0, "final_year"),
         "fiscal year 2031 is outside the plan, from fiscal year 2026 to fiscal year 2030"),
        (kpis(final_year=None), ("kpis", 0, "final_year"), "final_target and final_year go together"),
        (kpis(targets={2030: 100}), ("kpis", 0, "final_target"),
         "it differs from the target of fiscal year 2030: 120, and 100"),
        (kpis(scope={"group": "south"}), ("kpis", 0, "scope", "group"),
         "there is no device group south: write it under groups"),
        (kpis(evidence={"kind": "figure", "figure": "cost", "arguments": {"view": "town"}}),
         ("kpis", 0, "evidence", "arguments"), "view of cost is one of total, local, running"),
        (kpis(evidence={"kind": "figure", "figure": "users"}, scope={"areas": ["第1区"]}), ("kpis", 0, "scope"),
         "users, mean of months is about the whole project: it has no scope"),
        (kpis(evidence={"kind": "observation", "code": "damage"}, scope={"devices": ["a"]}), ("kpis", 0, "scope"),
         "what people enter can be narrowed by areas alone"),
        ({"grades": [{"grade": "A", "at_least": 80}, {"grade": "B", "at_least": 80}]}, ("grades", 1, "at_least"),
         "write the highest grade first: B must begin below A"),
        ({"lowest_grade": "A"}, ("lowest_grade",), "the code A is there twice"),
        ({"groups": {"north": []}}, ("groups", "north"), "it has no devices: write their codes"),
        ({"groups": {"north": ["a", "b", "a"]}}, ("groups", "north", 0), "the device a is there twice"),
        ({"costs": [body()["costs"][0] | {"subsidy_yen": 12_000_001}]}, ("costs", 0, "subsidy_yen"),
         "the subsidy is more than the amount"),
        ({"costs": [body()["costs"][0] | {"covers_months": 60}]}, ("costs", 0, "covers_months"),
         "what is paid at once needs the day it begins (begins)"),
        ({"calendar": {"quarterly_months": [13]}}, ("calendar", "quarterly_months", 0), "there is no month 13"),
        ({"calendar": {"quarterly_months": [4, 4]}}, ("calendar", "quarterly_months", 1), "month 4 is there twice"),
        ({"adviser_quotas": {"improvement": 3}}, ("adviser_quotas", "improvement"),
         QUOTAS),
        ({"adviser_quotas": {"dx_adviser": -1}}, ("adviser_quotas", "dx_adviser"), "write a number, 0 or more"),
        ({"technology_weights": {"completeness": 101}}, ("technology_weights", "completeness"),
         "write a number from 0 to 100"),
        ({"technology_weights": {"completeness": 0}}, ("technology_weights",),
         "all weights are 0: nothing would be compared"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(more: dict[str, Any], field: tuple[object, ...], said: str) -> None:
    assert [(fault.path, fault.said.en) for fault in faults(document(**more))] == [(field, said)]


def test_a_figure_that_the_catalogue_does_not_have_is_told_with_those_it_has() -> None:
    (fault,) = faults(document(**kpis(evidence={"kind": "figure", "figure": "yield"})))
    assert fault.path == ("kpis", 0, "evidence", "figure")
    assert fault.said.en.startswith("the catalogue has no figure yield (there are: completeness, ")


def test_a_plan_that_begins_in_january_begins_in_the_fiscal_year_before() -> None:
    assert faults(document(begins="2027-01-01", ends="2027-03-31", **kpis(targets={2026: 1}, final_target=2,
                                                                         final_year=2026))) != []  # fmt: skip
    same = kpis(targets={2026: 2}, final_target=2, final_year=2026)
    assert faults(document(begins="2027-01-01", ends="2027-03-31", **same)) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"kpis": [body()["kpis"][1]]}, "no KPI is about an outcome, so nobody can see what got better"),
        (kpis(targets={}, final_target=None, final_year=None), "it has no target yet"),
        (kpis(baseline=None), "there is no baseline, so no gain can be computed"),
        (kpis(targets={2026: 260}), "where the target is the baseline, no gain can be computed"),
        ({"kpis": [kpi(), body()["kpis"][1] | {"unit": "件"}]}, "the actual will be in %, and the plan says '件'"),
        (
            {"kpis": [kpi(), body()["kpis"][1] | {"formula": "limit"}]},
            "completeness is better when it is more: does the formula fit?",
        ),
    ],
)
def test_what_an_auditor_would_ask_is_noted_and_no_mistake(more: dict[str, Any], said: str) -> None:
    plan = document(**more)
    assert faults(plan) == []
    assert [note.said.en for note in notes(plan)] == [said]


def test_a_problem_names_things_by_their_code_in_both_languages() -> None:
    plan = document(**kpis(targets={2025: 1}))
    (fault,) = faults(plan)
    said = problem_of(fault, plan.model_dump(mode="json")).said
    assert said.ja.startswith("指標 patrol_hours 目標 令和7年度(2025年度): 令和7年度(2025年度)は計画の期間")
    assert said.en.startswith("KPI patrol_hours target fiscal year 2025: fiscal year 2025 is outside")
