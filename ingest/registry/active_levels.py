"""Checks that the level from which a gauge of two intervals sends often (観測開始水位) can be one in metres."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from ingest.registry.columns import label
from ingest.registry.problem import Kind, Problem, Subject
from schemas.bilingual import Bilingual
from schemas.quantity import BY_CODE
from schemas.quantity import Kind as QuantityKind

Row = Mapping[str, Any]
Rows = Mapping[Kind, Mapping[str, Row]]
Wanted = Mapping[Kind, Mapping[str, BaseModel]]

_PER_METRE = {"m": 1, "cm": 100, "mm": 1000}
_CATALOGUE = ("river_level", "paddy_water_level")
_OF_USE = {"水田": "paddy_water_level", "河川": "river_level"}
"""What a gauge measures by the word for its use (分野), where no profile tells."""


class _Level(NamedTuple):
    """A level that a device may measure, with its bounds in metres: what is stored, what is not remarked upon."""

    code: str
    low: float
    high: float
    usual_low: float
    usual_high: float

    def has(self, metres: float) -> bool:
        return self.low <= metres <= self.high

    def is_usual(self, metres: float) -> bool:
        return self.usual_low <= metres <= self.usual_high


def check_active_levels(final: Rows, wanted: Wanted) -> Iterator[Problem]:
    """A level that no gauge of this device can ever measure: it would be calm for ever, or never."""
    for key in wanted[Kind.DEVICE]:
        row = final[Kind.DEVICE][key]
        metres, levels = row["active_level_m"], _levels(final, row)
        if metres is not None and levels and not any(level.has(metres) for level in levels):
            yield Problem(
                _beyond(metres, levels), column=label(Kind.DEVICE, "active_level_m"), subject=Subject(Kind.DEVICE, key)
            )


def doubts(final: Rows, changed: Mapping[str, Row]) -> Iterator[Bilingual]:
    """Levels that are possible but unlikely, of new and changed devices (by key)."""
    for key, row in changed.items():
        metres, subject = row["active_level_m"], Subject(Kind.DEVICE, key).said
        if metres is None:
            continue
        named = _OF_USE.get(row["use"] or "")
        levels = _levels(final, row)
        likely = [level for level in levels if level.code == named] or levels
        highest = _highest_stage(final, row)
        if any(level.has(metres) for level in levels) and not any(level.is_usual(metres) for level in likely):
            hint = _hint(metres, likely)
            yield Bilingual(
                f"{subject.ja}: 観測開始水位が {metres:g} m です。cm や mm で書いていませんか{hint.ja}",
                f"{subject.en}: its active_level_m is {metres:g} m; is it written in cm or mm?{hint.en}",
            )
        elif highest is not None and metres > highest:
            yield Bilingual(
                f"{subject.ja}: 観測開始水位 {metres:g} m が、いちばん上の基準水位 {highest:g} m より高くなっています",
                f"{subject.en}: its active_level_m {metres:g} m is above its highest stage, {highest:g} m",
            )


def _levels(final: Rows, row: Row) -> list[_Level]:
    """The levels that a device may measure: those its profile names, else any."""
    own = {
        quantity["code"]: quantity
        for quantity in final[Kind.QUANTITY].values()
        if quantity["project"] == row["project"] and quantity["code"].endswith("_level")
    }
    known = {code: BY_CODE[code]._asdict() for code in _CATALOGUE} | own
    profile = final[Kind.PROFILE].get(row["profile"] or "")
    named = set() if profile is None else {binding.quantity for binding in profile["profile"].fields.values()}
    return [
        _level(quantity, final[Kind.RANGE].get(f"{row['project']}/{code}", {}))
        for code, quantity in known.items()
        if quantity["unit"] in _PER_METRE and quantity["kind"] == QuantityKind.GAUGE
        and (code in named or not named & known.keys())
    ]  # fmt: skip


def _level(quantity: Row, narrower: Row) -> _Level:
    def bound(side: str, *names: str) -> float:
        """The first bound that is written."""
        each = (rows.get(f"{name}_{side}") for name in names for rows in (narrower, quantity))
        return float(next(value for value in each if value is not None)) / _PER_METRE[quantity["unit"]]

    return _Level(
        quantity["code"], bound("low", "reject"), bound("high", "reject"),
        bound("low", "flag", "reject"), bound("high", "flag", "reject"),
    )  # fmt: skip


def _highest_stage(final: Rows, row: Row) -> float | None:
    levels = [
        stage["level_m"]
        for stage in final[Kind.STAGE].values()
        if (stage["project"], stage["device"]) == (row["project"], row["code"]) and stage["valid_to"] is None
    ]
    return max(levels, default=None)


def _beyond(metres: float, levels: list[_Level]) -> Bilingual:
    hint = _hint(metres, levels)
    ja = "、".join(f"「{each.code}」の範囲 {each.low:g}..{each.high:g} m" for each in levels)
    en = " and ".join(f"the range {each.low:g}..{each.high:g} m of {each.code!r}" for each in levels)
    return Bilingual(
        f"{metres:g} m は、{ja} の外です。cm や mm ではなく m で書いてください{hint.ja}",
        f"{metres:g} m is beyond {en}: write m, not cm or mm{hint.en}",
    )


def _hint(metres: float, levels: list[_Level]) -> Bilingual:
    """What to write if it was meant in another unit."""
    for unit, per_metre in list(_PER_METRE.items())[1:]:
        meant = metres / per_metre
        if any(level.is_usual(meant) for level in levels if level.code in _CATALOGUE or len(levels) == 1):
            return Bilingual(
                f"({metres:g} {unit} なら {meant:g} と書きます)", f" ({metres:g} {unit} is written as {meant:g})"
            )
    return Bilingual("", "")
