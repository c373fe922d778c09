"""Which gateways were heard lately: whatever comes through one is a sign of its life."""

from collections.abc import Mapping


class HeardGateways:
    """Times of receipt by gateway, in microseconds since 1970, until they are in the database."""

    def __init__(self) -> None:
        self._newest: dict[int, int] = {}

    def note(self, gateway_id: int, received_us: int) -> None:
        """Note that a message came through this gateway."""
        if received_us > self._newest.get(gateway_id, 0):
            self._newest[gateway_id] = received_us

    def take(self) -> dict[int, int]:
        """Hand out the times noted since the last call."""
        newest, self._newest = self._newest, {}
        return newest

    def give_back(self, newest: Mapping[int, int]) -> None:
        """Take back times that could not be written: the next `take` hands them out again."""
        for gateway_id, received_us in newest.items():
            self.note(gateway_id, received_us)
