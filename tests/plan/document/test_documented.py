"""What the handbook says about a plan is what the program does."""

import re
from pathlib import Path

import pytest

from ingest.plan.document.checks import faults
from ingest.plan.document.columns import COLUMNS, find
from ingest.plan.document.kpi_checks import notes
from schemas.plan import Box, Cost, Income, Kpi, PlanDocument, Stakeholder
from schemas.plan import Calendar as ReviewCalendar
from tests.plan.document.test_read import wanted

DOCS = Path(__file__).parents[3] / "docs"
LANGUAGES = ("plan.md", "plan.ja.md")


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_example_is_a_plan_without_mistakes_or_open_questions(name: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL)
    plan = wanted(tmp_path, plan_yaml=example)
    assert faults(plan) == []
    assert [note.said.ja for note in notes(plan) if name == "plan.ja.md"] == []
    assert plan.kpis[0].targets == {2026: 200, 2027: 150}


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_field_is_named(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    models = (PlanDocument, Kpi)
    assert [field for model in models for field in model.model_fields if f"`{field}`" not in text] == []
    words = (Box, Cost, Income, Stakeholder, ReviewCalendar)
    said = re.findall(r"\w+", text)
    unsaid = {"technology", "note", "source", "fiscal_year"}  # they say themselves what they are
    assert [field for model in words for field in model.model_fields if field not in {*said, *unsaid}] == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_headings_of_the_handbook_are_read(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    for column in COLUMNS:
        if column.path[0] != "scope":
            assert column.heading in text, column.heading
    for heading in ("令和8年度目標", "R9目標", "target 2028"):
        column_found = find(heading)
        assert column_found is not None
        assert column_found.path[0] == "targets"
