from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode.common.times import epoch_ms_us, rfc3339_us
from ingest.errors import Undecodable
from schemas.rejection import RejectionReason

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-24T09:00:00+09:00", 1_795_478_400_000_000),
        ("2026-11-24T00:00:00.5Z", 1_795_478_400_500_000),
        ("2026-11-24T00:00:00.000001Z", 1_795_478_400_000_001),
        ("2026-11-24T00:00:00.123456789Z", 1_795_478_400_123_456),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T08:59:60.5+09:00", 1_483_228_800_500_000),
        ("2026-11-24t00:00:00z", 1_795_478_400_000_000),
        ("2026-11-24T00:00:00.5z", 1_795_478_400_500_000),
    ],
)
def test_a_time_with_offset_is_exact(text: str, expected_us: int) -> None:
    assert rfc3339_us(text) == expected_us


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T09:00:00",
        "2026-11-24",
        "",
        "now",
        "1795478400",
        "2026-11-24T24:30:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-24T09:10:60Z",
        "2026-11-24T23:59:61Z",
        "2026-11-24T23:59:60",
        "9999-12-31T23:59:60Z",
    ],
)
def test_anything_else_is_an_invalid_time(text: str) -> None:
    with pytest.raises(Undecodable) as refused:
        rfc3339_us(text)
    assert refused.value.reason == RejectionReason.INVALID_TIME


@given(st.datetimes(timezones=OFFSETS))
def test_every_time_survives_the_journey(moment: datetime) -> None:
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert rfc3339_us(moment.isoformat()) == since // timedelta(microseconds=1)


@given(st.integers(0, 253_402_300_799_999))
def test_epoch_milliseconds_are_exact(milliseconds: int) -> None:
    assert epoch_ms_us(milliseconds) == milliseconds * 1000


@pytest.mark.parametrize("number", [-1, -0.5, 253_402_300_800_000, 1e300, float("inf"), float("nan")])
def test_a_number_that_is_no_time_is_an_invalid_time(number: float) -> None:
    with pytest.raises(Undecodable) as refused:
        epoch_ms_us(number)
    assert refused.value.reason == RejectionReason.INVALID_TIME
