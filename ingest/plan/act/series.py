"""Figures of the catalogue whose change can be the effect of a measure, because they are quotients of sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from ingest.figures.plan.catalogue import FIGURES, Better
from ingest.figures.plan.measure import MeasureSpan, MeasureWork
from schemas.bilingual import Bilingual

Part: TypeAlias = tuple[Fraction, Fraction]
"""Numerator and denominator of a figure."""


@dataclass(frozen=True, slots=True)
class Series:
    """A figure that has a numerator and a denominator in each span of days.

    `of_span`: how they come from a row. `of_work`: the numerator of a day of work, whose denominator is 1 for each day.
    One of the two is None. `scale`: 100 for a percentage.
    `rests_on_arrival`: a low completeness makes the figure doubtful. It does not where completeness is the figure.
    """

    code: str
    name: Bilingual
    unit: Bilingual
    unit_of_change: Bilingual
    scale: int
    more_is_better: bool
    statement: Bilingual
    of_span: Callable[[MeasureSpan], Part] | None = None
    of_work: Callable[[MeasureWork], Fraction] | None = None
    rests_on_arrival: bool = False


_POINTS = Bilingual("ポイント", "points")


def _share(code: str, of_span: Callable[[MeasureSpan], Part], *, rests_on_arrival: bool = False) -> Series:
    figure = FIGURES[code]
    better = figure.better is Better.MORE
    return Series(
        code,
        figure.label,
        figure.unit,
        _POINTS,
        100,
        better,
        figure.formula,
        of_span,
        rests_on_arrival=rests_on_arrival,
    )


def _work(code: str, unit: Bilingual, of_work: Callable[[MeasureWork], Fraction]) -> Series:
    figure = FIGURES[code]
    name = Bilingual(f"{figure.label.ja}(1日あたり)", f"{figure.label.en} a day")
    statement = Bilingual(f"{figure.formula.ja} ÷ 日数", f"{figure.formula.en} / days")
    return Series(code, name, unit, unit, 1, figure.better is Better.MORE, statement, of_work=of_work)


_ALL = (
    _share("completeness", lambda row: (Fraction(row.valid), Fraction(row.expected))),
    _share("sent_rate", lambda row: (Fraction(row.sent), Fraction(row.expected))),
    _share("radio_rate", lambda row: (Fraction(row.arrived), Fraction(row.sent))),
    _share("valid_rate", lambda row: (Fraction(row.valid), Fraction(row.arrived)), rests_on_arrival=True),
    _share("missing_rate", lambda row: (Fraction(row.expected - row.valid), Fraction(row.expected))),
    _share("availability", lambda row: (Fraction(row.alive_s), Fraction(row.active_s)), rests_on_arrival=True),
    _work("work_hours", Bilingual("時間/日", "h a day"), lambda row: Fraction(row.minutes, 60)),
    _work("visits", Bilingual("回/日", "a day"), lambda row: Fraction(row.visits)),
)

SERIES: Mapping[str, Series] = MappingProxyType({each.code: each for each in _ALL})
"""By code, as it stands in `measure.figure`."""
