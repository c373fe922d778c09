"""The identity of the running process: every message received is accounted for, at any moment."""

from typing import NamedTuple


class LiveIdentity(NamedTuple):
    """Messages since this process started: `received = stored + duplicate + quarantined + in_flight`."""

    received: int
    stored: int
    duplicate: int
    quarantined: int
    in_flight: int

    @property
    def exact(self) -> bool:
        """Whether the account balances to the message."""
        return self.received == self.stored + self.duplicate + self.quarantined + self.in_flight
