"""Rows in the binary COPY format: the short way and the long way write the same bytes."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rows import UplinkRow
from ingest.settings.model import DatabaseSettings
from ingest.store.batch import pack
from ingest.store.batch.writer import Writer
from tests.fixtures.database import Database
from tests.store.rows import T0_US, message, reading

PLAIN = message(reading()).uplink


@pytest.mark.parametrize("present", list(product([True, False], repeat=3)))
def test_every_pattern_of_nulls_is_packed_alike_by_pieces_and_at_once(
    present: tuple[bool, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PLAIN is not None
    row = PLAIN._replace(
        link=None,
        counter=42 if present[0] else None,
        rssi_dbm=-98.5 if present[1] else None,
        snr_db=6.25 if present[2] else None,
    )
    once = pack.pack_uplinks([row])
    monkeypatch.setattr(pack, "_PLAIN_UPLINK", None)
    if all(present):
        with pytest.raises(TypeError):  # this pattern has the short way
            pack.pack_uplinks([row])
    by_pieces = pack.pack_uplinks([row._replace(quality=7)])
    marked = b"\0\0\0\2\0\7"
    assert once == by_pieces.replace(marked, b"\xff\xff\xff\xff", 1)


def test_a_row_is_as_long_as_its_columns() -> None:
    row = UplinkRow(0, 0, 1, None, None, 2, 3, None, None, None, None, 0, 4, 0, None, None, None, None)
    body = pack.pack_uplinks([row])[len(pack.HEADER) : -len(pack.TRAILER)]
    assert len(body) == 2 + 18 * 4 + 3 * 8 + 2 * 4 + 3 * 2


VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**31), 2**31).map(float),
    st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 6)).map(lambda pair: pair[0] / 10 ** pair[1]),
)


@given(value=VALUES, digits=st.integers(0, 4))
def test_a_value_comes_back_bit_by_bit_from_how_it_is_laid_down(value: float, digits: int) -> None:
    amount, per, exact = pack.lay_down(value, 10**digits)
    if exact is None:
        assert amount is not None
        assert per is not None
        assert amount / per == value
    else:
        assert (amount, per, exact) == (None, None, value)


def test_what_a_sensor_gives_takes_a_small_whole_number() -> None:
    assert pack.lay_down(18.43, 100) == (1843, 100, None)
    assert pack.lay_down(18.437, 100) == (184370, 10_000, None)
    assert pack.lay_down(1 / 3, 100) == (None, None, 1 / 3)
    assert pack.lay_down(3e9, 1) == (None, None, 3e9)
    assert pack.lay_down(1.8e304, 1) == (None, None, 1.8e304)


@pytest.mark.parametrize("value", [18.5, -0.1, 18.437, 1 / 3, 1e300, 35.681236, 0.0, 65535.0])
@pytest.mark.parametrize("quality", [None, 1])
def test_the_short_way_of_a_reading_writes_what_the_long_way_writes(value: float, quality: int | None) -> None:
    row = (T0_US, value, 1, 20, 3, quality)
    assert pack.pack_readings([row]) == pack.HEADER + pack._reading(row, 8) + pack.TRAILER


def test_the_database_gives_back_the_very_double(database: Database) -> None:
    values = [18.5, -0.1, 18.437, 1 / 3, 1e300, 35.681236, 0.0, 65535.0, 2.5e-310, 123456.7891]
    writer = Writer(DatabaseSettings(url=database.url), "test/1", "test")
    writer.write([message(reading(T0_US + n, value), at_us=T0_US + n) for n, value in enumerate(values)])
    writer.close()
    assert [value for (value,) in database.connect().execute("select value from reading order by time")] == values


def test_whoever_writes_through_the_views_gets_the_same_row(database: Database) -> None:
    connection = database.connect()
    connection.execute(
        "insert into reading values ('2026-1-1', 18.437, 1, 20, 0, 2), ('2026-1-2', 1e300, 1, 20, 0, null)"
    )
    stored = connection.execute("select value, quality from reading order by time").fetchall()
    assert stored == [(18.437, 2), (1e300, None)]
