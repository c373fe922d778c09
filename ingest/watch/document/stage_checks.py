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
        elif isinstance(stage.value, float | int):
            yield from _range_faults(here, rule.measure.kind, stage.value, quantity)


def beside_faults(path: Path, kind: str, at_least: float, quantity: QuantityRow) -> Iterator[Fault]:
    """What is wrong with a value that has to be measured beside a stage: one beyond all readings is never met."""
    if at_least > (_reach(kind, quantity) or (0.0, at_least))[1]:
        yield from _range_faults(path, kind, at_least, quantity)


def _reach(kind: str, quantity: QuantityRow) -> tuple[float, float] | None:
    """From where to where a measure of one quantity can come; None: not known."""
    span = quantity.flag_high - quantity.flag_low
    return {"value": (quantity.flag_low, quantity.flag_high), "rise": (-span, span)}.get(kind)


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


def _range_faults(path: Path, kind: str, value: float, quantity: QuantityRow) -> Iterator[Fault]:
    """A stage where every reading is marked as out of range can never be reached."""
    reach = _reach(kind, quantity)
    if reach is None or reach[0] <= value <= reach[1]:
        return
    low, high = reach
    unit, times = _SMALLER.get(quantity.unit, ("", 1.0))
    hint = NOWHERE
    if unit and low <= value / times <= high:
        hint = Bilingual(
            f"。単位は {quantity.unit} です。{unit} で書いていませんか",
            f"; the unit is {quantity.unit}: did you write {unit}?",
        )
    what = Bilingual("上昇量の", "a rise of ") if kind == "rise" else NOWHERE
    span_ja, span_en = f"{low:g}〜{high:g} {quantity.unit}", f"{low:g} to {high:g} {quantity.unit}"
    yield Fault(
        path,
        Bilingual(
            f"{value:g} は {quantity.code} の{what.ja}想定範囲({span_ja})の外で、到達することがありません{hint.ja}",
            f"{value:g} is outside the expected range of {what.en}{quantity.code} ({span_en}): it can never be"
            f" reached{hint.en}",
        ),
    )
