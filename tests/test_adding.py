"""The guides to the code name places that exist, and the picture of the rooms is the one of today."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDES = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("adding.md", "architecture.md")}
PLACES = sorted(
    (name, place)
    for name, guide in GUIDES.items()
    for place in set(re.findall(r"`((?:ingest|schemas|tests|deploy|dashboards)/[\w./-]*)`", guide))
)


@pytest.mark.parametrize(("guide", "place"), PLACES)
def test_a_place_that_is_named_exists(guide: str, place: str) -> None:
    assert (ROOT / place).exists(), guide


def test_many_places_are_named() -> None:
    assert {name: sum(guide == name for guide, _ in PLACES) > 20 for name in GUIDES} == dict.fromkeys(GUIDES, True)


def test_the_picture_of_the_rooms_is_the_one_of_today() -> None:
    """`make house` draws it again."""
    script = runpy.run_path(str(ROOT / "docs/pictures/house.py"))
    house = script["floors"]()
    assert script["draw"](house) == script["SVG"].read_text(encoding="utf-8")
    assert script["page"](house) == GUIDES["architecture.md"]
