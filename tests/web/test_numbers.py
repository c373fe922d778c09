"""Numbers of forms as clerks write them."""

import pytest

from ingest.web.numbers import written_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("260", 260), ("1,200,000円", 1_200_000), ("３６０，０００", 360_000), ("１２．５", 12.5), ("¥1 770", 1770),
        ("\uffe530,000", 30_000), ("−5", -5), ("1、200", 1200),
        ("", None), ("多い", None), ("1,200万円", None), ("nan", None), ("1e9", None), ("9" * 20, None),
    ],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(text: str, number: float | None) -> None:
    assert written_number(text) == number
