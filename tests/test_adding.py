"""The guide for whoever adds something names places that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
PLACES = sorted(set(re.findall(r"`((?:ingest|schemas|tests|deploy|dashboards)/[\w./-]*)`", GUIDE)))


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_named_exists(place: str) -> None:
    assert (ROOT / place).exists()


def test_many_places_are_named() -> None:
    assert len(PLACES) > 40
