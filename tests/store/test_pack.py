"""Rows in the binary COPY format: the short way and the long way write the same bytes."""

from itertools import product

import pytest

from ingest.rows import UplinkRow
from ingest.store import pack
from tests.store.rows import message, reading

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
