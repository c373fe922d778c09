"""Whether the stages of a rule can be reached by readings of its quantity."""

from collections.abc import Iterator

from ingest.registry.problem import NOWHERE
from ingest.watch.document.database import QuantityRow
from ingest.watch.document.fault import Fault, Path
from schemas.bilingual import Bilingual
from schemas.watch_rules import WatchRule

_SMALLER = {"m": ("cm", 100.0), "cm": ("m", 0.01), "mm": ("cm", 10.0)}
"""What people write by mistake in place of a unit, and how many of it are one."""


def stage_faults(path: Path, rule: WatchRule, quantity: QuantityRow) -> Iterator[Fault]:
    """What is wrong with the stages of the rule at `path`."""
    for place, stage in enumerate(rule.stages):
        here: Path = (*path, "stages", place, "value")
        if rule.measure.kind == "state":
            yield from _state_faults(here, stage.value, quantity)
        elif rule.measure.kind == "value" and isinstance(stage.value, float | int):
            yield from _range_faults(here, stage.value, quantity)


def _state_faults(path: Path, value: float | str, quantity: QuantityRow) -> Iterator[Fault]:
    if value in quantity.states or value in quantity.states.values():
        return
    yield Fault(
        path,
        Bilingual(
            f"{quantity.code} に状態 {value} はありません(あるもの: {'、'.join(quantity.states)})",
            f"{quantity.code} has no state {value}; there are {', '.join(quantity.states)}",
        ),
    )


def _range_faults(path: Path, value: float, quantity: QuantityRow) -> Iterator[Fault]:
    """A stage where every reading is marked as out of range can never be reached."""
    low, high = quantity.flag_low, quantity.flag_high
    if low <= value <= high:
        return
    unit, times = _SMALLER.get(quantity.unit, ("", 1.0))
    hint = NOWHERE
    if unit and low <= value / times <= high:
        hint = Bilingual(
            f"。単位は {quantity.unit} です。{unit} で書いていませんか",
            f"; the unit is {quantity.unit}: did you write {unit}?",
        )
    span_ja, span_en = f"{low:g}〜{high:g} {quantity.unit}", f"{low:g} to {high:g} {quantity.unit}"
    yield Fault(
        path,
        Bilingual(
            f"{value:g} は {quantity.code} の想定範囲({span_ja})の外で、到達することがありません{hint.ja}",
            f"{value:g} is outside the expected range of {quantity.code} ({span_en}): it can never be reached{hint.en}",
        ),
    )
