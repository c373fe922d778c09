"""Two ordered streams of rows side by side: what is the same, missing, extra, different. Knows no file, no database."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, NamedTuple, Protocol, Self

Row = tuple[Any, ...]
EXAMPLES = 5
TOLERANCE = 1e-9
"""Sums of the same numbers in another order."""


class Batch(Protocol):
    """As much of a record batch as a comparison needs."""

    @property
    def num_rows(self) -> int:
        """How many."""
        ...

    def equals(self, other: Self) -> bool:
        """Whether they are the same, row by row."""
        ...


class Example(NamedTuple):
    """One row that is not the same on both sides. `said`: as the file has it; `found`: as the database has it."""

    key: Row
    said: Row | None
    found: Row | None


@dataclass(slots=True)
class Difference:
    """What a comparison found. Missing: in the file only; extra: in the database only."""

    same: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether all that the file says is in the database as the file says it."""
        return not self.missing and not self.different

    def add(self, other: "Difference") -> None:
        """Count what another stretch found."""
        self.same += other.same
        self.missing += other.missing
        self.extra += other.extra
        self.different += other.different
        self.examples = (self.examples + other.examples)[:EXAMPLES]


def difference(
    said: Iterator[Batch],
    found: Iterator[Batch],
    rows: Callable[[Any], Iterable[Row]],
    key: Callable[[Row], Row],
    *,
    close: bool = False,
) -> Difference:
    """Compare batch with batch while they are equal, then row with row by their keys, in whose order both must come.

    `close`: numbers may differ in their last digits.
    """
    result = Difference()
    for ours, theirs in zip_longest(said, found):
        if ours is not None and theirs is not None and ours.equals(theirs):
            result.same += ours.num_rows
            continue
        left = chain.from_iterable(rows(batch) for batch in chain(_some(ours), said))
        right = chain.from_iterable(rows(batch) for batch in chain(_some(theirs), found))
        _merge(left, right, key, _is_close if close else _is_same, result)
        break
    return result


def _some(batch: Batch | None) -> list[Batch]:
    return [] if batch is None else [batch]


def _merge(
    left: Iterator[Row],
    right: Iterator[Row],
    key: Callable[[Row], Row],
    same: Callable[[Row, Row], bool],
    result: Difference,
) -> None:
    said, found = next(left, None), next(right, None)
    while said is not None or found is not None:
        ahead = 1 if said is None else -1 if found is None else _compare(_ordered(key(said)), _ordered(key(found)))
        if ahead < 0:
            result.missing += 1
        elif ahead > 0:
            result.extra += 1
        elif said is not None and found is not None and same(said, found):
            result.same += 1
        else:
            result.different += 1
        _remember(result, key, said if ahead <= 0 else None, found if ahead >= 0 else None, same)
        said, found = next(left, None) if ahead <= 0 else said, next(right, None) if ahead >= 0 else found


def _remember(
    result: Difference,
    key: Callable[[Row], Row],
    said: Row | None,
    found: Row | None,
    same: Callable[[Row, Row], bool],
) -> None:
    if len(result.examples) < EXAMPLES and not (said is not None and found is not None and same(said, found)):
        result.examples.append(Example(key(said or found or ()), said, found))


def _compare(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
    return (left > right) - (left < right)


def _ordered(key: Row) -> tuple[tuple[bool, Any], ...]:
    """Unknown comes first, as in the database."""
    return tuple((value is not None, value if value is not None else 0) for value in key)


def _is_same(said: Row, found: Row) -> bool:
    return said == found


def _is_close(said: Row, found: Row) -> bool:
    return all(
        left == right
        or (isinstance(left, float) and isinstance(right, float) and math.isclose(left, right, rel_tol=TOLERANCE))
        for left, right in zip(said, found, strict=True)
    )
