"""A short run of every fuzz target; the long ones are made by hand: `python -m tests.fuzz TARGET --runs 1000000`."""

import importlib
from pathlib import Path
from random import Random

import pytest

from tests import fuzz
from tests.fuzz import NO_TARGETS
from tests.fuzz.mutate import mutated

TARGETS = sorted(path.stem for path in Path(fuzz.__path__[0]).glob("[a-z]*.py") if path.stem not in NO_TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_messages_are_decoded_or_undecodable(name: str) -> None:
    target, chance = importlib.import_module(f"tests.fuzz.{name}"), Random(7)
    for seed in target.SEEDS:
        target.fuzz(seed)
    for _ in range(3_000):
        target.fuzz(mutated(target.SEEDS, chance, 4096))
