"""Two ordered streams, whatever is missing from which."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from ingest.handover.difference import Difference, difference

Rows = list[tuple[int, float]]


def stream(rows: Rows, size: int) -> list[pa.RecordBatch]:
    parts = [rows[start : start + size] for start in range(0, len(rows), size)]
    return [pa.RecordBatch.from_pylist([{"key": key, "value": value} for key, value in part]) for part in parts]


def compared(said: Rows, found: Rows, size: int = 3, *, close: bool = False) -> Difference:
    return difference(
        iter(stream(said, size)),
        iter(stream(found, size)),
        lambda batch: zip(*(column.to_pylist() for column in batch.columns), strict=True),
        lambda row: row[:1],
        close=close,
    )


ROWS = st.dictionaries(st.integers(0, 30), st.sampled_from([1.0, 2.0])).map(lambda found: sorted(found.items()))


@given(ROWS, ROWS, st.integers(1, 9))
def test_it_finds_what_sets_find(said: Rows, found: Rows, size: int) -> None:
    result = compared(said, found, size)
    left, right = dict(said), dict(found)
    both = left.keys() & right.keys()
    assert result.same == sum(left[key] == right[key] for key in both)
    assert result.different == sum(left[key] != right[key] for key in both)
    assert (result.missing, result.extra) == (len(left.keys() - both), len(right.keys() - both))
    assert len(result.examples) == min(5, result.missing + result.extra + result.different)
    assert result.complete == (not result.missing and not result.different)


def test_an_example_has_both_sides() -> None:
    result = compared([(1, 1.0), (2, 1.0), (3, 1.0)], [(1, 1.0), (2, 5.0), (4, 1.0)])
    assert [tuple(example) for example in result.examples] == [
        ((2,), (2, 1.0), (2, 5.0)),
        ((3,), (3, 1.0), None),
        ((4,), None, (4, 1.0)),
    ]


def test_sums_may_differ_in_their_last_digits_and_readings_may_not() -> None:
    said, found = [(1, 0.1 + 0.2)], [(1, 0.3)]
    assert compared(said, found).different == 1
    assert compared(said, found, close=True).different == 0
    assert compared(said, [(1, 0.3001)], close=True).different == 1
