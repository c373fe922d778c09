"""What an uplink measured, by the names of its fields."""

from schemas.uplink import Measured, Uplink


def named(uplink: Uplink) -> list[Measured]:
    return [Measured(*row) for row in uplink.measured]
