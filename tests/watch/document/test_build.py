"""Every measure of every quantity: what the document and the registry accept can be built, and takes readings."""

from itertools import product
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.watch.document.build import built_rules
from ingest.watch.document.check import check_registry
from ingest.watch.stages.machine import advance, start
from ingest.watch.stages.sample import Reading
from schemas.quantity import CATALOGUE
from schemas.watch import WatchDocument
from schemas.watch_measures import MeasureKind
from tests.watch.document.registry import TEA, device, registered

NUMBERS: dict[str, dict[str, Any]] = {"rain_effective": {"half_life_h": 6}}


def document(kind: str, quantity: str | None) -> WatchDocument | None:
    said: dict[str, Any] = {"measure": {"kind": kind} | NUMBERS.get(kind, {})}
    if quantity is not None:
        said["quantity"] = quantity
    beside = {"devices": ["new", "all"], "at_least": 0} | said
    stage = {"rank": 1, "name": "市設定基準1", "value": 1, "with": {"all": [beside]}}
    rule = {"code": "r", "hazard": "other", "devices": ["all", "new"], "stages": [stage]} | said
    try:
        return WatchDocument.model_validate({"project": "tea", "rules": [rule]})
    except ValidationError:
        return None


@pytest.mark.parametrize("kind", [each.value for each in MeasureKind])
def test_what_is_accepted_can_be_built_and_takes_readings(kind: str) -> None:
    registry = registered(device("all", *(each.code for each in CATALOGUE)), device("new"))
    built = 0
    for found in (document(kind, quantity) for quantity in (None, *(each.code for each in CATALOGUE))):
        if found is None or check_registry(found, TEA, registry).faults:
            continue
        for rule in built_rules(found, TEA, registry):
            built += 1
            readings = [
                Reading(place * 600_000_000 + rule_input, float(place % 3), rule_input)
                for place, rule_input in product(range(12), range(len(rule.inputs)))
            ]
            state, _ = advance(rule, start(rule), readings)
            assert state.sample is not None
            assert rule.look_back_us > 0
            assert rule.subject.startswith("stage:d")
    assert built >= 2


def test_an_hour_without_rain_leaves_a_stage_of_one_millimetre() -> None:
    """The usual hysteresis of rain is a millimetre: it would never be left."""
    found = document("rain_1h", None)
    assert found is not None
    built = next(built_rules(found, TEA, registered(device("all", "rain_total"))))
    assert built.hysteresis == 0.5
