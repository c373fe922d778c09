"""Compares two ordered streams of rows: same, missing, extra, different. Knows neither files nor databases."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, NamedTuple, Protocol, Self

Row = tuple[Any, ...]
EXAMPLES = 5
TOLERANCE = 1e-9
"""Relative: sums of the same numbers in another order differ by less."""


class Batch(Protocol):
    """The part of the record batches of pyarrow that a comparison needs."""

    @property
    def num_rows(self) -> int:
        """How many rows the batch has."""
        ...

    def equals(self, other: Self) -> bool:
        """Whether both batches have the same rows."""
        ...


class Example(NamedTuple):
    """One row that is not the same on both sides. `said`: as the file has it; `found`: as the database has it."""

    key: Row
    said: Row | None
    found: Row | None


@dataclass(slots=True)
class Difference:
    """Counts of rows and some examples. Missing: in the file only; extra: in the database only."""

    same: int = 0
    missing: int = 0
    extra: int = 0
    different: int = 0
    examples: list[Example] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every row of the file is in the database, unchanged."""
        return not self.missing and not self.different

    def add(self, other: "Difference") -> None:
        """Add the counts of another stretch."""
        self.same += other.same
        self.missing += other.missing
        self.extra += other.extra
        self.different += other.different
        self.examples = (self.examples + other.examples)[:EXAMPLES]


def difference(
    in_file: Iterator[Batch],
    in_database: Iterator[Batch],
    rows: Callable[[Any], Iterable[Row]],
    key: Callable[[Row], Row],
    *,
    close: bool = False,
) -> Difference:
    """Compare batch with batch while they are equal, then row with row by their keys, in whose order both must come.

    `close`: numbers may differ in their last digits.
    """
    result = Difference()
    for ours, theirs in zip_longest(in_file, in_database):
        if ours is not None and theirs is not None and ours.equals(theirs):
            result.same += ours.num_rows
            continue
        left = chain.from_iterable(rows(batch) for batch in chain(_some(ours), in_file))
        right = chain.from_iterable(rows(batch) for batch in chain(_some(theirs), in_database))
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
    in_file, in_database = next(left, None), next(right, None)
    while in_file is not None or in_database is not None:
        ahead = (
            1
            if in_file is None
            else -1
            if in_database is None
            else _compare(_ordered(key(in_file)), _ordered(key(in_database)))
        )
        if ahead < 0:
            result.missing += 1
        elif ahead > 0:
            result.extra += 1
        elif in_file is not None and in_database is not None and same(in_file, in_database):
            result.same += 1
        else:
            result.different += 1
        _remember(result, key, in_file if ahead <= 0 else None, in_database if ahead >= 0 else None, same)
        in_file, in_database = (
            next(left, None) if ahead <= 0 else in_file,
            next(right, None) if ahead >= 0 else in_database,
        )


def _remember(
    result: Difference,
    key: Callable[[Row], Row],
    in_file: Row | None,
    in_database: Row | None,
    same: Callable[[Row, Row], bool],
) -> None:
    if len(result.examples) < EXAMPLES and not (
        in_file is not None and in_database is not None and same(in_file, in_database)
    ):
        result.examples.append(Example(key(in_file or in_database or ()), in_file, in_database))


def _compare(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
    return (left > right) - (left < right)


def _ordered(key: Row) -> tuple[tuple[bool, Any], ...]:
    """A key that sorts None first, as the database does."""
    return tuple((value is not None, value if value is not None else 0) for value in key)


def _is_same(in_file: Row, in_database: Row) -> bool:
    return in_file == in_database


def _is_close(in_file: Row, in_database: Row) -> bool:
    return all(
        left == right
        or (isinstance(left, float) and isinstance(right, float) and math.isclose(left, right, rel_tol=TOLERANCE))
        for left, right in zip(in_file, in_database, strict=True)
    )
