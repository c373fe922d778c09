"""Times as the path counts them, and as the driver wants them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(time_us: int) -> datetime:
    """Microseconds since 1970 as PostgreSQL's driver wants it, without a detour over floating point."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds(at: datetime) -> int:
    """The same the other way round."""
    return (at - _EPOCH) // timedelta(microseconds=1)
