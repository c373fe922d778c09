"""費用対効果: points of technologies by weighted criteria, their ranking, and how far it depends on weights. Pure.

The best value of a criterion has 100 points, another one in proportion: value / best where more is better, best / value
where less is better. The score is the mean of the points by the weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from schemas.technology import Criterion, WeightedCriterion

Values: TypeAlias = Mapping[str, Mapping[Criterion, Fraction | None]]
"""By technology and criterion, exact; None: not known."""

Ranking: TypeAlias = tuple[tuple[str, int], ...]
"""Technologies with their place, the best first; equal scores have the same place."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome. `lacking`: of what is not ranked, the required criteria it lacks.

    `used`: criteria that count, with their weights. `left_out`: the others, with the technologies that lack them.
    """

    ranked: tuple[str, ...]
    lacking: Mapping[str, tuple[Criterion, ...]]
    used: Mapping[Criterion, Fraction]
    left_out: Mapping[Criterion, tuple[str, ...]]
    points: Mapping[str, Mapping[Criterion, Fraction]]

    @property
    def scores(self) -> dict[str, Fraction]:
        """Points from 0 to 100 of each ranked technology."""
        return self.scores_by(self.used)

    def scores_by(self, weights: Mapping[Criterion, Fraction]) -> dict[str, Fraction]:
        """The scores by other weights of the same criteria."""
        whole = sum(weights.values(), Fraction(0))
        return {
            technology: sum((weight * self.points[technology][code] for code, weight in weights.items()), Fraction(0))
            / whole
            for technology in self.ranked
            if whole
        }

    @property
    def ranking(self) -> Ranking:
        """The ranking; empty where fewer than two technologies can be compared, or nothing has a weight."""
        return rank(self.scores)


def compare(criteria: Sequence[WeightedCriterion], values: Values) -> Comparison:
    """Compare technologies. A criterion counts only if every technology that is ranked has its value."""
    lacking = {
        technology: tuple(each.code for each in criteria if each.required and each.weight and own[each.code] is None)
        for technology, own in values.items()
    }
    ranked = tuple(technology for technology, codes in lacking.items() if not codes)
    weighted = [each for each in criteria if each.weight]
    left_out = {
        each.code: tuple(name for name in ranked if values[name][each.code] is None)
        for each in weighted
        if any(values[name][each.code] is None for name in ranked)
    }
    counting = [each for each in weighted if each.code not in left_out]
    given = {each.code: _known(values, ranked, each.code) for each in counting}
    by_code = {
        each.code: dict(zip(ranked, points_of(given[each.code], more=each.better == "more"), strict=True))
        for each in counting
    }
    return Comparison(
        ranked, {name: codes for name, codes in lacking.items() if codes},
        {each.code: Fraction(str(each.weight)) for each in counting}, left_out,
        {name: {code: points[name] for code, points in by_code.items()} for name in ranked},
    )  # fmt: skip


def _known(values: Values, ranked: Sequence[str], code: Criterion) -> list[Fraction]:
    return [value for name in ranked if (value := values[name][code]) is not None]


def points_of(given: Sequence[Fraction], *, more: bool) -> list[Fraction]:
    """Points from 0 to 100. If the best of what should be small is 0, the others have no points."""
    best = (max if more else min)(given, default=Fraction(0))
    return [_points(each, best, more=more) for each in given]


def _points(value: Fraction, best: Fraction, *, more: bool) -> Fraction:
    if value == best:
        return Fraction(100)
    return value * 100 / best if more else best * 100 / value


def rank(scores: Mapping[str, Fraction]) -> Ranking:
    """Technologies by score; those of the same score in the order of their names."""
    if len(scores) < 2:  # one has nothing to be compared with
        return ()
    ordered = sorted(scores, key=lambda name: (-scores[name], name))
    return tuple((name, 1 + sum(1 for other in scores.values() if other > scores[name])) for name in ordered)


@dataclass(frozen=True, slots=True)
class Changed:
    """What becomes of the ranking if one weight alone is another."""

    criterion: Criterion
    percent: int
    weight: Fraction
    scores: Mapping[str, Fraction]
    ranking: Ranking
    holds: bool


def sensitivity(comparison: Comparison, percent: int) -> Iterable[Changed]:
    """Each weight once less and once more by so many percent, the others as they are."""
    base = comparison.ranking
    for code, weight in comparison.used.items():
        for change in (-percent, percent):
            other = weight * Fraction(100 + change, 100)
            scores = comparison.scores_by({**comparison.used, code: other})
            ranking = rank(scores)
            yield Changed(code, change, other, scores, ranking, dict(ranking) == dict(base))


def exact(value: float | None) -> Fraction | None:
    """A value as it counts: the shortest decimal that is the same."""
    return None if value is None else Fraction(repr(value))
