"""A cursor that was handed out stays good: its text is the same after an upgrade."""

from typing import Any

import pytest
from fastapi import HTTPException

from ingest.figures.table import COUNTED, MEASURED, READING_DAILY, UPLINK, Selection, Table
from ingest.web.api.cursor import read_device_cursor, read_row_cursor, write_device_cursor, write_row_cursor
from tests.figures.field import jst

START, END = jst(2026, 11, 1), jst(2026, 12, 1)
HANDED_OUT = [
    (
        UPLINK,
        (7, jst(2026, 11, 3), -(2**62) - 1),
        "WyJ1cGxpbmsiLDE3OTM0NTg4MDAwMDAwMDAsMTc5NjA1MDgwMDAwMDAwMCw3LDE3OTM2MzE2MDAwMDAwMDAsLTQ2MTE2ODYwMTg0MjczODc5MDVd",
    ),
    (
        READING_DAILY,
        (7, 20, 1, START.date()),
        "WyJyb2xsdXBfZGFpbHkiLDE3OTM0NTg4MDAwMDAwMDAsMTc5NjA1MDgwMDAwMDAwMCw3LDIwLDEsNzM5OTIxXQ",
    ),
]


@pytest.mark.parametrize(("table", "position", "text"), HANDED_OUT)
def test_a_cursor_of_rows_is_written_and_read_as_ever(table: Table, position: tuple[Any, ...], text: str) -> None:
    assert write_row_cursor(Selection(table, START, END), (*position, "the rest of the row")) == text
    assert read_row_cursor(table, text) == (START, END, position)


def test_a_cursor_of_devices_is_written_and_read_as_ever() -> None:
    assert write_device_cursor("tea", "茶-1") == "dGVhL-iMti0x"
    assert read_device_cursor("dGVhL-iMti0x") == ("tea", "茶-1")


@pytest.mark.parametrize("text", ["ä", "YQ", "!", "dGVhL-iMti0x", HANDED_OUT[0][2]])
def test_a_cursor_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(HTTPException, match="next_cursor"):
        read_row_cursor(READING_DAILY, text)


def test_a_cursor_of_values_that_count_is_none_of_measured_ones() -> None:
    text = write_row_cursor(Selection(COUNTED, START, END), (7, 20, 1, START))
    assert read_row_cursor(COUNTED, text).after == (7, 20, 1, START)
    with pytest.raises(HTTPException, match="next_cursor"):
        read_row_cursor(MEASURED, text)
