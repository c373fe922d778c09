"""itertools.batched for Python 3.11."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Runs of `size`, the last one shorter."""
    iterator = iter(things)
    while piece := list(islice(iterator, size)):
        yield piece
